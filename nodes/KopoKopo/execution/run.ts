import { type IExecuteFunctions, NodeOperationError } from 'n8n-workflow';
import type { Operation } from '../operations/defineOperation';
import type { AnyParams } from '../operations/parameters';
import type { ParseContext } from '../parsers/text';
import type { ApiRequest } from '../transport/client';
import type { KopoKopoCredential } from '../transport/environment';
import { KopoKopoApiError } from '../transport/errors';
import type { RestartCheck } from './restartDetection';
import type { SentRequests } from './sentRequests';
import type { WaitMode } from '../operations/settingsProperties';

/** What the items look like. */
export interface OutputFormat {
	/** Flat, ready-to-use fields instead of Kopo Kopo's body. */
	simplify: boolean;
	/** Only these fields; all if left out. */
	fields?: string[];
	/** The fields that an AI model needs most. */
	isCompact?: true;
}

/** The largest amounts that the user allows, in KES. */
export interface Limits {
	/** Of one item. */
	amount?: number;
	/** Of all items of a run. */
	total?: number;
}

/** Every setting of one item, read and checked before its request is sent. */
export interface ItemSettings {
	/** How long to wait for a response, in ms. */
	timeoutMs: number;
	/** How long to wait for the result, in ms. */
	waitMs: number;
	output: OutputFormat;
	/** Undefined where the option was not added or left blank. */
	duplicateKey: string | undefined;
	/** How long an equal payout of another execution is not sent, in ms; 0 for no comparison. */
	repeatWindowMs: number;
	limits: Limits;
}

export type ItemError = NodeOperationError | KopoKopoApiError;

/** The stored values that select an operation. */
export interface OperationKey {
	apiVersion: string;
	resource: string;
	operation: string;
}

/** What one execution of the node knows for all its items. */
export interface Run {
	context: IExecuteFunctions;
	operation: Operation;
	operationKey: OperationKey;
	credential: KopoKopoCredential;
	apiVersion: string;
	parseContext: Omit<ParseContext, 'label'>;
	sentRequests: SentRequests;
	waitMode: WaitMode;
	/** Whether n8n runs the execution again from its beginning, so that what it sent the first time is not known. */
	restart: RestartCheck;
	/**
	 * The callback address of the paused execution, which replaces the one in the field. A function, so that
	 * its error belongs to an item: if the node continues on errors, an error outside the item loop would make
	 * n8n return the node's input as its output.
	 * @throws NodeOperationError if the execution cannot be called back
	 */
	callbackUrl?: () => string;
	/** The node is a tool of an AI agent, whose model sees only the message of an error. */
	isTool: boolean;
}

/** An item whose parameters and settings were read and checked. Nothing was sent for it yet. */
export interface PreparedItem {
	itemIndex: number;
	params: AnyParams;
	settings: ItemSettings;
	request: ApiRequest;
}

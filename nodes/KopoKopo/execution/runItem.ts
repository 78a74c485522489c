import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { paymentItem } from '../domain/payment';
import { parseResult } from '../domain/result';
import type { Item, Operation, ResponseContext } from '../operations/defineOperation';
import { readParameters, type AnyParams } from '../operations/parameters';
import type { ParseContext } from '../parsers/text';
import { sendRequest, type ApiResponse } from '../transport/client';
import type { KopoKopoCredential } from '../transport/environment';
import { itemError, type ItemError } from './itemError';
import { pollUntilFinal } from './poll';
import type { SentRequests } from './sentRequests';
import { parseSettings, type ItemSettings, type WaitMode } from './settings';
import { submitOnce } from './submitOnce';

/** What one execution of the node knows for all its items. */
export interface Run {
	context: IExecuteFunctions;
	operation: Operation;
	credential: KopoKopoCredential;
	parseContext: Omit<ParseContext, 'label'>;
	sentRequests: SentRequests;
	waitMode: WaitMode;
	/** n8n runs the execution again from its beginning, and what it sent the first time is not known. */
	isRestarted: boolean;
	/**
	 * Where the result is called back to, instead of the address in the field: the paused execution.
	 * Called for each item, since an error thrown before the item loop would make n8n pass the input of the
	 * node on as its output where the node continues on errors.
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
}

/** A request that Kopo Kopo accepted. Accepted does not mean paid. */
export interface AcceptedRequest {
	id: string;
	/** URL of the new resource, as Kopo Kopo wrote it. */
	location?: string;
	/** Body of the response, if there was one. */
	body?: IDataObject;
	/** Status body that was read right after the request (`readBack`). */
	readBack?: IDataObject;
	/** The last status body seen while waiting for the result; absent if nothing waited for it. */
	awaited?: { body: IDataObject | undefined };
}

/** Why it is not known what became of a request. */
export interface UnknownReason {
	message: string;
	description: string;
}

/** What became of one input item. What the user sees is made from this last, and never read back. */
export type ItemResult =
	| ({ kind: 'completed'; items: Item[] } & PreparedItem)
	| ({ kind: 'accepted'; accepted: AcceptedRequest } & PreparedItem)
	| ({ kind: 'unknown'; reason: UnknownReason; isDuplicate?: true } & PreparedItem)
	| { kind: 'failed'; error: ItemError };

/** Runs one input item from its parameters to its result. Never throws. */
export async function runItem(run: Run, itemIndex: number): Promise<ItemResult> {
	try {
		const item = prepareItem(run, itemIndex);
		const isMoney = run.operation.effect === 'movesMoney';
		return isMoney ? await submitOnce(run, item) : await submit(run, item);
	} catch (thrown) {
		return { kind: 'failed', error: itemError(run, thrown, itemIndex) };
	}
}

/** Reads and checks all that is known before a request is sent. @throws InvalidParameterError */
function prepareItem(run: Run, itemIndex: number): PreparedItem {
	const { context, operation, parseContext } = run;
	const params = readParameters(context, operation.fields, itemIndex, parseContext);
	const settings = parseSettings(run, itemIndex);
	if (run.callbackUrl !== undefined) params.callbackUrl = run.callbackUrl();
	return { itemIndex, params, settings };
}

async function submit(run: Run, item: PreparedItem): Promise<ItemResult> {
	const { effect, idFrom, request } = run.operation;
	const send = requesterFor(run, item);
	const response = await send(request(item.params), {
		expectsLocation: effect === 'create',
		idFrom,
	});
	return await resultOf(run, item, response);
}

/** Sends requests for one item, with its timeout. */
export function requesterFor(
	{ context }: Run,
	{ itemIndex, settings: { timeoutMs } }: PreparedItem,
): ResponseContext<AnyParams>['send'] {
	return async (request, options = {}) =>
		await sendRequest(context, request, { itemIndex, timeoutMs, ...options });
}

/** The result of an item whose request succeeded. @throws what the operation's own items() throws */
export async function resultOf(
	run: Run,
	item: PreparedItem,
	response: ApiResponse,
): Promise<ItemResult> {
	const { operation, context } = run;
	const { simplify } = item.settings.output;
	const signal = context.getExecutionCancelSignal();
	const send = requesterFor(run, item);
	const created: ResponseContext<AnyParams> = {
		params: item.params,
		response,
		simplify,
		send,
		pollUntilFinal: async (status, timeoutMs) =>
			await pollUntilFinal(async () => (await send(status)).body, { timeoutMs, signal }),
		signal,
	};
	if (operation.items !== undefined) {
		return { kind: 'completed', items: await operation.items(created), ...item };
	}
	if (operation.effect === 'read') {
		const { body } = response;
		const read = simplify ? paymentItem(parseResult(body)) : { ...body };
		return { kind: 'completed', items: [read], ...item };
	}
	const { id = '', location, body } = response;
	const readBack = await operation.readBack?.fetch(created);
	const accepted: AcceptedRequest = {
		id,
		...(location !== undefined && { location }),
		...(body !== undefined && { body }),
		...(readBack !== undefined && { readBack }),
	};
	return { kind: 'accepted', accepted, ...item };
}

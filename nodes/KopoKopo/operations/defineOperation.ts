import type { IDataObject } from 'n8n-workflow';
import type { ApiRequest, ApiResponse, RequestOptions } from '../transport/client';
import type { Field, Params } from './parameters';

/** The JSON of one output item, before `pairedItem` is added. */
export type Item = IDataObject;

/** What an operation makes its items from after its request has succeeded. */
export interface ResponseContext<P> {
	params: P;
	response: ApiResponse;
	/** Whether the user wants flat, ready-to-use fields. */
	simplify: boolean;
	/** Sends a further request, for operations that need more than one. */
	send(request: ApiRequest, options?: Partial<RequestOptions>): Promise<ApiResponse>;
	/**
	 * Polls a status until it is final or `timeoutMs` have passed.
	 * @returns the last body seen
	 * @throws KopoKopoApiError if a request fails
	 */
	pollUntilFinal(status: ApiRequest, timeoutMs: number): Promise<IDataObject | undefined>;
	/** Aborted when the user cancels the execution. */
	signal: AbortSignal | undefined;
}

interface OperationDefinition<Fields extends readonly Field[]> {
	/** Stored in saved workflows: never changes. */
	value: string;
	/** Label in title case, without the resource. */
	name: string;
	/** Label in n8n's list of actions: sentence case, with the resource. */
	action: string;
	description: string;
	fields: Fields;
	/**
	 * - `read`: changes nothing.
	 * - `create`: creates a resource. The response must have a Location; without one the outcome is unknown.
	 * - `sendOnce`: a create that is sent at most once, because it moves money or asks a customer for it. If its
	 *   response is lost, the item has the outcome `unknown` instead of an error, which would read as if it had
	 *   not been carried out.
	 * - `act`: changes something else. The response has no Location.
	 */
	effect: 'read' | 'create' | 'sendOnce' | 'act';
	/**
	 * Kopo Kopo lists payments at a new URL, the Location of the response. That does no harm if it is sent twice,
	 * so it is retried as a read is.
	 */
	startsPoll?: true;
	/**
	 * What to do if it is not known whether the request was carried out, as sentences; to look for it in the
	 * dashboard if omitted.
	 */
	ifUnknown?: string;
	/**
	 * The response has the new ID in its body, as one unofficial document describes
	 * (docs/kopokopo-api.md#flat-v1-bodies).
	 */
	idFrom?: 'body';
	/**
	 * Builds the request. A pure function. Only `resources/` knows Kopo Kopo's field names of requests.
	 * @param callbackUrl where Kopo Kopo sends the result, for operations that have one
	 * @throws InvalidParameterError
	 */
	request(params: Params<Fields>, callbackUrl: string): ApiRequest;
	/** What the output panel says about the request where the items do not show it, as a sentence. */
	hint?(params: Params<Fields>): string;
	/** The fields of the item for the new resource, besides its ID. */
	summary?(params: Params<Fields>): Item;
	/** How much an item moves, in KES. Omitted if only Kopo Kopo knows the amount. */
	amountOf?(params: Params<Fields>): number;
	/** How an item is compared with those of earlier executions, so that a list is not sent twice by mistake. */
	repeat?: {
		/** Source, receivers and amounts of the money: two items are equal if these are, as JSON. */
		of(params: Params<Fields>): unknown;
		/** Which result of the earlier item allows an equal one before the time is over: a failure, or any. */
		allowedAfter: 'failure' | 'result';
		/** What errors call the request; a payout if omitted. */
		name?: 'refund';
	};
	/** The request for the status of a resource that Kopo Kopo processes later. The operation can then wait for the result. */
	statusOf?(id: string): ApiRequest;
	/** How the operation waits by default; not at all if omitted. */
	waitByDefault?: 'keepChecking';
	/** The new resource is read back with `statusOf`, since its status contains something that the user needs at once. */
	readBack?: {
		/** Whether a status body contains that already. */
		isComplete(body: IDataObject | undefined): boolean;
		/** Fields of the item if the resource could not be read back. */
		unavailable: Item;
	};
	/** Makes the items; by default, one item from the new resource or the status. */
	items?(context: ResponseContext<Params<Fields>>): Item[] | Promise<Item[]>;
}

/** An operation as the item loop uses it, without the types of its parameters. */
export type Operation = OperationDefinition<readonly Field[]>;

/** Types an operation's functions by its fields. */
export function defineOperation<const Fields extends readonly Field[]>(
	definition: OperationDefinition<Fields>,
): Operation {
	return definition as unknown as Operation;
}

/** A resource with its operations. */
export interface Resource {
	/** Label in title case, in Kopo Kopo's own words. */
	name: string;
	/** Stored in saved workflows: never changes. */
	value: string;
	/** v2 if omitted. `v1` is shown only if 'API Version' is V1 (Legacy). */
	apiVersion?: 'v1';
	/** In the order of the editor's lists, the most used first. The first one is selected by default. */
	operations: readonly Operation[];
}

/** The API version that a resource belongs to. */
export const apiVersionOf = ({ apiVersion }: Resource) => apiVersion ?? 'v2';

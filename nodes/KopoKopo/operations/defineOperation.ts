import type { IDataObject } from 'n8n-workflow';
import type { ApiRequest, ApiResponse, RequestOptions } from '../transport/client';
import type { Field, Params } from './parameters';

/** The JSON of one output item, before it is linked to its input. */
export type Item = IDataObject;

/** What an operation makes its items from, once its request has succeeded. */
export interface ResponseContext<P> {
	params: P;
	response: ApiResponse;
	/** Whether the user wants flat, ready-to-use fields. */
	simplify: boolean;
	/** Sends a further request, for operations that need more than one. */
	send(request: ApiRequest, options?: RequestOptions): Promise<ApiResponse>;
	/**
	 * Polls a status until it is final, or for so many ms.
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
	/** Title case, without the resource. */
	name: string;
	/** Sentence case, with the resource. */
	action: string;
	description: string;
	fields: Fields;
	/**
	 * - `read`: changes nothing.
	 * - `create`: the response has a Location; without one the outcome is not known.
	 * - `movesMoney`: a create that is sent at most once. If its response is lost, the item has the outcome
	 *   `unknown` instead of an error that looks like a refusal.
	 * - `act`: changes something, and the response has no Location.
	 */
	effect: 'read' | 'create' | 'movesMoney' | 'act';
	/** The response names the new ID in its body, as one unofficial document says (docs/kopokopo-api.md#flat-v1-bodies). */
	idFrom?: 'body';
	/** Builds the request. Pure; the only place with Kopo Kopo's field names. @throws InvalidParameterError */
	request(params: Params<Fields>): ApiRequest;
	/** What is known about the new resource besides its ID. */
	summary?(params: Params<Fields>): Item;
	/** The request for the status of what is processed later. Such an operation can wait for its result. */
	statusOf?(id: string): ApiRequest;
	/** How the operation waits by default; not at all if left out. */
	waitByDefault?: 'keepChecking';
	/** Reads the new resource back, where its status holds something that the user needs at once. */
	readBack?: {
		/** @returns the status body, or undefined if it does not hold that yet. Never throws. */
		fetch(created: ResponseContext<Params<Fields>>): Promise<IDataObject | undefined>;
		/** What the item says if it could not be read back. */
		unavailable: Item;
	};
	/** Makes the items, where they are not simply the new resource or the status that was read. */
	items?(context: ResponseContext<Params<Fields>>): Item[] | Promise<Item[]>;
}

/** An operation with its parameter types erased, as the item loop sees it. */
export type Operation = OperationDefinition<readonly Field[]>;

/** Checks an operation's parts against its own fields. */
export function defineOperation<const Fields extends readonly Field[]>(
	definition: OperationDefinition<Fields>,
): Operation {
	return definition as unknown as Operation;
}

/** One entry of the resource list with its operations. */
export interface Resource {
	/** Title case, in Kopo Kopo's own words. */
	name: string;
	/** Stored in saved workflows: never changes. */
	value: string;
	/** v2 if left out; `v1` is shown only where 'API Version' is V1 (Legacy). */
	apiVersion?: 'v1';
	/** The most used one comes first: it is selected when the resource is picked. */
	operations: readonly Operation[];
}

export const apiVersionOf = ({ apiVersion }: Resource) => apiVersion ?? 'v2';

import type { IDataObject } from 'n8n-workflow';
import type { ApiRequest, ApiResponse, RequestOptions } from '../transport/client';
import type { Field, Params } from './parameters';

/** One output item, before it is linked to its input. */
export type Item = IDataObject;

/** A request went well: what an operation makes its items of. */
export interface ResponseContext<P> {
	params: P;
	response: ApiResponse;
	/** Whether the user wants flat, ready-to-use fields. */
	simplify: boolean;
	/** The door, for operations that need more than one request. */
	send(request: ApiRequest, options?: RequestOptions): Promise<ApiResponse>;
	/** Set when the user cancels the execution. */
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
	 * - `create`: answered with a Location, whose absence is doubt.
	 * - `movesMoney`: a create that is sent once whatever happens; a lost answer becomes an item with
	 *   outcome `unknown` instead of something that looks like a plain no.
	 * - `act`: changes something and is answered without a Location.
	 */
	effect: 'read' | 'create' | 'movesMoney' | 'act';
	/** A create of the one document whose answers name the new id in a body (contract, section 5). */
	idFrom?: 'body';
	/** Pure: the only place that writes Kopo Kopo's field names. @throws InputRefused */
	request(params: Params<Fields>): ApiRequest;
	/** What is known of the new resource beside its id. */
	summary?(params: Params<Fields>): Item;
	/** Where the result is looked up, of what is answered later: such an operation can wait for it. */
	statusOf?(id: string): ApiRequest;
	/** How it waits unless told: not at all. */
	waitByDefault?: 'poll';
	/** Makes the items, where they are not simply the new resource or the status that was read. */
	items?(step: ResponseContext<Params<Fields>>): Item[] | Promise<Item[]>;
}

/** An operation with its parameter types folded away, as the item loop sees it. */
export type Operation = OperationDefinition<readonly Field[]>;

/** Checks an operation's parts against its own fields. */
export function defineOperation<const Fields extends readonly Field[]>(
	definition: OperationDefinition<Fields>,
): Operation {
	return definition as unknown as Operation;
}

/** One entry of the resource list with its operations. */
export interface Resource {
	/** Title case; Kopo Kopo's own words. */
	name: string;
	/** Stored in saved workflows: never changes. */
	value: string;
	/** v2 unless told; `v1` is shown only where 'API Version' is v1 (Legacy). */
	apiVersion?: 'v1';
	/** The one used most comes first: it is chosen when the resource is picked. */
	operations: readonly Operation[];
}

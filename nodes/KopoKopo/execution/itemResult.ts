import type { IDataObject } from 'n8n-workflow';
import type { Item } from '../operations/defineOperation';
import type { ItemError, PreparedItem } from './run';

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

/** Why the outcome of a request is not known. */
export interface UnknownReason {
	message: string;
	description: string;
}

/** The result of one input item. The presented item is created from it in the last step, and never read back. */
export type ItemResult =
	| ({ kind: 'completed'; id?: string; items: Item[] } & PreparedItem)
	| ({ kind: 'accepted'; accepted: AcceptedRequest } & PreparedItem)
	| ({ kind: 'unknown'; reason: UnknownReason; isDuplicate?: true } & PreparedItem)
	| { kind: 'failed'; error: ItemError };

import type { NetworkFailureKind } from './networkError';

/**
 * What is known about a request that did not succeed:
 * - `rejected`: Kopo Kopo received it and did not carry it out;
 * - `notProcessed`: it did not reach Kopo Kopo, or Kopo Kopo did not process it (401, 429);
 * - `unknown`: it may have been carried out.
 */
export type Certainty = 'rejected' | 'notProcessed' | 'unknown';

/** A failed attempt, with everything that the user and the retry rule need to know about it. */
export interface Failure {
	certainty: Certainty;
	/** What happened, with Kopo Kopo's own message if there is one. One sentence without a full stop. */
	message: string;
	/** What to do about it. */
	description: string;
	/** Whether a retry may help. mayRetry() decides whether it is also safe. */
	transient: boolean;
	/** The retries have been used up: a later request may succeed, but this one is not repeated. */
	isRetried?: true;
	/** HTTP status; absent if there was no response. */
	status?: number;
	/** Kopo Kopo's own message, unchanged. */
	apiMessage?: string;
	requestId?: string;
	/** How long Kopo Kopo asks to wait before the next request, in ms. */
	retryAfterMs?: number;
	/** Kopo Kopo's own time when it responded, in ms since the epoch. */
	serverTime?: number;
	/** URL of the accepted resource, if it arrived before the response was cut off. */
	location?: string;
}

/** Statuses after which the request may or may not have been carried out (docs/kopokopo-api.md#retries). */
const isAmbiguous = (status: number) => status >= 500 || status === 408 || status === 499;

/** What a status outside 2xx says about a request. */
export function certaintyOfStatus(status: number): Certainty {
	if (status === 429 || status === 401) return 'notProcessed';
	return isAmbiguous(status) ? 'unknown' : 'rejected';
}

/** What a request without a complete response says: whether it was sent. */
export const certaintyOfNetworkFailure = (kind: NetworkFailureKind): Certainty =>
	['neverConnected', 'tlsHandshake', 'invalidUrl'].includes(kind) ? 'notProcessed' : 'unknown';

/** Whether a retry may help after a status outside 2xx. */
export const isTransientStatus = (status: number): boolean =>
	status === 429 || certaintyOfStatus(status) === 'unknown';

/** Whether a retry may help after a request without a complete response. */
export const isTransientNetworkFailure = (kind: NetworkFailureKind): boolean =>
	['neverConnected', 'timeout', 'connectionLost'].includes(kind);

/** Message and description in one line, for places that show only one text. */
export function toSingleLine({
	message,
	description,
}: Pick<Failure, 'message' | 'description'>): string {
	return `${message.replace(/\.$/, '')}. ${description}`;
}

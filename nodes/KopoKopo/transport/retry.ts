import { abortableSleep } from '../n8n/sleep';
import type { Failure } from './failure';
import type { NetworkFailureKind } from './networkError';

/** The result of one attempt. */
export type Attempt<T> = { value: T } | { failure: Failure };

/** How often a request is sent at most. */
const MAX_REQUEST_ATTEMPTS = 4;
/** Longer waits are left to the workflow: a temporary ban lasts an hour (docs/kopokopo-api.md#retries). */
const MAX_RETRY_DELAY_MS = 60_000;

/**
 * 1, 2, 4 s (docs/kopokopo-api.md#retries), each shortened at random by up to half, so that parallel items do
 * not retry at the same moment.
 */
function backoffMs(attempt: number): number {
	return 1000 * 2 ** attempt * (0.5 + Math.random() / 2);
}

type Classification = Pick<Failure, 'certainty' | 'transient'>;

/** Statuses after which the request may or may not have been carried out (docs/kopokopo-api.md#retries). */
const isAmbiguous = (status: number) => status >= 500 || status === 408 || status === 499;

/** What a status outside 2xx says about a request: whether it was carried out, and whether a retry may help. */
export function classifyStatus(status: number, isSafeToRepeat: boolean): Classification {
	if (status === 429) return { certainty: 'notSent', transient: true };
	if (status === 401) return { certainty: 'notSent', transient: false };
	if (isAmbiguous(status)) return { certainty: 'unknown', transient: isSafeToRepeat };
	return { certainty: 'rejected', transient: false };
}

/** What a request without a complete response says: whether it was carried out, and whether a retry may help. */
export function classifyNetworkFailure(
	kind: NetworkFailureKind,
	isSafeToRepeat: boolean,
): Classification {
	switch (kind) {
		case 'neverConnected':
			return { certainty: 'notSent', transient: true };
		case 'tlsHandshake':
		case 'invalidUrl':
			return { certainty: 'notSent', transient: false };
		case 'cancelled':
			return { certainty: 'unknown', transient: false };
		default:
			return { certainty: 'unknown', transient: isSafeToRepeat };
	}
}

/**
 * The retry rule. Only requests that were definitely not processed (429, connection refused, unknown host) are
 * retried; reads are also retried when they may have been processed. A write that may have been processed is
 * never repeated, because Kopo Kopo has no idempotency key (docs/kopokopo-api.md#retries).
 * @param isSafeToRepeat whether sending the request again does no harm, even if it was carried out (GET, token
 * exchange)
 * @param signal aborted when the user cancels the execution
 * @param maxAttempts how often it is attempted at most
 * @returns the first success, or the last failure
 */
export async function withRetries<T>(
	attempt: () => Promise<Attempt<T>>,
	isSafeToRepeat: boolean,
	signal?: AbortSignal,
	maxAttempts = MAX_REQUEST_ATTEMPTS,
): Promise<Attempt<T>> {
	for (let attempts = 1; ; attempts++) {
		const result = await attempt();
		if ('value' in result) return result;
		const { failure } = result;
		const mayRetry = failure.transient && (failure.certainty === 'notSent' || isSafeToRepeat);
		const waitMs = failure.retryAfterMs ?? backoffMs(attempts - 1);
		if (!mayRetry || attempts >= maxAttempts || waitMs > MAX_RETRY_DELAY_MS) {
			return result;
		}
		await abortableSleep(waitMs, signal);
		// Cancelled before or while waiting: nothing more is sent, and the last failure is reported.
		if (signal?.aborted) return result;
	}
}

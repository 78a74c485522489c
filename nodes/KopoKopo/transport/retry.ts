import { abortableSleep } from '../n8n/sleep';
import type { Failure } from './failure';

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

/**
 * The retry rule. Only requests that were definitely not processed (429, connection refused, unknown host) are
 * retried; reads are also retried when they may have been processed. A write that may have been processed is
 * never repeated, because Kopo Kopo has no idempotency key (docs/kopokopo-api.md#retries).
 * @param isSafeToRepeat whether sending the request again does no harm, even if it was carried out
 */
export const mayRetry = (
	{ certainty, transient, isRetried }: Failure,
	isSafeToRepeat: boolean,
): boolean => transient && isRetried !== true && (certainty === 'notProcessed' || isSafeToRepeat);

/**
 * Repeats a request by the retry rule.
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
		const waitMs = failure.retryAfterMs ?? backoffMs(attempts - 1);
		const isPossible = attempts < maxAttempts && waitMs <= MAX_RETRY_DELAY_MS;
		if (!isPossible || !mayRetry(failure, isSafeToRepeat)) return result;
		await abortableSleep(waitMs, signal);
		// Cancelled before or while waiting: nothing more is sent, and the last failure is reported.
		if (signal?.aborted) return result;
	}
}

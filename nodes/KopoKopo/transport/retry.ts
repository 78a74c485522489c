import type { Failure } from './failure';
import { abortableSleep } from '../n8n/sleep';

/** One try: either what was wanted, or why not. */
export type Attempt<T> = { value: T } | { failure: Failure };

const MAX_ATTEMPTS = 4;
/**
 * Longer than this is for the workflow to wait, not for a request (a ban lasts an hour:
 * docs/kopokopo-api.md#retries).
 */
const LONGEST_WAIT_MS = 60_000;

/**
 * 1, 2, 4 s (docs/kopokopo-api.md#retries), each cut by up to half so that parallel items do not
 * come back together.
 */
function backoffMs(attempt: number): number {
	return 1000 * 2 ** attempt * (0.5 + Math.random() / 2);
}

/**
 * The only place that asks twice. Repeats what certainly was not processed (429, connection
 * refused, unknown host) and, for reads, also what may have been; never a write that may have
 * arrived, since Kopo Kopo has no idempotency key (docs/kopokopo-api.md#retries).
 * @param isRead whether a second request can do no harm (GET, token exchange)
 * @param signal ends the waiting when the user cancels the execution
 */
export async function withRetries<T>(
	attempt: () => Promise<Attempt<T>>,
	isRead: boolean,
	signal?: AbortSignal,
): Promise<Attempt<T>> {
	for (let tried = 1; ; tried++) {
		const result = await attempt();
		if ('value' in result) return result;
		const { failure } = result;
		const mayRepeat = failure.transient && (failure.certainty === 'notSent' || isRead);
		const waitMs = failure.retryAfterMs ?? backoffMs(tried - 1);
		if (!mayRepeat || tried >= MAX_ATTEMPTS || waitMs > LONGEST_WAIT_MS || signal?.aborted) {
			return result;
		}
		await abortableSleep(waitMs, signal);
		// Cancelled while waiting: nothing more is sent, and the last failure says what became of it.
		if (signal?.aborted) return result;
	}
}

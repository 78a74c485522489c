import { sleep } from 'n8n-workflow';

const POLL_INTERVAL_MS = 100;

type Pending = undefined | false;

/**
 * Calls `check` until it returns something other than undefined or false, and resolves with that.
 * Rejects with the name of the awaited thing once `timeoutMs` is over.
 */
export async function waitFor<T>(
	awaited: string,
	timeoutMs: number,
	check: () => T | Pending | Promise<T | Pending>,
): Promise<T> {
	const deadline = Date.now() + timeoutMs;
	for (;;) {
		const result = await check();
		if (result !== undefined && result !== false) return result;
		if (Date.now() > deadline) {
			throw new Error(`Timed out after ${timeoutMs / 1000} s waiting for ${awaited}.`);
		}
		await sleep(POLL_INTERVAL_MS);
	}
}

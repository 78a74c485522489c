import { sleep } from 'n8n-workflow';

/**
 * Resolves after `ms`, or as soon as `signal` is aborted; never rejects. n8n 1's sleep() ignores the signal
 * and would resolve late.
 */
export async function abortableSleep(ms: number, signal?: AbortSignal): Promise<void> {
	if (signal?.aborted === true) return;
	let stop = () => {};
	const stopped = new Promise<void>((resolve) => {
		stop = resolve;
	});
	signal?.addEventListener('abort', stop);
	await Promise.race([sleep(ms, signal).catch(() => undefined), stopped]);
	signal?.removeEventListener('abort', stop);
}

import { sleep } from 'n8n-workflow';

/**
 * Waits so long, or until the signal; which of both, the signal tells. n8n 1's sleep() knows no signal
 * and would end late.
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

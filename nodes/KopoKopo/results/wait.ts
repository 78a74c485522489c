import { sleep, type IDataObject } from 'n8n-workflow';
import { readResult } from './outcome';

export interface Patience {
	/** ms; the last look is at the end of it. */
	forMs: number;
	signal?: AbortSignal | undefined;
}

/** First pause in ms; each next one is half as long again, up to the longest, and varied by a fifth. */
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 10_000;

/**
 * Looks until the result is final, the time is up or the user cancels, and returns the last body seen.
 * @param look reads the status; what it throws ends the waiting
 */
export async function waitForResult(
	look: () => Promise<IDataObject | undefined>,
	{ forMs, signal }: Patience,
): Promise<IDataObject | undefined> {
	const end = Date.now() + forMs;
	let pause = FIRST_PAUSE_MS;
	for (;;) {
		const body = await look();
		const left = end - Date.now();
		if (readResult(body).isFinal || left <= 0 || signal?.aborted === true) return body;
		try {
			await sleep(Math.min(pause * (0.9 + Math.random() / 5), left), signal);
		} catch {
			return body;
		}
		pause = Math.min(pause * 1.5, LONGEST_PAUSE_MS);
	}
}

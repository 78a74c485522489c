import type { IDataObject } from 'n8n-workflow';
import { abortableSleep } from '../n8n/sleep';
import { parseResult } from '../domain/result';

/** Reads a status body; undefined is no result, and the next round looks again. What it throws ends the waiting. */
export type PollFn = () => Promise<IDataObject | undefined>;

export interface PollOptions {
	/** ms; the last look is at the end of it. */
	timeoutMs: number;
	signal?: AbortSignal | undefined;
}

/** First pause in ms; each next one is half as long again, up to the longest, and varied by a tenth. */
const FIRST_INTERVAL_MS = 1000;
const MAX_INTERVAL_MS = 10_000;

/** How many statuses are asked for at the same time. */
const MAX_CONCURRENT_POLLS = 10;

/** How long a look that is under way when the time is up may take to come back, in ms. */
const LAST_POLL_MS = 10_000;

/** The longest that a timer can take; a longer one would be over at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Lets so many of them run at a time; the others wait for their turn, in order. */
function limitConcurrency(places: number): <T>(task: () => Promise<T>) => Promise<T> {
	const waiting: Array<() => void> = [];
	let free = places;
	return async (task) => {
		if (free > 0) free -= 1;
		else await new Promise<void>((resolve) => waiting.push(resolve));
		try {
			return await task();
		} finally {
			const next = waiting.shift();
			if (next === undefined) free += 1;
			else next();
		}
	};
}

/**
 * Waits for several results side by side, each at its own pace, until all are final, the time is up or
 * the user cancels.
 * @returns the last body seen of each, in the order of `looks`
 */
export async function pollAllUntilFinal(
	looks: PollFn[],
	{ timeoutMs, signal }: PollOptions,
): Promise<Array<IDataObject | undefined>> {
	const seen = new Array<IDataObject | undefined>(looks.length).fill(undefined);
	const end = Date.now() + timeoutMs;
	const takeTurn = limitConcurrency(MAX_CONCURRENT_POLLS);
	const over = new AbortController();

	const waitFor = async (look: PollFn, index: number) => {
		// One of its own for each: a pause listens to it, and Node.js warns of more than ten listeners.
		const isOver = AbortSignal.any([over.signal]);
		for (let pauseMs = FIRST_INTERVAL_MS; ; pauseMs = Math.min(pauseMs * 1.5, MAX_INTERVAL_MS)) {
			const body = await takeTurn(async () => (isOver.aborted ? undefined : await look()));
			// What comes after the end is for nobody.
			if (isOver.aborted) return;
			seen[index] = body ?? seen[index];
			const left = end - Date.now();
			if (left <= 0 || parseResult(seen[index]).isFinal) return;
			await abortableSleep(Math.min(pauseMs * (0.9 + Math.random() / 5), left), isOver);
		}
	};
	if (signal?.aborted === true) return seen;
	// A look at a Kopo Kopo that hangs, tried again and again, must not make the wait much longer.
	const timeUp = abortableSleep(
		Math.min(timeoutMs + LAST_POLL_MS, MAX_TIMER_MS),
		AbortSignal.any([over.signal, ...(signal === undefined ? [] : [signal])]),
	);
	try {
		await Promise.race([Promise.all(looks.map(waitFor)), timeUp]);
	} finally {
		over.abort();
	}
	return seen;
}

/** The same for one result. */
export async function pollUntilFinal(
	look: PollFn,
	patience: PollOptions,
): Promise<IDataObject | undefined> {
	return (await pollAllUntilFinal([look], patience))[0];
}

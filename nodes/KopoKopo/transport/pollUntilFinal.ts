import type { IDataObject } from 'n8n-workflow';
import { parseResult } from '../domain/result';
import { abortableSleep } from '../n8n/sleep';

/** Requests a status body; undefined counts as no result yet. An error that it throws ends the polling. */
export type PollFn = () => Promise<IDataObject | undefined>;

interface PollOptions {
	/** ms; the last request is at the end of it. */
	timeoutMs: number;
	signal?: AbortSignal | undefined;
}

/** One status to poll, and for how long. */
export interface Poll {
	fetch: PollFn;
	/** ms; the last request is at the end of it. */
	timeoutMs: number;
}

/**
 * First interval in ms. Each further one is 1.5 times as long, up to MAX_INTERVAL_MS, and varies by up to a
 * tenth.
 */
const FIRST_INTERVAL_MS = 1000;
const MAX_INTERVAL_MS = 10_000;

/** How many statuses are requested at the same time. */
const MAX_CONCURRENT_POLLS = 10;

/** How long a request that is in flight at the end of the timeout may take, in ms. */
const LAST_POLL_MS = 10_000;

/** The longest delay that a timer accepts, in ms. A longer one would end immediately. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * Polls several statuses concurrently, each at its own interval, until all are final, their time is up or
 * the user cancels.
 * @returns the last body seen of each, in the order of `polls`
 * @throws what a poll's `fetch` throws first
 */
export async function pollAllUntilFinal(
	polls: Poll[],
	signal?: AbortSignal,
): Promise<Array<IDataObject | undefined>> {
	const bodies = new Array<IDataObject | undefined>(polls.length).fill(undefined);
	if (signal?.aborted === true) return bodies;
	const startedAt = Date.now();
	const limited = limitConcurrency(MAX_CONCURRENT_POLLS);
	const over = new AbortController();

	const poll = async ({ fetch, timeoutMs }: Poll, index: number) => {
		// A signal for each poll, since Node.js warns about more than ten listeners on one.
		const isOver = AbortSignal.any([over.signal]);
		for (let interval = FIRST_INTERVAL_MS; ; interval = nextInterval(interval)) {
			const body = await limited(async () => (isOver.aborted ? undefined : await fetch()));
			// pollAllUntilFinal() has returned by now, and nothing reads the bodies any more.
			if (isOver.aborted) return;
			bodies[index] = body ?? bodies[index];
			const left = startedAt + timeoutMs - Date.now();
			if (left <= 0 || parseResult(bodies[index]).isFinal) return;
			await abortableSleep(Math.min(interval * (0.9 + Math.random() / 5), left), isOver);
		}
	};
	// Requests that hang, and are retried, must not make the wait much longer.
	const longestMs = Math.max(0, ...polls.map(({ timeoutMs }) => timeoutMs)) + LAST_POLL_MS;
	const timeUp = abortableSleep(
		Math.min(longestMs, MAX_TIMER_MS),
		AbortSignal.any([over.signal, ...(signal === undefined ? [] : [signal])]),
	);
	try {
		await Promise.race([Promise.all(polls.map(poll)), timeUp]);
	} finally {
		over.abort();
	}
	return bodies;
}

const nextInterval = (intervalMs: number) => Math.min(intervalMs * 1.5, MAX_INTERVAL_MS);

/** Polls one status as pollAllUntilFinal() does. */
export async function pollUntilFinal(
	fetch: PollFn,
	{ timeoutMs, signal }: PollOptions,
): Promise<IDataObject | undefined> {
	return (await pollAllUntilFinal([{ fetch, timeoutMs }], signal))[0];
}

/** Limits how many tasks run at once; the others start in the order in which they were added. */
function limitConcurrency(limit: number): <T>(task: () => Promise<T>) => Promise<T> {
	const waiting: Array<() => void> = [];
	let free = limit;
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

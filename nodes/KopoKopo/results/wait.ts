import type { IDataObject } from 'n8n-workflow';
import { pause } from '../api/pause';
import { readResult } from './outcome';

/** Reads a status body; undefined is no result, and the next round looks again. What it throws ends the waiting. */
export type Look = () => Promise<IDataObject | undefined>;

export interface Patience {
	/** ms; the last look is at the end of it. */
	forMs: number;
	signal?: AbortSignal | undefined;
}

/** First pause in ms; each next one is half as long again, up to the longest, and varied by a tenth. */
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 10_000;

/** How many statuses are asked for at the same time. */
const SIDE_BY_SIDE = 10;

/** Takes one look at each, some side by side. */
async function lookAround(looks: Look[]): Promise<Array<IDataObject | undefined>> {
	const bodies = new Array<IDataObject | undefined>(looks.length).fill(undefined);
	let next = 0;
	const looker = async () => {
		while (next < looks.length) {
			const index = next++;
			bodies[index] = await looks[index]?.();
		}
	};
	await Promise.all(Array.from({ length: Math.min(SIDE_BY_SIDE, looks.length) }, looker));
	return bodies;
}

/**
 * Waits for several results side by side, until each is final, the time is up or the user cancels.
 * @returns the last body seen of each, in the order of `looks`
 */
export async function waitForResults(
	looks: Look[],
	{ forMs, signal }: Patience,
): Promise<Array<IDataObject | undefined>> {
	const seen = new Array<IDataObject | undefined>(looks.length).fill(undefined);
	const end = Date.now() + forMs;
	let open = looks.map((_look, index) => index);
	let pauseMs = FIRST_PAUSE_MS;
	const isCancelled = () => signal?.aborted === true;
	for (;;) {
		const bodies = await lookAround(open.map((index) => looks[index] as Look));
		open = open.filter((index, place) => {
			seen[index] = bodies[place] ?? seen[index];
			return !readResult(seen[index]).isFinal;
		});
		const left = end - Date.now();
		if (open.length === 0 || left <= 0 || isCancelled()) return seen;
		await pause(Math.min(pauseMs * (0.9 + Math.random() / 5), left), signal);
		if (isCancelled()) return seen;
		pauseMs = Math.min(pauseMs * 1.5, LONGEST_PAUSE_MS);
	}
}

/** The same for one result. */
export async function waitForResult(
	look: Look,
	patience: Patience,
): Promise<IDataObject | undefined> {
	return (await waitForResults([look], patience))[0];
}

import type { IExecuteFunctions } from 'n8n-workflow';
import { claimWith, release } from '../n8n/deduplicationStore';

const REPEATS = { name: 'repeats', count: 512 };

/**
 * How many of its newest entries a row keeps. A request has three, and six more while it is claimed, so all rows
 * together keep at least 20,000 requests. A claim reads and writes 14 KB at most.
 */
const ROW_LIMIT = 500;

/**
 * Periods per window, which is the time of 'Allow Repeats After'. The store has no times, so a request has an
 * entry for the period in which it is sent and for each of the next two. An equal request that is sent within
 * the window finds one of these entries.
 */
const PERIODS = 2;

/**
 * The entries of a request in the store, the earliest period first.
 * @param window the time of 'Allow Repeats After', in ms
 * @param sentAt ms since the epoch
 */
export function entriesOf(fingerprint: string, window: number, sentAt: number): string[] {
	const period = Math.floor(sentAt / (window / PERIODS));
	const periods = Array.from({ length: PERIODS + 1 }, (_, index) => period + index);
	return periods.map((each) => `repeat ${window} ${each} ${fingerprint}`);
}

/** Whether all of these entries can come from a request that was sent at this time, and none from a later one. */
export function areFromRequest(entries: string[], window: number, sentAt: number): boolean {
	const lastPeriod = Math.floor(sentAt / (window / PERIODS)) + PERIODS;
	return entries.every((entry) => Number(entry.split(' ')[2]) <= lastPeriod);
}

/** The entry that records that an execution sent equal requests in several processes, as after a restart. */
export const severalProcessesEntry = (fingerprint: string, execution: string): string =>
	`repeat in several processes of ${execution} ${fingerprint}`;

/**
 * Records entries of a request in n8n's store. Of several executions that do so at the same time and have an entry
 * in common, as in neighbouring periods, at most one is told that no entry was there.
 * @returns the entries that were there before, or that another execution has recorded at the same time
 * @throws ClaimError
 */
export async function claimEntries(
	context: IExecuteFunctions,
	fingerprint: string,
	entries: string[],
): Promise<string[]> {
	const key = entries.at(-1) as string;
	const { isNew, known } = await claimWith(context, key, {
		alsoRecord: entries.slice(0, -1),
		group: REPEATS,
		limit: ROW_LIMIT,
		rowKey: fingerprint,
	});
	return [...known, ...(isNew ? [] : [key])];
}

/** Removes entries of a request from n8n's store. */
export async function releaseEntries(
	context: IExecuteFunctions,
	fingerprint: string,
	entries: string[],
): Promise<void> {
	const [first, ...also] = entries;
	if (first === undefined) return;
	await release(context, first, { also, group: REPEATS, rowKey: fingerprint });
}

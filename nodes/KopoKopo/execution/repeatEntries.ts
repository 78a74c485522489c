/**
 * Periods per window, which is the time of 'Allow Repeats After'. The store has no times, so a payout has an
 * entry for the period in which it is sent and for each of the next two. An equal payout that is sent within
 * the window finds one of these entries.
 */
const PERIODS = 2;

/**
 * The entries of a payout in the store, the earliest period first.
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

import type { IDataObject } from 'n8n-workflow';

export interface Filters {
	/** Tills separated by commas or spaces; empty for all. */
	tillFilter?: string;
	/** KES */
	minimumAmount?: number;
}

/** Tills as typed, without regard to case; an STK till counts with and without its K. */
function tillsOf(typed: string): Set<string> {
	const tills = typed
		.toUpperCase()
		.split(/[\s,;]+/)
		.filter((till) => till !== '');
	return new Set(tills.map((till) => till.replace(/^K/, '')));
}

/**
 * Whether an event passes the filters of the trigger. One that names no till, or no amount, passes: it
 * is not known to be foreign or small.
 */
export function isWanted(item: IDataObject, { tillFilter, minimumAmount }: Filters): boolean {
	const tills = tillsOf(String(tillFilter ?? ''));
	const { tillNumber, amount } = item;
	if (tills.size > 0 && typeof tillNumber === 'string') {
		if (!tills.has(tillNumber.toUpperCase().replace(/^K/, ''))) return false;
	}
	const least = Number(minimumAmount ?? 0);
	return !(least > 0 && typeof amount === 'number' && amount < least);
}

import type { IDataObject } from 'n8n-workflow';

export interface Filters {
	/** Tills separated by commas or spaces; empty for all. */
	tillFilter?: string;
	/** KES */
	minimumAmount?: number;
	/** Of results only. */
	outcome?: 'all' | 'success' | 'failure';
}

/** Tills as typed, separated by commas, semicolons or spaces, each once. */
export const parseTills = (typed: string): string[] => [
	...new Set(typed.split(/[\s,;]+/).filter((till) => till !== '')),
];

/** Whether a list of tills has this one, without regard to case, and with or without the K of STK tills. */
export function includesTill(tills: string[], till: string): boolean {
	const normalize = (number: string) => number.toUpperCase().replace(/^K/, '');
	return tills.map(normalize).includes(normalize(till));
}

/**
 * Whether an event passes the filters of the trigger. One that names no till, or no amount, passes: it
 * is not known to be foreign or small.
 */
export function isWanted(item: IDataObject, { tillFilter, minimumAmount }: Filters): boolean {
	const tills = parseTills(String(tillFilter ?? ''));
	const { tillNumber, amount } = item;
	if (tills.length > 0 && typeof tillNumber === 'string' && !includesTill(tills, tillNumber)) {
		return false;
	}
	const least = Number(minimumAmount ?? 0);
	return !(least > 0 && typeof amount === 'number' && amount < least);
}

/**
 * Whether a result passes the Outcome option. Only Failure is for whatever needs somebody's attention: it
 * takes `partial`, since not all of the money moved, and `unknown`. Neither takes `pending`.
 */
export function isOutcomeWanted(outcome: unknown, { outcome: wanted = 'all' }: Filters): boolean {
	if (wanted === 'all') return true;
	if (wanted === 'success') return outcome === 'success';
	return outcome !== 'success' && outcome !== 'pending';
}

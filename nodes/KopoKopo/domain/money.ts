import type { IDataObject } from 'n8n-workflow';

/**
 * An amount from Kopo Kopo, which is decimal text or a number (docs/kopokopo-api.md#amounts), as a number
 * in KES; null for anything else.
 */
export function asAmount(value: unknown): number | null {
	if (typeof value !== 'string' && typeof value !== 'number') return null;
	const amount = /^-?\d+(?:\.\d+)?$/.test(String(value).trim()) ? Number(value) : NaN;
	return Number.isFinite(amount) ? amount : null;
}

/** An amount in KES as whole cents, because sums of decimal fractions can be wrong by a fraction of a cent. */
export const toCents = (amount: number) => Math.round(amount * 100);

/** The sum of the rows' `amount`, in KES. An amount that cannot be read counts as zero. */
export const sumAmounts = (rows: IDataObject[]) =>
	rows.reduce((sum, { amount }) => sum + toCents(asAmount(amount) ?? 0), 0) / 100;

/** An amount in KES for a sentence: `KES 1,500`, `KES 10.50`. (The first Intl.NumberFormat takes many ms.) */
export function formatAmount(amount: number): string {
	const text = Number.isInteger(amount) ? String(amount) : amount.toFixed(2);
	// From behind, where the groups of three begin. `\B` leaves out a comma before the first digit.
	return `KES ${reversed(reversed(text).replace(/\d{3}\B/g, '$&,'))}`;
}

const reversed = (text: string) => [...text].reverse().join('');

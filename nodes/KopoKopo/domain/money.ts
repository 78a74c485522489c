import type { IDataObject } from 'n8n-workflow';

/**
 * Amounts arrive as decimal text or as numbers (docs/kopokopo-api.md#amounts): a number in KES, or
 * null.
 */
export function asAmount(value: unknown): number | null {
	if (typeof value !== 'string' && typeof value !== 'number') return null;
	return /^-?\d+(?:\.\d+)?$/.test(String(value).trim()) ? Number(value) : null;
}

export const sumAmounts = (rows: IDataObject[]) =>
	rows.reduce((sum, { amount }) => sum + (asAmount(amount) ?? 0), 0);

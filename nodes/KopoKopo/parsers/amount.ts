import { InvalidParameterError } from '../domain/errors';
import { asText, type ParseContext } from './text';

const MAX_AMOUNT = 1_000_000_000;

/**
 * Kenyan shillings, not cents: a number or text such as `1,500` or `KES 1500.00`, above zero, with
 * at most two decimals (docs/kopokopo-api.md#amounts; no official limit is known, so none is set).
 */
export function parseAmount(raw: unknown, { label }: ParseContext): number {
	// Arithmetic in an expression leaves 0.30000000000000004 where a person means 0.30.
	const typed = asText(typeof raw === 'number' ? Number(raw.toFixed(6)) : raw);
	const text = typed
		.replace(/^(?:kes|kshs?)\.?|(?:kes|kshs?)\.?$/gi, '')
		.replace(/[\s\u00a0]/g, '')
		.replace(/\/[-=]$/, '');
	const plain = /^\d{1,3}(?:,\d{3})+(?:\.\d+)?$/.test(text) ? text.replaceAll(',', '') : text;
	const refuse = (why: string) =>
		new InvalidParameterError(
			`'${label}' ${why}: ${typed.slice(0, 40)}`,
			'Write Kenyan shillings as a number above zero, such as 1500 or 1,500.00.',
		);
	if (plain === '') {
		throw new InvalidParameterError(
			`'${label}' is empty`,
			`Enter an amount in Kenyan shillings, such as 1500.`,
		);
	}
	if (/^-/.test(plain)) throw refuse('is negative');
	if (!/^\d+(?:\.\d+)?$/.test(plain)) throw refuse('is not a number');
	const amount = Number(plain);
	if (amount === 0) throw refuse('is zero');
	if (amount > MAX_AMOUNT) throw refuse('is larger than any payment');
	// Three decimals may be a thousand in other countries' writing, so they are nobody's guess.
	if (!/^\d+(?:\.\d{1,2})?$/.test(plain)) throw refuse('has more than two decimals');
	return amount;
}

/** An amount without cents, as send money wants it (docs/kopokopo-api.md#amounts). */
export function parseWholeAmount(raw: unknown, place: ParseContext): number {
	const amount = parseAmount(raw, place);
	if (!Number.isInteger(amount)) {
		throw new InvalidParameterError(
			`'${place.label}' has cents: ${amount}`,
			'Kopo Kopo sends whole shillings only. Round it, such as 1500.',
		);
	}
	return amount;
}

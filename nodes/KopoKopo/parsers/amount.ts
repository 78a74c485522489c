import { InvalidParameterError } from '../domain/errors';
import { damageOf, hasCellBreak } from './spreadsheet';
import { asText, describeOtherCharacters, type FieldContext, missingValue, shorten } from './text';

/** In KES. No official limit is known, so this only guards against typing errors. */
export const MAX_AMOUNT = 1_000_000_000;

const CURRENCY = /^(?:kes|(?:k\.?)?shs?)\.?|(?:kes|(?:k\.?)?shs?)\.?$/gi;

/** Thousands separated by commas, or by spaces. */
const GROUPED = /^\d{1,3}(?:(?:,\d{3})+|(?:\p{Zs}\d{3})+)(?:\.\d+)?$/u;

/** A phone number or an account number of another column. Amounts such as 0010 are shorter. */
const OTHER_NUMBER = /^0\d{6,}/;

const ENTER_AMOUNT = 'Enter one amount above zero in Kenyan shillings, such as 1500 or 1,500.00.';

/** What is wrong with a text that is not a number, as the predicate of a sentence, and what to do about it. */
function problemOf(text: string): { problem: string; remedy?: string } {
	const others = describeOtherCharacters(text, /[\d.,\p{Zs}]/u);
	const damage = others === undefined ? undefined : damageOf(text);
	if (damage !== undefined) return damage;
	if (!/\d/.test(text)) return { problem: 'is not a number' };
	return { problem: others ?? 'has a comma, a point or a space in the wrong place' };
}

/**
 * Kenyan shillings, not cents: a number or text such as `1,500`, `1 500` or `KES 1500.00`, above zero,
 * with at most two decimals (docs/kopokopo-api.md#amounts).
 * @param maximum the largest amount, in KES
 * @throws InvalidParameterError
 */
export function parseAmount(
	raw: unknown,
	{ label }: FieldContext,
	maximum: number = MAX_AMOUNT,
): number {
	// Arithmetic in an expression can result in 0.30000000000000004 instead of 0.30.
	const number = typeof raw === 'number' ? Number(raw.toFixed(6)) : raw;
	const typed = typeof number === 'string' ? number : asText(number);
	const refuse = (problem: string, remedy = ENTER_AMOUNT) =>
		new InvalidParameterError(`'${label}' ${problem}: ${shorten(typed)}`, remedy);
	const text = typed
		.replace(/\p{Cf}/gu, '')
		.trim()
		.replace(/^'/, '')
		.replace(CURRENCY, '')
		.trim()
		.replace(/\/\p{Zs}?[-=]$/u, '')
		.trim();
	const plain = GROUPED.test(text) ? text.replace(/[,\p{Zs}]/gu, '') : text;
	if (plain === '') {
		throw missingValue({ label }, 'in Kenyan shillings, e.g. 1500');
	}
	// Two amounts in one cell, which would become one much larger amount.
	if (hasCellBreak(typed)) throw refuse('contains a line break or a tab');
	if (/^-/.test(plain)) throw refuse('is negative');
	if (!/^\d+(?:\.\d+)?$/.test(plain)) {
		if (typeof raw !== 'string') throw refuse('is not a number');
		const { problem, remedy } = problemOf(plain);
		throw refuse(problem, remedy);
	}
	if (OTHER_NUMBER.test(plain)) {
		throw refuse('begins with a zero, as a phone number or an account number does');
	}
	const amount = Number(plain);
	if (amount === 0) throw refuse('is zero');
	if (amount > maximum) {
		throw refuse(
			`is above the limit of KES ${maximum.toLocaleString('en-US')}`,
			'Check the amount. If it is correct, split it into several payments.',
		);
	}
	// Some countries write 1500 as 1.500, so the amount is not guessed.
	if (!/^\d+(?:\.\d{1,2})?$/.test(plain)) throw refuse('has more than two decimals');
	return amount;
}

/**
 * An amount in whole KES, as Kopo Kopo requires it where it sends money (docs/kopokopo-api.md#amounts).
 * @param maximum the largest amount, in KES
 * @throws InvalidParameterError
 */
export function parseWholeAmount(raw: unknown, context: FieldContext, maximum?: number): number {
	const amount = parseAmount(raw, context, maximum);
	if (!Number.isInteger(amount)) {
		throw new InvalidParameterError(
			`'${context.label}' has cents: ${amount}`,
			'Kopo Kopo sends whole shillings only. Enter a whole number, such as 1500.',
		);
	}
	return amount;
}

/**
 * The smallest amount that passes a filter, in KES; 0 if it is blank or zero, so that every amount passes.
 * @throws InvalidParameterError
 */
export function parseMinimumAmount(raw: unknown, context: FieldContext): number {
	const isSet = asText(raw) !== '' && Number(raw) !== 0;
	return isSet ? parseAmount(raw, context) : 0;
}

/** Whether an amount passes the filter. One that cannot be read does. @param minimum of parseMinimumAmount() */
export const reachesMinimum = (amount: unknown, minimum: number): boolean =>
	typeof amount !== 'number' || minimum === 0 || amount >= minimum;

import { damageOf, FORMAT_AS_TEXT, withoutTextMark } from './spreadsheet';
import { asText, type FieldContext, invalidValue, missingValue } from './text';

/**
 * A value that must be repeated exactly as it was issued: an ID, a reference, a till, an account number.
 * Trimmed and without invisible characters. Rejects a value that a spreadsheet or an expression has
 * damaged.
 * @throws InvalidParameterError, also when there is none
 */
export function parseIdentifier(raw: unknown, context: FieldContext): string {
	if (raw !== null && (typeof raw === 'object' || typeof raw === 'boolean')) {
		throw invalidValue(
			context,
			raw,
			'is not text',
			'Enter one value, not a list, an object, true or false.',
		);
	}
	// Above 2^53 the last digits of a JSON number are no longer those that were sent.
	if (typeof raw === 'number' && !Number.isSafeInteger(raw)) {
		throw invalidValue(
			context,
			raw,
			'is a number that has decimals or has lost digits',
			FORMAT_AS_TEXT,
		);
	}
	const text = withoutTextMark(
		asText(raw)
			.replace(/\p{Cf}/gu, '')
			.trim(),
	);
	if (text === '') throw missingValue(context);
	const damage = damageOf(text);
	if (damage !== undefined) throw invalidValue(context, raw, damage.problem, damage.remedy);
	return text;
}

/** A reference of the user's own, such as an invoice number; undefined if there is none. @throws InvalidParameterError */
export function parseReference(raw: unknown, context: FieldContext): string | undefined {
	return asText(raw) === '' ? undefined : parseIdentifier(raw, context);
}

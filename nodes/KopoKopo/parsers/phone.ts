import { InvalidParameterError } from '../domain/errors';
import { damageOf, hasCellBreak, withoutTextMark } from './spreadsheet';
import { asText, describeOtherCharacters, type FieldContext, missingValue, shorten } from './text';

/**
 * Mobile numbers begin with 7 or 1, after an optional country code and an optional zero. The numbers in
 * Kopo Kopo's samples begin with 9 and need their country code (docs/kopokopo-api.md#phone-numbers).
 * Landlines begin with 2 to 6: no M-Pesa account has one.
 */
const PHONE = /^(?:(?:\+|00)?254(?:0?([17]\d{8})|(9\d{8}))|0?([17]\d{8}))$/;

/** A decimal number. People write dots between groups of three digits or more. */
const DECIMAL = /^\+?(?:\d+\.\d{1,2}|\d{1,2}\.\d+)$/;

const ENTER_MOBILE =
	'Enter a Kenyan mobile number, such as 0712345678, 0112345678 or +254712345678.';

/**
 * Parses a Kenyan mobile number, as people type it or as a spreadsheet stores it, into the nine digits
 * after 254.
 * @throws InvalidParameterError
 */
export function parsePhoneDigits(raw: unknown, { label }: FieldContext): string {
	const typed = withoutTextMark(asText(raw)).replace(/^tel:/i, '');
	const refuse = (problem: string, remedy = ENTER_MOBILE) =>
		new InvalidParameterError(`'${label}' ${problem}: ${shorten(typed)}`, remedy);
	if (typed === '') {
		throw missingValue({ label }, 'e.g. 0712345678');
	}
	// Parts of two cells, which together might look like one number.
	if (hasCellBreak(typed)) throw refuse('contains a line break or a tab');
	if (typeof raw === 'number' && (!Number.isInteger(raw) || raw < 0)) {
		throw refuse('is not a Kenyan mobile number');
	}
	// Without its point, the number would be another phone number.
	if (DECIMAL.test(typed.replace(/\p{Cf}/gu, ''))) throw refuse('was changed to a decimal number');
	// Word processors add no-break spaces and typographic dashes; people type dots and brackets.
	const compact = typed.replace(/[\s\p{Cf}\p{Pd}().]/gu, '');
	const others = describeOtherCharacters(compact, /[\d+]/);
	if (others !== undefined) {
		if (typeof raw === 'object') throw refuse('is not text');
		const damage = damageOf(typed);
		throw damage === undefined ? refuse(others) : refuse(damage.problem, damage.remedy);
	}
	if (compact.lastIndexOf('+') > 0) {
		throw refuse('contains a plus sign that is not at the beginning');
	}
	const digits = PHONE.exec(compact)
		?.slice(1)
		.find((group) => group !== undefined);
	if (digits === undefined) throw refuse('is not a Kenyan mobile number');
	return digits;
}

/**
 * `+254XXXXXXXXX`, as payment requests and recipients take it
 * (docs/kopokopo-api.md#phone-numbers).
 */
export const parsePhoneWithPlus = (raw: unknown, context: FieldContext): string =>
	`+254${parsePhoneDigits(raw, context)}`;

/**
 * `254XXXXXXXXX`, as Send Money and transfer accounts take it (docs/kopokopo-api.md#phone-numbers).
 */
export const parsePhoneBare = (raw: unknown, context: FieldContext): string =>
	`254${parsePhoneDigits(raw, context)}`;

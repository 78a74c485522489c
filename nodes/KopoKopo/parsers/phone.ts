import { InvalidParameterError } from '../domain/errors';
import { asText, type ParseContext } from './text';

/**
 * A Kenyan phone number as people type it, or as a spreadsheet left it, to its nine digits after
 * 254 (docs/kopokopo-api.md#phone-numbers: any nine digits pass, samples use 254999999999).
 */
export function parsePhoneDigits(raw: unknown, { label }: ParseContext): string {
	const typed = asText(raw).replace(/^'|^tel:/i, '');
	const refuse = (why: string) =>
		new InvalidParameterError(
			`'${label}' ${why}: ${typed.slice(0, 40)}`,
			'Write a Kenyan number such as 0712345678, 0112345678 or +254712345678.',
		);
	if (typed === '') {
		throw new InvalidParameterError(
			`'${label}' is empty`,
			`Enter a phone number, such as 0712345678.`,
		);
	}
	if (typeof raw === 'number' && (!Number.isInteger(raw) || raw < 0)) {
		throw refuse('is not a Kenyan phone number');
	}
	// Word processors put in no-break spaces and typographic dashes; people, dots and brackets.
	const compact = typed.replace(
		/[\s\u00a0\u200b-\u200f\u2010-\u2015\u202a-\u202f\u2060\ufeff().-]/g,
		'',
	);
	if (/[^\d+]/.test(compact) || compact.lastIndexOf('+') > 0) {
		throw refuse('holds something that is not part of a phone number');
	}
	const match =
		/^\+?254(?<digits>\d{9})$/.exec(compact) ??
		/^(?:\+254|254)0(?<digits>[17]\d{8})$/.exec(compact) ??
		/^00254(?<digits>\d{9})$/.exec(compact) ??
		/^0(?<digits>[17]\d{8})$/.exec(compact) ??
		/^(?<digits>[17]\d{8})$/.exec(compact);
	const digits = match?.groups?.digits;
	if (digits === undefined) throw refuse('is not a Kenyan phone number');
	return digits;
}

/**
 * `+254XXXXXXXXX`, as payment requests and external recipients want it
 * (docs/kopokopo-api.md#phone-numbers).
 */
export const parsePhoneWithPlus = (raw: unknown, place: ParseContext): string =>
	`+254${parsePhoneDigits(raw, place)}`;

/**
 * `254XXXXXXXXX`, as send money and transfer accounts want it (docs/kopokopo-api.md#phone-numbers).
 */
export const parsePhoneBare = (raw: unknown, place: ParseContext): string =>
	`254${parsePhoneDigits(raw, place)}`;

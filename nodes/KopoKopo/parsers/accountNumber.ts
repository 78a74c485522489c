import { parseIdentifier } from './identifier';
import { FORMAT_AS_TEXT } from './spreadsheet';
import { type FieldContext, invalidValue } from './text';

/** Fifteen to seventeen digits and then zeros: what a spreadsheet or JSON keeps of a longer number. */
const LOST_DIGITS = /^\d{15,17}0{3,}$/;

/** People write spaces between groups of a few digits. Two parts that are longer than this are two numbers. */
const LONGEST_GROUP = 6;

/** A slash can also be part of a number, as in 12345/67890, so the parts of two numbers are longer than this. */
const LONGEST_PART = 7;

const hasTwoLongerThan = (length: number, parts: string[]) =>
	parts.filter((part) => part.length > length && /\d/.test(part)).length > 1;

/** Accepts only text, because without its leading zeros a number can be the account of somebody else. */
function parseAccountText(raw: unknown, context: FieldContext): string {
	if (typeof raw === 'number' || typeof raw === 'bigint') {
		throw invalidValue(
			context,
			raw,
			'is a number, which may have lost leading zeros or its last digits',
			FORMAT_AS_TEXT,
		);
	}
	const text = parseIdentifier(raw, context);
	if (LOST_DIGITS.test(text.replace(/\p{Zs}/gu, ''))) {
		throw invalidValue(context, raw, 'has lost its last digits', FORMAT_AS_TEXT);
	}
	return text;
}

/**
 * The number of a bank account, as text: with its leading zeros, letters and dashes, without spaces.
 * @throws InvalidParameterError for a JSON number too
 */
export function parseAccountNumber(raw: unknown, context: FieldContext): string {
	const text = parseAccountText(raw, context);
	if (
		hasTwoLongerThan(LONGEST_GROUP, text.split(/[\p{Zs},;]/u)) ||
		hasTwoLongerThan(LONGEST_PART, text.split('/'))
	) {
		throw invalidValue(
			context,
			raw,
			'contains two numbers',
			'Enter one. Use one item for each account.',
		);
	}
	if (/^\d+[.,]\d+$/.test(text)) {
		throw invalidValue(context, raw, 'was changed to a decimal number', FORMAT_AS_TEXT);
	}
	const number = text.replace(/\p{Zs}/gu, '');
	const isAllowed = /^[a-z\d][a-z\d./-]*$/i.test(number) && /[a-z\d]$/i.test(number);
	if (!isAllowed || !/\d/.test(number)) {
		throw invalidValue(
			context,
			raw,
			'is not an account number',
			'Enter it as text, with its leading zeros, such as 0123456789014.',
		);
	}
	return number;
}

/**
 * The account number of a paybill, as text. Its owner issues it in any form, such as A098457 or a name.
 * @throws InvalidParameterError for a JSON number too
 */
export const parsePaybillAccountNumber = parseAccountText;

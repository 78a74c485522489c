import { parseIdentifier } from './identifier';
import { asText, describeOtherCharacters, type FieldContext, invalidValue } from './text';

/** People write spaces between groups of up to four digits. A part that is longer is a number of its own. */
const LONGEST_GROUP = 4;

/** How many characters may stand beside a whole number, such as a K. More of them are a second number. */
const LONGEST_REST = 2;

const OTHER_LETTER = 'contains a letter other than a K at the beginning';

/** The text without spaces; undefined if it contains two numbers. */
function withoutSpaces(text: string): string | undefined {
	const lengths = text.split(/\p{Zs}/u).map(({ length }) => length);
	const hasWhole = lengths.some((length) => length > LONGEST_GROUP);
	const hasTwo = hasWhole && lengths.filter((length) => length > LONGEST_REST).length > 1;
	return hasTwo ? undefined : text.replace(/\p{Zs}/gu, '');
}

/**
 * Why a text is not a till or paybill number, as the predicate of a sentence.
 * @param digits what withoutSpaces() returned, without the K of a till
 * @param letters how to say that it contains letters
 * @returns undefined if nothing more precise is known than that it is not one
 */
function problemOf(text: string, digits: string | undefined, letters: string): string | undefined {
	if (digits === undefined) {
		const numbers = text.split(/\p{Zs}/u).filter((part) => /\d/.test(part));
		return numbers.length > 1 ? 'contains two numbers' : undefined;
	}
	if (/^\d{11,}$/.test(digits)) return 'has more than 10 digits';
	if (!/\d/.test(digits)) return undefined;
	return /\p{L}/u.test(digits) ? letters : describeOtherCharacters(digits, /\d/);
}

/**
 * A till number: up to ten digits, with or without its K (docs/kopokopo-api.md#tills). Drops spaces
 * and writes the K in upper case.
 * @throws InvalidParameterError
 */
export function parseTill(raw: unknown, context: FieldContext): string {
	const text = parseIdentifier(raw, context).toUpperCase();
	const till = withoutSpaces(text);
	if (till === undefined || !/^K?\d{1,10}$/.test(till)) {
		throw invalidValue(
			context,
			raw,
			problemOf(text, till?.replace(/^K/, ''), OTHER_LETTER) ?? 'is not a till number',
			'Enter one till number of up to 10 digits, such as 112233 or K123456.',
		);
	}
	return till;
}

/** A till number; undefined if there is none. @throws InvalidParameterError */
export function parseOptionalTill(raw: unknown, context: FieldContext): string | undefined {
	return asText(raw) === '' ? undefined : parseTill(raw, context);
}

/**
 * Till numbers separated by commas, semicolons or line breaks, each once. Not by spaces, which people
 * write inside a till number.
 * @returns an empty list if there is none
 * @throws InvalidParameterError
 */
export function parseTills(raw: unknown, context: FieldContext): string[] {
	const typed: unknown[] = Array.isArray(raw) ? raw : [raw];
	const tills = typed.flatMap((one) =>
		typeof one === 'string' ? one.split(/[,;\r\n\u2028\u2029]/) : [one],
	);
	return [
		...new Set(tills.filter((till) => asText(till) !== '').map((till) => parseTill(till, context))),
	];
}

/** A paybill number: up to ten digits. Drops spaces. @throws InvalidParameterError */
export function parsePaybill(raw: unknown, context: FieldContext): string {
	const text = parseIdentifier(raw, context);
	const paybill = withoutSpaces(text);
	if (paybill === undefined || !/^\d{1,10}$/.test(paybill)) {
		throw invalidValue(
			context,
			raw,
			problemOf(text, paybill, 'contains a letter') ?? 'is not a paybill number',
			'Enter one paybill number of up to 10 digits, such as 888880.',
		);
	}
	return paybill;
}

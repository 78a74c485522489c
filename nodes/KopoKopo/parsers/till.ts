import { parseIdentifier } from './identifier';
import { asText, type FieldContext, invalidValue } from './text';

/** People write spaces between groups of up to four digits. A part that is longer is a number of its own. */
const LONGEST_GROUP = 4;

/** How many characters may stand beside a whole number, such as a K. More of them are a second number. */
const LONGEST_REST = 2;

/** The text without spaces; an empty text if it contains two numbers. */
function withoutSpaces(text: string): string {
	const lengths = text.split(/\p{Zs}/u).map(({ length }) => length);
	const hasWhole = lengths.some((length) => length > LONGEST_GROUP);
	const hasTwo = hasWhole && lengths.filter((length) => length > LONGEST_REST).length > 1;
	return hasTwo ? '' : text.replace(/\p{Zs}/gu, '');
}

/**
 * A till number: up to ten digits, with or without its K (docs/kopokopo-api.md#tills). Drops spaces
 * and writes the K in upper case.
 * @throws InvalidParameterError
 */
export function parseTill(raw: unknown, context: FieldContext): string {
	const till = withoutSpaces(parseIdentifier(raw, context)).toUpperCase();
	if (!/^K?\d{1,10}$/.test(till)) {
		throw invalidValue(
			context,
			raw,
			'is not a till number',
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
	const paybill = withoutSpaces(parseIdentifier(raw, context));
	if (!/^\d{1,10}$/.test(paybill)) {
		throw invalidValue(
			context,
			raw,
			'is not a paybill number',
			'Enter its digits, such as 888880.',
		);
	}
	return paybill;
}

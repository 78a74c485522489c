import type { INodePropertyOptions } from 'n8n-workflow';
import { InvalidParameterError } from '../domain/errors';
import { CHECK_EXPRESSION, CORRECT_FORMULA, isCellError } from './spreadsheet';

/** What a parser knows besides the value: the field's label, for error texts, and the rules of the environment. */
export interface ParseContext {
	/** The field's label, as the user sees it. */
	label: string;
	/** Whether callback addresses may be plain http, as in Environment 'Custom'. */
	allowHttp: boolean;
	/** URL of this n8n, for callbacks that nothing waits for. */
	instanceUrl: string;
	/** The stored value of 'Wait for Result', which decides whether some fields are shown. */
	waitForResult?: string;
}

/** All that most parsers need to know: which field the value is in. */
export type FieldContext = Pick<ParseContext, 'label'>;

/** The value as trimmed text; an empty text for undefined and null. */
export function asText(raw: unknown): string {
	if (raw === undefined || raw === null) return '';
	if (typeof raw === 'object') return JSON.stringify(raw) ?? '';
	return String(raw).trim();
}

const MAX_SHOWN = 40;

/** A value as an error text shows it: on one line, and at most 40 characters of it. */
export function shorten(text: string): string {
	const start = text
		.slice(0, MAX_SHOWN)
		.replaceAll('\t', ' ')
		.replace(/[\p{Cc}\u2028\u2029]/gu, '↵');
	return text.length > MAX_SHOWN ? `${start}…` : start;
}

/**
 * The error for an invalid value.
 * @param problem completes a sentence that begins with the label
 */
export const invalidValue = (
	{ label }: FieldContext,
	raw: unknown,
	problem: string,
	remedy: string,
): InvalidParameterError =>
	new InvalidParameterError(`'${label}' ${problem}: ${shorten(asText(raw))}`, remedy);

/**
 * What a text contains besides the characters that are allowed, as the predicate of a sentence: letters, or the
 * first other character; undefined if there is nothing else.
 * @param allowed matches one character
 */
export function describeOtherCharacters(text: string, allowed: RegExp): string | undefined {
	const others = [...text].filter((character) => !allowed.test(character));
	const letters = others.filter((character) => /\p{L}/u.test(character));
	if (letters.length > 0) return letters.length === 1 ? 'contains a letter' : 'contains letters';
	const [first] = others;
	return first === undefined ? undefined : `contains the character "${shorten(first)}"`;
}

/** The error for a required field without a value. @param example as in a placeholder, such as `e.g. 1500` */
export const missingValue = ({ label }: FieldContext, example?: string): InvalidParameterError =>
	new InvalidParameterError(
		`'${label}' is empty`,
		`Enter a value for '${label}'${example === undefined ? '' : `, ${example}`}.`,
	);

/** What an expression that finds nothing becomes as text. */
const NOTHING_FOUND = /^(?:undefined|NaN|\[object Object\])$/;

/**
 * Optional text; undefined if there is none.
 * @throws InvalidParameterError for a list, an object, a date, a spreadsheet error, and what is no value
 */
export function parseText(raw: unknown, context: FieldContext): string | undefined {
	if (typeof raw === 'object' && raw !== null) {
		throw invalidValue(
			context,
			raw,
			'is not text',
			'Enter one text, not a list, an object or a date.',
		);
	}
	const text = asText(raw);
	if (isCellError(text))
		throw invalidValue(context, raw, 'is a spreadsheet error', CORRECT_FORMULA);
	if (NOTHING_FOUND.test(text) || raw === Infinity || raw === -Infinity) {
		throw invalidValue(context, raw, 'has no value', CHECK_EXPRESSION);
	}
	return text === '' ? undefined : text;
}

/** Required text. @throws InvalidParameterError */
export function parseRequiredText(raw: unknown, context: FieldContext): string {
	const text = parseText(raw, context);
	if (text === undefined) throw missingValue(context);
	return text;
}

/** The value of an options field, which an expression can set to anything. */
export function parseChoice<const Value extends string>(
	options: readonly { value: Value; name: string }[],
) {
	return (raw: unknown, { label }: FieldContext): Value => {
		const text = asText(raw);
		const chosen = options.find(({ value }) => value === text);
		if (chosen === undefined) {
			throw new InvalidParameterError(
				`'${label}' cannot be '${shorten(text)}'`,
				`Choose one of: ${options.map(({ value }) => value).join(', ')}.`,
			);
		}
		return chosen.value;
	};
}

/** For options lists: keeps the values as literal types. */
export function choices<
	const Options extends readonly (INodePropertyOptions & { value: string })[],
>(...options: Options): Options {
	return options;
}

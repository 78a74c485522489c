import { asText, type FieldContext, invalidValue } from './text';

/** A whole number above zero, as a number or as text such as 50 or 50.0. @throws InvalidParameterError */
export function parseCount(raw: unknown, context: FieldContext): number {
	const text = asText(raw);
	const count = /^\d+(?:\.0+)?$/.test(text) ? Number(text) : NaN;
	if (!Number.isSafeInteger(count) || count < 1) {
		throw invalidValue(
			context,
			raw,
			'is not a whole number above zero',
			'Enter a whole number, such as 50.',
		);
	}
	return count;
}

/**
 * How long to wait, in seconds. Blank or zero, as the editor stores a field that was cleared, is the
 * default.
 * @param limits both in seconds
 * @throws InvalidParameterError
 */
export function parseSeconds(
	raw: unknown,
	context: FieldContext,
	{ fallback, longest }: { fallback: number; longest: number },
): number {
	const text = asText(raw);
	const seconds = text === '' ? 0 : /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : NaN;
	if (!(seconds <= longest)) {
		throw invalidValue(
			context,
			raw,
			`is not a number of seconds from 1 to ${longest}`,
			`Enter seconds, such as ${fallback}.`,
		);
	}
	return seconds === 0 ? fallback : Math.max(1, seconds);
}

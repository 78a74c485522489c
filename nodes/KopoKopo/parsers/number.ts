import { withoutTextMark } from './spreadsheet';
import { asText, type FieldContext, invalidValue } from './text';

/** A whole number above zero, as a number or as text such as 50 or 50.0. @throws InvalidParameterError */
export function parseCount(raw: unknown, context: FieldContext): number {
	const text = withoutTextMark(asText(raw));
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

/** Which numbers a setting takes. Numbers outside are rejected unless they are raised or lowered. */
export interface NumberRange {
	minimum: number;
	maximum: number;
	/** What is counted, such as seconds, for the error. */
	unit: string;
	/** For the error. */
	example: number;
	/**
	 * What a blank counts as, and a zero below the minimum: the editor stores either of them for a field that
	 * was cleared. Without it, both are rejected.
	 */
	blank?: number;
	/** From this number on, one below the minimum is raised to it. */
	raisedFrom?: number;
	/** Up to this number, one above the maximum is lowered to it. */
	loweredTo?: number;
}

function asNumber(raw: unknown): number {
	if (typeof raw === 'number') return raw;
	const text = typeof raw === 'string' ? withoutTextMark(raw).trim() : '';
	return /^-?\d+(?:\.\d+)?$/.test(text) ? Number(text) : NaN;
}

/**
 * A number, or a number as decimal text. Null is not a blank, because an expression that finds nothing
 * returns it.
 * @throws InvalidParameterError
 */
export function parseNumber(raw: unknown, context: FieldContext, range: NumberRange): number {
	const { minimum, maximum, unit, example, blank } = range;
	const { raisedFrom = minimum, loweredTo = maximum } = range;
	const number = asNumber(raw);
	const isBlank = raw !== null && (asText(raw) === '' || (number === 0 && minimum > 0));
	if (isBlank && blank !== undefined) return blank;
	if (number >= raisedFrom && number <= loweredTo) {
		return Math.min(Math.max(minimum, number), maximum);
	}
	throw invalidValue(
		context,
		raw,
		`is not a number from ${minimum} to ${maximum}`,
		`Enter a number of ${unit}, such as ${example}.`,
	);
}

import { DateTime } from 'luxon';
import { withoutTextMark } from './spreadsheet';
import { asText, type FieldContext, invalidValue } from './text';

/**
 * Kenya has the same offset all year, and Kopo Kopo's samples use it (docs/kopokopo-api.md#times). A
 * time without a zone is Kenyan whatever zone n8n runs in: a shop's day begins at midnight in Nairobi.
 */
const KENYA = 'Africa/Nairobi';

/** A full date, which may be followed by a time. A year or a time alone is not a moment. */
const BEGINS_WITH_DATE = /^(?:\d{4}-\d{2}-\d{2}|\d{8})(?:T|$)/;

/** What an expression returns for a date: a DateTime of Luxon or a Date of JavaScript. */
interface DateObject {
	toISO?: () => string | null;
	toISOString?: () => string;
	getTime?: () => number;
}

function isoText(raw: unknown): string {
	if (typeof raw !== 'object' || raw === null) return asText(raw);
	const date = raw as DateObject;
	if (typeof date.toISO === 'function') return date.toISO() ?? '';
	// toISOString() throws for an invalid date.
	if (typeof date.getTime === 'function' && Number.isNaN(date.getTime())) return '';
	if (typeof date.toISOString === 'function') return date.toISOString();
	return asText(raw);
}

/** A moment in Kenyan time, from ISO text, a date of an expression, or what n8n's picker stores. */
function asDateTime(raw: unknown, context: FieldContext): DateTime {
	const text = withoutTextMark(isoText(raw)).replace(/\p{Zs}/u, 'T');
	const time = DateTime.fromISO(text, { zone: KENYA });
	// A spreadsheet's serial date looks like any other number, so it is rejected.
	if (!BEGINS_WITH_DATE.test(text) || !time.isValid) {
		throw invalidValue(
			context,
			raw,
			'is not a date',
			'Choose it in the calendar, or enter it as text, such as 2026-05-01T08:00:00. In a spreadsheet, format the column as text.',
		);
	}
	return time;
}

/**
 * A moment as ISO 8601 with +03:00 and without fractions. Without a zone it is Nairobi time.
 * @throws InvalidParameterError
 */
export function parseTime(raw: unknown, context: FieldContext): string {
	const time = asDateTime(raw, context).set({ millisecond: 0 });
	return time.toISO({ suppressMilliseconds: true }) ?? '';
}

/** A moment in ms since the epoch as ISO 8601 with +03:00, rounded down to the second. */
export function formatTime(ms: number): string {
	const time = DateTime.fromMillis(ms, { zone: KENYA }).set({ millisecond: 0 });
	return time.toISO({ suppressMilliseconds: true }) ?? '';
}

/**
 * A day in Nairobi, `YYYY-MM-DD`; undefined if there is none.
 * @throws InvalidParameterError
 */
export function parseDay(raw: unknown, context: FieldContext): string | undefined {
	if (asText(raw) === '') return undefined;
	return asDateTime(raw, context).toISODate() ?? undefined;
}

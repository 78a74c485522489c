import { DateTime } from 'luxon';
import { InvalidParameterError } from '../domain/errors';
import { asText, type ParseContext } from './text';

/**
 * Kenya keeps one time all year; Kopo Kopo's samples are written in it
 * (docs/kopokopo-api.md#times).
 */
const KENYA = 'Africa/Nairobi';

/** A moment, from ISO text, a date of an expression, or what n8n's picker stores. */
function asDateTime(raw: unknown, { label, timezone }: ParseContext): DateTime {
	const typed = raw as { toISO?: () => string; toISOString?: () => string } | null;
	const text = asText(typed?.toISO?.() ?? typed?.toISOString?.() ?? raw).replace(' ', 'T');
	const time = DateTime.fromISO(text, { zone: timezone, setZone: false });
	if (!time.isValid) {
		throw new InvalidParameterError(
			`'${label}' is not a time: ${text.slice(0, 40)}`,
			'Write it like 2026-05-01T08:00:00+03:00, or choose it in the calendar.',
		);
	}
	return time;
}

/** A moment as ISO 8601 with +03:00 and without fractions; without a zone it is in the workflow's. */
export function parseTime(raw: unknown, place: ParseContext): string {
	const time = asDateTime(raw, place).setZone(KENYA).set({ millisecond: 0 });
	return time.toISO({ suppressMilliseconds: true }) ?? '';
}

/** A day, `YYYY-MM-DD`, as the calendar of the workflow's time zone has it; undefined when empty. */
export function parseDay(raw: unknown, place: ParseContext): string | undefined {
	if (asText(raw) === '') return undefined;
	return asDateTime(raw, place).toISODate() ?? undefined;
}

import * as fc from 'fast-check';
import { DateTime, Settings } from 'luxon';
import { parseDay, parseTime } from '../../nodes/KopoKopo/parsers/time';
import { anyInput, isTaken, refusalOf } from './parserChecks';

const context = { label: 'From' };

// As n8n does with the zone of the workflow, which must not matter here.
describe.each(['America/New_York', 'Asia/Tokyo', 'Africa/Nairobi'])('in an n8n in %s', (zone) => {
	const before = Settings.defaultZone;

	beforeAll(() => {
		Settings.defaultZone = zone;
	});

	afterAll(() => {
		Settings.defaultZone = before;
	});

	test.each<[unknown, string]>([
		['2026-11-26T00:00:00', '2026-11-26T00:00:00+03:00'],
		['2026-11-26 08:30:00', '2026-11-26T08:30:00+03:00'],
		['2026-11-26T08:30', '2026-11-26T08:30:00+03:00'],
		['2026-11-26', '2026-11-26T00:00:00+03:00'],
		['20261126', '2026-11-26T00:00:00+03:00'],
		[20261126, '2026-11-26T00:00:00+03:00'],
		['20261126T083000', '2026-11-26T08:30:00+03:00'],
		['2026-11-26T00:00:00.123', '2026-11-26T00:00:00+03:00'],
		['2026-11-26T08:00:00+03:00', '2026-11-26T08:00:00+03:00'],
		['2026-11-26T08:00:00Z', '2026-11-26T11:00:00+03:00'],
		['2026-11-26T08:00:00-05:00', '2026-11-26T16:00:00+03:00'],
		[new Date(Date.UTC(2026, 10, 26)), '2026-11-26T03:00:00+03:00'],
		[
			DateTime.fromISO('2026-11-26T00:00:00', { zone: 'America/New_York' }),
			'2026-11-26T08:00:00+03:00',
		],
	])('%j is the moment %s', (typed, time) => {
		expect(parseTime(typed, context)).toBe(time);
	});

	test.each<[unknown, string | undefined]>([
		['2025-02-01T00:00:00', '2025-02-01'],
		['2025-02-01', '2025-02-01'],
		['2025-02-01T23:59:59', '2025-02-01'],
		['2025-02-01T21:00:00Z', '2025-02-02'],
		['', undefined],
		[null, undefined],
	])('%j is the day %s', (typed, day) => {
		expect(parseDay(typed, context)).toBe(day);
	});
});

test.each<[unknown]>([
	['2026'],
	[2026],
	['2026-11'],
	['202611'],
	['08:00'],
	['T08:00'],
	['8'],
	['2026-W18'],
	['2026-02-30'],
	['2026-13-01'],
	['26/11/2026'],
	['26-11-2026'],
	['11/26/2026'],
	['yesterday'],
	[46352],
	['46352.5'],
	[1795651200000],
	['1795651200'],
	['#REF!'],
	['4.6352E+04'],
	[new Date('never')],
	[DateTime.invalid('for the test')],
	[true],
	[{}],
	[[]],
	[''],
	[null],
])('%j names no moment and is refused', (typed) => {
	expect(refusalOf(() => parseTime(typed, context)).message).toContain("'From' is not a date");
});

test('whatever comes in, a time with the offset of Kenya comes out or it is refused', () => {
	fc.assert(
		fc.property(anyInput, (typed) => {
			if (isTaken(() => parseTime(typed, context))) {
				expect(parseTime(typed, context)).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+03:00$/);
			}
		}),
	);
});

test('a time with a zone stays the same moment', () => {
	const moment = fc.date({
		min: new Date('2000-01-01'),
		max: new Date('2100-01-01'),
		noInvalidDate: true,
	});
	fc.assert(
		fc.property(moment, fc.integer({ min: -12, max: 14 }), (date, hours) => {
			date.setUTCMilliseconds(0);
			const typed = DateTime.fromJSDate(date, {
				zone: `UTC${hours < 0 ? '' : '+'}${hours}`,
			}).toISO();
			expect(Date.parse(parseTime(typed, context))).toBe(date.getTime());
		}),
	);
});

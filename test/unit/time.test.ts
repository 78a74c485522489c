import * as fc from 'fast-check';
import { DateTime, Settings } from 'luxon';
import { formatTime, parseDay, parseTime } from '../../nodes/KopoKopo/parsers/time';
import { anyInput, isAccepted, rejectionOf } from './parserChecks';

const context = { label: 'From' };

// n8n sets the default zone of luxon to the zone of the workflow. It must not change what is sent to Kopo Kopo.
describe.each(['America/New_York', 'Asia/Tokyo', 'Africa/Nairobi'])(
	'in a workflow in %s',
	(zone) => {
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
			['2026-11-26\u00a008:30', '2026-11-26T08:30:00+03:00'],
			['2026-11-26T08:30', '2026-11-26T08:30:00+03:00'],
			['2026-11-26 08:15', '2026-11-26T08:15:00+03:00'],
			['2026-11-26', '2026-11-26T00:00:00+03:00'],
			["'2026-11-26 08:30", '2026-11-26T08:30:00+03:00'],
			['20261126', '2026-11-26T00:00:00+03:00'],
			[20261126, '2026-11-26T00:00:00+03:00'],
			['20261126T083000', '2026-11-26T08:30:00+03:00'],
			['2026-11-26T00:00:00.123', '2026-11-26T00:00:00+03:00'],
			['2026-11-26T08:15:30.999', '2026-11-26T08:15:30+03:00'],
			['2026-11-26T08:00:00+03:00', '2026-11-26T08:00:00+03:00'],
			['2026-11-26T22:30:00Z', '2026-11-27T01:30:00+03:00'],
			['2026-11-26T08:00:00Z', '2026-11-26T11:00:00+03:00'],
			['2026-11-26T08:00:00-05:00', '2026-11-26T16:00:00+03:00'],
			[new Date(Date.UTC(2026, 10, 26)), '2026-11-26T03:00:00+03:00'],
			[{ toISO: () => '2026-11-26T00:00:00.000-05:00' }, '2026-11-26T08:00:00+03:00'],
			[
				DateTime.fromISO('2026-11-26T00:00:00', { zone: 'America/New_York' }),
				'2026-11-26T08:00:00+03:00',
			],
		])('parseTime reads %j as %s', (typed, time) => {
			expect(parseTime(typed, context)).toBe(time);
		});

		test.each<[unknown, string | undefined]>([
			['2025-02-01T00:00:00', '2025-02-01'],
			['2025-02-01', '2025-02-01'],
			['2025-02-01T23:59:59', '2025-02-01'],
			['2025-02-01T21:00:00Z', '2025-02-02'],
			['2026-11-26T22:30:00Z', '2026-11-27'],
			['', undefined],
			[' ', undefined],
			[null, undefined],
		])('parseDay reads %j as %s', (typed, day) => {
			expect(parseDay(typed, context)).toBe(day);
		});
	},
);

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
	['2026-11-31'],
	['2026-11-26x'],
	['x2026-11-26'],
	['202611261'],
	['46352'],
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
	[{ toISO: () => null }],
	[{ day: 26 }],
	[true],
	[{}],
	[[]],
	[''],
	[null],
])('parseTime rejects %j', (typed) => {
	expect(rejectionOf(() => parseTime(typed, context)).message).toContain("'From' is not a date");
});

test('parseTime gives a time with the offset of Kenya for any input that it accepts', () => {
	fc.assert(
		fc.property(anyInput, (typed) => {
			if (!isAccepted(() => parseTime(typed, context))) return;
			const time = parseTime(typed, context);
			expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+\d\d:\d\d$/);
			// Before 1960 Nairobi had other offsets.
			if (time >= '1960') expect(time).toMatch(/\+03:00$/);
		}),
	);
});

test('parseTime keeps the moment of a time with a zone', () => {
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

test('parseDay rejects a word', () => {
	rejectionOf(() => parseDay('tomorrow', context));
});

test('parseTime says what to enter instead of a year', () => {
	expect(rejectionOf(() => parseTime('2026', context))).toMatchObject({
		message: "'From' is not a date: 2026",
		remedy:
			'Choose it in the calendar, or enter it as text, such as 2026-05-01T08:00:00. In a spreadsheet, format the column as text.',
	});
});

test.each([
	[Date.UTC(2026, 4, 1, 7, 43, 19), '2026-05-01T10:43:19+03:00'],
	[Date.UTC(2026, 4, 1, 7, 43, 19, 999), '2026-05-01T10:43:19+03:00'],
	[0, '1970-01-01T03:00:00+03:00'],
])('formatTime writes %d as Nairobi time', (ms, expected) => {
	expect(formatTime(ms)).toBe(expected);
});

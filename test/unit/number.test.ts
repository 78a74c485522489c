import { type NumberRange, parseCount, parseNumber } from '../../nodes/KopoKopo/parsers/number';
import { rejectionOf } from './parserChecks';

describe('parseCount', () => {
	test.each<[unknown, number]>([
		[50, 50],
		['50', 50],
		[' 7 ', 7],
		['50.0', 50],
		['50.000', 50],
		["'50", 50],
		[1, 1],
		['1', 1],
	])('parses %j as %d', (typed, count) => {
		expect(parseCount(typed, { label: 'Limit' })).toBe(count);
	});

	test.each<[unknown]>([
		[0],
		[-5],
		[1.5],
		['1.5'],
		['50.'],
		['50.05'],
		['x50'],
		['50x'],
		['9007199254740993'],
		[Infinity],
		[NaN],
		[1e21],
		['1e2'],
		['0x10'],
		[''],
		[null],
		[true],
		[[5]],
		['ten'],
		['#REF!'],
	])('rejects %j', (typed) => {
		expect(rejectionOf(() => parseCount(typed, { label: 'Limit' })).message).toContain(
			"'Limit' is not a whole number above zero",
		);
	});
});

describe('parseNumber', () => {
	const RANGE = { minimum: 1, maximum: 86_400, unit: 'seconds', example: 120 };
	const parse = (raw: unknown, more: Partial<NumberRange> = {}) =>
		parseNumber(raw, { label: 'Wait Up To (Seconds)' }, { ...RANGE, ...more });

	test.each<[unknown, number]>([
		[300, 300],
		['300', 300],
		[' 300 ', 300],
		[1, 1],
		[2.25, 2.25],
		['2.25', 2.25],
		["'300", 300],
		[" ' 300 ", 300],
		[86_400, 86_400],
	])('parses %j as %d', (typed, expected) => {
		expect(parse(typed)).toBe(expected);
	});

	test.each<[unknown]>([
		[-5],
		[0],
		[0.5],
		[''],
		[undefined],
		[null],
		[Infinity],
		[1e12],
		[86_400.1],
		[86_401],
		['5 minutes'],
		['5s'],
		['s5'],
		['5.'],
		['5.5.5'],
		['1e3'],
		['0x10'],
		[NaN],
		[true],
		[[5]],
	])('rejects %j', (typed) => {
		expect(rejectionOf(() => parse(typed)).message).toContain(
			"'Wait Up To (Seconds)' is not a number from 1 to 86400",
		);
	});

	test.each<[unknown]>([[''], [' '], [undefined], [0], ['0']])(
		'takes %j for a field that was cleared',
		(typed) => {
			expect(parse(typed, { blank: 120 })).toBe(120);
		},
	);

	test('takes zero for a number if it is within the range, and null never for a blank', () => {
		expect(parse(0, { minimum: 0, blank: 120 })).toBe(0);
		rejectionOf(() => parse(null, { blank: 120 }));
	});

	test('raises and lowers to the nearest limit only if that is allowed', () => {
		expect(parse(0.5, { raisedFrom: 0 })).toBe(1);
		expect(parse('0.5', { raisedFrom: 0 })).toBe(1);
		expect(parse(-5, { raisedFrom: -Infinity })).toBe(1);
		expect(parse(Infinity, { loweredTo: Infinity })).toBe(86_400);
		rejectionOf(() => parse(-5, { raisedFrom: 0, loweredTo: Infinity }));
		rejectionOf(() => parse(90_001, { raisedFrom: 0, loweredTo: 90_000 }));
		rejectionOf(() => parse(NaN, { raisedFrom: -Infinity, loweredTo: Infinity }));
	});
});

test.each([
	[
		() => parseCount('0', { label: 'Limit' }),
		"'Limit' is not a whole number above zero: 0",
		'Enter a whole number, such as 50.',
	],
	[
		() =>
			parseNumber(
				601,
				{ label: 'Timeout' },
				{ minimum: 1, maximum: 600, unit: 'seconds', example: 120 },
			),
		"'Timeout' is not a number from 1 to 600: 601",
		'Enter a number of seconds, such as 120.',
	],
])('a rejection says what to enter (%#)', (parse, message, remedy) => {
	expect(rejectionOf(parse)).toMatchObject({ message, remedy });
});

test('parseNumber reads a zero as itself if it is allowed, and not as a blank', () => {
	const range = { minimum: 0, maximum: 9, unit: 'items', example: 5, blank: 5 };
	expect(parseNumber(0, { label: 'The Field' }, range)).toBe(0);
	expect(parseNumber('', { label: 'The Field' }, range)).toBe(5);
});

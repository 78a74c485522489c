import { parseCount, parseSeconds } from '../../nodes/KopoKopo/parsers/number';
import { rejectionOf } from './parserChecks';

describe('parseCount', () => {
	test.each<[unknown, number]>([
		[50, 50],
		['50', 50],
		[' 7 ', 7],
		['50.0', 50],
		['50.000', 50],
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

describe('parseSeconds', () => {
	const seconds = (raw: unknown) =>
		parseSeconds(raw, { label: 'Wait Up To (Seconds)' }, { fallback: 120, longest: 86_400 });

	test.each<[unknown, number]>([
		[300, 300],
		['300', 300],
		[0.5, 1],
		['0.5', 1],
		[1, 1],
		['2.25', 2.25],
		[86_400, 86_400],
		[0, 120],
		['0', 120],
		['', 120],
		[null, 120],
		[undefined, 120],
	])('parses %j as %d', (typed, expected) => {
		expect(seconds(typed)).toBe(expected);
	});

	test.each<[unknown]>([
		[-5],
		[Infinity],
		[1e12],
		[86_400.1],
		[86_401],
		['5 minutes'],
		['5s'],
		['s5'],
		['5.'],
		['5.5.5'],
		[NaN],
		[true],
		[[5]],
	])('rejects %j', (typed) => {
		expect(rejectionOf(() => seconds(typed)).message).toContain(
			"'Wait Up To (Seconds)' is not a number of seconds from 1 to 86400",
		);
	});
});

test.each([
	[
		() => parseCount('0', { label: 'Limit' }),
		"'Limit' is not a whole number above zero: 0",
		'Enter a whole number, such as 50.',
	],
	[
		() => parseSeconds(601, { label: 'Timeout' }, { fallback: 120, longest: 600 }),
		"'Timeout' is not a number of seconds from 1 to 600: 601",
		'Enter seconds, such as 120.',
	],
])('a rejection says what to enter (%#)', (parse, message, remedy) => {
	expect(rejectionOf(parse)).toMatchObject({ message, remedy });
});

import { parseCount, parseSeconds } from '../../nodes/KopoKopo/parsers/number';
import { refusalOf } from './parserChecks';

describe('a count', () => {
	test.each<[unknown, number]>([
		[50, 50],
		['50', 50],
		[' 7 ', 7],
		['50.0', 50],
		[1, 1],
	])('%j is %d', (typed, count) => {
		expect(parseCount(typed, { label: 'Limit' })).toBe(count);
	});

	test.each<[unknown]>([
		[0],
		[-5],
		[1.5],
		['1.5'],
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
	])('%j is refused', (typed) => {
		expect(refusalOf(() => parseCount(typed, { label: 'Limit' })).message).toContain(
			"'Limit' is not a whole number above zero",
		);
	});
});

describe('seconds to wait', () => {
	const seconds = (raw: unknown) =>
		parseSeconds(raw, { label: 'Wait Up To (Seconds)' }, { fallback: 120, longest: 86_400 });

	test.each<[unknown, number]>([
		[300, 300],
		['300', 300],
		[0.5, 1],
		[86_400, 86_400],
		[0, 120],
		['', 120],
		[null, 120],
		[undefined, 120],
	])('%j are %d', (typed, expected) => {
		expect(seconds(typed)).toBe(expected);
	});

	test.each<[unknown]>([[-5], [Infinity], [1e12], [86_401], ['5 minutes'], [NaN], [true], [[5]]])(
		'%j are refused',
		(typed) => {
			expect(refusalOf(() => seconds(typed)).message).toContain(
				"'Wait Up To (Seconds)' is not a number of seconds from 1 to 86400",
			);
		},
	);
});

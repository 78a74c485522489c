import { parseCount, parseNumber } from '../../nodes/KopoKopo/parsers/number';
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

describe('a number within a range', () => {
	const range = { minimum: 1, maximum: 86_400, unit: 'seconds', example: 120 };
	const parse = (raw: unknown, more: Partial<Parameters<typeof parseNumber>[2]> = {}) =>
		parseNumber(raw, { label: 'Wait Up To (Seconds)' }, { ...range, ...more });

	test.each<[unknown, number]>([
		[300, 300],
		['300', 300],
		[' 300 ', 300],
		[2.25, 2.25],
		['2.25', 2.25],
		[1, 1],
		[86_400, 86_400],
	])('%j is %d', (typed, expected) => {
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
		[86_401],
		['5 minutes'],
		['1e3'],
		['0x10'],
		[NaN],
		[true],
		[[5]],
	])('%j is refused', (typed) => {
		const refusal = refusalOf(() => parse(typed));
		expect(refusal.message).toContain(
			"'Wait Up To (Seconds)' is not a number of seconds from 1 to 86400",
		);
		expect(refusal.remedy).toBe('Enter seconds, such as 120.');
	});

	test.each<[unknown]>([[''], [' '], [undefined], [0], ['0']])(
		'%j is blank, as the editor stores a field that was cleared',
		(typed) => {
			expect(parse(typed, { blank: 120 })).toBe(120);
		},
	);

	test('zero is no blank where it is within the range, and null never is', () => {
		expect(parse(0, { minimum: 0, blank: 120 })).toBe(0);
		refusalOf(() => parse(null, { blank: 120 }));
	});

	test('outside the range it becomes the nearest limit where that is allowed', () => {
		expect(parse(0.5, { raisedFrom: 0 })).toBe(1);
		expect(parse(-5, { raisedFrom: -Infinity })).toBe(1);
		expect(parse(Infinity, { loweredTo: Infinity })).toBe(86_400);
		refusalOf(() => parse(-5, { raisedFrom: 0, loweredTo: Infinity }));
		refusalOf(() => parse(90_001, { raisedFrom: 0, loweredTo: 90_000 }));
		refusalOf(() => parse(NaN, { raisedFrom: -Infinity, loweredTo: Infinity }));
	});
});

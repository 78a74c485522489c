import * as fc from 'fast-check';
import { readParameters } from '../../nodes/KopoKopo/operations/parameters';
import { parseSwitch } from '../../nodes/KopoKopo/parsers/switch';
import { limitRows, paginationFields } from '../../nodes/KopoKopo/resources/shared/pagination';
import { anyInput, isTaken, refusalOf } from './parserChecks';
import { parseContextWith } from './testData';

const context = { label: 'Return All' };

describe('a switch', () => {
	test.each<[unknown]>([
		[true],
		['true'],
		['TRUE'],
		[' True '],
		[1],
		['1'],
		['Yes'],
		['y'],
		['on'],
	])('is on for %j', (typed) => {
		expect(parseSwitch(typed, context)).toBe(true);
	});

	test.each<[unknown]>([
		[false],
		['false'],
		['FALSE'],
		[0],
		['0'],
		['No'],
		['n'],
		['off'],
		[''],
		['  '],
		[null],
		[undefined],
	])('is off for %j', (typed) => {
		expect(parseSwitch(typed, context)).toBe(false);
	});

	test.each<[unknown]>([['maybe'], [2], [-1], [NaN], ['#REF!'], [[]], [{}], [[true]], ['truee']])(
		'refuses %j',
		(typed) => {
			expect(refusalOf(() => parseSwitch(typed, context)).message).toContain(
				"'Return All' is neither true nor false",
			);
		},
	);

	test('whatever comes in, true or false comes out or it is refused', () => {
		fc.assert(
			fc.property(anyInput, (typed) => {
				if (isTaken(() => parseSwitch(typed, context))) {
					expect(typeof parseSwitch(typed, context)).toBe('boolean');
				}
			}),
		);
	});
});

describe('Return All and Limit', () => {
	const rowsFor = (parameters: Record<string, unknown>) => {
		const getNodeParameter = (name: string, _item: number, fallback?: unknown) =>
			parameters[name] ?? fallback;
		const params = readParameters(
			{ getNodeParameter: getNodeParameter as never },
			paginationFields,
			0,
			parseContextWith(),
		);
		return limitRows([1, 2, 3], params);
	};

	test.each<[unknown]>([[true], ['TRUE'], [1]])('return all rows for %j', (returnAll) => {
		expect(rowsFor({ returnAll, limit: 2 })).toEqual([1, 2, 3]);
	});

	test.each<[unknown]>([[false], ['FALSE'], [0], ['']])('keep the limit for %j', (returnAll) => {
		expect(rowsFor({ returnAll, limit: 2 })).toEqual([1, 2]);
	});
});

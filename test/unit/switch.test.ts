import * as fc from 'fast-check';
import { parseSwitch } from '../../nodes/KopoKopo/parsers/switch';
import { anyInput, isAccepted, rejectionOf } from './parserChecks';

const context = { label: 'Return All' };

describe('parseSwitch', () => {
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
		'rejects %j',
		(typed) => {
			expect(rejectionOf(() => parseSwitch(typed, context)).message).toContain(
				"'Return All' is neither true nor false",
			);
		},
	);

	test('gives true or false for any input that it accepts', () => {
		fc.assert(
			fc.property(anyInput, (typed) => {
				if (isAccepted(() => parseSwitch(typed, context))) {
					expect(typeof parseSwitch(typed, context)).toBe('boolean');
				}
			}),
		);
	});

	test('says what counts as true and as false', () => {
		expect(rejectionOf(() => parseSwitch('maybe', context))).toMatchObject({
			message: "'Return All' is neither true nor false: maybe",
			remedy:
				'Enter true or false. TRUE, 1 and Yes count as true; FALSE, 0, No and an empty value count as false.',
		});
	});
});

import * as fc from 'fast-check';
import {
	parseAccountNumber,
	parsePaybillAccountNumber,
} from '../../nodes/KopoKopo/parsers/accountNumber';
import { parseIdentifier, parseReference } from '../../nodes/KopoKopo/parsers/identifier';
import { parseId } from '../../nodes/KopoKopo/parsers/id';
import { parsePaybill, parseTill } from '../../nodes/KopoKopo/parsers/till';
import { anyInput, isAccepted, rejectionOf } from './parserChecks';

const context = { label: 'The Field' };
const FORMAT_AS_TEXT = 'Format the column as text in the spreadsheet, then enter the value again.';

const PARSERS = {
	parseAccountNumber,
	parsePaybillAccountNumber,
	parseIdentifier,
	parseReference,
	parseId,
	parseTill,
	parsePaybill,
};

describe.each(Object.entries(PARSERS))('%s rejects', (_name, parse) => {
	test.each<[unknown]>([
		['1.23457E+12'],
		['1,23457E+12'],
		['1E+12'],
		['1e12'],
		['1.2e10'],
		['8.8888E+05'],
		['1.2E-7'],
		['#REF!'],
		['#N/A'],
		['#VALUE!'],
		['#DIV/0!'],
		['#NAME?'],
		['#NUM!'],
		['#NULL!'],
		['#ERROR!'],
		['#ref!'],
		['#SPILL!'],
		['#BEZUG!'],
		['########'],
		['Err:508'],
		['INV-#REF!'],
		['12345.0'],
		['12345.00'],
		['12345,0'],
		['12345\n67890'],
		['12345\r\n67890'],
		['12345\t67890'],
		['undefined'],
		['null'],
		['NaN'],
		['[object Object]'],
		[Number('12345678901234567890')],
		[1e21],
		[12345.5],
		[NaN],
		[Infinity],
		[true],
		[[12345]],
		[{ id: 12345 }],
	])('%j and names the field', (typed) => {
		const rejection = rejectionOf(() => parse(typed, context));

		expect(rejection.message).toContain("'The Field'");
		expect(rejection.remedy).not.toBe('');
	});

	test('numbers of any size that a spreadsheet shortened to an exponent', () => {
		const exponent = fc
			.tuple(
				fc.integer({ min: 1, max: 9 }),
				fc.stringMatching(/^\d{1,6}$/),
				fc.integer({ min: 5, max: 308 }),
			)
			.map(([first, decimals, power]) => `${first}.${decimals}E+${power}`);
		fc.assert(
			fc.property(exponent, (typed) => {
				expect(rejectionOf(() => parse(typed, context)).remedy).toContain(
					'Format the column as text',
				);
			}),
		);
	});
});

describe('parseReference', () => {
	test.each<[unknown, string | undefined]>([
		['INV-2041', 'INV-2041'],
		[' Invoice 7 of May ', 'Invoice 7 of May'],
		[2041, '2041'],
		['12E5', '12E5'],
		['OJM6Q1W84K', 'OJM6Q1W84K'],
		['1e5f-4', '1e5f-4'],
		['Order #7', 'Order #7'],
		['12.5', '12.5'],
		['', undefined],
		['  ', undefined],
		[null, undefined],
		[undefined, undefined],
	])('parses %j as %j', (typed, reference) => {
		expect(parseReference(typed, context)).toBe(reference);
	});
});

test('parseIdentifier gives one trimmed line for any input that it accepts, and accepts it again', () => {
	fc.assert(
		fc.property(anyInput, (typed) => {
			if (!isAccepted(() => parseIdentifier(typed, context))) return;
			const identifier = parseIdentifier(typed, context);
			expect(identifier).not.toMatch(/[\n\r\t]/);
			expect(identifier).toBe(identifier.trim());
			expect(parseIdentifier(identifier, context)).toBe(identifier);
		}),
	);
});

test.each<[string, unknown, string, string]>([
	[
		'a list',
		['a'],
		'\'The Field\' is not text: ["a"]',
		'Enter one value, not a list, an object, true or false.',
	],
	[
		'a number that has lost digits',
		12345678901234567000,
		"'The Field' is a number that has decimals or has lost digits: 12345678901234567000",
		FORMAT_AS_TEXT,
	],
	['an empty value', null, "'The Field' is empty", "Enter a value for 'The Field'."],
	[
		'a spreadsheet error',
		'#REF!',
		"'The Field' is a spreadsheet error: #REF!",
		'Correct the formula in the spreadsheet.',
	],
	['an exponent', '1.23E+12', "'The Field' was shortened to an exponent: 1.23E+12", FORMAT_AS_TEXT],
	[
		'a decimal number',
		'12345.0',
		"'The Field' was changed to a decimal number: 12345.0",
		FORMAT_AS_TEXT,
	],
	[
		'two lines',
		'12345\n67890',
		"'The Field' contains a line break or a tab: 12345↵67890",
		'Enter one value. Use one item for each.',
	],
	[
		'the result of an expression that finds nothing',
		'undefined',
		"'The Field' has no value: undefined",
		'Check the expression. It returns nothing for this item.',
	],
])('parseIdentifier rejects %s with a message and a remedy', (_what, typed, message, remedy) => {
	expect(rejectionOf(() => parseIdentifier(typed, context))).toMatchObject({ message, remedy });
});

test.each([
	["O'BRIEN7", "O'BRIEN7"],
	[" 'ABC7", 'ABC7'],
	["\u200b 'ABC7 ", 'ABC7'],
	['\u200b ABC7 \u200b', 'ABC7'],
])('parseReference reads %j as %j', (typed, expected) => {
	expect(parseReference(typed, context)).toBe(expected);
});

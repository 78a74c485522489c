import * as fc from 'fast-check';
import {
	parseAccountNumber,
	parsePaybillAccountNumber,
} from '../../nodes/KopoKopo/parsers/accountNumber';
import { parseIdentifier, parseReference } from '../../nodes/KopoKopo/parsers/identifier';
import { parseId } from '../../nodes/KopoKopo/parsers/id';
import { parsePaybill, parseTill } from '../../nodes/KopoKopo/parsers/till';
import { anyInput, isTaken, refusalOf } from './parserChecks';

const context = { label: 'The Field' };

const PARSERS = {
	parseAccountNumber,
	parsePaybillAccountNumber,
	parseIdentifier,
	parseReference,
	parseId,
	parseTill,
	parsePaybill,
};

describe.each(Object.entries(PARSERS))('%s refuses', (_name, parse) => {
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
	])('%j, naming the field', (typed) => {
		const refused = refusalOf(() => parse(typed, context));

		expect(refused.message).toContain("'The Field'");
		expect(refused.remedy).not.toBe('');
	});

	test('a number that a spreadsheet wrote with an exponent, whatever its size', () => {
		const exponent = fc
			.tuple(
				fc.integer({ min: 1, max: 9 }),
				fc.stringMatching(/^\d{1,6}$/),
				fc.integer({ min: 5, max: 308 }),
			)
			.map(([first, decimals, power]) => `${first}.${decimals}E+${power}`);
		fc.assert(
			fc.property(exponent, (typed) => {
				expect(refusalOf(() => parse(typed, context)).remedy).toContain(
					'Format the column as text',
				);
			}),
		);
	});
});

describe('a bank account number', () => {
	test.each<[unknown, string]>([
		['0123456789014', '0123456789014'],
		['  0123456789014 ', '0123456789014'],
		['0123 4567 8901 4', '0123456789014'],
		['0123\u00a0456\u00a0789', '0123456789'],
		['0123-456-789', '0123-456-789'],
		['00AB12345', '00AB12345'],
		['01/023/45', '01/023/45'],
		["'0123456789", '0123456789'],
		['12E5', '12E5'],
		['1234567890123456', '1234567890123456'],
	])('%j is %s', (typed, number) => {
		expect(parseAccountNumber(typed, context)).toBe(number);
	});

	test.each<[unknown, string]>([
		[1234567890, 'is a number'],
		[0, 'is a number'],
		['', 'is empty'],
		[null, 'is empty'],
		['12345.5', 'was changed to a decimal number'],
		['12345,5', 'was changed to a decimal number'],
		['12345678901234567000', 'has lost its last digits'],
		['123456789012345000', 'has lost its last digits'],
		['0123456789014 0987654321098', 'contains two numbers'],
		['0123456789014/0987654321098', 'contains two numbers'],
		['0123456789014, 0987654321098', 'contains two numbers'],
		['01234567,09876543', 'contains two numbers'],
		['Nathan Otieno', 'is not an account number'],
		['n/a', 'is not an account number'],
		['-', 'is not an account number'],
	])('%j is refused: it %s', (typed, problem) => {
		expect(refusalOf(() => parseAccountNumber(typed, context)).message).toContain(
			`'The Field' ${problem}`,
		);
	});

	test('keeps every digit, letter and inner dash of a text, and refuses every JSON number', () => {
		fc.assert(
			fc.property(fc.stringMatching(/^[A-Z0-9]{2,4}-?\d{5,10}$/), (number) => {
				expect(parseAccountNumber(number, context)).toBe(number);
			}),
		);
		fc.assert(
			fc.property(fc.oneof(fc.integer(), fc.double(), fc.maxSafeInteger()), (number) => {
				expect(isTaken(() => parseAccountNumber(number, context))).toBe(false);
			}),
		);
	});
});

describe('the account of a paybill', () => {
	test.each<[string]>([
		['A098457'],
		['test_account'],
		['0110234567890'],
		['Nathan Otieno'],
		['12/3 B'],
	])('%j stays as it is', (typed) => {
		expect(parsePaybillAccountNumber(` ${typed} `, context)).toBe(typed);
	});

	test('as a JSON number is refused, since a leading zero may be missing', () => {
		const refused = refusalOf(() => parsePaybillAccountNumber(110234567890, context));

		expect(refused.message).toContain('may have lost leading zeros');
		expect(refused.remedy).toContain('Format the column as text');
	});
});

describe('a reference', () => {
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
	])('%j is %j', (typed, reference) => {
		expect(parseReference(typed, context)).toBe(reference);
	});
});

test('whatever comes in, an identifier is one line without damage, or it is refused', () => {
	fc.assert(
		fc.property(anyInput, (typed) => {
			if (!isTaken(() => parseIdentifier(typed, context))) return;
			const identifier = parseIdentifier(typed, context);
			expect(identifier).not.toMatch(/[\n\r\t]/);
			expect(identifier).toBe(identifier.trim());
			expect(parseIdentifier(identifier, context)).toBe(identifier);
		}),
	);
});

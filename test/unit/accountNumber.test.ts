import * as fc from 'fast-check';
import {
	parseAccountNumber,
	parsePaybillAccountNumber,
} from '../../nodes/KopoKopo/parsers/accountNumber';
import { isAccepted, rejectionOf } from './parserChecks';

const context = { label: 'The Field' };
const FORMAT_AS_TEXT = 'Format the column as text in the spreadsheet, then enter the value again.';
const MAY_HAVE_LOST_DIGITS =
	"'The Field' is a number, which may have lost leading zeros or its last digits";

test.each<[(typed: unknown, field: typeof context) => string, unknown, string, string]>([
	[parseAccountNumber, 123456789, `${MAY_HAVE_LOST_DIGITS}: 123456789`, FORMAT_AS_TEXT],
	[parsePaybillAccountNumber, 123456789n, `${MAY_HAVE_LOST_DIGITS}: 123456789`, FORMAT_AS_TEXT],
	[
		parsePaybillAccountNumber,
		110234567890,
		`${MAY_HAVE_LOST_DIGITS}: 110234567890`,
		FORMAT_AS_TEXT,
	],
	[
		parseAccountNumber,
		'123456789012345 000',
		"'The Field' has lost its last digits: 123456789012345 000",
		FORMAT_AS_TEXT,
	],
	[
		parseAccountNumber,
		'01234567 07654321',
		"'The Field' contains two numbers: 01234567 07654321",
		'Enter one. Use one item for each account.',
	],
	[
		parseAccountNumber,
		'12345.67',
		"'The Field' was changed to a decimal number: 12345.67",
		FORMAT_AS_TEXT,
	],
	[
		parseAccountNumber,
		'Equity',
		"'The Field' is not an account number: Equity",
		'Enter it as text, with its leading zeros, such as 0123456789014.',
	],
])('%p rejects %p with a message and a remedy', (parse, typed, message, remedy) => {
	expect(rejectionOf(() => parse(typed, context))).toMatchObject({ message, remedy });
});

describe('parseAccountNumber', () => {
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
		['01-234.567/8', '01-234.567/8'],
		['0123 4567 8901', '012345678901'],
		['0123456789 014', '0123456789014'],
		['01109 012345 67', '0110901234567'],
		['12345/67890', '12345/67890'],
		['011090 123456', '011090123456'],
		['1234567/7654321', '1234567/7654321'],
		['A1', 'A1'],
		['100000', '100000'],
		['12345678901234000', '12345678901234000'],
		['1234567890123456001', '1234567890123456001'],
		['1234567890123450001', '1234567890123450001'],
		['A123456789012345000', 'A123456789012345000'],
	])('parses %j as %s', (typed, number) => {
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
		['-123', 'is not an account number'],
		['123 456_', 'is not an account number'],
		['(123)', 'is not an account number'],
		['12345.', 'is not an account number'],
		['12_34', 'is not an account number'],
		['12345-', 'is not an account number'],
		['A1/', 'is not an account number'],
		['1234567,12345678', 'contains two numbers'],
		['1234567 7654321', 'contains two numbers'],
		['1234567 / 7654321', 'contains two numbers'],
		['12345678;12345678', 'contains two numbers'],
		['1.5', 'was changed to a decimal number'],
		['1,5', 'was changed to a decimal number'],
	])('rejects %j: it %s', (typed, problem) => {
		expect(rejectionOf(() => parseAccountNumber(typed, context)).message).toContain(
			`'The Field' ${problem}`,
		);
	});

	test('keeps every digit, letter and inner dash of text, and rejects every JSON number', () => {
		fc.assert(
			fc.property(fc.stringMatching(/^[A-Z0-9]{2,4}-?\d{5,10}$/), (number) => {
				expect(parseAccountNumber(number, context)).toBe(number);
			}),
		);
		fc.assert(
			fc.property(fc.oneof(fc.integer(), fc.double(), fc.maxSafeInteger()), (number) => {
				expect(isAccepted(() => parseAccountNumber(number, context))).toBe(false);
			}),
		);
	});
});

describe('parsePaybillAccountNumber', () => {
	test.each<[string]>([
		['A098457'],
		['test_account'],
		['0110234567890'],
		['Nathan Otieno'],
		['12/3 B'],
	])('accepts %j unchanged', (typed) => {
		expect(parsePaybillAccountNumber(` ${typed} `, context)).toBe(typed);
	});
});

test.each([
	['AB1.5', 'AB1.5'],
	['1.5AB', '1.5AB'],
])('parseAccountNumber reads %j, which is no decimal number', (typed, expected) => {
	expect(parseAccountNumber(typed, context)).toBe(expected);
});

import * as fc from 'fast-check';
import {
	parseOptionalTill,
	parsePaybill,
	parseTill,
	parseTills,
} from '../../nodes/KopoKopo/parsers/till';
import { anyInput, isAccepted, rejectionOf } from './parserChecks';

const context = { label: 'Till Number' };

describe('parseTill', () => {
	test.each<[unknown, string]>([
		['832 9219', '8329219'],
		['832\u00a09219', '8329219'],
		['832\u202f9219', '8329219'],
		['k 123 456', 'K123456'],
		['K\u00a0123456', 'K123456'],
		['K 123456', 'K123456'],
		['1234 5678', '12345678'],
		['12345 67', '1234567'],
		['12\u00a0345678', '12345678'],
		[' k123456 ', 'K123456'],
		['\u200bK123456', 'K123456'],
		["'000000", '000000'],
		['514459', '514459'],
		[514459, '514459'],
		['1234567890', '1234567890'],
		['112233\n', '112233'],
	])('parses %j as %s', (typed, till) => {
		expect(parseTill(typed, context)).toBe(till);
	});

	test.each<[unknown, string]>([
		['5.14459E+05', 'was shortened to an exponent'],
		['5E+05', 'was shortened to an exponent'],
		['514459.0', 'was changed to a decimal number'],
		['514459.00', 'was changed to a decimal number'],
		['#REF!', 'is a spreadsheet error'],
		['K#N/A', 'is a spreadsheet error'],
		[514459.5, 'is a number that has decimals or has lost digits'],
		[Number('12345678901234567890'), 'is a number that has decimals or has lost digits'],
		[Infinity, 'is a number that has decimals or has lost digits'],
		['112233\n445566', 'contains a line break or a tab'],
		['112233\t445566', 'contains a line break or a tab'],
		['112233, 445566', 'contains two numbers'],
		['8329219 112233', 'contains two numbers'],
		['51445 51446', 'contains two numbers'],
		['12345 678', 'contains two numbers'],
		['123 45678', 'contains two numbers'],
		['51445\u00a0\u00a051446', 'contains two numbers'],
		['K', 'is not a till number'],
		['KK123456', 'contains a letter other than a K at the beginning'],
		['K12345A', 'contains a letter other than a K at the beginning'],
		['123456K', 'contains a letter other than a K at the beginning'],
		['K-123456', 'contains the character "-"'],
		['#123456', 'contains the character "#"'],
		['112233,445566', 'contains the character ","'],
		['my shop', 'is not a till number'],
		['Groceries Shop', 'is not a till number'],
		['Groceries 112233', 'is not a till number'],
		['123456789012A', 'contains a letter other than a K at the beginning'],
		['A123456789012', 'contains a letter other than a K at the beginning'],
		[-112233, 'contains the character "-"'],
		['254712345678', 'has more than 10 digits'],
		['', 'is empty'],
		[null, 'is empty'],
		[undefined, 'is empty'],
		[true, 'is not text'],
		[['112233'], 'is not text'],
	])('rejects %j: it %s', (typed, problem) => {
		expect(rejectionOf(() => parseTill(typed, context)).message).toContain(
			`'Till Number' ${problem}`,
		);
	});

	test.each(['5.14459E+05', '514459.0', 514459.5])(
		'rejects %j, which a spreadsheet has changed, and says how to format the column',
		(typed) => {
			expect(rejectionOf(() => parseTill(typed, context)).remedy).toContain(
				'Format the column as text',
			);
		},
	);

	test('says what to enter instead of eleven digits', () => {
		expect(rejectionOf(() => parseTill('K12345678901', context))).toMatchObject({
			message: "'Till Number' has more than 10 digits: K12345678901",
			remedy: 'Enter one till number of up to 10 digits, such as 112233 or K123456.',
		});
	});

	test('gives digits with or without a K for any input that it accepts', () => {
		const typedTill = fc.stringMatching(/^[kK]?[\d ]{0,12}$/);
		fc.assert(
			fc.property(fc.oneof(anyInput, typedTill), (typed) => {
				if (isAccepted(() => parseTill(typed, context))) {
					expect(parseTill(typed, context)).toMatch(/^K?[0-9]{1,10}$/);
				}
			}),
		);
	});
});

describe('parseTills', () => {
	test.each<[unknown, string[]]>([
		['112233', ['112233']],
		['112233, 445566', ['112233', '445566']],
		['832 9219, k 123 456', ['8329219', 'K123456']],
		['832\u00a09219;445566', ['8329219', '445566']],
		['112233\n445566\r\nk77', ['112233', '445566', 'K77']],
		['112233,,112233;\n', ['112233']],
		[112233, ['112233']],
		[
			['112233', 'k 445566'],
			['112233', 'K445566'],
		],
		['', []],
		[' , ', []],
		[null, []],
		[undefined, []],
	])('parses %j as %j', (typed, tills) => {
		expect(parseTills(typed, context)).toEqual(tills);
	});

	test.each<[unknown]>([
		['8329219 112233'],
		['112233, 4.45566E+05'],
		['112233, #REF!'],
		['112233/445566'],
		['112233 and 445566'],
		['112233.0'],
		[{ till: '112233' }],
	])('rejects %j and names the field', (typed) => {
		expect(rejectionOf(() => parseTills(typed, context)).message).toContain("'Till Number'");
	});

	test('finds each till, however they are separated and spaced', () => {
		const till = fc.stringMatching(/^[kK]?\d{5,7}$/);
		const separator = fc.constantFrom(',', ', ', ';', ' ; ', '\n', '\r\n');
		fc.assert(
			fc.property(fc.array(till, { minLength: 1 }), separator, (tills, between) => {
				const typed = tills.map((one) => [...one].join(' ')).join(between);
				expect(parseTills(typed, context)).toEqual([
					...new Set(tills.map((one) => one.toUpperCase())),
				]);
			}),
		);
	});
});

describe('parsePaybill', () => {
	test.each<[unknown, string]>([
		['888880', '888880'],
		[888880, '888880'],
		['888 880', '888880'],
		['88888 0', '888880'],
		[' 888\u00a0880 ', '888880'],
		['0400200', '0400200'],
	])('parses %j as %s', (typed, paybill) => {
		expect(parsePaybill(typed, context)).toBe(paybill);
	});

	test.each<[unknown]>([
		['8.8888E+05'],
		['888880.0'],
		['888,880'],
		['88888 12345'],
		['888880 1234'],
		[888880.5],
		['#N/A'],
		['K888880'],
		['Kenya Power'],
		['888880\n400200'],
		['254712345678'],
		[''],
		[false],
	])('rejects %j and names the field', (typed) => {
		expect(rejectionOf(() => parsePaybill(typed, context)).message).toContain("'Till Number'");
	});

	test('says of a text without digits only that it is no paybill number', () => {
		expect(rejectionOf(() => parsePaybill('Kenya Power', context)).message).toBe(
			"'Till Number' is not a paybill number: Kenya Power",
		);
	});

	test('says what to enter instead of letters', () => {
		expect(rejectionOf(() => parsePaybill('K888880', context))).toMatchObject({
			message: "'Till Number' contains a letter: K888880",
			remedy: 'Enter one paybill number of up to 10 digits, such as 888880.',
		});
	});
});

test.each(['', ' ', null, undefined])('parseOptionalTill reads %j as none', (typed) => {
	expect(parseOptionalTill(typed, context)).toBeUndefined();
});

test('parseOptionalTill reads a till', () => {
	expect(parseOptionalTill('112233', context)).toBe('112233');
});

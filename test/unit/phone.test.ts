import * as fc from 'fast-check';
import {
	parsePhoneBare,
	parsePhoneDigits,
	parsePhoneWithPlus,
} from '../../nodes/KopoKopo/parsers/phone';
import { anyInput, isAccepted, rejectionOf } from './parserChecks';
import { contextWith } from './testData';

const context = contextWith();
const DECIMAL = /^\+?(\d+\.\d{1,2}|\d{1,2}\.\d+)$/;
const KENYAN_MOBILE =
	'Enter a Kenyan mobile number, such as 0712345678, 0112345678 or +254712345678.';

describe('a phone number', () => {
	test.each<[unknown]>([
		['0712345678'],
		['712345678'],
		[712345678],
		[254712345678],
		['254712345678'],
		['+254712345678'],
		['+254 712 345 678'],
		['+254-712-345-678'],
		['0712 345 678'],
		['0712-345-678'],
		["'0712345678"],
		["'tel:0712345678"],
		["' tel: +254712345678"],
		["\u202a'0712345678"],
		['tel:+254712345678'],
		['TEL: 0712345678'],
		['0712.345.678'],
		['0712345.678'],
		['0712.345678'],
		['254.712345678'],
		['(0712) 345 678'],
		['+254 (0) 712 345 678'],
		['2540712345678'],
		['00254712345678'],
		['  0712345678\t\n'],
		['+254\u00a0712\u00a0345\u00a0678'],
		['0712\u2011345\u2013678'],
		['\u202a+254712345678\u202c'],
		['\ufeff0712345678'],
	])('%j is parsed as 254712345678', (typed) => {
		expect(parsePhoneDigits(typed, context)).toBe('712345678');
		expect(parsePhoneWithPlus(typed, context)).toBe('+254712345678');
		expect(parsePhoneBare(typed, context)).toBe('254712345678');
	});

	test.each<[unknown, string]>([
		['0112345678', '112345678'],
		['112345678', '112345678'],
		[112345678, '112345678'],
		['+254 112 345 678', '112345678'],
		['+254999999999', '999999999'],
		['254 999 999 999', '999999999'],
		['00254 999 999 999', '999999999'],
		['254-999-999-999', '999999999'],
		['00254 0 712 345 678', '712345678'],
	])('%j is parsed as the digits %s', (typed, digits) => {
		expect(parsePhoneDigits(typed, context)).toBe(digits);
	});

	test.each<[unknown]>([
		['07123456789'],
		['071234567'],
		['71234567'],
		['0812345678'],
		['1712345678'],
		['254'],
		['+254'],
		['+'],
		['+255712345678'],
		['+1 202 555 0143'],
		['++254712345678'],
		['254+712345678'],
		['+0712345678'],
		['2547123456780'],
		[71234567],
		['0712345678 / 0722345678'],
		['0712345678, 0722345678'],
		['0712345678 ext 2'],
		['O712345678'],
		['٠٧١٢٣٤٥٦٧٨'],
		['Jane'],
		['0712tel:345678'],
		['254 0712 345 67'],
		['254071234567'],
		[254071234567],
		['+254 (0) 7123 4567'],
		['+254 0999 999 999'],
		['0999999999'],
		['999999999'],
		['+254 20 234 5678'],
		['254202345678'],
		['00254 20 234 5678'],
		['+254 (0) 20 234 5678'],
		['0202345678'],
		['020 234 5678'],
		['+254 41 222 3333'],
		['254512345678'],
		['+254 800 123 456'],
		['0712345678\n0722345678'],
		['71234567.0'],
		['254712345678.0'],
		[712345678.5],
		[true],
		[['0712345678']],
		[{ phone: '0712345678' }],
		[''],
		['   '],
		[null],
		[undefined],
	])('rejects %j and names the field and a valid number', (typed) => {
		const rejection = rejectionOf(() =>
			parsePhoneDigits(typed, contextWith({ label: 'Phone Number' })),
		);

		expect(rejection.message).toContain("'Phone Number'");
		expect(rejection.remedy).toContain('0712345678');
	});

	test.each([
		['', "'The Field' is empty", "Enter a value for 'The Field', e.g. 0712345678."],
		['712345678.0', "'The Field' was changed to a decimal number: 712345678.0", KENYAN_MOBILE],
		[
			'+254 20 234 5678',
			"'The Field' is not a Kenyan mobile number: +254 20 234 5678",
			KENYAN_MOBILE,
		],
		['0712345678 Jane', "'The Field' contains letters: 0712345678 Jane", KENYAN_MOBILE],
		['["0712345678"]', `'The Field' contains the character "[": ["0712345678"]`, KENYAN_MOBILE],
		[['0712345678'], `'The Field' is not text: ["0712345678"]`, KENYAN_MOBILE],
		[
			'#REF!',
			"'The Field' is a spreadsheet error: #REF!",
			'Correct the formula in the spreadsheet.',
		],
		[
			'7.12346E+8',
			"'The Field' was shortened to an exponent: 7.12346E+8",
			'Format the column as text in the spreadsheet, then enter the value again.',
		],
	])('rejects %j with a message and a remedy', (typed, message, remedy) => {
		expect(rejectionOf(() => parsePhoneDigits(typed, context))).toMatchObject({ message, remedy });
	});

	test.each(['0712\n345678', '0712345678\n0722000000', '+254712\t345678', '0712\u2028345678'])(
		'rejects %j, which has a line break or a tab inside',
		(typed) => {
			expect(rejectionOf(() => parsePhoneDigits(typed, context)).message).toContain(
				"'The Field' contains a line break or a tab",
			);
		},
	);

	/** Spaces, dashes, dots and brackets, as people and programs write them between digits. */
	const separated = (text: string) =>
		fc
			.array(fc.constantFrom('', '', '', ' ', '-', '.', '\u00a0', '\u2011', '\u2013', '(', ')'), {
				minLength: text.length + 1,
				maxLength: text.length + 1,
			})
			.map((gaps) => [...text].map((sign, at) => `${gaps[at]}${sign}`).join('') + gaps.at(-1));
	const mobile = fc
		.tuple(fc.constantFrom('7', '1'), fc.stringMatching(/^\d{8}$/))
		.map((parts) => parts.join(''));
	const typedMobile = mobile.chain((digits) =>
		fc
			.constantFrom('', '0', '254', '+254', '00254', '2540', '+2540')
			.chain((prefix) => separated(prefix + digits))
			.map((typed) => ({ digits, typed })),
	);

	test('gives the same digits for every way to write a mobile number', () => {
		fc.assert(
			fc.property(typedMobile, ({ digits, typed }) => {
				// A decimal number was changed by a spreadsheet, and is rejected.
				fc.pre(!DECIMAL.test(typed.trim()));
				expect(parsePhoneDigits(typed, context)).toBe(digits);
			}),
		);
	});

	test('parses its own output to the same text', () => {
		fc.assert(
			fc.property(typedMobile, ({ typed }) => {
				fc.pre(!DECIMAL.test(typed.trim()));
				const parsed = parsePhoneWithPlus(typed, context);
				expect(parsePhoneWithPlus(parsed, context)).toBe(parsed);
			}),
		);
	});

	test('rejects a landline in every way to write it', () => {
		const landline = fc.stringMatching(/^[2-68]\d{8}$/);
		const typedLandline = landline.chain((digits) =>
			fc
				.constantFrom('', '0', '254', '+254', '00254', '2540', '+2540')
				.chain((prefix) => separated(prefix + digits)),
		);
		fc.assert(
			fc.property(typedLandline, (typed) => {
				expect(isAccepted(() => parsePhoneDigits(typed, context))).toBe(false);
			}),
		);
	});

	test('gives nine digits of a mobile number or of a sample for any input that it accepts', () => {
		fc.assert(
			fc.property(fc.oneof(anyInput, fc.stringMatching(/^\+?[\d ]{8,16}$/)), (typed) => {
				if (isAccepted(() => parsePhoneDigits(typed, context))) {
					expect(parsePhoneDigits(typed, context)).toMatch(/^[179][0-9]{8}$/);
				}
			}),
		);
	});
});

test.each<[unknown, string]>([
	["07'12345678", `contains the character "'"`],
	['0712x45678', 'contains a letter'],
	['0712345678 / 0722000000', 'contains the character "/"'],
	['7.12E+08', 'was shortened to an exponent'],
	['#REF!', 'is a spreadsheet error'],
	['undefined', 'has no value'],
	['712345678.00', 'was changed to a decimal number'],
	['712345678.0', 'was changed to a decimal number'],
	['7123456.78', 'was changed to a decimal number'],
	['71234567.8', 'was changed to a decimal number'],
	['7.12345678', 'was changed to a decimal number'],
	['0.712345678', 'was changed to a decimal number'],
	['25.4712345678', 'was changed to a decimal number'],
	['7.12345678\u200b', 'was changed to a decimal number'],
	['+2547123456.78', 'was changed to a decimal number'],
	[-712345678, 'is not a Kenyan mobile number'],
	[712345678.5, 'is not a Kenyan mobile number'],
	['0712+345678', 'contains a plus sign that is not at the beginning'],
	['++254712345678', 'contains a plus sign that is not at the beginning'],
])('parsePhoneDigits says that %j %s', (typed, problem) => {
	expect(rejectionOf(() => parsePhoneDigits(typed, context)).message).toBe(
		`'The Field' ${problem}: ${String(typed)}`,
	);
});

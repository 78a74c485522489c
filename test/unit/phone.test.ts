import * as fc from 'fast-check';
import { parsePhoneNumberFromString, type PhoneNumber } from 'libphonenumber-js/max';
import { parsePhoneDigits, parsePhoneWithPlus } from '../../nodes/KopoKopo/parsers/phone';
import { anyInput, isAccepted, rejectionOf } from './parserChecks';
import { contextWith } from './testData';

const context = contextWith();
const KENYAN_MOBILE =
	'Enter a Kenyan mobile number such as 0712345678, 0112345678 or +254712345678.';

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
		['0712.345.678'],
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
		['7.12346E+8'],
		['0712345678 / 0722345678'],
		['0712345678, 0722345678'],
		['0712345678 ext 2'],
		['O712345678'],
		['٠٧١٢٣٤٥٦٧٨'],
		['Jane'],
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
		['#REF!'],
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
		['', "'The Field' is empty", 'Enter a phone number, such as 0712345678.'],
		['712345678.0', "'The Field' was changed to a decimal number: 712345678.0", KENYAN_MOBILE],
		[
			'+254 20 234 5678',
			"'The Field' is not a Kenyan mobile number: +254 20 234 5678",
			KENYAN_MOBILE,
		],
		[
			'0712345678 Jane',
			"'The Field' contains something that is not part of a phone number: 0712345678 Jane",
			KENYAN_MOBILE,
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
				// A number that ends in .0 was changed by a spreadsheet, and is rejected.
				fc.pre(!/^\d+\.00?$/.test(typed.trim()));
				expect(parsePhoneDigits(typed, context)).toBe(digits);
			}),
		);
	});

	test('parses its own output to the same text', () => {
		fc.assert(
			fc.property(typedMobile, ({ typed }) => {
				fc.pre(!/^\d+\.00?$/.test(typed.trim()));
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

/** The nine digits that the node parses, or undefined when it rejects the input. */
const ours = (typed: unknown) =>
	isAccepted(() => parsePhoneDigits(typed, context)) ? parsePhoneDigits(typed, context) : undefined;

/** The text as libphonenumber parses it; undefined if it is not, as a whole, a Kenyan mobile number. */
function theirs(typed: string): PhoneNumber | undefined {
	const number = parsePhoneNumberFromString(typed.trim(), {
		defaultCountry: 'KE',
		extract: false,
	});
	return number?.country === 'KE' && number.isValid() && number.getType() === 'MOBILE'
		? number
		: undefined;
}

const digit = fc.integer({ min: 0, max: 9 }).map(String);
const digits = (count: number) =>
	fc.array(digit, { minLength: count, maxLength: count }).map((list) => list.join(''));

/** Nine digits that libphonenumber considers a mobile number. */
const assignedMobile = fc
	.tuple(fc.constantFrom('7', '1'), digits(8))
	.map((parts) => parts.join(''))
	.filter((national) => theirs(`+254${national}`)?.nationalNumber === national);

const PREFIXES = [
	'+254',
	'254',
	'0',
	'',
	'00254',
	'+254 (0) ',
	'+2540',
	'2540',
	'tel:+254',
] as const;

/** Separators between some of the digits, as people and word processors write them. */
const spelled = (text: fc.Arbitrary<string>) =>
	fc
		.tuple(
			text,
			fc.constantFrom('', ' ', '-', '.', '\u00a0', '\u2011', '\u2013'),
			fc.array(fc.boolean(), { minLength: 9, maxLength: 9 }),
			fc.constantFrom('', ' ', '\t', '\n'),
		)
		.map(([national, separator, cuts, around]) => {
			const cut = [...national].map((one, at) => (at > 0 && cuts[at] ? separator + one : one));
			return { national, text: cut.join(''), around };
		});

describe('a phone number, compared with libphonenumber', () => {
	it.each(PREFIXES)('of a Kenyan mobile with the prefix %p has the same digits', (prefix) => {
		fc.assert(
			fc.property(spelled(assignedMobile), ({ national, text, around }) => {
				const typed = `${around}${prefix}${text}${around}`;
				// A number that ends in .0 was changed by a spreadsheet, and is rejected.
				fc.pre(!/^\d+\.00?$/.test(typed.trim()));
				expect(ours(typed)).toBe(national);
				const read = theirs(typed);
				// libphonenumber accepts fewer spellings than the node.
				if (read !== undefined) expect(read.nationalNumber).toBe(national);
			}),
			{ numRuns: 400 },
		);
	});

	it('that a spreadsheet changed to a JSON number has the same digits', () => {
		fc.assert(
			fc.property(assignedMobile, fc.constantFrom('', '254'), (national, prefix) => {
				expect(ours(Number(prefix + national))).toBe(national);
			}),
		);
	});

	it('has the same digits in every spelling that libphonenumber accepts as a Kenyan mobile', () => {
		const mark = fc.constantFrom(
			'+',
			' ',
			'-',
			'.',
			'(',
			')',
			'\u00a0',
			'\u2013',
			'0',
			'00',
			'254',
		);
		const typed = fc
			.array(
				fc.oneof(
					{ weight: 3, arbitrary: mark },
					{ weight: 2, arbitrary: digits(3) },
					assignedMobile,
				),
				{
					minLength: 1,
					maxLength: 7,
				},
			)
			.map((parts) => parts.join(''));
		let agreed = 0;
		fc.assert(
			fc.property(typed, (text) => {
				const read = theirs(text);
				if (read === undefined) return;
				agreed += 1;
				expect(ours(text)).toBe(read.nationalNumber);
			}),
			{ numRuns: 20_000, seed: 254 },
		);
		expect(agreed).toBeGreaterThan(200);
	});

	it('that only the node accepts is a mobile number or a sample that begins with 2549', () => {
		const parts = fc.array(
			fc.oneof(
				digits(3),
				digits(1),
				fc.constantFrom('+', ' ', '-', '254', '0', '7', '1', '00254', 'x', '#', '/'),
			),
			{ minLength: 1, maxLength: 8 },
		);
		let beyond = 0;
		fc.assert(
			fc.property(
				parts.map((list) => list.join('')),
				(typed) => {
					const read = ours(typed);
					if (read === undefined || theirs(typed) !== undefined) return;
					beyond += 1;
					const bare = typed.replace(/[\s-]/g, '');
					expect(bare).toMatch(/^(?:(?:\+?|00)254(?:0?[17]\d{8}|9\d{8})|0?[17]\d{8})$/);
					expect(bare.endsWith(read)).toBe(true);
					expect(read).toMatch(/^\d{9}$/);
				},
			),
			{ numRuns: 20_000, seed: 254 },
		);
		expect(beyond).toBeGreaterThan(20);
	});

	it("of Kopo Kopo's samples is accepted, although no network uses it", () => {
		expect(theirs('+254999999999')).toBeUndefined();
		expect(ours('+254999999999')).toBe('999999999');
	});
});

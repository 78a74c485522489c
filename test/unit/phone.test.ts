import fc from 'fast-check';
import { parsePhoneNumberFromString, type PhoneNumber } from 'libphonenumber-js/max';
import { InvalidParameterError } from '../../nodes/KopoKopo/domain/errors';
import { parsePhoneDigits } from '../../nodes/KopoKopo/parsers/phone';
import { parseContextWith } from './testData';

/** The nine digits that the node reads, or undefined when it refuses. */
function ours(typed: unknown): string | undefined {
	try {
		return parsePhoneDigits(typed, parseContextWith({ label: 'Phone Number' }));
	} catch (error) {
		expect(error).toBeInstanceOf(InvalidParameterError);
		return undefined;
	}
}

/** What libphonenumber takes for a mobile number of Kenya, the whole text and not a part of it. */
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

/** Nine digits of which libphonenumber says that they are a mobile number. */
const mobile = fc
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

/** Puts separators between some of the digits, as people and word processors do. */
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

describe('a phone number', () => {
	it.each(PREFIXES)(
		'of a Kenyan mobile, written with %p, is read as libphonenumber reads it',
		(prefix) => {
			fc.assert(
				fc.property(spelled(mobile), ({ national, text, around }) => {
					const typed = `${around}${prefix}${text}${around}`;
					// Ending in .0 it is a number that a spreadsheet changed, and refused.
					fc.pre(!/^\d+\.00?$/.test(typed.trim()));
					expect(ours(typed)).toBe(national);
					const read = theirs(typed);
					// libphonenumber knows fewer spellings; where it reads one, it reads the same.
					if (read !== undefined) expect(read.nationalNumber).toBe(national);
				}),
				{ numRuns: 400 },
			);
		},
	);

	it('that a spreadsheet took for a number is read as libphonenumber reads its digits', () => {
		fc.assert(
			fc.property(mobile, fc.constantFrom('', '254'), (national, prefix) => {
				expect(ours(Number(prefix + national))).toBe(national);
			}),
		);
	});

	it('in any spelling that libphonenumber takes for a Kenyan mobile gives the same digits', () => {
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
				fc.oneof({ weight: 3, arbitrary: mark }, { weight: 2, arbitrary: digits(3) }, mobile),
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

	it('beyond libphonenumber is taken only as the contract wants: mobile numbers, and the samples that begin with 2549', () => {
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

	it.each(['0712\n345678', '0712345678\n0722000000', '+254712\t345678', '0712\u2028345678'])(
		'with a line break or a tab inside is rejected: %j',
		(typed) => {
			expect(() => parsePhoneDigits(typed, parseContextWith({ label: 'Phone Number' }))).toThrow(
				"'Phone Number' contains a line break or a tab",
			);
		},
	);

	it("of Kopo Kopo's samples is taken although no network has it", () => {
		expect(theirs('+254999999999')).toBeUndefined();
		expect(ours('+254999999999')).toBe('999999999');
	});
});

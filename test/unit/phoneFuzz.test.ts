import * as fc from 'fast-check';
import { parsePhoneNumberFromString, type PhoneNumber } from 'libphonenumber-js/max';
import { parsePhoneDigits } from '../../nodes/KopoKopo/parsers/phone';
import { isAccepted } from './parserChecks';
import { contextWith } from './testData';

const context = contextWith();

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
	it.each(PREFIXES)('has the same digits if it is a Kenyan mobile with the prefix %p', (prefix) => {
		fc.assert(
			fc.property(spelled(assignedMobile), ({ national, text, around }) => {
				const typed = `${around}${prefix}${text}${around}`;
				// A decimal number was changed by a spreadsheet, and is rejected.
				fc.pre(!/^(?:tel:)?\+?(?:\d+\.\d{1,2}|\d{1,2}\.\d+)$/.test(typed.trim()));
				expect(ours(typed)).toBe(national);
				const read = theirs(typed);
				// libphonenumber accepts fewer spellings than the node.
				if (read !== undefined) expect(read.nationalNumber).toBe(national);
			}),
			{ numRuns: 400 },
		);
	});

	it('has the same digits if a spreadsheet changed it to a JSON number', () => {
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

	it('is a mobile number, or a sample that begins with 2549, if only the node accepts it', () => {
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

	it("is accepted if it is one of Kopo Kopo's samples, although no network uses it", () => {
		expect(theirs('+254999999999')).toBeUndefined();
		expect(ours('+254999999999')).toBe('999999999');
	});
});

import * as fc from 'fast-check';
import { parseMetadataJson } from '../../nodes/KopoKopo/parsers/metadata';
import {
	asText,
	choices,
	parseChoice,
	parseRequiredText,
	parseText,
	shorten,
} from '../../nodes/KopoKopo/parsers/text';
import { anyInput, isAccepted, rejectionOf } from './parserChecks';
import { contextWith } from './testData';

const context = contextWith();
const ENTER_TEXT = 'Enter one text, not a list, an object or a date.';
const CHECK_EXPRESSION = 'Check the expression. It returns nothing for this item.';

describe('asText', () => {
	test.each<[unknown, string]>([
		[undefined, ''],
		[null, ''],
		[' a ', 'a'],
		[0, '0'],
		[false, 'false'],
		[7n, '7'],
		[{ a: 1 }, '{"a":1}'],
		[[1, 2], '[1,2]'],
		[{ toJSON: () => undefined }, ''],
	])('reads %p as %j', (raw, text) => {
		expect(asText(raw)).toBe(text);
	});
});

describe('shorten', () => {
	const forty = '1234567890'.repeat(4);

	test.each([
		['short', 'short'],
		[forty, forty],
		[`${forty}1`, `${forty}…`],
		['a\tb\tc', 'a b c'],
		['a\r\nb\u2028c', 'a↵↵b↵c'],
	])('shows %j as %j', (text, shown) => {
		expect(shorten(text)).toBe(shown);
	});
});

test('choices returns its options', () => {
	const options = choices({ name: 'A', value: 'a' }, { name: 'B', value: 'b' });
	expect(options).toEqual([
		{ name: 'A', value: 'a' },
		{ name: 'B', value: 'b' },
	]);
});

describe('parseText and parseRequiredText', () => {
	test.each<[unknown, string | undefined]>([
		[' Nathan ', 'Nathan'],
		[0, '0'],
		[false, 'false'],
		['', undefined],
		['  ', undefined],
		[null, undefined],
		[undefined, undefined],
	])('read %j as %j with parseText', (raw, text) => {
		expect(parseText(raw, context)).toBe(text);
	});

	test.each<[string]>([
		['#REF!'],
		['#N/A'],
		[' #VALUE! '],
		['#DIV/0!'],
		['#name?'],
		['Err:502'],
		['#####'],
	])('reject %j, a spreadsheet error, also as a value of metadata', (raw) => {
		for (const parse of [parseText, parseRequiredText]) {
			expect(rejectionOf(() => parse(raw, context)).message).toContain(
				"'The Field' is a spreadsheet error",
			);
		}
		expect(rejectionOf(() => parseMetadataJson({ invoice: raw }, context)).message).toContain(
			"'The Field: invoice' is a spreadsheet error",
		);
	});

	test.each<[unknown, string, string]>([
		[['Safaricom'], 'is not text: ["Safaricom"]', ENTER_TEXT],
		[{ a: 1 }, 'is not text: {"a":1}', ENTER_TEXT],
		[new Date(0), 'is not text: "1970-01-01T00:00:00.000Z"', ENTER_TEXT],
		['undefined', 'has no value: undefined', CHECK_EXPRESSION],
		['[object Object]', 'has no value: [object Object]', CHECK_EXPRESSION],
		[NaN, 'has no value: NaN', CHECK_EXPRESSION],
		[Infinity, 'has no value: Infinity', CHECK_EXPRESSION],
		[-Infinity, 'has no value: -Infinity', CHECK_EXPRESSION],
	])('reject %p, which is no text that somebody has entered', (raw, problem, remedy) => {
		for (const parse of [parseText, parseRequiredText]) {
			expect(rejectionOf(() => parse(raw, context))).toMatchObject({
				message: `'The Field' ${problem}`,
				remedy,
			});
		}
	});

	test.each(['Null', 'Infinity', 'N/A', 'an undefined name', 'undefined name', 'name undefined'])(
		'accept %j as text',
		(text) => {
			expect(parseText(text, context)).toBe(text);
		},
	);

	test('accept text about a spreadsheet error', () => {
		expect(parseText('Row 7 says #REF!', context)).toBe('Row 7 says #REF!');
		expect(parseText('#1 customer', context)).toBe('#1 customer');
	});

	test('require text only with parseRequiredText, which names the field', () => {
		for (const nothing of ['', ' ', null, undefined]) {
			expect(rejectionOf(() => parseRequiredText(nothing, context)).message).toBe(
				"'The Field' is empty",
			);
		}
		expect(parseRequiredText(' 7 ', context)).toBe('7');
	});

	test.each([
		[
			() => parseText('#N/A', context),
			"'The Field' is a spreadsheet error: #N/A",
			'Correct the formula in the spreadsheet.',
		],
		[
			() => parseRequiredText(' ', context),
			"'The Field' is empty",
			"Enter a value for 'The Field'.",
		],
	])('reject a value with a message and a remedy (%#)', (parse, message, remedy) => {
		expect(rejectionOf(parse)).toMatchObject({ message, remedy });
	});
});

describe('parseChoice', () => {
	const choose = parseChoice([
		{ name: 'Company', value: 'company' },
		{ name: 'Till', value: 'till' },
	]);

	test('accepts one of its values', () => {
		expect(choose(' till ', context)).toBe('till');
	});

	test.each(['Mars', 'Till'])('rejects %j and lists its values', (typed) => {
		expect(rejectionOf(() => choose(typed, context))).toMatchObject({
			message: `'The Field' cannot be '${typed}'`,
			remedy: 'Choose one of: company, till.',
		});
	});

	test('gives one of its values for any input that it accepts', () => {
		fc.assert(
			fc.property(anyInput, (raw) => {
				if (isAccepted(() => choose(raw, context))) {
					expect(['company', 'till']).toContain(choose(raw, context));
				}
			}),
		);
	});
});

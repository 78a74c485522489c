import {
	parseAccountNumber,
	parsePaybillAccountNumber,
} from '../../nodes/KopoKopo/parsers/accountNumber';
import { parseAmount, parseWholeAmount } from '../../nodes/KopoKopo/parsers/amount';
import { parseId } from '../../nodes/KopoKopo/parsers/id';
import { parseIdentifier } from '../../nodes/KopoKopo/parsers/identifier';
import {
	joinMetadata,
	parseMetadataJson,
	parseMetadataRows,
} from '../../nodes/KopoKopo/parsers/metadata';
import { parseCount, parseNumber } from '../../nodes/KopoKopo/parsers/number';
import { parsePhoneDigits } from '../../nodes/KopoKopo/parsers/phone';
import { damageOf } from '../../nodes/KopoKopo/parsers/spreadsheet';
import { parseSwitch } from '../../nodes/KopoKopo/parsers/switch';
import {
	asText,
	choices,
	parseChoice,
	parseRequiredText,
	parseText,
	shorten,
} from '../../nodes/KopoKopo/parsers/text';
import { parsePaybill, parseTill } from '../../nodes/KopoKopo/parsers/till';
import { parseDay, parseTime } from '../../nodes/KopoKopo/parsers/time';
import { isCallbackAllowed, parseCallbackUrl } from '../../nodes/KopoKopo/parsers/url';
import { refusalOf } from './parserChecks';
import { parseContextWith } from './testData';

const context = parseContextWith({ label: 'The Field' });
/** The range of a wait in seconds. */
const SECONDS = {
	minimum: 1,
	maximum: 600,
	unit: 'seconds',
	example: 120,
	blank: 120,
	raisedFrom: 0,
};
const FORMAT_AS_TEXT = 'Format the column as text in the spreadsheet, then enter the value again.';
const KENYAN_MOBILE =
	'Enter a Kenyan mobile number such as 0712345678, 0112345678 or +254712345678.';
const ONE_AMOUNT = 'Enter one amount in Kenyan shillings above zero, such as 1500 or 1,500.00.';

/** A parser, an input that it refuses, and the whole message and remedy that a person then reads. */
const REFUSALS: Array<[string, () => unknown, string, string]> = [
	[
		'a bank account number that is a JSON number',
		() => parseAccountNumber(123456789, context),
		"'The Field' is a number, which may have lost leading zeros or its last digits: 123456789",
		FORMAT_AS_TEXT,
	],
	[
		'a paybill account that is a big integer',
		() => parsePaybillAccountNumber(123456789n, context),
		"'The Field' is a number, which may have lost leading zeros or its last digits: 123456789",
		FORMAT_AS_TEXT,
	],
	[
		'an account number whose last digits are zeros',
		() => parseAccountNumber('123456789012345 000', context),
		"'The Field' has lost its last digits: 123456789012345 000",
		FORMAT_AS_TEXT,
	],
	[
		'two account numbers in one cell',
		() => parseAccountNumber('01234567 07654321', context),
		"'The Field' contains two numbers: 01234567 07654321",
		'Enter one. Use one item for each account.',
	],
	[
		'an account number with decimals',
		() => parseAccountNumber('12345.67', context),
		"'The Field' was changed to a decimal number: 12345.67",
		FORMAT_AS_TEXT,
	],
	[
		'an account number without digits',
		() => parseAccountNumber('Equity', context),
		"'The Field' is not an account number: Equity",
		'Enter it as text, with its leading zeros, such as 0123456789014.',
	],
	[
		'an empty amount',
		() => parseAmount(' ', context),
		"'The Field' is empty",
		'Enter an amount in Kenyan shillings, such as 1500.',
	],
	[
		'an amount that is not a number',
		() => parseAmount('ten', context),
		"'The Field' is not a number: ten",
		ONE_AMOUNT,
	],
	[
		'an amount with cents where Kopo Kopo sends whole shillings',
		() => parseWholeAmount('10.50', context),
		"'The Field' has cents: 10.5",
		'Kopo Kopo sends whole shillings only. Enter a whole number, such as 1500.',
	],
	[
		'an address without an ID',
		() => parseId('https://api.kopokopo.com/', context),
		"'The Field' contains no ID: https://api.kopokopo.com/",
		'Paste the ID that Kopo Kopo returned, or the whole address that ends with it.',
	],
	[
		'a list where one value belongs',
		() => parseIdentifier(['a'], context),
		'\'The Field\' is not text: ["a"]',
		'Enter one value, not a list, an object, true or false.',
	],
	[
		'a number with lost digits',
		() => parseIdentifier(12345678901234567000, context),
		"'The Field' is a number that has decimals or has lost digits: 12345678901234567000",
		FORMAT_AS_TEXT,
	],
	[
		'an empty identifier',
		() => parseIdentifier(null, context),
		"'The Field' is empty",
		"Enter a value for 'The Field'.",
	],
	[
		'an error of a spreadsheet',
		() => parseIdentifier('#REF!', context),
		"'The Field' is an error of a spreadsheet: #REF!",
		'Correct the formula in the spreadsheet.',
	],
	[
		'an exponent',
		() => parseIdentifier('1.23E+12', context),
		"'The Field' was shortened to an exponent: 1.23E+12",
		FORMAT_AS_TEXT,
	],
	[
		'a decimal tail',
		() => parseIdentifier('12345.0', context),
		"'The Field' was changed to a decimal number: 12345.0",
		FORMAT_AS_TEXT,
	],
	[
		'two lines',
		() => parseIdentifier('12345\n67890', context),
		"'The Field' contains a line break or a tab: 12345↵67890",
		'Enter one value. Use one item for each.',
	],
	[
		'what an expression leaves where it finds nothing',
		() => parseIdentifier('undefined', context),
		"'The Field' has no value: undefined",
		'Check the expression: it finds nothing for this item.',
	],
	[
		'a row of metadata without a name',
		() => parseMetadataRows({ pairs: [{ name: ' ', value: 1 }] }, context),
		"A row of 'The Field' has no name",
		'Give each row a name, or remove it.',
	],
	[
		'two rows of metadata with one name',
		() => parseMetadataRows({ pairs: [{ name: 'a' }, { name: 'a' }] }, context),
		"'The Field' has two rows named 'a'",
		'Rename or remove one of them.',
	],
	[
		'a list as metadata',
		() => parseMetadataJson({ a: [1] }, context),
		"'The Field' can only hold plain values, and 'a' is a list or an object",
		'Write its parts as rows of their own, or as one text.',
	],
	[
		'six pairs of metadata, from rows and JSON',
		() => joinMetadata({ metadata: { a: 1, b: 2, c: 3 }, metadataJson: { d: 4, e: 5, f: 6 } }),
		"'Metadata' has 6 pairs, and Kopo Kopo keeps at most 5",
		'Remove some, or join them into one text.',
	],
	[
		'metadata that is no JSON',
		() => parseMetadataJson('invoice: 7', context),
		"'The Field' is not a JSON object",
		'Write it like { "invoice": "INV-7", "customer": "8675309" }.',
	],
	[
		'a count of zero',
		() => parseCount('0', context),
		"'The Field' is not a whole number above zero: 0",
		'Enter a whole number, such as 50.',
	],
	[
		'too many seconds',
		() => parseNumber(601, context, SECONDS),
		"'The Field' is not a number of seconds from 1 to 600: 601",
		'Enter seconds, such as 120.',
	],
	[
		'an empty phone number',
		() => parsePhoneDigits('', context),
		"'The Field' is empty",
		'Enter a phone number, such as 0712345678.',
	],
	[
		'a phone number that a spreadsheet made decimal',
		() => parsePhoneDigits('712345678.0', context),
		"'The Field' was changed to a decimal number: 712345678.0",
		KENYAN_MOBILE,
	],
	[
		'a landline',
		() => parsePhoneDigits('+254 20 234 5678', context),
		"'The Field' is not a Kenyan mobile number: +254 20 234 5678",
		KENYAN_MOBILE,
	],
	[
		'letters in a phone number',
		() => parsePhoneDigits('0712345678 Jane', context),
		"'The Field' contains something that is not part of a phone number: 0712345678 Jane",
		KENYAN_MOBILE,
	],
	[
		'a switch that is neither on nor off',
		() => parseSwitch('maybe', context),
		"'The Field' is neither true nor false: maybe",
		'Enter true or false. TRUE, 1 and Yes count as true, FALSE, 0, No and an empty value as false.',
	],
	[
		'an error of a spreadsheet as text',
		() => parseText('#N/A', context),
		"'The Field' is an error of a spreadsheet: #N/A",
		'Correct the formula in the spreadsheet.',
	],
	[
		'a required text that is empty',
		() => parseRequiredText(' ', context),
		"'The Field' is empty",
		"Enter a value for 'The Field'.",
	],
	[
		'a choice that is not in the list',
		() =>
			parseChoice([
				{ name: 'Company', value: 'company' },
				{ name: 'Till', value: 'till' },
			])('Till', context),
		"'The Field' cannot be 'Till'",
		'Choose one of: company, till.',
	],
	[
		'a till of eleven digits',
		() => parseTill('K12345678901', context),
		"'The Field' is not a till number: K12345678901",
		'Enter one till number of up to 10 digits, such as 112233 or K123456.',
	],
	[
		'a paybill with letters',
		() => parsePaybill('K888880', context),
		"'The Field' is not a paybill number: K888880",
		'Enter its digits, such as 888880.',
	],
	[
		'a year as a date',
		() => parseTime('2026', context),
		"'The Field' is not a date: 2026",
		'Choose it in the calendar, or enter it as text such as 2026-05-01T08:00:00. In a spreadsheet, format the column as text.',
	],
	[
		'a callback address without https',
		() =>
			parseCallbackUrl(
				'http://n8n.example.com/x',
				parseContextWith({ label: 'The Field', allowHttp: false }),
			),
		"'The Field' must be a web address that begins with https://: http://n8n.example.com/x",
		"Use the Production URL of a Kopo Kopo Trigger. When that begins with http://, set WEBHOOK_URL in n8n's environment to its public https address.",
	],
];

describe('the error says what is wrong and what to enter for', () => {
	test.each(REFUSALS)('%s', (_what, parse, message, remedy) => {
		const refused = refusalOf(parse);

		expect(refused.message).toBe(message);
		expect(refused.remedy).toBe(remedy);
	});
});

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
	])('of %p is %j', (raw, text) => {
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

test('choices gives its options back', () => {
	const options = choices({ name: 'A', value: 'a' }, { name: 'B', value: 'b' });
	expect(options).toEqual([
		{ name: 'A', value: 'a' },
		{ name: 'B', value: 'b' },
	]);
});

describe('damageOf finds nothing wrong with', () => {
	test.each([
		'12E5',
		'1e+1234',
		'A1.5E+10',
		'1.5E+10 A',
		'9.1E1234',
		'x9e12',
		'9e123',
		'0e12',
		'#1',
		'#customer',
		'what?',
		'Row 7 says ok!',
		'#with a space!',
		'12.05',
		'12,50',
		'v12.0',
		'12.0a',
		'Err:12',
		'Err:1234',
		'my Err:508',
		'##',
		'#### ####a',
		'nullable',
		'is null',
		'NaN1',
	])('%j', (text) => {
		expect(damageOf(text)).toBeUndefined();
	});
});

describe('accounts', () => {
	test.each([
		['0123456789014', '0123456789014'],
		['01-234.567/8', '01-234.567/8'],
		['0123 4567 8901', '012345678901'],
		['1234567 1234567', '12345671234567'],
		['A1', 'A1'],
		['100000', '100000'],
		['12345678901234000', '12345678901234000'],
		['1234567890123456001', '1234567890123456001'],
	])('the account number %j is sent as %j', (raw, number) => {
		expect(parseAccountNumber(raw, context)).toBe(number);
	});

	test.each(['-123', '123 456_', '(123)', '1234567,12345678', '12345678;12345678', '1.5', '1,5'])(
		'the account number %j is refused',
		(raw) => {
			refusalOf(() => parseAccountNumber(raw, context));
		},
	);
});

describe('numbers', () => {
	test.each<[unknown, number]>([
		['1', 1],
		[50, 50],
		['50.0', 50],
		['50.000', 50],
	])('the count %j is %d', (raw, count) => {
		expect(parseCount(raw, context)).toBe(count);
	});

	test.each([0, -1, '50.5', '50.', 'x50', '50x', '50.05', '9007199254740993', '', Infinity])(
		'the count %j is refused',
		(raw) => {
			refusalOf(() => parseCount(raw, context));
		},
	);

	test.each<[unknown, number]>([
		['', 120],
		[0, 120],
		['0', 120],
		['0.5', 1],
		[1, 1],
		['2.25', 2.25],
		[600, 600],
	])('%j seconds are %d', (raw, seconds) => {
		expect(parseNumber(raw, context, SECONDS)).toBe(seconds);
	});

	test.each([600.1, -5, '5s', 's5', '5.', '5.5.5', Infinity, NaN, 1e12])(
		'%j seconds are refused',
		(raw) => {
			refusalOf(() => parseNumber(raw, context, SECONDS));
		},
	);
});

describe('times', () => {
	test.each<[unknown, string]>([
		['2026-11-26', '2026-11-26T00:00:00+03:00'],
		['20261126', '2026-11-26T00:00:00+03:00'],
		['2026-11-26 08:15', '2026-11-26T08:15:00+03:00'],
		['2026-11-26T08:15:30.999', '2026-11-26T08:15:30+03:00'],
		['2026-11-26T22:30:00Z', '2026-11-27T01:30:00+03:00'],
		[new Date('2026-11-26T22:30:00Z'), '2026-11-27T01:30:00+03:00'],
		[{ toISO: () => '2026-11-26T00:00:00.000-05:00' }, '2026-11-26T08:00:00+03:00'],
	])('%j is %s', (raw, time) => {
		expect(parseTime(raw, context)).toBe(time);
	});

	test.each<[unknown]>([
		['2026-11'],
		['08:00'],
		['2026-11-26x'],
		['x2026-11-26'],
		['2026-13-01'],
		['2026-11-31'],
		['202611261'],
		['46352'],
		[''],
		[null],
		[new Date(NaN)],
		[{ toISO: () => null }],
		[{ day: 26 }],
	])('%j is refused', (raw) => {
		refusalOf(() => parseTime(raw, context));
	});

	test('a day is the day in Nairobi', () => {
		expect(parseDay('2026-11-26T22:30:00Z', context)).toBe('2026-11-27');
		expect(parseDay(' ', context)).toBeUndefined();
		refusalOf(() => parseDay('tomorrow', context));
	});
});

describe('callback addresses', () => {
	test.each<[string, boolean, boolean]>([
		['https://n8n.example.com/a', false, true],
		['HTTPS://n8n.example.com/a', false, true],
		['http://n8n.example.com/a', true, true],
		['http://n8n.example.com/a', false, false],
		['xhttps://n8n.example.com', true, false],
		['https://n8n.example.com/a b', true, false],
		['https://:443', true, false],
		['ftp://n8n.example.com', true, false],
	])('%s with allowHttp %j: %j', (url, allowHttp, isAllowed) => {
		expect(isCallbackAllowed(url, { allowHttp })).toBe(isAllowed);
	});

	test.each([
		['https://n8n.example.com/', 'https://n8n.example.com/webhook/kopo-kopo/result-not-awaited'],
		['http://localhost:5678/', 'https://n8n.invalid/kopo-kopo/result-not-awaited'],
		['see https://n8n.example.com/', 'https://n8n.invalid/kopo-kopo/result-not-awaited'],
	])('of the n8n at %s, an empty one is %s', (instanceUrl, url) => {
		expect(parseCallbackUrl('', parseContextWith({ instanceUrl }))).toBe(url);
	});
});

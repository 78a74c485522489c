import * as fc from 'fast-check';
import { idFromLocation, pathSegment } from '../../nodes/KopoKopo/domain/resourceUrl';
import { parseAmount } from '../../nodes/KopoKopo/parsers/amount';
import { parseId } from '../../nodes/KopoKopo/parsers/id';
import {
	joinMetadata,
	parseMetadataJson,
	parseMetadataRows,
} from '../../nodes/KopoKopo/parsers/metadata';
import { parsePhoneDigits, parsePhoneWithPlus } from '../../nodes/KopoKopo/parsers/phone';
import { parseChoice, parseRequiredText, parseText } from '../../nodes/KopoKopo/parsers/text';
import { parseCallbackUrl } from '../../nodes/KopoKopo/parsers/url';
import { anyInput, isTaken, refusalOf } from './parserChecks';
import { parseContextWith } from './testData';

const place = parseContextWith();

describe('phone numbers', () => {
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
	])('%j is 254712345678', (typed) => {
		expect(parsePhoneDigits(typed, place)).toBe('712345678');
		expect(parsePhoneWithPlus(typed, place)).toBe('+254712345678');
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
	])('%j has the digits %s', (typed, digits) => {
		expect(parsePhoneDigits(typed, place)).toBe(digits);
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
	])('%j is refused with the label and a remedy', (typed) => {
		const refused = refusalOf(() =>
			parsePhoneDigits(typed, parseContextWith({ label: 'Phone Number' })),
		);

		expect(refused.message).toContain("'Phone Number'");
		expect(refused.remedy).toContain('0712345678');
	});

	/** Blanks, dashes, dots and brackets as people and programs put them between digits. */
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

	test('however a mobile number is written, its digits come out the same', () => {
		fc.assert(
			fc.property(typedMobile, ({ digits, typed }) => {
				// Ending in .0 it is a number that a spreadsheet changed, and refused.
				fc.pre(!/^\d+\.00?$/.test(typed.trim()));
				expect(parsePhoneDigits(typed, place)).toBe(digits);
			}),
		);
	});

	test('what comes out goes in again unchanged', () => {
		fc.assert(
			fc.property(typedMobile, ({ typed }) => {
				fc.pre(!/^\d+\.00?$/.test(typed.trim()));
				const written = parsePhoneWithPlus(typed, place);
				expect(parsePhoneWithPlus(written, place)).toBe(written);
			}),
		);
	});

	test('a landline is refused however it is written', () => {
		const landline = fc.stringMatching(/^[2-68]\d{8}$/);
		const typedLandline = landline.chain((digits) =>
			fc
				.constantFrom('', '0', '254', '+254', '00254', '2540', '+2540')
				.chain((prefix) => separated(prefix + digits)),
		);
		fc.assert(
			fc.property(typedLandline, (typed) => {
				expect(isTaken(() => parsePhoneDigits(typed, place))).toBe(false);
			}),
		);
	});

	test('whatever comes in, nine digits of a mobile number or a sample come out or it is refused', () => {
		fc.assert(
			fc.property(fc.oneof(anyInput, fc.stringMatching(/^\+?[\d ]{8,16}$/)), (typed) => {
				if (isTaken(() => parsePhoneDigits(typed, place))) {
					expect(parsePhoneDigits(typed, place)).toMatch(/^[179][0-9]{8}$/);
				}
			}),
		);
	});
});

describe('amounts', () => {
	test.each<[unknown, number]>([
		[1500, 1500],
		['1500', 1500],
		[' 1500 ', 1500],
		['1,500', 1500],
		['1500.00', 1500],
		['1,500.00', 1500],
		['1,234,567.89', 1234567.89],
		['1 500', 1500],
		['1\u00a0500', 1500],
		['1\u202f500', 1500],
		['1 500 000.50', 1500000.5],
		['\u00a01 500\u00a0', 1500],
		['Ksh 1 500/=', 1500],
		['1500 /=', 1500],
		['1,500.00 KES', 1500],
		['Ksh 1500.00', 1500],
		['1,500/=', 1500],
		['1500/= KES', 1500],
		['Shs 1500', 1500],
		["'1500", 1500],
		['\ufeff1500', 1500],
		['\u200e1,500\u200e', 1500],
		['KES 1500', 1500],
		['kes1,500', 1500],
		['Ksh 1,500', 1500],
		['Ksh. 1,500', 1500],
		['KSh 1500/=', 1500],
		['1500/-', 1500],
		['0010', 10],
		['10.50', 10.5],
		['0.5', 0.5],
		[0.1 + 0.2, 0.3],
		[1.1 * 3, 3.3],
		['100.0', 100],
		[1_000_000_000, 1_000_000_000],
	])('%j is %d KES', (typed, amount) => {
		expect(parseAmount(typed, place)).toBe(amount);
	});

	test.each<[unknown, string]>([
		[0, 'is zero'],
		['0', 'is zero'],
		['0.00', 'is zero'],
		['KES 0', 'is zero'],
		[-5, 'is negative'],
		['-5', 'is negative'],
		['KES -5', 'is negative'],
		['', 'is empty'],
		['  ', 'is empty'],
		['KES', 'is empty'],
		[null, 'is empty'],
		[undefined, 'is empty'],
		['ten', 'is not a number'],
		['12abc', 'is not a number'],
		['1,50', 'is not a number'],
		['1,5000', 'is not a number'],
		['1.500,00', 'is not a number'],
		['1e3', 'is not a number'],
		['0x10', 'is not a number'],
		['1.', 'is not a number'],
		['.5', 'is not a number'],
		['1500 USD', 'is not a number'],
		['1500 2000', 'is not a number'],
		['100 50', 'is not a number'],
		['15 00', 'is not a number'],
		['1500 200', 'is not a number'],
		['1 5000', 'is not a number'],
		['1  500', 'is not a number'],
		['1 500,000', 'is not a number'],
		['1, 500', 'is not a number'],
		['1 500 .00', 'is not a number'],
		['1500, 2000', 'is not a number'],
		['1500;2000', 'is not a number'],
		['1500/2000', 'is not a number'],
		['1 500 KES 2 000', 'is not a number'],
		['#REF!', 'is not a number'],
		['#N/A', 'is not a number'],
		['1.5E+03', 'is not a number'],
		['1500\n2000', 'contains a line break or a tab'],
		['1500\r\n2000', 'contains a line break or a tab'],
		['1\n500', 'contains a line break or a tab'],
		['1500\t2000', 'contains a line break or a tab'],
		['1\t500', 'contains a line break or a tab'],
		['1500\n', 'contains a line break or a tab'],
		['\t1500', 'contains a line break or a tab'],
		['1500\u20282000', 'contains a line break or a tab'],
		['USD 1500', 'is not a number'],
		['$1500', 'is not a number'],
		['٣', 'is not a number'],
		[NaN, 'is not a number'],
		[Infinity, 'is not a number'],
		[true, 'is not a number'],
		[[1500], 'is not a number'],
		[{ value: 1500 }, 'is not a number'],
		['10.555', 'has more than two decimals'],
		['100.000', 'has more than two decimals'],
		['1.500', 'has more than two decimals'],
		[10.555, 'has more than two decimals'],
		[0.001, 'has more than two decimals'],
		[1_000_000_001, 'is larger than any payment'],
		['254712345678', 'is larger than any payment'],
	])('%j is refused: it %s', (typed, why) => {
		const refused = refusalOf(() => parseAmount(typed, parseContextWith({ label: 'Amount' })));

		expect(refused.message).toContain(`'Amount' ${why}`);
		expect(refused.remedy).toContain('Kenyan shillings');
	});

	test('spaces separate thousands and nothing else', () => {
		const spaced = fc
			.array(fc.stringMatching(/^\d{1,4}$/), { minLength: 2, maxLength: 4 })
			.chain((groups) =>
				fc.constantFrom(' ', '\u00a0', '\u202f').map((space) => ({ groups, space })),
			);
		fc.assert(
			fc.property(spaced, ({ groups, space }) => {
				const [first = '', ...others] = groups;
				const isGrouped = first.length <= 3 && others.every(({ length }) => length === 3);
				const amount = Number(groups.join(''));
				const isPayable = isGrouped && amount > 0 && amount <= 1_000_000_000;
				expect(isTaken(() => parseAmount(groups.join(space), place))).toBe(isPayable);
				if (isPayable) expect(parseAmount(groups.join(space), place)).toBe(amount);
			}),
		);
	});

	test('a line break or a tab is refused wherever it stands', () => {
		fc.assert(
			fc.property(
				fc.integer({ min: 1, max: 1_000_000 }).map(String),
				fc.nat(),
				fc.constantFrom('\n', '\r\n', '\r', '\t', '\v', '\u2028', '\u2029', '\u0085'),
				(amount, position, breaks) => {
					const at = position % (amount.length + 1);
					const typed = amount.slice(0, at) + breaks + amount.slice(at);
					expect(isTaken(() => parseAmount(typed, place))).toBe(false);
				},
			),
		);
	});

	test('shillings and cents come out as they went in, as number or text, with or without commas', () => {
		fc.assert(
			fc.property(fc.integer({ min: 1, max: 100_000_000_000 }), (cents) => {
				const amount = cents / 100;
				const withCommas = amount.toLocaleString('en-KE', {
					minimumFractionDigits: 2,
					maximumFractionDigits: 2,
				});
				expect(parseAmount(amount, place)).toBe(amount);
				expect(parseAmount(amount.toFixed(2), place)).toBe(amount);
				expect(parseAmount(withCommas, place)).toBe(amount);
				expect(parseAmount(`KES ${withCommas}`, place)).toBe(amount);
				expect(parseAmount(parseAmount(amount, place), place)).toBe(amount);
			}),
		);
	});

	test('whatever comes in, a number above zero in whole cents comes out or it is refused', () => {
		fc.assert(
			fc.property(fc.oneof(anyInput, fc.double(), fc.integer()), (typed) => {
				if (!isTaken(() => parseAmount(typed, place))) return;
				const amount = parseAmount(typed, place);
				expect(amount).toBeGreaterThan(0);
				expect(Number(amount.toFixed(2))).toBe(amount);
			}),
		);
	});
});

describe('ids, bare or in a pasted address', () => {
	const id = '247b1bd8-f5a0-4b71-a898-f62f67b8ae1c';

	test.each<[string]>([
		[id],
		[`  ${id}\n`],
		[`https://sandbox.kopokopo.com/api/v2/incoming_payments/${id}`],
		[`https://sandbox.kopokopo.com/api/v2/incoming_payments/${id}/`],
		[`https://sandbox.kopokopo.com/api/v2/incoming_payments/${id}?a=b/c#d/e`],
		[`http://localhost:3000/api/v2/incoming_payments/${id}`],
		[`HTTPS://API.KOPOKOPO.COM/webhook-subscriptions/${id}`],
		[`sandbox.kopokopo.com/api/v2/incoming_payments/${id}`],
		[`/api/v2/incoming_payments/${id}`],
	])('%s', (pasted) => {
		expect(parseId(pasted, place)).toBe(id);
	});

	test.each<[unknown]>([
		[''],
		['  '],
		[null],
		[undefined],
		['/'],
		['https://sandbox.kopokopo.com'],
		['https://sandbox.kopokopo.com/'],
		['https://sandbox.kopokopo.com/?id=7'],
		['two words'],
		['%20'],
		['1.23457E+12'],
		['#REF!'],
		['#N/A'],
		['N/A'],
		['12345.0'],
		['undefined'],
		[Number('12345678901234567890')],
		[1.5],
		[true],
		[{ id }],
		[[id]],
		[`${id}\n${id}`],
	])('%j holds none and is refused', (pasted) => {
		const refused = refusalOf(() =>
			parseId(pasted, parseContextWith({ label: 'Payment Request ID' })),
		);

		expect(refused.message).toContain("'Payment Request ID'");
	});

	const anyId = fc.stringMatching(/^[\w~-][\w.~-]{0,40}$/);
	const anyPrefix = fc.array(fc.stringMatching(/^[a-z_\d-]{1,12}$/), { maxLength: 4 });

	test('the id is the same whatever host and folders stand before it', () => {
		fc.assert(
			fc.property(anyId, anyPrefix, fc.webAuthority(), (given, folders, authority) => {
				const path = [...folders, given].join('/');
				expect(idFromLocation(`https://${authority}/${path}`)).toBe(given);
				expect(idFromLocation(`http://${authority}/${path}/`)).toBe(given);
				expect(idFromLocation(`/${path}`)).toBe(given);
				expect(idFromLocation(given)).toBe(given);
			}),
		);
	});

	/** Dots only are no id: they would leave their place in a path. */
	const idOfAnyCharacters = fc
		.string({ unit: 'grapheme', minLength: 1 })
		.filter((given) => !/^\.+$/.test(given));

	test('a segment written into a path is read back from it', () => {
		fc.assert(
			fc.property(idOfAnyCharacters, (given) => {
				expect(idFromLocation(`https://h.example/api/${pathSegment(given)}`)).toBe(given);
			}),
		);
	});

	test('dots only are no id, written into a path or bare', () => {
		for (const dots of ['.', '..', '...']) {
			expect(idFromLocation(`https://h.example/api/${pathSegment(dots)}`)).toBeUndefined();
			expect(idFromLocation(dots)).toBeUndefined();
		}
		expect(idFromLocation('https://h.example/api/%2E%2e')).toBeUndefined();
	});

	test('a segment cannot add one, end the path or begin a query', () => {
		fc.assert(
			fc.property(idOfAnyCharacters, (given) => {
				const url = new URL(`/api/v2/things/${pathSegment(given)}/cancel`, 'https://h.example');
				expect(url.pathname.split('/')).toHaveLength(6);
				expect(url.pathname.startsWith('/api/v2/things/')).toBe(true);
				expect(url.pathname.endsWith('/cancel')).toBe(true);
				expect(url.search + url.hash).toBe('');
			}),
		);
	});

	test('whatever comes in, an id without blanks comes out or it is refused', () => {
		fc.assert(
			fc.property(anyInput, (typed) => {
				if (isTaken(() => parseId(typed, place))) expect(parseId(typed, place)).toMatch(/^\S+$/);
			}),
		);
	});
});

describe('metadata', () => {
	const row = (name: string, value: unknown) => ({ name, value });

	test('rows become pairs, with their names trimmed and their values as they are', () => {
		const pairs = [row(' invoice ', 'INV-7'), row('count', 7), row('paid', false), row('note', '')];

		expect(parseMetadataRows({ pairs }, place)).toEqual({
			invoice: 'INV-7',
			count: 7,
			paid: false,
			note: '',
		});
	});

	test.each<[unknown]>([[undefined], [{}], [{ pairs: [] }]])('%j are no rows', (raw) => {
		expect(parseMetadataRows(raw, place)).toBeUndefined();
	});

	test.each<[unknown]>([['{ "invoice": "INV-7", "count": 7 }'], [{ invoice: 'INV-7', count: 7 }]])(
		'%j is taken as JSON',
		(raw) => {
			expect(parseMetadataJson(raw, place)).toEqual({ invoice: 'INV-7', count: 7 });
		},
	);

	test.each<[unknown]>([[''], ['  '], ['{}'], [{}]])('%j is no metadata', (raw) => {
		expect(parseMetadataJson(raw, place)).toBeUndefined();
	});

	test.each<[unknown]>([['{'], ['invoice: 7'], ['"text"'], ['7'], ['null'], ['[1]'], [[1]], [7]])(
		'%j is not a JSON object and refused',
		(raw) => {
			expect(refusalOf(() => parseMetadataJson(raw, place)).message).toBe(
				"'The Field' is not a JSON object",
			);
		},
	);

	const numbered = (count: number) =>
		Object.fromEntries(Array.from({ length: count }, (_, at) => [`key${at}`, `value ${at}`]));
	const asRows = (metadata: object) => ({
		pairs: Object.entries(metadata).map(([key, value]) => row(key, value)),
	});

	test('five pairs pass, from rows, from JSON and from both together', () => {
		expect(parseMetadataRows(asRows(numbered(5)), place)).toEqual(numbered(5));
		expect(parseMetadataJson(numbered(5), place)).toEqual(numbered(5));
		expect(joinMetadata({ metadata: { a: 1, b: 2 }, metadataJson: { c: 3, d: 4, e: 5 } })).toEqual({
			a: 1,
			b: 2,
			c: 3,
			d: 4,
			e: 5,
		});
	});

	test('six are refused, from rows, from JSON and from both together', () => {
		const tooMany = /has 6 pairs, and Kopo Kopo keeps at most 5/;
		expect(refusalOf(() => parseMetadataRows(asRows(numbered(6)), place)).message).toMatch(tooMany);
		expect(refusalOf(() => parseMetadataJson(numbered(6), place)).message).toMatch(tooMany);
		expect(
			refusalOf(() => joinMetadata({ metadata: numbered(4), metadataJson: { a: 1, b: 2 } }))
				.message,
		).toMatch(tooMany);
	});

	test('the same name twice is refused, in rows and between rows and JSON', () => {
		expect(
			refusalOf(() => parseMetadataRows({ pairs: [row('a', 1), row('a ', 2)] }, place)).message,
		).toContain("two rows named 'a'");
		expect(
			refusalOf(() => joinMetadata({ metadata: { a: 1 }, metadataJson: { a: 2 } })).message,
		).toContain("two rows named 'a'");
	});

	test('a row without a name is refused', () => {
		expect(
			refusalOf(() => parseMetadataRows({ pairs: [row('  ', 'x')] }, place)).message,
		).toContain('has no name');
	});

	test.each<[unknown]>([[[1]], [{ deep: true }]])('%j as a value is refused', (value) => {
		expect(refusalOf(() => parseMetadataJson({ a: value }, place)).message).toContain(
			"'a' is a list",
		);
		expect(
			refusalOf(() => parseMetadataRows({ pairs: [row('a', value)] }, place)).message,
		).toContain("'a' is a list");
	});

	test('nothing in, nothing out', () => {
		expect(joinMetadata({})).toBeUndefined();
		expect(joinMetadata({ metadata: {}, metadataJson: {} })).toBeUndefined();
	});

	test('whatever JSON comes in, at most five plain pairs come out or it is refused', () => {
		fc.assert(
			fc.property(fc.oneof(anyInput, fc.json()), (typed) => {
				if (!isTaken(() => parseMetadataJson(typed, place))) return;
				const values = Object.values(parseMetadataJson(typed, place) ?? {});
				expect(values.length).toBeLessThanOrEqual(5);
				expect(values.filter((value) => typeof value === 'object' && value !== null)).toEqual([]);
			}),
		);
	});
});

describe('callback addresses', () => {
	const custom = parseContextWith({
		allowHttp: true,
	});

	test.each<[string]>([
		['https://n8n.example.com/webhook/1/kopo-kopo'],
		['HTTPS://n8n.example.com'],
		['https://n8n.example.com:8443/a?b=c'],
	])('%s is taken as it is', (typed) => {
		expect(parseCallbackUrl(`  ${typed} `, place)).toBe(typed);
	});

	test.each<[unknown]>([
		['http://n8n.example.com/webhook'],
		['n8n.example.com/webhook'],
		['ftp://n8n.example.com'],
		['javascript:alert(1)'],
		['https://'],
		['https://two words.example'],
		['later'],
		[7],
		[{ url: 'https://n8n.example.com' }],
	])('%j is refused with the label', (typed) => {
		const refused = refusalOf(() =>
			parseCallbackUrl(typed, parseContextWith({ label: 'Callback URL' })),
		);

		expect(refused.message).toContain("'Callback URL' must be a web address");
	});

	test('plain http is for a custom environment only', () => {
		const url = 'http://localhost:5678/webhook/1/kopo-kopo';

		expect(parseCallbackUrl(url, custom)).toBe(url);
		expect(isTaken(() => parseCallbackUrl(url, parseContextWith({ allowHttp: false })))).toBe(
			false,
		);
	});

	test.each<[string, string]>([
		['https://n8n.example.com/', 'https://n8n.example.com/webhook/kopo-kopo/result-not-awaited'],
		['https://example.com/n8n/', 'https://example.com/n8n/webhook/kopo-kopo/result-not-awaited'],
		['http://localhost:5678/', 'https://n8n.invalid/kopo-kopo/result-not-awaited'],
	])('left empty in an n8n at %s it is %s', (instanceUrl, url) => {
		for (const nothing of ['', '  ', undefined, null]) {
			expect(parseCallbackUrl(nothing, parseContextWith({ instanceUrl }))).toBe(url);
		}
	});

	test('whatever comes in, an https address comes out or it is refused', () => {
		fc.assert(
			fc.property(fc.oneof(anyInput, fc.webUrl()), (typed) => {
				if (isTaken(() => parseCallbackUrl(typed, place))) {
					expect(new URL(parseCallbackUrl(typed, place)).protocol).toBe('https:');
				}
			}),
		);
	});
});

describe('texts and choices', () => {
	test.each<[unknown, string | undefined]>([
		[' Nathan ', 'Nathan'],
		[0, '0'],
		[false, 'false'],
		['', undefined],
		['  ', undefined],
		[null, undefined],
		[undefined, undefined],
	])('%j as optional text is %j', (raw, text) => {
		expect(parseText(raw, place)).toBe(text);
	});

	test.each<[string]>([
		['#REF!'],
		['#N/A'],
		[' #VALUE! '],
		['#DIV/0!'],
		['#name?'],
		['Err:502'],
		['#####'],
	])('%j is an error of a spreadsheet and no text', (raw) => {
		for (const parse of [parseText, parseRequiredText]) {
			expect(refusalOf(() => parse(raw, place)).message).toContain(
				"'The Field' is an error of a spreadsheet",
			);
		}
		expect(refusalOf(() => parseMetadataJson({ invoice: raw }, place)).message).toContain(
			"'The Field: invoice' is an error of a spreadsheet",
		);
	});

	test('a text about an error of a spreadsheet is a text', () => {
		expect(parseText('Row 7 says #REF!', place)).toBe('Row 7 says #REF!');
		expect(parseText('#1 customer', place)).toBe('#1 customer');
	});

	test('required text names its field when nothing is there', () => {
		for (const nothing of ['', ' ', null, undefined]) {
			expect(refusalOf(() => parseRequiredText(nothing, place)).message).toBe(
				"'The Field' is empty",
			);
		}
		expect(parseRequiredText(' 7 ', place)).toBe('7');
	});

	const choose = parseChoice([
		{ name: 'Company', value: 'company' },
		{ name: 'Till', value: 'till' },
	]);

	test('a choice is one of its values, and a refusal lists them', () => {
		expect(choose(' till ', place)).toBe('till');
		const refused = refusalOf(() => choose('Mars', place));
		expect(refused.message).toBe("'The Field' cannot be 'Mars'");
		expect(refused.remedy).toContain('company, till');
	});

	test('whatever comes in, a choice is made or refused', () => {
		fc.assert(
			fc.property(anyInput, (raw) => {
				if (isTaken(() => choose(raw, place))) {
					expect(['company', 'till']).toContain(choose(raw, place));
				}
			}),
		);
	});
});

import * as fc from 'fast-check';
import {
	joinMetadata,
	parseMetadataJson,
	parseMetadataRows,
} from '../../nodes/KopoKopo/parsers/metadata';
import { anyInput, isAccepted, rejectionOf } from './parserChecks';
import { contextWith } from './testData';

const context = contextWith();

describe('metadata', () => {
	const row = (name: string, value: unknown) => ({ name, value });

	test('rows become pairs with trimmed names and unchanged values', () => {
		const pairs = [row(' invoice ', 'INV-7'), row('count', 7), row('paid', false), row('note', '')];

		expect(parseMetadataRows({ pairs }, context)).toEqual({
			invoice: 'INV-7',
			count: 7,
			paid: false,
			note: '',
		});
	});

	test.each<[unknown]>([[undefined], [{}], [{ pairs: [] }]])('%j contains no rows', (raw) => {
		expect(parseMetadataRows(raw, context)).toBeUndefined();
	});

	test.each<[unknown]>([
		['{ "invoice": "INV-7", "count": 7 }'],
		[{ ' invoice ': 'INV-7', count: 7 }],
	])('%j is parsed as JSON', (raw) => {
		expect(parseMetadataJson(raw, context)).toEqual({ invoice: 'INV-7', count: 7 });
	});

	test.each<[unknown]>([[''], ['  '], ['{}'], [{}]])('%j is empty metadata', (raw) => {
		expect(parseMetadataJson(raw, context)).toBeUndefined();
	});

	test.each<[unknown]>([['{'], ['invoice: 7'], ['"text"'], ['7'], ['null'], ['[1]'], [[1]], [7]])(
		'rejects %j, which is not a JSON object',
		(raw) => {
			expect(rejectionOf(() => parseMetadataJson(raw, context)).message).toBe(
				"'The Field' is not a JSON object",
			);
		},
	);

	const numbered = (count: number) =>
		Object.fromEntries(Array.from({ length: count }, (_, at) => [`key${at}`, `value ${at}`]));
	const asRows = (metadata: object) => ({
		pairs: Object.entries(metadata).map(([key, value]) => row(key, value)),
	});

	test('accepts five pairs from rows, from JSON and from both together', () => {
		expect(parseMetadataRows(asRows(numbered(5)), context)).toEqual(numbered(5));
		expect(parseMetadataJson(numbered(5), context)).toEqual(numbered(5));
		expect(joinMetadata({ metadata: { a: 1, b: 2 }, metadataJson: { c: 3, d: 4, e: 5 } })).toEqual({
			a: 1,
			b: 2,
			c: 3,
			d: 4,
			e: 5,
		});
	});

	test('rejects six pairs from rows, from JSON and from both together', () => {
		const tooMany = /has 6 pairs, and Kopo Kopo accepts at most 5/;
		expect(rejectionOf(() => parseMetadataRows(asRows(numbered(6)), context)).message).toMatch(
			tooMany,
		);
		expect(rejectionOf(() => parseMetadataJson(numbered(6), context)).message).toMatch(tooMany);
		expect(
			rejectionOf(() => joinMetadata({ metadata: numbered(4), metadataJson: { a: 1, b: 2 } }))
				.message,
		).toMatch(tooMany);
	});

	test('rejects the same name twice, in rows and between rows and JSON', () => {
		expect(
			rejectionOf(() => parseMetadataRows({ pairs: [row('a', 1), row('a ', 2)] }, context)).message,
		).toContain("two values named 'a'");
		expect(
			rejectionOf(() => joinMetadata({ metadata: { a: 1 }, metadataJson: { a: 2 } })).message,
		).toContain("two values named 'a'");
	});

	test.each<[unknown]>([[[1]], [{ deep: true }]])('rejects %j as a value', (value) => {
		expect(rejectionOf(() => parseMetadataJson({ a: value }, context)).message).toContain(
			"'a' is a list",
		);
		expect(
			rejectionOf(() => parseMetadataRows({ pairs: [row('a', value)] }, context)).message,
		).toContain("'a' is a list");
	});

	test.each([NaN, Infinity])('rejects %p as a value, which JSON does not have', (value) => {
		expect(
			rejectionOf(() => parseMetadataRows({ pairs: [row('a', value)] }, context)).message,
		).toBe(`'The Field: a' has no value: ${value}`);
	});

	test('rejects a list as a name', () => {
		expect(
			rejectionOf(() => parseMetadataRows({ pairs: [{ name: ['a'], value: 1 }] }, context)).message,
		).toBe(`'The Field' is not text: ["a"]`);
	});

	test('keeps null as a value', () => {
		expect(parseMetadataJson({ a: null }, context)).toEqual({ a: null });
	});

	test.each([['{ "invoice": "INV-7" }'], [{ invoice: 'INV-7' }]])(
		'accepts %j, returned by an expression, in place of rows',
		(raw) => {
			expect(parseMetadataRows(raw, context)).toEqual({ invoice: 'INV-7' });
		},
	);

	test('is undefined without rows and JSON', () => {
		expect(joinMetadata({})).toBeUndefined();
		expect(joinMetadata({ metadata: {}, metadataJson: {} })).toBeUndefined();
	});

	test('gives at most five plain pairs for any JSON that it accepts', () => {
		fc.assert(
			fc.property(fc.oneof(anyInput, fc.json()), (typed) => {
				if (!isAccepted(() => parseMetadataJson(typed, context))) return;
				const values = Object.values(parseMetadataJson(typed, context) ?? {});
				expect(values.length).toBeLessThanOrEqual(5);
				expect(values.filter((value) => typeof value === 'object' && value !== null)).toEqual([]);
			}),
		);
	});

	test.each([
		[
			'a row without a name',
			() => parseMetadataRows({ pairs: [row(' ', 1)] }, context),
			"A name in 'The Field' is empty",
			'Give each value a name, or remove it.',
		],
		[
			'JSON with an empty name',
			() => parseMetadataJson('{ " ": 1 }', context),
			"A name in 'The Field' is empty",
			'Give each value a name, or remove it.',
		],
		[
			'JSON with names that differ by a space',
			() => parseMetadataJson('{ "a": 1, "a ": 2 }', context),
			"'The Field' has two values named 'a'",
			'Rename or remove one of them.',
		],
		[
			'two rows with one name',
			() => parseMetadataRows({ pairs: [{ name: 'a' }, { name: 'a' }] }, context),
			"'The Field' has two values named 'a'",
			'Rename or remove one of them.',
		],
		[
			'a list as a value',
			() => parseMetadataJson({ a: [1] }, context),
			"'The Field' can only hold plain values, and 'a' is a list or an object",
			'Enter its parts as separate values or as a single text.',
		],
		[
			'six pairs from rows and JSON',
			() => joinMetadata({ metadata: { a: 1, b: 2, c: 3 }, metadataJson: { d: 4, e: 5, f: 6 } }),
			"'Metadata' has 6 pairs, and Kopo Kopo accepts at most 5",
			'Remove some, or combine several into one.',
		],
		[
			'text that is not JSON',
			() => parseMetadataJson('invoice: 7', context),
			"'The Field' is not a JSON object",
			'Enter it in the form { "invoice": "INV-7", "customer": "8675309" }.',
		],
	])('rejects %s with a message and a remedy', (_what, parse, message, remedy) => {
		expect(rejectionOf(parse)).toMatchObject({ message, remedy });
	});
});

test('parseMetadataRows reads a row without a value as empty text', () => {
	expect(parseMetadataRows({ pairs: [{ name: 'order' }] }, context)).toEqual({ order: '' });
	expect(parseMetadataRows({ pairs: [{ name: 'order', value: null }] }, context)).toEqual({
		order: '',
	});
});

import type { IDataObject } from 'n8n-workflow';
import { InvalidParameterError } from '../domain/errors';
import { type FieldContext, parseText } from './text';

/** How many pairs a request can have (docs/kopokopo-api.md#metadata). */
export const MAX_METADATA_PAIRS = 5;

function checkPairs(given: Array<[string, unknown]>, label: string): IDataObject {
	const pairs = given.map(([name, value]): [string, unknown] => [name.trim(), value]);
	const seen = new Set<string>();
	for (const [key, value] of pairs) {
		if (key === '') {
			throw new InvalidParameterError(
				`A name in '${label}' is empty`,
				'Give each value a name, or remove it.',
			);
		}
		if (seen.has(key)) {
			throw new InvalidParameterError(
				`'${label}' has two values named '${key}'`,
				'Rename or remove one of them.',
			);
		}
		if (typeof value === 'object' && value !== null) {
			throw new InvalidParameterError(
				`'${label}' can only hold plain values, and '${key}' is a list or an object`,
				'Enter its parts as separate values or as a single text.',
			);
		}
		// The error names the field and the row.
		parseText(value, { label: `${label}: ${key}` });
		seen.add(key);
	}
	if (pairs.length > MAX_METADATA_PAIRS) {
		throw new InvalidParameterError(
			`'${label}' has ${pairs.length} pairs, and Kopo Kopo accepts at most ${MAX_METADATA_PAIRS}`,
			'Remove some, or combine several into one.',
		);
	}
	return Object.fromEntries(pairs) as IDataObject;
}

/** Metadata from rows: at most 5 pairs of plain values (docs/kopokopo-api.md#metadata). */
export function parseMetadataRows(raw: unknown, context: FieldContext): IDataObject | undefined {
	const given = (raw ?? {}) as IDataObject;
	// An expression may give the pairs themselves, as JSON or as an object.
	if (typeof given !== 'object' || !('pairs' in given)) return parseMetadataJson(raw, context);
	const rows = (Array.isArray(given.pairs) ? given.pairs : [given.pairs]) as unknown[];
	const pairs = rows.map((row): [string, unknown] => {
		const { name, value } = (row ?? {}) as IDataObject;
		return [parseText(name, context) ?? '', value ?? ''];
	});
	return pairs.length === 0 ? undefined : checkPairs(pairs, context.label);
}

/** Metadata from JSON, as text or as the object an expression gave. */
export function parseMetadataJson(raw: unknown, context: FieldContext): IDataObject | undefined {
	let value: unknown = raw ?? {};
	if (typeof raw === 'string') {
		if (raw.trim() === '') return undefined;
		try {
			value = JSON.parse(raw);
		} catch {
			value = undefined;
		}
	}
	if (typeof value !== 'object' || value === null || Array.isArray(value)) {
		throw new InvalidParameterError(
			`'${context.label}' is not a JSON object`,
			'Enter it in the form { "invoice": "INV-7", "customer": "8675309" }.',
		);
	}
	const pairs = Object.entries(value);
	return pairs.length === 0 ? undefined : checkPairs(pairs, context.label);
}

/** Rows and JSON may both be filled in: together they are one set of pairs under one limit. */
export function joinMetadata(given: {
	metadata?: IDataObject | undefined;
	metadataJson?: IDataObject | undefined;
}): IDataObject | undefined {
	const pairs = [
		...Object.entries(given.metadata ?? {}),
		...Object.entries(given.metadataJson ?? {}),
	];
	if (pairs.length === 0) return undefined;
	return checkPairs(pairs, 'Metadata');
}

import type { IDataObject } from 'n8n-workflow';
import { field, InputRefused, type Place } from './operation';
import { asText } from './readers';

const MAX_PAIRS = 5;

function checkedPairs(pairs: Array<[string, unknown]>, label: string): IDataObject {
	const seen = new Set<string>();
	for (const [key, value] of pairs) {
		if (key === '') {
			throw new InputRefused(
				`A row of '${label}' has no name`,
				'Give each row a name, or remove it.',
			);
		}
		if (seen.has(key)) {
			throw new InputRefused(
				`'${label}' has two rows named '${key}'`,
				'Rename or remove one of them.',
			);
		}
		if (typeof value === 'object' && value !== null) {
			throw new InputRefused(
				`'${label}' can only hold plain values, and '${key}' is a list or an object`,
				'Write its parts as rows of their own, or as one text.',
			);
		}
		seen.add(key);
	}
	if (pairs.length > MAX_PAIRS) {
		throw new InputRefused(
			`'${label}' has ${pairs.length} pairs, and Kopo Kopo keeps at most ${MAX_PAIRS}`,
			'Remove some, or join them into one text.',
		);
	}
	return Object.fromEntries(pairs) as IDataObject;
}

/** Metadata from rows: at most 5 pairs of plain values (contract, section 7). */
export function readMetadataRows(raw: unknown, place: Place): IDataObject | undefined {
	const given = (raw ?? {}) as IDataObject;
	// An expression may give the pairs themselves, as JSON or as an object.
	if (typeof raw === 'string' || !('pairs' in given)) return readMetadataJson(raw, place);
	const rows = (Array.isArray(given.pairs) ? given.pairs : [given.pairs]) as unknown[];
	const pairs = rows.map((row): [string, unknown] => {
		const { key, value } = (row ?? {}) as IDataObject;
		return [asText(key), value ?? ''];
	});
	return pairs.length === 0 ? undefined : checkedPairs(pairs, place.label);
}

/** Metadata from JSON, as text or as the object an expression gave. */
export function readMetadataJson(raw: unknown, place: Place): IDataObject | undefined {
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
		throw new InputRefused(
			`'${place.label}' is not a JSON object`,
			'Write it like { "invoice": "INV-7", "customer": "8675309" }.',
		);
	}
	const pairs = Object.entries(value);
	return pairs.length === 0 ? undefined : checkedPairs(pairs, place.label);
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
	return checkedPairs(pairs, 'Metadata');
}

export const metadataRows = field(
	{
		displayName: 'Metadata',
		name: 'metadata',
		type: 'fixedCollection',
		typeOptions: { multipleValues: true },
		default: {},
		placeholder: 'Add Pair',
		description:
			'Up to 5 values of your own that come back with the result, such as an invoice number',
		options: [
			{
				displayName: 'Pairs',
				name: 'pairs',
				values: [
					{
						displayName: 'Name',
						name: 'key',
						type: 'string',
						default: '',
						placeholder: 'e.g. invoice',
					},
					{
						displayName: 'Value',
						name: 'value',
						type: 'string',
						default: '',
						placeholder: 'e.g. INV-2041',
					},
				],
			},
		],
	},
	readMetadataRows,
);

export const metadataJson = field(
	{
		displayName: 'Metadata (JSON)',
		name: 'metadataJson',
		type: 'json',
		default: '{}',
		description: 'The same as one JSON object of up to 5 plain values',
	},
	readMetadataJson,
);

/** The two ways to give metadata; joinMetadata() makes one of them. */
export const metadataFields = [metadataRows, metadataJson] as const;

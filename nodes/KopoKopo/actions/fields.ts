import type { IDataObject, INodePropertyOptions } from 'n8n-workflow';
import { isCallbackAllowed } from '../api/environment';
import { idFromLocation } from '../api/request';
import { field, InputRefused, type Place } from './operation';

/** The value as trimmed text; numbers as people see them, nothing as ''. */
function asText(raw: unknown): string {
	if (raw === undefined || raw === null) return '';
	if (typeof raw === 'object') return JSON.stringify(raw);
	return String(raw).trim();
}

/** A reader of optional text. */
export function readText(raw: unknown): string | undefined {
	const text = asText(raw);
	return text === '' ? undefined : text;
}

/** A reader of text that must be there. */
export function readRequiredText(raw: unknown, { label }: Place): string {
	const text = asText(raw);
	if (text === '') {
		throw new InputRefused(`'${label}' is empty`, `Enter a value for '${label}'.`);
	}
	return text;
}

/** The value of an options field, which an expression can set to anything. */
export function readChoice<const Value extends string>(
	options: readonly { value: Value; name: string }[],
) {
	return (raw: unknown, { label }: Place): Value => {
		const text = asText(raw);
		const chosen = options.find(({ value }) => value === text);
		if (chosen === undefined) {
			throw new InputRefused(
				`'${label}' cannot be '${text}'`,
				`Choose one of: ${options.map(({ value }) => value).join(', ')}.`,
			);
		}
		return chosen.value;
	};
}

/** For options lists: keeps the values as literal types. */
export function choices<
	const Options extends readonly (INodePropertyOptions & { value: string })[],
>(...options: Options): Options {
	return options;
}

/**
 * A Kenyan phone number as people type it, or as a spreadsheet left it, to its nine digits after 254
 * (contract, section 7: any nine digits pass, samples use 254999999999).
 */
export function readPhoneDigits(raw: unknown, { label }: Place): string {
	const typed = asText(raw);
	const refuse = (why: string) =>
		new InputRefused(
			`'${label}' ${why}: ${typed.slice(0, 40)}`,
			'Write a Kenyan number such as 0712345678, 0112345678 or +254712345678.',
		);
	if (typed === '') {
		throw new InputRefused(`'${label}' is empty`, `Enter a phone number, such as 0712345678.`);
	}
	// Word processors put in no-break spaces and typographic dashes; people, dots and brackets.
	const compact = typed.replace(
		/[\s\u00a0\u200b-\u200f\u2010-\u2015\u202a-\u202f\u2060\ufeff().-]/g,
		'',
	);
	if (/[^\d+]/.test(compact) || compact.lastIndexOf('+') > 0) {
		throw refuse('holds something that is not part of a phone number');
	}
	const match =
		/^\+?254(?<digits>\d{9})$/.exec(compact) ??
		/^(?:\+254|254)0(?<digits>[17]\d{8})$/.exec(compact) ??
		/^00254(?<digits>\d{9})$/.exec(compact) ??
		/^0(?<digits>[17]\d{8})$/.exec(compact) ??
		/^(?<digits>[17]\d{8})$/.exec(compact);
	const digits = match?.groups?.digits;
	if (digits === undefined) throw refuse('is not a Kenyan phone number');
	return digits;
}

/** `+254XXXXXXXXX`, as payment requests and external recipients want it (contract, section 7). */
export const readPhoneWithPlus = (raw: unknown, place: Place): string =>
	`+254${readPhoneDigits(raw, place)}`;

/** `254XXXXXXXXX`, as send money and transfer accounts want it (contract, section 7). */
export const readPhoneBare = (raw: unknown, place: Place): string =>
	`254${readPhoneDigits(raw, place)}`;

const LARGEST_AMOUNT = 1_000_000_000;

/**
 * Kenyan shillings, not cents: a number or text such as `1,500` or `KES 1500.00`, above zero, with at
 * most two decimals (contract, section 7; no official limit is known, so none is set).
 */
export function readAmount(raw: unknown, { label }: Place): number {
	// Arithmetic in an expression leaves 0.30000000000000004 where a person means 0.30.
	const typed = asText(typeof raw === 'number' ? Number(raw.toFixed(6)) : raw);
	const text = typed
		.replace(/^(?:kes|ksh\.?|kshs\.?)\s*/i, '')
		.replace(/\s*\/[-=]$/, '')
		.replace(/[\s\u00a0]/g, '');
	const plain = /^\d{1,3}(?:,\d{3})+(?:\.\d+)?$/.test(text) ? text.replaceAll(',', '') : text;
	const refuse = (why: string) =>
		new InputRefused(
			`'${label}' ${why}: ${typed.slice(0, 40)}`,
			'Write Kenyan shillings as a number above zero, such as 1500 or 1,500.00.',
		);
	if (plain === '') {
		throw new InputRefused(
			`'${label}' is empty`,
			`Enter an amount in Kenyan shillings, such as 1500.`,
		);
	}
	if (/^-/.test(plain)) throw refuse('is negative');
	if (!/^\d+(?:\.\d+)?$/.test(plain)) throw refuse('is not a number');
	const amount = Number(plain);
	if (amount === 0) throw refuse('is zero');
	if (amount > LARGEST_AMOUNT) throw refuse('is larger than any payment');
	if (!/^\d+(?:\.\d{1,2}0*)?$/.test(plain)) throw refuse('has a fraction of a cent');
	return amount;
}

/** An amount without cents, as send money wants it (contract, section 7: Integer). */
export function readWholeAmount(raw: unknown, place: Place): number {
	const amount = readAmount(raw, place);
	if (!Number.isInteger(amount)) {
		throw new InputRefused(
			`'${place.label}' has cents: ${amount}`,
			'Kopo Kopo sends whole shillings only. Round it, such as 1500.',
		);
	}
	return amount;
}

/** An id, bare or inside a pasted resource URL; the URL itself is never followed. */
export function readId(raw: unknown, place: Place): string {
	const text = readRequiredText(raw, place);
	const id = idFromLocation(text);
	if (id === undefined || /\s/.test(id)) {
		throw new InputRefused(
			`'${place.label}' holds no ID: ${text.slice(0, 80)}`,
			'Paste the ID that Kopo Kopo gave, or the whole address that ends with it.',
		);
	}
	return id;
}

const MAX_PAIRS = 5;

function checkedPairs(pairs: Array<[string, unknown]>, label: string): IDataObject {
	const metadata: IDataObject = {};
	for (const [key, value] of pairs) {
		if (key === '') {
			throw new InputRefused(
				`A row of '${label}' has no name`,
				'Give each row a name, or remove it.',
			);
		}
		if (Object.hasOwn(metadata, key)) {
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
		metadata[key] = value as IDataObject[string];
	}
	if (pairs.length > MAX_PAIRS) {
		throw new InputRefused(
			`'${label}' has ${pairs.length} pairs, and Kopo Kopo keeps at most ${MAX_PAIRS}`,
			'Remove some, or join them into one text.',
		);
	}
	return metadata;
}

/** Metadata from rows: at most 5 pairs of plain values (contract, section 7). */
export function readMetadataRows(raw: unknown, place: Place): IDataObject | undefined {
	const rows = ((raw as IDataObject | undefined)?.pairs ?? []) as IDataObject[];
	const pairs = rows.map((row): [string, unknown] => [asText(row.key), row.value ?? '']);
	return pairs.length === 0 ? undefined : checkedPairs(pairs, place.label);
}

/** Metadata from JSON, as text or as the object an expression gave. */
export function readMetadataJson(raw: unknown, place: Place): IDataObject | undefined {
	let value: unknown = raw;
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

/** Reserved by RFC 2606: names no host, so a result sent there reaches nobody. */
const NOBODY = 'https://n8n.invalid/kopo-kopo/result-not-awaited';

/**
 * Where Kopo Kopo sends the result. Kopo Kopo insists on one; left empty it is this n8n's own address
 * when that is https, and otherwise nobody's: the result carries names and phone numbers.
 */
export function readCallbackUrl(raw: unknown, { label, credential, instanceUrl }: Place): string {
	const url = asText(raw);
	if (url === '') {
		return /^https:\/\//i.test(instanceUrl)
			? new URL('webhook/kopo-kopo/result-not-awaited', instanceUrl).href
			: NOBODY;
	}
	if (!isCallbackAllowed(url, credential)) {
		throw new InputRefused(
			`'${label}' must be a web address that begins with https://: ${url.slice(0, 80)}`,
			"Use the Production URL of a Kopo Kopo Trigger. When that begins with http://, set WEBHOOK_URL in n8n's environment to its public https address.",
		);
	}
	return url;
}

export const callbackUrl = field(
	{
		displayName: 'Callback URL',
		name: 'callbackUrl',
		type: 'string',
		default: '',
		placeholder: 'e.g. https://n8n.example.com/webhook/…/kopo-kopo',
		description:
			'Where Kopo Kopo sends the result: the Production URL of a Kopo Kopo Trigger. Leave empty when nothing waits for it.',
	},
	readCallbackUrl,
);

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

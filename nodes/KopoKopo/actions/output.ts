import type { INodeProperties } from 'n8n-workflow';
import type { Item } from './operation';

/** How an item's fields are given; the value of Output, stored in saved workflows. */
type Output = 'raw' | 'selectedFields' | 'simplified';

/** Every field that some simplified item has, beside those that are always kept. */
const FIELDS = [
	'amount',
	'currency',
	'eventType',
	'fromTime',
	'isFinal',
	'link',
	'location',
	'message',
	'metadata',
	'name',
	'number',
	'occurredAt',
	'phoneNumber',
	'recipientType',
	'reference',
	'scope',
	'sender',
	'status',
	'tillNumber',
	'toTime',
	'transactionReference',
	'transactions',
	'type',
	'url',
];

/** What a model must never be without: which payment it is, and whether it was one. */
const ALWAYS_KEPT = ['id', 'outcome'];

/** In words, as a label: `phoneNumber` is Phone Number. */
const labelOf = (name: string) =>
	name === 'url'
		? 'URL'
		: name.replace(/[A-Z]/g, ' $&').replace(/^./, (first) => first.toUpperCase());

/** What the items look like; a tool of an AI agent, whose model reads every word, has a choice more. */
export const outputProperties: INodeProperties[] = [
	{
		displayName: 'Simplify',
		name: 'simplify',
		type: 'boolean',
		default: true,
		displayOptions: { show: { '@tool': [false] } },
		description: 'Whether to return a simplified version of the response instead of the raw data',
	},
	{
		displayName: 'Output',
		name: 'output',
		type: 'options',
		displayOptions: { show: { '@tool': [true] } },
		options: [
			{ name: 'Raw', value: 'raw', description: "Kopo Kopo's answer as it came" },
			{
				name: 'Selected Fields',
				value: 'selectedFields',
				description: 'Only the fields that you choose, which costs the model the least to read',
			},
			{
				name: 'Simplified',
				value: 'simplified',
				description: 'The most useful fields, at most ten',
			},
		],
		default: 'simplified',
		description: 'What the AI agent is shown of the result',
	},
	{
		displayName: 'Fields',
		name: 'outputFields',
		type: 'multiOptions',
		displayOptions: { show: { '@tool': [true], output: ['selectedFields'] } },
		options: FIELDS.map((value) => ({ name: labelOf(value), value })),
		default: ['amount', 'message', 'reference'],
		description: 'What to show beside the ID and the outcome, which are always there',
	},
];

/** The node's settings for one item, however the context at hand reads them. */
interface Settings {
	/** The node is an AI agent's tool. */
	isTool: boolean;
	read(name: string, fallback: unknown): unknown;
}

const outputOf = ({ read }: Settings) => read('output', 'simplified') as Output;

/** Whether the user wants flat, ready-to-use fields of an item. */
export const isSimplified = (settings: Settings): boolean =>
	settings.isTool ? outputOf(settings) !== 'raw' : settings.read('simplify', true) === true;

/**
 * The item with the fields that the user chose, its `id` and its `outcome`. One that failed, or whose fate
 * is unknown, stays whole, for its text says what to do; so does one that has none of all these fields.
 */
export function withChosenFields(item: Item, settings: Settings): Item {
	if (!settings.isTool || outputOf(settings) !== 'selectedFields') return item;
	if (item.outcome === 'unknown' || 'error' in item) return item;
	const chosen = new Set([...ALWAYS_KEPT, ...(settings.read('outputFields', []) as string[])]);
	const kept = Object.entries(item).filter(([name]) => chosen.has(name));
	return kept.length > 0 ? Object.fromEntries(kept) : item;
}

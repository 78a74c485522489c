import type { INodeProperties } from 'n8n-workflow';
import type { Item } from './defineOperation';

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

/** How an operation that is answered later is waited for; stored in saved workflows. */
export type WaitMode = 'no' | 'pause' | 'poll';

export const DEFAULT_WAIT_S = 120;

/** The fields of an operation that is answered later. */
export function waitingFields(byDefault: WaitMode): INodeProperties[] {
	return [
		{
			displayName: 'Wait for Result',
			name: 'waitForResult',
			type: 'options',
			noDataExpression: true,
			options: [
				{
					name: 'No',
					value: 'no',
					description: "Go on at once with outcome pending. The result goes to 'Callback URL'.",
				},
				{
					name: 'Pause Until Callback',
					value: 'pause',
					description:
						'Put the execution to sleep until Kopo Kopo calls back. Costs nothing meanwhile; needs a public https address; one item at a time. A sub-workflow of n8n 1 polls instead.',
				},
				{
					name: 'Poll',
					value: 'poll',
					description: 'Ask Kopo Kopo until the result is there. Works without a public address.',
				},
			],
			default: byDefault,
			description: 'Whether to go on only when it is known what became of the request',
		},
		{
			displayName: 'Wait Up To (Seconds)',
			name: 'waitSeconds',
			type: 'number',
			typeOptions: { minValue: 1 },
			displayOptions: { show: { waitForResult: ['pause', 'poll'] } },
			default: DEFAULT_WAIT_S,
			description:
				'When the time is up, the item goes on with outcome pending. A pause lasts at least 70 seconds.',
		},
	];
}

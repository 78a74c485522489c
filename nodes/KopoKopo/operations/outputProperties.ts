import type { INodeProperties } from 'n8n-workflow';
import { LEADING_FIELDS, TRAILING_FIELDS } from '../domain/payment';

/** The fields of simplified items that are not payments: accounts, searches and subscriptions. */
const OTHER_FIELDS = [
	'eventType',
	'fromTime',
	'name',
	'number',
	'recipientType',
	'scope',
	'toTime',
	'url',
];

/** Fields that always remain, or that only deliveries have. */
const NOT_OFFERED = new Set<string>([
	'outcome',
	'id',
	'isDuplicate',
	'isAmountChanged',
	'isRecognized',
	'eventId',
	'accountNumber',
	'settled',
]);

/** Every field of the action node's simplified items, except those that are always kept. */
const FIELDS = ['link', ...LEADING_FIELDS, ...TRAILING_FIELDS, ...OTHER_FIELDS]
	.filter((name) => !NOT_OFFERED.has(name))
	.sort();

/** The label of a field: `phoneNumber` is Phone Number. */
const labelOf = (name: string) =>
	name === 'url'
		? 'URL'
		: name.replace(/[A-Z]/g, ' $&').replace(/^./, (first) => first.toUpperCase());

/** The output format. The tool of an AI agent has one more choice, because its model reads every field. */
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
			{ name: 'Raw', value: 'raw', description: "Kopo Kopo's response, unchanged" },
			{
				name: 'Selected Fields',
				value: 'selectedFields',
				description: 'Only the fields that you choose. Uses the fewest tokens.',
			},
			{
				name: 'Simplified',
				value: 'simplified',
				description: 'The most useful fields of a payment, at most ten',
			},
		],
		default: 'simplified',
		description: 'Which part of the result the AI agent gets',
	},
	{
		displayName: 'Fields',
		name: 'fields',
		type: 'multiOptions',
		displayOptions: { show: { '@tool': [true], output: ['selectedFields'] } },
		options: FIELDS.map((value) => ({ name: labelOf(value), value })),
		default: ['amount', 'message', 'reference'],
		description: 'The fields to return in addition to the ID and the outcome',
	},
];

import type { INodeProperties } from 'n8n-workflow';
import { choices } from '../parsers/text';

/** The options of 'Wait for Result'. */
export const waitModes = choices(
	{
		name: 'Continue Immediately',
		value: 'continueImmediately',
		description: "Continue with the outcome pending. Kopo Kopo sends the result to 'Callback URL'.",
	},
	{
		name: 'Keep Checking',
		value: 'keepChecking',
		description:
			'Ask Kopo Kopo repeatedly until the result is final. Works without a public address.',
	},
	{
		name: 'Pause Until Notified',
		value: 'pauseUntilNotified',
		description:
			'Pause the execution until Kopo Kopo sends the result. Needs a public https address and works with one item at a time. A sub-workflow keeps checking instead.',
	},
);

/** How the node waits for a result that Kopo Kopo sends later; stored in saved workflows. */
export type WaitMode = (typeof waitModes)[number]['value'];

export const DEFAULT_WAIT_S = 120;

/** n8n looks for paused executions to resume once a minute, so a shorter pause would end late. */
export const MIN_PAUSE_S = 70;

/** The wait settings of an operation whose result Kopo Kopo sends later. */
export function waitProperties(byDefault: WaitMode): INodeProperties[] {
	return [
		{
			displayName: 'Wait for Result',
			name: 'waitForResult',
			type: 'options',
			noDataExpression: true,
			options: [...waitModes],
			default: byDefault,
			description:
				'What the node does until the final result is known. See <a href="https://github.com/n8n-nodes-kopokopo/n8n-nodes-kopokopo/blob/main/docs/waiting.md" target="_blank">Waiting for the result</a>.',
		},
		{
			displayName: 'Wait Up To (Seconds)',
			name: 'waitUpTo',
			type: 'number',
			typeOptions: { minValue: 1 },
			displayOptions: { show: { waitForResult: ['keepChecking', 'pauseUntilNotified'] } },
			default: DEFAULT_WAIT_S,
			description: `If there is no result by then, the node continues with the outcome pending. If no result comes, a pause ends after ${MIN_PAUSE_S} seconds at the earliest.`,
		},
	];
}

const duplicateProtectionKey: INodeProperties = {
	displayName: 'Duplicate Protection Key',
	name: 'duplicateProtectionKey',
	type: 'string',
	default: '',
	placeholder: 'e.g. payout-2041',
	description:
		"A unique name for this payment, such as the payout's number in your books. It is stored in n8n's database, and the node never sends a second request with the same key, not even in another execution. See <a href='https://github.com/n8n-nodes-kopokopo/n8n-nodes-kopokopo/blob/main/docs/money-safety.md' target='_blank'>Money safety</a>.",
};

/** How long a payout that equals one of an earlier execution is not sent, unless the user says otherwise. */
export const DEFAULT_REPEAT_MINUTES = 10;

/** A day. */
export const MAX_REPEAT_MINUTES = 24 * 60;

const allowRepeatsAfter: INodeProperties = {
	displayName: 'Allow Repeats After (Minutes)',
	name: 'allowRepeatsAfter',
	type: 'number',
	typeOptions: { minValue: 0, maxValue: MAX_REPEAT_MINUTES },
	default: DEFAULT_REPEAT_MINUTES,
	description:
		'How long to block a payout that is identical to one in an earlier execution: same source till, receivers and amount. 0 allows repeats at any time. A payment request can be repeated as soon as the earlier one has a result.',
};

const maximumAmount: INodeProperties = {
	displayName: 'Maximum Amount',
	name: 'maximumAmount',
	type: 'number',
	default: 0,
	placeholder: 'e.g. 20000',
	description:
		'The largest amount of one item, in Kenyan shillings (KES). All items are checked before anything is sent. It cannot be used where Kopo Kopo decides the amount.',
};

const maximumTotal: INodeProperties = {
	displayName: 'Maximum Total',
	name: 'maximumTotal',
	type: 'number',
	default: 0,
	placeholder: 'e.g. 500000',
	description:
		'The largest total of all items, in Kenyan shillings (KES). It is checked before anything is sent. It cannot be used where Kopo Kopo decides the amount.',
};

/** How many items run at the same time. */
export const DEFAULT_BATCH_SIZE = 10;

/** How long every request waits for a response, unless the user says otherwise. */
export const DEFAULT_TIMEOUT_MS = 30_000;

/** Display conditions of an option, for each API version. */
type ShownFor = Array<Record<string, string[]>>;

/**
 * The node's Options.
 * @param shownFor where the options are shown that only some operations have: those that move money, and of
 * these the ones that are compared with those of earlier executions
 */
export function optionsProperty(shownFor: { money: ShownFor; repeats: ShownFor }): INodeProperties {
	const forEach = (option: INodeProperties, conditions: ShownFor) =>
		conditions.map((show) => ({ ...option, displayOptions: { show } }));
	return {
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add Option',
		default: {},
		options: [
			...forEach(allowRepeatsAfter, shownFor.repeats),
			{
				displayName: 'Batching',
				name: 'batching',
				type: 'fixedCollection',
				placeholder: 'Add Batching',
				default: { batch: {} },
				options: [
					{
						displayName: 'Batching',
						name: 'batch',
						values: [
							{
								displayName: 'Items per Batch',
								name: 'batchSize',
								type: 'number',
								typeOptions: { minValue: 1 },
								default: DEFAULT_BATCH_SIZE,
								description: 'How many items to process at the same time',
							},
							{
								displayName: 'Batch Interval (Ms)',
								name: 'batchInterval',
								type: 'number',
								typeOptions: { minValue: 0 },
								default: 0,
								description:
									'Time between two batches, in milliseconds. With 0, the next item starts as soon as one is done.',
							},
						],
					},
				],
			},
			...forEach(duplicateProtectionKey, shownFor.money),
			...forEach(maximumAmount, shownFor.money),
			...forEach(maximumTotal, shownFor.money),
			{
				displayName: 'Timeout (Ms)',
				name: 'timeout',
				type: 'number',
				typeOptions: { minValue: 1 },
				default: DEFAULT_TIMEOUT_MS,
				description: 'How long to wait for a response from Kopo Kopo, in milliseconds',
			},
		],
	};
}

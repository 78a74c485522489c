import { asOptions, EVENTS } from './events';

/** One result callback: what becomes of a request is sent to its Callback URL (contract, section 10). */
export interface ResultDefinition {
	name: string;
	description: string;
	/** `data.type` of the body; documents disagree on one (contract, section 12.2). */
	types: readonly string[];
	/** `event` of the flat v1 form, up to its dot, that only one document claims (contract, section 10). */
	legacyEvent?: string;
}

/** THE catalogue of result callbacks. They need no subscription: the trigger's URL is the Callback URL. */
export const RESULTS = {
	incoming_payment_result: {
		name: 'Result of Payment Request',
		description: "A customer paid, or did not. Use this URL as the 'Callback URL' of the request.",
		types: ['incoming_payment'],
		legacyEvent: 'incoming_payment',
	},
	payment_link_result: {
		name: 'Result of Payment Link',
		description:
			"A link was paid, tried, cancelled or ran out. Use this URL as its 'Callback URL'.",
		types: ['payment_link'],
	},
	polling_result: {
		name: 'Result of Transaction Poll',
		description:
			"The payments of a period are there. Use this URL as the 'Callback URL' of the poll.",
		types: ['polling'],
	},
	reversal_result: {
		name: 'Result of Reversal',
		description: "Money went back, or did not. Use this URL as the 'Callback URL' of the reversal.",
		types: ['reversals', 'reversal'],
	},
	send_money_result: {
		name: 'Result of Send Money',
		description: "Money arrived, or did not. Use this URL as the 'Callback URL' of the order.",
		types: ['send_money', 'payment', 'settlement_transfer'],
		legacyEvent: 'pay',
	},
	transaction_sms_notification_result: {
		name: 'Result of SMS Notification',
		description: "A message was sent. Use this URL as the 'Callback URL' of the message.",
		types: ['transaction_sms_notification'],
	},
} as const satisfies Record<string, ResultDefinition>;

export type ResultTopic = keyof typeof RESULTS;

const resultTopics = Object.keys(RESULTS) as ResultTopic[];
const resultOf = (topic: ResultTopic): ResultDefinition => RESULTS[topic];

export const isResultTopic = (topic: unknown): topic is ResultTopic =>
	typeof topic === 'string' && Object.hasOwn(RESULTS, topic);

/** The result topic of a `data.type`, or of the event of the flat v1 form. */
export function topicOfResult({ type, event }: { type?: unknown; event?: unknown }) {
	const legacy = typeof event === 'string' ? event.split('.')[0] : undefined;
	return resultTopics.find(
		(topic) =>
			resultOf(topic).types.some((known) => known === type) ||
			(legacy !== undefined && resultOf(topic).legacyEvent === legacy),
	);
}

/** All that a trigger can start on: what is subscribed, and what comes to a Callback URL. */
export const triggerOptions = asOptions({ ...EVENTS, ...RESULTS });

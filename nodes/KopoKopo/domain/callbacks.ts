/**
 * One result callback: Kopo Kopo sends the result of a request to its Callback URL
 * (docs/kopokopo-api.md#result-bodies).
 */
export interface CallbackDefinition {
	name: string;
	description: string;
	/** `data.type` of the body; documents disagree on one (docs/kopokopo-api.md#reversal-results). */
	types: readonly string[];
	/**
	 * The part of `event` before its dot in the flat v1 form, which only one document describes
	 * (docs/kopokopo-api.md#payload-types).
	 */
	legacyEvent?: string;
}

/**
 * The catalogue of result callbacks, in the order of the menu. They need no subscription: the trigger's URL
 * is the Callback URL.
 */
export const CALLBACKS = {
	incoming_payment_result: {
		name: 'Result of Payment Request',
		description:
			"A customer paid, or did not. Use this trigger's URL as the 'Callback URL' of the payment request.",
		types: ['incoming_payment'],
		legacyEvent: 'incoming_payment',
	},
	payment_link_result: {
		name: 'Result of Payment Link',
		description:
			"A payment link was paid, was cancelled or expired, or an attempt to pay it failed. Use this trigger's URL as the 'Callback URL' of the link.",
		types: ['payment_link'],
	},
	send_money_result: {
		name: 'Result of Send Money',
		description:
			"Money arrived, or did not. Use this trigger's URL as the 'Callback URL' of the payout.",
		types: ['send_money', 'payment', 'settlement_transfer'],
		legacyEvent: 'pay',
	},
	reversal_result: {
		name: 'Result of Reversal',
		description:
			"A payment was refunded, or was not. Use this trigger's URL as the 'Callback URL' of the reversal.",
		types: ['reversals', 'reversal'],
	},
	polling_result: {
		name: 'Result of Transaction Search',
		description:
			"The payments of a period are ready. Use this trigger's URL as the 'Callback URL' of the search.",
		types: ['polling'],
	},
	transaction_sms_notification_result: {
		name: 'Result of SMS Notification',
		description:
			"A message was sent, or was not. Use this trigger's URL as the 'Callback URL' of the message.",
		types: ['transaction_sms_notification'],
	},
} as const satisfies Record<string, CallbackDefinition>;

export type CallbackTopic = keyof typeof CALLBACKS;

const callbackTopics = Object.keys(CALLBACKS) as CallbackTopic[];

const callbackOf = (topic: CallbackTopic): CallbackDefinition => CALLBACKS[topic];

export const isCallbackTopic = (topic: unknown): topic is CallbackTopic =>
	typeof topic === 'string' && Object.hasOwn(CALLBACKS, topic);

/** The result topic of a `data.type`, or of the event of the flat v1 form. */
export function topicOfCallback({ type, event }: { type?: unknown; event?: unknown }) {
	const legacy = typeof event === 'string' ? event.split('.')[0] : undefined;
	return callbackTopics.find(
		(topic) =>
			callbackOf(topic).types.some((known) => known === type) ||
			(legacy !== undefined && callbackOf(topic).legacyEvent === legacy),
	);
}

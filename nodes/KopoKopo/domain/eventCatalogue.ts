import type { IDataObject } from 'n8n-workflow';
import type { ZodTypeAny } from 'zod';
import {
	buygoodsTransaction,
	cardTransaction,
	customer,
	settlementTransfer,
	tillToTillTransaction,
} from './eventSchemas';
import { asObject, asReference, asTextOrNull } from './json';
import { outcomeMessage, returnedMessage } from './paymentMessages';
import { asAmount } from './money';
import { asPhone, card, joinNames, payer, payingBusiness } from './parties';
import type { Payment } from './payment';
import { settlement } from './settlement';
import { normalizeStatus, RETURNED_WORDS } from './statusWords';

/** What an event adds to the fields that all transactions share. */
type EventDetails = Partial<Payment>;

const reversed = (details: EventDetails): EventDetails => ({
	...details,
	message: returnedMessage('reversed'),
});

const voided = (details: EventDetails): EventDetails => ({
	...details,
	message: returnedMessage('voided'),
});

/** One event of the catalogue. */
export interface EventDefinition {
	/** Label in the menu. */
	name: string;
	description: string;
	/** The event exists only for the whole company (docs/kopokopo-api.md#event-scope). */
	companyOnly: boolean;
	/**
	 * TransactionType of the Daraja body, where Kopo Kopo can send one
	 * (docs/kopokopo-api.md#daraja-payloads).
	 */
	daraja?: string;
	/**
	 * The outcome of the payment, unless its resource says otherwise. A reversed payment is a failure, because the
	 * money has gone back.
	 */
	outcome: 'success' | 'failure';
	/**
	 * For a received payment, whether polls list it, too. Its deliveries are recognized by its receipt and
	 * amount, those of all other events by their ID (docs/kopokopo-api.md#identity-of-a-delivery).
	 */
	received?: { isListed: boolean };
	schema: () => ZodTypeAny;
	details(resource: IDataObject): EventDetails;
}

/**
 * The catalogue of subscription events, by topic (docs/kopokopo-api.md#event-types), in the order of the menu, the
 * most used first. The menu, the subscriptions, the scope rule, the parser and the item are derived from it.
 * `m2m_transaction_received` is left out, because only v1 has it.
 */
export const EVENTS = {
	buygoods_transaction_received: {
		name: 'M-Pesa Payment Received (Buy Goods)',
		description: 'A customer made an M-Pesa payment to your till',
		companyOnly: false,
		daraja: 'Buygoods',
		outcome: 'success',
		received: { isListed: true },
		schema: buygoodsTransaction,
		details: payer,
	},
	buygoods_transaction_reversed: {
		name: 'M-Pesa Payment Reversed (Buy Goods)',
		description: 'An M-Pesa payment to your till was reversed',
		companyOnly: false,
		outcome: 'failure',
		schema: buygoodsTransaction,
		details: (resource) => reversed(payer(resource)),
	},
	b2b_transaction_received: {
		name: 'Business Payment Received (B2B)',
		description: 'Another business made a payment from its till or paybill to your till',
		companyOnly: false,
		daraja: 'Organization To Organization Transfer',
		outcome: 'success',
		received: { isListed: true },
		schema: tillToTillTransaction,
		details: payingBusiness,
	},
	b2b_transaction_reversed: {
		name: 'Business Payment Reversed (B2B)',
		description: 'A payment from another business was reversed',
		companyOnly: false,
		outcome: 'failure',
		schema: tillToTillTransaction,
		details: (resource) => reversed(payingBusiness(resource)),
	},
	card_transaction_received: {
		name: 'Card Payment Received',
		description: 'A customer paid by card',
		companyOnly: false,
		outcome: 'success',
		received: { isListed: false },
		schema: cardTransaction,
		details: card,
	},
	card_transaction_reversed: {
		name: 'Card Payment Reversed',
		description: 'A card payment was reversed',
		companyOnly: false,
		outcome: 'failure',
		schema: cardTransaction,
		details: (resource) => reversed(card(resource)),
	},
	card_transaction_voided: {
		name: 'Card Payment Voided',
		description: 'A card payment was cancelled before it was settled',
		companyOnly: false,
		outcome: 'failure',
		schema: cardTransaction,
		details: (resource) => voided(card(resource)),
	},
	settlement_transfer_completed: {
		name: 'Settlement Completed',
		description:
			'Kopo Kopo paid out to your bank account or mobile wallet. Always for the whole company.',
		companyOnly: true,
		outcome: 'success',
		schema: settlementTransfer,
		details: settlement,
	},
	customer_created: {
		name: 'Customer Created',
		description: 'Somebody paid you for the first time. Always for the whole company.',
		companyOnly: true,
		outcome: 'success',
		schema: customer,
		details(resource) {
			const sender = joinNames(resource.first_name, resource.middle_name, resource.last_name);
			const phoneNumber = asPhone(resource.phone_number);
			return {
				sender,
				phoneNumber,
				message: `New customer: ${sender ?? phoneNumber ?? 'no name'}`,
			};
		},
	},
} as const satisfies Record<string, EventDefinition>;

/** Kopo Kopo's own name of an event, as stored in workflows and sent in subscriptions. */
export type Topic = keyof typeof EVENTS;

export const isTopic = (topic: unknown): topic is Topic =>
	typeof topic === 'string' && Object.hasOwn(EVENTS, topic);

/** The catalogue entry of a topic, with the type that all entries share. */
export const eventOf = (topic: Topic): EventDefinition => EVENTS[topic];

/** Whether an event is about a received payment. One that this version does not know is judged by its name. */
export const isReceivedPayment = (topic: string | null): boolean =>
	isTopic(topic) ? eventOf(topic).received !== undefined : topic?.endsWith('_received') === true;

/** Whether polls can list the payment of an event. One that this version does not know may be listed. */
export const isListedByPolls = (topic: unknown): boolean =>
	!isTopic(topic) || eventOf(topic).received?.isListed === true;

/** A topic in the spelling of the catalogue. One that this version does not know stays unchanged. */
export function normalizeTopic(topic: string): string {
	const known = topic.trim().toLowerCase();
	return isTopic(known) ? known : topic;
}

/** Whether the money of a received payment has gone back to the payer since. */
export const isReturned = (status: unknown): boolean => RETURNED_WORDS.has(normalizeStatus(status));

/** The topic whose Daraja body names this TransactionType; compared without regard to case. */
export function topicOfTransactionType(transactionType: string): Topic | undefined {
	const wanted = transactionType.trim().toLowerCase();
	return (Object.keys(EVENTS) as Topic[]).find(
		(topic) => eventOf(topic).daraja?.toLowerCase() === wanted,
	);
}

/** The fields that every transaction has, in an event and in a row of a poll. */
function transactionFacts(resource: IDataObject) {
	return {
		amount: asAmount(resource.amount),
		reference: asReference(resource.reference),
		occurredAt: asTextOrNull(resource.origination_time),
		tillNumber: asTextOrNull(resource.till_number),
		accountReference: asTextOrNull(resource.account_reference),
		status: asTextOrNull(resource.status),
		currency: asTextOrNull(resource.currency),
		metadata: asObject(resource.metadata),
		id: asTextOrNull(resource.id),
	};
}

/**
 * The payment that an event is about.
 * @param topic undefined for a payment of a kind that has no topic; it counts as received
 */
export function eventPayment(topic: Topic | undefined, resource: IDataObject) {
	const event = topic === undefined ? undefined : eventOf(topic);
	const details: EventDetails = event?.details(resource) ?? payer(resource);
	const isReceived = event === undefined || event.received !== undefined;
	const returned: EventDetails =
		isReceived && isReturned(resource.status)
			? { outcome: 'failure', message: returnedMessage('reversed') }
			: {};
	const outcome = event?.outcome ?? 'success';
	const facts = { ...transactionFacts(resource), outcome, ...details, ...returned };
	return { ...facts, message: facts.message ?? outcomeMessage('Paid', facts) };
}

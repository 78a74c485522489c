import type { IDataObject } from 'n8n-workflow';
import type { ZodTypeAny } from 'zod';
import {
	buygoodsTransaction,
	cardTransaction,
	customer,
	settlementTransfer,
	tillToTillTransaction,
} from './eventSchemas';
import { asObject, asTextOrNull } from './json';
import { card, joinNames, payer } from './parties';
import type { Result } from './result';

/** What an event adds to the fields that all transactions share. */
export interface EventDetails extends Partial<Result> {
	/** Who the money came from or goes to: a name, a till, a masked card. */
	sender?: string | null;
}

const returnedToPayer =
	(what: string) =>
	(details: EventDetails): EventDetails => ({
		...details,
		message: `The payment was ${what}; the money went back to the payer`,
	});

const reversed = returnedToPayer('reversed');

const voided = returnedToPayer('voided');

/** One line of the catalogue. */
export interface EventDefinition {
	/** Label in the menu. */
	name: string;
	description: string;
	/** Kopo Kopo knows the event only for the whole company (docs/kopokopo-api.md#event-scope). */
	companyOnly: boolean;
	/**
	 * TransactionType of the Daraja body, where Kopo Kopo can send one
	 * (docs/kopokopo-api.md#daraja-payloads).
	 */
	daraja?: string;
	/** What became of the payment that the event is about: a reversed one is money no longer there. */
	outcome: 'success' | 'failure';
	schema: () => ZodTypeAny;
	details(resource: IDataObject): EventDetails;
}

/**
 * THE catalogue of subscription events, by topic (docs/kopokopo-api.md#event-types): menu,
 * subscription, scope rule, parser and item derive from it. `m2m_transaction_received` is left out:
 * v1 only.
 */
export const EVENTS = {
	b2b_transaction_received: {
		name: 'B2B Received',
		description: 'Another business paid from its till or paybill to yours',
		companyOnly: false,
		daraja: 'Organization To Organization Transfer',
		outcome: 'success',
		schema: tillToTillTransaction,
		details: (resource) => ({ sender: asTextOrNull(resource.sending_till) }),
	},
	b2b_transaction_reversed: {
		name: 'B2B Reversed',
		description: 'A payment of another business was taken back',
		companyOnly: false,
		outcome: 'failure',
		schema: tillToTillTransaction,
		details: (resource) => reversed({ sender: asTextOrNull(resource.sending_till) }),
	},
	buygoods_transaction_received: {
		name: 'Buygoods Received',
		description: 'A customer paid to your till by M-Pesa',
		companyOnly: false,
		daraja: 'Buygoods',
		outcome: 'success',
		schema: buygoodsTransaction,
		details: payer,
	},
	buygoods_transaction_reversed: {
		name: 'Buygoods Reversed',
		description: 'An M-Pesa payment to your till was taken back',
		companyOnly: false,
		outcome: 'failure',
		schema: buygoodsTransaction,
		details: (resource) => reversed(payer(resource)),
	},
	card_transaction_received: {
		name: 'Card Received',
		description: 'A customer paid by card',
		companyOnly: false,
		outcome: 'success',
		schema: cardTransaction,
		details: card,
	},
	card_transaction_reversed: {
		name: 'Card Reversed',
		description: 'A card payment was taken back',
		companyOnly: false,
		outcome: 'failure',
		schema: cardTransaction,
		details: (resource) => reversed(card(resource)),
	},
	card_transaction_voided: {
		name: 'Card Voided',
		description: 'A card payment was cancelled before it was settled',
		companyOnly: false,
		outcome: 'failure',
		schema: cardTransaction,
		details: (resource) => voided(card(resource)),
	},
	customer_created: {
		name: 'Customer Created',
		description: 'Somebody paid you for the first time. Always for the whole company.',
		companyOnly: true,
		outcome: 'success',
		schema: customer,
		details: (resource) => ({
			phoneNumber: asTextOrNull(resource.phone_number),
			sender: joinNames(resource.first_name, resource.middle_name, resource.last_name),
		}),
	},
	settlement_transfer_completed: {
		name: 'Settlement Completed',
		description:
			'Kopo Kopo paid out to your bank account or mobile wallet. Always for the whole company.',
		companyOnly: true,
		outcome: 'success',
		schema: settlementTransfer,
		details(resource) {
			const { disbursements } = resource as { disbursements?: IDataObject[] | null };
			const receipts = (disbursements ?? [])
				.map(({ transaction_reference: receipt }) => asTextOrNull(receipt))
				.filter((receipt) => receipt !== null);
			const account = asObject(asObject(resource.destination).resource);
			return {
				reference: receipts.join(', ') || null,
				phoneNumber: asTextOrNull(account.phone_number),
				sender:
					asTextOrNull(account.account_name) ?? joinNames(account.first_name, account.last_name),
			};
		},
	},
} as const satisfies Record<string, EventDefinition>;

/** Kopo Kopo's own word for an event, as stored in workflows and sent in subscriptions. */
export type Topic = keyof typeof EVENTS;

export const isTopic = (topic: unknown): topic is Topic =>
	typeof topic === 'string' && Object.hasOwn(EVENTS, topic);

/** The entry behind a topic, with the catalogue's own type for all. */
export const eventOf = (topic: Topic): EventDefinition => EVENTS[topic];

/** The topic whose Daraja body names this TransactionType; compared without regard to case. */
export function topicOfTransactionType(transactionType: string): Topic | undefined {
	const wanted = transactionType.trim().toLowerCase();
	return (Object.keys(EVENTS) as Topic[]).find(
		(topic) => eventOf(topic).daraja?.toLowerCase() === wanted,
	);
}

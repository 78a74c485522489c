import type { IDataObject, INodePropertyOptions } from 'n8n-workflow';
import type { ZodTypeAny } from 'zod';
import type { Result } from '../results/outcome';
import { asObject, asTextOrNull } from '../results/values';
import {
	buygoodsTransaction,
	cardTransaction,
	customer,
	settlementTransfer,
	tillToTillTransaction,
} from './schemas';

/** What an event adds to the fields that all transactions share. */
interface Details extends Partial<Result> {
	/** Who the money came from or goes to: a name, a till, a masked card. */
	sender?: string | null;
}

const joinNames = (...names: unknown[]) =>
	names
		.map(asTextOrNull)
		.filter((name) => name !== null)
		.join(' ') || null;

const payer = (resource: IDataObject): Details => ({
	phoneNumber: asTextOrNull(resource.sender_phone_number),
	sender: joinNames(
		resource.sender_first_name,
		resource.sender_middle_name,
		resource.sender_last_name,
	),
});

const card = (resource: IDataObject): Details => ({
	sender: asTextOrNull(resource.customer_cc_number),
});

const wentBack =
	(what: string) =>
	(details: Details): Details => ({
		...details,
		message: `The payment was ${what}; the money went back to the payer`,
	});
const reversed = wentBack('reversed');
const voided = wentBack('voided');

/** One line of the catalogue. */
export interface EventDefinition {
	/** Label in the menu. */
	name: string;
	description: string;
	/** Kopo Kopo knows the event only for the whole company (contract, section 9). */
	companyOnly: boolean;
	/** TransactionType of the Daraja body, where Kopo Kopo can send one (contract, section 10). */
	daraja?: string;
	/** What became of the payment that the event is about: a reversed one is money no longer there. */
	outcome: 'success' | 'failure';
	schema: () => ZodTypeAny;
	details(resource: IDataObject): Details;
}

/**
 * THE catalogue of subscription events, by topic (contract, section 9): menu, subscription, scope rule,
 * parser and item derive from it. `m2m_transaction_received` is left out: v1 only (section 12.6).
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
export function topicOfDaraja(transactionType: string): Topic | undefined {
	const wanted = transactionType.trim().toLowerCase();
	return (Object.keys(EVENTS) as Topic[]).find(
		(topic) => eventOf(topic).daraja?.toLowerCase() === wanted,
	);
}

/** Title case as sentence case: `B2B Received` is `B2B received`. */
const asSentence = (title: string) =>
	title.replace(/\b[A-Z](?=[a-z])/g, (letter) => letter.toLowerCase());

/**
 * A catalogue as a menu, in alphabetical order. The action is how the list of nodes offers the event; n8n
 * itself would make "On B 2 B Received" of it.
 */
export const asOptions = (
	catalogue: Record<string, { name: string; description: string }>,
): INodePropertyOptions[] =>
	Object.entries(catalogue)
		.map(([value, { name, description }]) => ({
			name,
			value,
			description,
			action: `On ${asSentence(name)}`,
		}))
		.sort((a, b) => a.name.localeCompare(b.name));

/** What can be subscribed. */
export const eventOptions = asOptions(EVENTS);

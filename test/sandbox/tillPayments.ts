import { createHash, randomUUID } from 'node:crypto';

import { ImpossibleActionError } from './actions';
import type { Company } from './company';
import type { SandboxConfig } from './config';
import { darajaTime, decimalAmount, internationalPhone, isoTime } from './formats';
import { isBlank, type JsonObject } from './json';
import type { Ledger, MovementCause } from './ledger';
import { ownerOf, SAMPLE_CUSTOMER } from './phones';
import type { TransactionReferences } from './references';
import { DEFAULT_TILL } from './tills';
import type { Webhooks } from './webhooks';

type PaymentKind = 'buygoods' | 'b2b' | 'card';

export interface Transaction {
	id: string;
	reference: string;
	kind: PaymentKind;
	till: string;
	payer: string;
	/** KES. */
	amount: number;
	at: Date;
	/** As Kopo Kopo writes it in "You cannot reverse a transaction in …". */
	status: 'Received' | 'Complete' | 'Pending Reversal' | 'Reversed';
	/** `event.type` and `event.resource` of the webhook that reported the payment. */
	eventType: string;
	resource: JsonObject;
}

/** A payment at the till; each field has a default. */
interface Payment {
	till?: string;
	/** KES. */
	amount?: number;
	reference?: string;
	/** ISO 8601, for a payment in the past. */
	at?: string;
}
export interface BuygoodsPayment extends Payment {
	phone?: string;
	firstName?: string | null;
	middleName?: string | null;
	lastName?: string | null;
	system?: string;
}
export interface B2bPayment extends Payment {
	sendingTill?: string;
}
export interface CardPayment extends Payment {
	cardNumber?: string;
	settled?: boolean;
}

const WALK_IN: MovementCause = { requestSeq: null, resourceId: null, resourceType: 'walk_in' };

/**
 * Payments at the merchant's tills, and the webhooks that report them
 * (docs/kopokopo-api.md#event-resources).
 */
export class TillPayments {
	/** In the order in which they were made; polling reads them. */
	transactions: Transaction[] = [];
	private readonly byId = new Map<string, Transaction>();

	constructor(
		private readonly config: SandboxConfig,
		private readonly ledger: Ledger,
		private readonly webhooks: Webhooks,
		private readonly references: TransactionReferences,
		private readonly company: Company,
	) {}

	/** The transaction with this ID or M-Pesa reference. */
	find(idOrReference: string): Transaction | undefined {
		return this.byId.get(idOrReference);
	}

	/** A customer pays the till; the cause is given when an STK push or a payment link asked for it. */
	buygoods(payment: BuygoodsPayment = {}, cause: MovementCause = WALK_IN): Transaction {
		const phone = payment.phone ?? SAMPLE_CUSTOMER.phone;
		const owner = ownerOf(phone);
		const { firstName = owner.firstName, lastName = owner.lastName, middleName = null } = payment;
		const { system = 'Lipa Na M-PESA' } = payment;
		// Without the plus (docs/kopokopo-api.md#phone-number-hashes).
		const digest = createHash('sha256').update(phone.replace(/^\+/, ''));
		const transaction = this.record('buygoods', payment, phone, cause, {
			eventType: 'Buygoods Transaction',
			status: 'Received',
			system,
			more: {
				sender_phone_number: phone,
				sender_first_name: firstName,
				sender_last_name: lastName,
				sender_middle_name: middleName,
			},
		});
		const hashed = digest.copy().digest('hex');
		const resource = { ...transaction.resource, hashed_sender_phone: hashed };
		this.sendWebhook('buygoods_transaction_received', { ...transaction, resource }, () =>
			this.darajaPayload(transaction, 'Buygoods', digest.copy().digest('base64'), firstName),
		);
		if (this.config.announceCustomers && !this.company.hasCustomer(phone)) {
			this.company.createCustomer({ firstName: firstName ?? '', lastName: lastName ?? '', phone });
		}
		return transaction;
	}

	/** Another till or a paybill pays the till. */
	b2b(payment: B2bPayment = {}): Transaction {
		const { sendingTill = '112233' } = payment;
		const transaction = this.record('b2b', payment, sendingTill, WALK_IN, {
			eventType: 'External Till to Till Transaction',
			status: 'Complete',
			system: 'Lipa Na Mpesa',
			more: { sending_till: sendingTill },
		});
		this.sendWebhook('b2b_transaction_received', transaction, () =>
			this.darajaPayload(
				transaction,
				'Organization To Organization Transfer',
				sendingTill,
				'Organization name',
			),
		);
		return transaction;
	}

	/** A customer pays by card at a terminal. */
	card(payment: CardPayment = {}): Transaction {
		const { cardNumber = '450875XXXXXX1019', settled = false } = payment;
		const withTerminal = { till: '7600314301', ...payment };
		const transaction = this.record('card', withTerminal, cardNumber, WALK_IN, {
			eventType: 'Card Transaction',
			status: 'Received',
			system: 'LittlePay',
			more: { settled, customer_cc_number: cardNumber },
		});
		this.sendWebhook('card_transaction_received', transaction);
		return transaction;
	}

	/** Returns a buygoods or B2B payment to its payer. Throws ImpossibleActionError if it cannot. */
	reverse(idOrReference: string, cause: MovementCause = WALK_IN): Transaction {
		const transaction = this.payBack(idOrReference, ['buygoods', 'b2b'], cause);
		transaction.status = 'Reversed';
		const isB2b = transaction.kind === 'b2b';
		this.sendWebhook(isB2b ? 'b2b_transaction_reversed' : 'buygoods_transaction_reversed', {
			...transaction,
			eventType: isB2b ? 'External Till To Till Reversal Transaction' : transaction.eventType,
			resource: {
				...transaction.resource,
				status: 'Reversed',
				origination_time: isoTime(new Date()),
			},
		});
		return transaction;
	}

	/** Voids a card payment before it is settled. Throws ImpossibleActionError if it cannot. */
	voidCard(idOrReference: string): Transaction {
		return this.cancelCard(idOrReference, 'card_transaction_voided', 'Card Void Transaction');
	}

	/** Reverses a card payment after it was settled. Throws ImpossibleActionError if it cannot. */
	reverseCard(idOrReference: string): Transaction {
		return this.cancelCard(idOrReference, 'card_transaction_reversed', 'Card Reversal Transaction');
	}

	/** Forgets every transaction. */
	clear(): void {
		this.transactions = [];
		this.byId.clear();
	}

	private cancelCard(idOrReference: string, topic: string, eventType: string): Transaction {
		const transaction = this.payBack(idOrReference, ['card'], WALK_IN);
		transaction.status = 'Reversed';
		const resource = { ...transaction.resource, status: 'Complete' };
		delete (resource as JsonObject).settled;
		this.sendWebhook(topic, { ...transaction, eventType, resource });
		return transaction;
	}

	private record(
		kind: PaymentKind,
		payment: Payment,
		payer: string,
		cause: MovementCause,
		{
			eventType,
			status,
			system,
			more,
		}: Pick<Transaction, 'eventType' | 'status'> & { system: string; more: JsonObject },
	): Transaction {
		const { till = DEFAULT_TILL, amount = 100 } = payment;
		const reference = isBlank(payment.reference)
			? this.references.issue()
			: String(payment.reference);
		const at = payment.at ? new Date(payment.at) : new Date();
		const id = randomUUID();
		const resource: JsonObject = {
			id,
			amount: decimalAmount(amount),
			status,
			system,
			currency: 'KES',
			reference,
			till_number: till,
			origination_time: isoTime(at),
			...more,
		};
		const transaction: Transaction = {
			id,
			reference,
			kind,
			till,
			payer,
			amount,
			at,
			status,
			eventType,
			resource,
		};
		this.transactions.push(transaction);
		this.byId.set(id, transaction);
		this.byId.set(reference, transaction);
		this.ledger.recordMovement({
			...cause,
			resourceId: cause.resourceId ?? id,
			direction: 'in',
			amount,
			from: payer,
			to: till,
			phone: kind === 'buygoods' ? internationalPhone(payer) : null,
			reference,
		});
		return transaction;
	}

	private payBack(idOrReference: string, kinds: PaymentKind[], cause: MovementCause): Transaction {
		const transaction = this.find(idOrReference);
		if (!transaction || !kinds.includes(transaction.kind)) {
			throw new ImpossibleActionError(`No ${kinds.join(' or ')} transaction ${idOrReference}`, 404);
		}
		if (transaction.status === 'Reversed') {
			throw new ImpossibleActionError(`Transaction ${idOrReference} was reversed before`);
		}
		this.ledger.recordMovement({
			...cause,
			resourceId: cause.resourceId ?? transaction.id,
			direction: 'out',
			amount: transaction.amount,
			from: transaction.till,
			to: transaction.payer,
			phone: transaction.kind === 'buygoods' ? internationalPhone(transaction.payer) : null,
			reference: transaction.reference,
		});
		return transaction;
	}

	private darajaPayload(
		{ reference, at, amount, till }: Transaction,
		type: string,
		msisdn: string,
		firstName: string | null,
	): JsonObject {
		return {
			TransactionType: type,
			TransID: reference,
			TransTime: darajaTime(at),
			TransAmount: decimalAmount(amount),
			BusinessShortCode: till,
			BillRefNumber: '',
			InvoiceNumber: '',
			OrgAccountBalance: '',
			ThirdPartyTransId: '',
			MSISDN: msisdn,
			FirstName: firstName,
			MiddleName: null,
			LastName: null,
		};
	}

	private sendWebhook(
		topic: string,
		{ id, till, eventType, resource }: Pick<Transaction, 'id' | 'till' | 'eventType' | 'resource'>,
		daraja?: () => JsonObject,
	): void {
		this.webhooks.emit(topic, till, eventType, `financial_transaction/${id}`, resource, daraja);
	}
}

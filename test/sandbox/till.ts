import { createHash, randomUUID } from 'node:crypto';

import { darajaTime, wholeTime } from './clock';
import type { SandboxConfig } from './config';
import type { Company } from './company';
import type { Cause, Ledger } from './ledger';
import { decimal, type References } from './money';
import { Impossible } from './resource';
import { isBlank, type JsonObject } from './validation';
import type { Webhooks } from './webhooks';

type Kind = 'buygoods' | 'b2b' | 'card';

export interface Transaction {
	id: string;
	reference: string;
	kind: Kind;
	till: string;
	payer: string;
	amount: number;
	at: Date;
	/** Text as Kopo Kopo words it in "You cannot reverse a transaction in …". */
	status: 'Received' | 'Complete' | 'Pending Reversal' | 'Reversed';
	/** The webhook's event.type, and its resource as first sent. */
	eventType: string;
	resource: JsonObject;
}

interface Sale {
	till?: string;
	amount?: number;
	reference?: string;
	/** ISO time, for payments of the past. */
	at?: string;
}
export interface BuygoodsSale extends Sale {
	phone?: string;
	firstName?: string | null;
	middleName?: string | null;
	lastName?: string | null;
	system?: string;
}
export interface B2bSale extends Sale {
	sendingTill?: string;
}
export interface CardSale extends Sale {
	cardNumber?: string;
	settled?: boolean;
}
const DEFAULT_TILL = '000000';
const WALK_IN: Cause = { requestSeq: null, resourceId: null, resourceType: 'walk_in' };

/** The till itself: what is paid at it, and the webhooks that tell of it (contract, 9 and 10). */
export class Till {
	/** In order of arrival, for polling. */
	transactions: Transaction[] = [];
	private readonly byId = new Map<string, Transaction>();

	constructor(
		private readonly config: SandboxConfig,
		private readonly ledger: Ledger,
		private readonly webhooks: Webhooks,
		private readonly references: References,
		private readonly company: Company,
	) {}

	/** The transaction with this id or M-Pesa reference. */
	find(idOrReference: string): Transaction | undefined {
		return this.byId.get(idOrReference);
	}

	/** Somebody pays at the till, or by STK or payment link when a cause is given. */
	buygoods(sale: BuygoodsSale = {}, cause: Cause = WALK_IN): Transaction {
		const phone = sale.phone ?? '+254999999999';
		const { firstName = 'Jane', middleName = null, lastName = 'Doe' } = sale;
		const { system = 'Lipa Na M-PESA' } = sale;
		const digest = createHash('sha256').update(phone);
		const transaction = this.record('buygoods', sale, phone, cause, {
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
		this.announce('buygoods_transaction_received', { ...transaction, resource }, () =>
			this.daraja(transaction, 'Buygoods', digest.copy().digest('base64'), firstName),
		);
		if (this.config.announceCustomers && !this.company.knows(phone)) {
			this.company.meetCustomer({ firstName: firstName ?? '', lastName: lastName ?? '', phone });
		}
		return transaction;
	}

	/** Another till or paybill pays this till. */
	b2b(sale: B2bSale = {}): Transaction {
		const { sendingTill = '112233' } = sale;
		const transaction = this.record('b2b', sale, sendingTill, WALK_IN, {
			eventType: 'External Till to Till Transaction',
			status: 'Complete',
			system: 'Lipa Na Mpesa',
			more: { sending_till: sendingTill },
		});
		this.announce('b2b_transaction_received', transaction, () =>
			this.daraja(
				transaction,
				'Organization To Organization Transfer',
				sendingTill,
				'Organization name',
			),
		);
		return transaction;
	}

	/** A card is tapped at a terminal. */
	card(sale: CardSale = {}): Transaction {
		const { cardNumber = '450875XXXXXX1019', settled = false } = sale;
		const withTerminal = { till: '7600314301', ...sale };
		const transaction = this.record('card', withTerminal, cardNumber, WALK_IN, {
			eventType: 'Card Transaction',
			status: 'Received',
			system: 'LittlePay',
			more: { settled, customer_cc_number: cardNumber },
		});
		this.announce('card_transaction_received', transaction);
		return transaction;
	}

	/** A buygoods or B2B payment goes back to who paid it. */
	reverse(idOrReference: string, cause: Cause = WALK_IN): Transaction {
		const transaction = this.take(idOrReference, ['buygoods', 'b2b'], cause);
		transaction.status = 'Reversed';
		const isB2b = transaction.kind === 'b2b';
		this.announce(isB2b ? 'b2b_transaction_reversed' : 'buygoods_transaction_reversed', {
			...transaction,
			eventType: isB2b ? 'External Till To Till Reversal Transaction' : transaction.eventType,
			resource: {
				...transaction.resource,
				status: 'Reversed',
				origination_time: wholeTime(new Date()),
			},
		});
		return transaction;
	}

	/** A card payment is voided before, or reversed after, settlement. */
	undoCard(idOrReference: string, how: 'voided' | 'reversed'): Transaction {
		const transaction = this.take(idOrReference, ['card'], WALK_IN);
		transaction.status = 'Reversed';
		const resource = { ...transaction.resource, status: 'Complete' };
		delete (resource as JsonObject).settled;
		this.announce(how === 'voided' ? 'card_transaction_voided' : 'card_transaction_reversed', {
			...transaction,
			eventType: how === 'voided' ? 'Card Void Transaction' : 'Card Reversal Transaction',
			resource,
		});
		return transaction;
	}

	clear(): void {
		this.transactions = [];
		this.byId.clear();
	}

	private record(
		kind: Kind,
		sale: Sale,
		payer: string,
		cause: Cause,
		{
			eventType,
			status,
			system,
			more,
		}: Pick<Transaction, 'eventType' | 'status'> & { system: string; more: JsonObject },
	): Transaction {
		const { till = DEFAULT_TILL, amount = 100 } = sale;
		const reference = isBlank(sale.reference) ? this.references.next() : String(sale.reference);
		const at = sale.at ? new Date(sale.at) : new Date();
		const id = randomUUID();
		const resource: JsonObject = {
			id,
			amount: decimal(amount),
			status,
			system,
			currency: 'KES',
			reference,
			till_number: till,
			origination_time: wholeTime(at),
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
		this.ledger.move({
			...cause,
			resourceId: cause.resourceId ?? id,
			direction: 'in',
			amount,
			from: payer,
			to: till,
			reference,
		});
		return transaction;
	}

	private take(idOrReference: string, kinds: Kind[], cause: Cause): Transaction {
		const transaction = this.find(idOrReference);
		if (!transaction || !kinds.includes(transaction.kind)) {
			throw new Impossible(`No ${kinds.join(' or ')} transaction ${idOrReference}`, 404);
		}
		if (transaction.status === 'Reversed') {
			throw new Impossible(`Transaction ${idOrReference} was reversed before`);
		}
		this.ledger.move({
			...cause,
			resourceId: cause.resourceId ?? transaction.id,
			direction: 'out',
			amount: transaction.amount,
			from: transaction.till,
			to: transaction.payer,
			reference: transaction.reference,
		});
		return transaction;
	}

	private daraja(
		{ reference, at, amount, till }: Transaction,
		type: string,
		msisdn: string,
		firstName: string | null,
	): JsonObject {
		return {
			TransactionType: type,
			TransID: reference,
			TransTime: darajaTime(at),
			TransAmount: decimal(amount),
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

	private announce(
		topic: string,
		{ id, till, eventType, resource }: Pick<Transaction, 'id' | 'till' | 'eventType' | 'resource'>,
		daraja?: () => JsonObject,
	): void {
		this.webhooks.emit(topic, till, eventType, `financial_transaction/${id}`, resource, daraja);
	}
}

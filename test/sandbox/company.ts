import { randomUUID } from 'node:crypto';

import { decimalAmount, isoTime } from './formats';
import type { Ledger } from './ledger';
import type { TransactionReferences } from './references';
import type { Webhooks } from './webhooks';

/** A settlement; each field has a default. */
export interface Settlement {
	/** KES of each disbursement. */
	amounts?: number[];
	to?: 'bank' | 'wallet';
	method?: 'EFT' | 'RTS';
}

/** A customer; each field has a default. */
export interface Customer {
	firstName?: string;
	middleName?: string | null;
	lastName?: string;
	phone?: string;
}

/**
 * Events of the whole company rather than of a till: settlements and new customers
 * (docs/kopokopo-api.md#event-scope).
 */
export class Company {
	private readonly knownPhones = new Set<string>();

	constructor(
		private readonly ledger: Ledger,
		private readonly webhooks: Webhooks,
		private readonly references: TransactionReferences,
	) {}

	/** Whether customer_created was sent for this phone number. */
	hasCustomer(phone: string): boolean {
		return this.knownPhones.has(phone);
	}

	/** Settles to one of the merchant's own accounts and returns the ID of the transfer. */
	settle({ amounts = [1000], to = 'bank', method = 'EFT' }: Settlement = {}): string {
		const id = randomUUID();
		const now = new Date();
		const total = amounts.reduce((sum, amount) => sum + amount, 0);
		const hasReference = to === 'wallet' || method === 'RTS';
		const reference = randomUUID();
		const destination =
			to === 'bank'
				? {
						type: 'Bank Account',
						resource: {
							reference,
							account_name: 'Test Account',
							account_number: '1234',
							bank_branch_ref: 'ea2e79f7-35a1-486e-9e18-fe06589a9d7d',
							settlement_method: method,
						},
					}
				: {
						type: 'Mobile Wallet',
						resource: {
							reference,
							first_name: 'Jane',
							last_name: 'Doe',
							email: null,
							phone_number: '+254999999999',
							network: 'Safaricom',
						},
					};
		this.ledger.recordMovement({
			requestSeq: null,
			resourceId: id,
			resourceType: 'settlement',
			direction: 'out',
			amount: total,
			from: 'available balance',
			to: `${destination.type} ${reference}`,
			phone: null,
			reference: null,
		});
		this.webhooks.emit(
			'settlement_transfer_completed',
			null,
			'Settlement Transfer',
			`transfer_batch/${id}`,
			{
				id,
				amount: decimalAmount(total),
				status: 'Transferred',
				currency: 'KES',
				destination,
				disbursements: amounts.map((amount) => ({
					amount: decimalAmount(amount),
					status: 'Transferred',
					origination_time: isoTime(now),
					transaction_reference: hasReference ? this.references.issue() : null,
				})),
				origination_time: isoTime(now),
			},
		);
		return id;
	}

	/** Adds a customer and sends customer_created. */
	createCustomer(customer: Customer = {}): void {
		const { phone = '+254999999999', firstName = 'Jane', lastName = 'Doe' } = customer;
		const { middleName = null } = customer;
		this.knownPhones.add(phone);
		const path = `mobile_money_user/${randomUUID()}`;
		this.webhooks.emit('customer_created', null, 'Customer Created', path, {
			last_name: lastName,
			first_name: firstName,
			middle_name: middleName,
			phone_number: phone,
		});
	}

	/** Forgets every customer. */
	clear(): void {
		this.knownPhones.clear();
	}
}

import { randomUUID } from 'node:crypto';

import { wholeTime } from './clock';
import type { Ledger } from './ledger';
import { decimal, type References } from './money';
import type { Webhooks } from './webhooks';

export interface Settlement {
	amounts?: number[];
	to?: 'bank' | 'wallet';
	method?: 'EFT' | 'RTS';
}
export interface Customer {
	firstName?: string;
	middleName?: string | null;
	lastName?: string;
	phone?: string;
}

/** What happens to the whole company and at no till: settlements and new customers (contract, 9). */
export class Company {
	private readonly customers = new Set<string>();

	constructor(
		private readonly ledger: Ledger,
		private readonly webhooks: Webhooks,
		private readonly references: References,
	) {}

	/** Whether this phone number has paid or been announced before. */
	knows(phone: string): boolean {
		return this.customers.has(phone);
	}

	/** Kopo Kopo pays out to the merchant's own account; the id is the transfer's. */
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
		this.ledger.move({
			requestSeq: null,
			resourceId: id,
			resourceType: 'settlement',
			direction: 'out',
			amount: total,
			from: 'available balance',
			to: `${destination.type} ${reference}`,
			reference: null,
		});
		this.webhooks.emit(
			'settlement_transfer_completed',
			null,
			'Settlement Transfer',
			`transfer_batch/${id}`,
			{
				id,
				amount: decimal(total),
				status: 'Transferred',
				currency: 'KES',
				destination,
				disbursements: amounts.map((amount) => ({
					amount: decimal(amount),
					status: 'Transferred',
					origination_time: wholeTime(now),
					transaction_reference: hasReference ? this.references.next() : null,
				})),
				origination_time: wholeTime(now),
			},
		);
		return id;
	}

	/** Kopo Kopo meets a customer for the first time. */
	meetCustomer(customer: Customer = {}): void {
		const { phone = '+254999999999', firstName = 'Jane', lastName = 'Doe' } = customer;
		const { middleName = null } = customer;
		this.customers.add(phone);
		const path = `mobile_money_user/${randomUUID()}`;
		this.webhooks.emit('customer_created', null, 'Customer Created', path, {
			last_name: lastName,
			first_name: firstName,
			middle_name: middleName,
			phone_number: phone,
		});
	}

	clear(): void {
		this.customers.clear();
	}
}

import { randomUUID } from 'node:crypto';

import { preciseTime, wholeTime } from './clock';
import type { CustomerAct, ResourceKind } from './resource';
import { decimal } from './money';
import {
	amount,
	ANY_PHONE,
	currency,
	firstOf,
	isBlank,
	metadata,
	object,
	optional,
	required,
	STK_TILL,
	textOrNull,
	url,
	type JsonObject,
} from './validation';

const LINK_LIFETIME_MS = 7 * 24 * 60 * 60 * 1000;

const REFUSALS: Record<Exclude<CustomerAct['deed'], 'pay'>, string> = {
	refuse: 'Request cancelled by user',
	insufficient: 'The balance is insufficient for the transaction',
	expire: 'The request timed out',
};

/** M-Pesa STK push (contract, 4, 6 and 8). */
export const incomingPayment: ResourceKind = {
	type: 'incoming_payment',
	noun: 'Incoming payment',
	collections: ['/api/v2/incoming_payments', '/api/v1/incoming_payments'],
	check(body, { version, world }) {
		const subscriber = object(body.subscriber);
		const sum = object(body.amount);
		return firstOf(
			required(body.payment_channel, 'Payment channel', /^m-?pesa/i),
			required(body.till_number, 'Till number', STK_TILL),
			required(subscriber.phone_number, 'Phone number', ANY_PHONE),
			optional(subscriber.email, 'Email'),
			currency(sum.currency),
			amount(sum.value),
			metadata(body.metadata),
			url(callbackUrlOf(body, version), 'Callback url', world.config),
		);
	},
	open(birth, world) {
		const { body, version } = birth;
		const subscriber = object(body.subscriber);
		let status = 'Pending';
		let resource: JsonObject | null = null;
		let errors: string | string[] | null = null;
		return {
			attributes: () => ({
				initiation_time: preciseTime(birth.at),
				status,
				event: { type: 'Incoming Payment Request', resource, errors },
				metadata: body.metadata ?? null,
				_links: birth.links,
			}),
			isOpen: () => status === 'Pending',
			customer({ deed, reason }) {
				if (deed === 'pay') {
					const phone = internationalPhone(String(subscriber.phone_number));
					const transaction = world.till.buygoods(
						{
							till: String(body.till_number),
							amount: Number(object(body.amount).value),
							phone,
							firstName: textOrNull(subscriber.first_name),
							middleName: textOrNull(subscriber.middle_name),
							lastName: textOrNull(subscriber.last_name),
						},
						birth.cause,
					);
					status = 'Success';
					resource = {
						id: transaction.id,
						reference: transaction.reference,
						origination_time: wholeTime(transaction.at),
						sender_phone_number: phone,
						amount: decimal(transaction.amount),
						currency: 'KES',
						till_number: transaction.till,
						system: 'Lipa Na M-PESA',
						status: 'Received',
						sender_first_name: textOrNull(subscriber.first_name),
						sender_middle_name: textOrNull(subscriber.middle_name),
						sender_last_name: textOrNull(subscriber.last_name),
					};
				} else {
					const words = reason ?? REFUSALS[deed];
					status = 'Failed';
					errors = version === 'v1' ? words : [words];
				}
				world.report(birth);
			},
			// A third party's v1 writes callback_url at the top and is answered 202 (contract, 5).
			created: { status: version === 'v1' && 'callback_url' in body ? 202 : 201 },
		};
	},
};

/** A link that anybody can pay until it is paid, cancelled or seven days old (contract, 6 and 8). */
export const paymentLink: ResourceKind = {
	type: 'payment_link',
	noun: 'Payment link',
	collections: ['/api/v2/payment_links'],
	check: (body, { version, world }) =>
		firstOf(
			required(body.till_number, 'Till number'),
			currency(body.currency),
			amount(body.amount),
			metadata(body.metadata),
			url(callbackUrlOf(body, version), 'Callback url', world.config),
		),
	open(birth, world) {
		const { body, self } = birth;
		const expiresAt = new Date(birth.at.getTime() + LINK_LIFETIME_MS);
		const page = `${new URL(self).origin}/links/${randomUUID()}`;
		let status = 'Active';
		let errors: string[] | null = null;
		// Samples leave these keys out until somebody has tried to pay or the link has ended.
		let attempt: JsonObject | undefined;
		const untouched = {
			transaction_reference: null,
			sender_phone_number: null,
			origination_time: null,
		};
		const end = (how: string) => {
			status = how;
			errors = null;
			attempt = untouched;
			world.report(birth);
		};
		return {
			attributes: () => ({
				status: 'Processed',
				created_at: preciseTime(birth.at),
				till_name: 'Sandbox Till',
				till_number: body.till_number,
				payment_reference: body.payment_reference ?? null,
				currency: body.currency,
				amount: Number(body.amount),
				note: body.note ?? null,
				payment_link: {
					status,
					expires_at: preciseTime(expiresAt),
					link: page,
					...attempt,
				},
				errors,
				metadata: body.metadata ?? null,
				_links: birth.links,
			}),
			isOpen: () => status === 'Active',
			customer({ deed, reason, phone = '254999999999' }) {
				if (deed === 'expire') return end('Expired');
				if (deed === 'pay') {
					const transaction = world.till.buygoods(
						{
							till: String(body.till_number),
							amount: Number(body.amount),
							phone: internationalPhone(phone),
						},
						birth.cause,
					);
					status = 'Paid';
					errors = null;
					attempt = {
						transaction_reference: transaction.reference,
						sender_phone_number: internationalPhone(phone).slice(1),
						origination_time: preciseTime(transaction.at),
					};
				} else {
					errors = [reason ?? REFUSALS[deed]];
					attempt = untouched;
				}
				world.report(birth);
			},
			cancel() {
				if (status !== 'Active') return 'Only active payment links can be cancelled.';
				end('Cancelled');
				return undefined;
			},
		};
	},
};

/** `_links.callback_url`, or the top-level one of third-party v1 bodies (contract, 12.20). */
export function callbackUrlOf(body: JsonObject, version: 'v1' | 'v2'): unknown {
	const official = object(body._links).callback_url;
	return version === 'v1' && isBlank(official) ? body.callback_url : official;
}

/** Any accepted form as +254…, the form of received payments (contract, 7). */
export function internationalPhone(phone: string): string {
	return phone.replace(/^(\+?254|0)/, '+254');
}

import { randomUUID } from 'node:crypto';

import { tillName } from '../tills';
import { internationalPhone, isoTimeWithMilliseconds } from '../formats';
import { textOrNull, type JsonObject } from '../json';
import { SAMPLE_CUSTOMER } from '../phones';
import { PAYMENT_ERRORS } from './errorTexts';
import type { ResourceKind } from './resource';
import {
	amount,
	callbackUrlOf,
	currency,
	firstProblem,
	metadata,
	ownTill,
	required,
	url,
	withinLimit,
} from './validation';

const LINK_LIFETIME_MS = 7 * 24 * 60 * 60 * 1000;

/**
 * A link that anyone can pay once, until it is cancelled or seven days old
 * (docs/kopokopo-api.md#payment-links).
 */
export const paymentLink: ResourceKind = {
	type: 'payment_link',
	noun: 'Payment link',
	collections: ['/api/v2/payment_links'],
	check: (body, { version, context }) =>
		firstProblem(
			required(body.till_number, 'Till number'),
			ownTill(body.till_number, context.config, 'Till number is invalid', ['online', 'mpesa']),
			currency(body.currency),
			amount(body.amount),
			withinLimit(body.amount, context.config),
			metadata(body.metadata),
			url(callbackUrlOf(body, version), 'Callback url', context.config),
		),
	create(request, context) {
		const { body, self } = request;
		const expiresAt = new Date(request.acceptedAt.getTime() + LINK_LIFETIME_MS);
		const path = `/links/${randomUUID()}`;
		const page = `${new URL(self).origin}${path}`;
		const till = String(body.till_number);
		const shillings = Number(body.amount);
		let prompted: { phone: string; askedAt: Date } | undefined;
		let status = 'Active';
		let errors: string[] | null = null;
		// As in the samples, these keys are missing until someone has tried to pay or the link has ended.
		let attempt: JsonObject | undefined;
		const noTransaction = {
			transaction_reference: null,
			sender_phone_number: null,
			origination_time: null,
		};
		const end = (finalStatus: string) => {
			status = finalStatus;
			errors = null;
			attempt = noTransaction;
			context.sendResult(request);
		};
		return {
			attributes: () => ({
				status: 'Processed',
				created_at: isoTimeWithMilliseconds(request.acceptedAt),
				till_name: tillName(context.config, till),
				till_number: body.till_number,
				payment_reference: body.payment_reference ?? null,
				currency: body.currency,
				amount: shillings,
				note: body.note ?? null,
				payment_link: {
					status,
					expires_at: isoTimeWithMilliseconds(expiresAt),
					link: page,
					...attempt,
				},
				errors,
				metadata: body.metadata ?? null,
				_links: request.links,
			}),
			isOpen: () => status === 'Active',
			prompt: () => ({
				till,
				amount: shillings,
				phone: prompted?.phone ?? null,
				askedAt: prompted?.askedAt ?? request.acceptedAt,
			}),
			sendPrompt(phone) {
				prompted = { phone, askedAt: new Date() };
			},
			link: () => ({
				path,
				status,
				till,
				amount: shillings,
				note: textOrNull(body.note),
				paymentReference: textOrNull(body.payment_reference),
				expiresAt,
			}),
			customer({ action, reason, phone = prompted?.phone ?? SAMPLE_CUSTOMER.phone }) {
				prompted = undefined;
				if (action === 'expire') return end('Expired');
				if (action === 'pay') {
					const transaction = context.till.buygoods(
						{
							till,
							amount: shillings,
							phone: internationalPhone(phone),
						},
						request.cause,
					);
					status = 'Paid';
					errors = null;
					attempt = {
						transaction_reference: transaction.reference,
						sender_phone_number: internationalPhone(phone).slice(1),
						origination_time: isoTimeWithMilliseconds(transaction.at),
					};
				} else {
					errors = [reason ?? PAYMENT_ERRORS[action]];
					attempt = noTransaction;
				}
				context.sendResult(request);
			},
			cancel() {
				if (status !== 'Active') return 'Only active payment links can be cancelled.';
				end('Cancelled');
				return undefined;
			},
		};
	},
};

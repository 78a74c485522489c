import { randomUUID } from 'node:crypto';

import { internationalPhone, isoTimeWithMilliseconds } from '../formats';
import type { JsonObject } from '../json';
import { PAYMENT_ERRORS } from './errorTexts';
import type { ResourceKind } from './resource';
import {
	amount,
	callbackUrlOf,
	currency,
	firstProblem,
	metadata,
	required,
	url,
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
			currency(body.currency),
			amount(body.amount),
			metadata(body.metadata),
			url(callbackUrlOf(body, version), 'Callback url', context.config),
		),
	create(request, context) {
		const { body, self } = request;
		const expiresAt = new Date(request.acceptedAt.getTime() + LINK_LIFETIME_MS);
		const page = `${new URL(self).origin}/links/${randomUUID()}`;
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
				till_name: 'Sandbox Till',
				till_number: body.till_number,
				payment_reference: body.payment_reference ?? null,
				currency: body.currency,
				amount: Number(body.amount),
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
			customer({ action, reason, phone = '254999999999' }) {
				if (action === 'expire') return end('Expired');
				if (action === 'pay') {
					const transaction = context.till.buygoods(
						{
							till: String(body.till_number),
							amount: Number(body.amount),
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

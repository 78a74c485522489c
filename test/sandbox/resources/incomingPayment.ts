import { decimalAmount, internationalPhone, isoTime, isoTimeWithMilliseconds } from '../formats';
import { objectOrEmpty, textOrNull, type JsonObject } from '../json';
import { ownerOf } from '../phones';
import { PAYMENT_ERRORS } from './errorTexts';
import type { ResourceKind } from './resource';
import {
	amount,
	ANY_PHONE,
	callbackUrlOf,
	currency,
	firstProblem,
	metadata,
	optional,
	ownTill,
	required,
	STK_TILL,
	url,
	withinLimit,
} from './validation';

/** The names in the request, or without any those of the phone's owner. */
function payerOf(subscriber: JsonObject, phone: string) {
	const names = {
		firstName: textOrNull(subscriber.first_name),
		middleName: textOrNull(subscriber.middle_name),
		lastName: textOrNull(subscriber.last_name),
	};
	if (names.firstName !== null || names.lastName !== null) return names;
	const { firstName, lastName } = ownerOf(phone);
	return { ...names, firstName, lastName };
}

/** A payment request by M-Pesa STK push (docs/kopokopo-api.md#incoming-payments). */
export const incomingPayment: ResourceKind = {
	type: 'incoming_payment',
	noun: 'Incoming payment',
	collections: ['/api/v2/incoming_payments', '/api/v1/incoming_payments'],
	check(body, { version, context }) {
		const subscriber = objectOrEmpty(body.subscriber);
		const requested = objectOrEmpty(body.amount);
		return firstProblem(
			required(body.payment_channel, 'Payment channel', /^m-?pesa/i),
			required(body.till_number, 'Till number', STK_TILL),
			ownTill(body.till_number, context.config, 'Till number is invalid'),
			required(subscriber.phone_number, 'Phone number', ANY_PHONE),
			optional(subscriber.email, 'Email'),
			currency(requested.currency),
			amount(requested.value),
			withinLimit(requested.value, context.config),
			metadata(body.metadata),
			url(callbackUrlOf(body, version), 'Callback url', context.config),
		);
	},
	create(request, context) {
		const { body, version } = request;
		const subscriber = objectOrEmpty(body.subscriber);
		const phone = internationalPhone(String(subscriber.phone_number));
		const till = String(body.till_number);
		const shillings = Number(objectOrEmpty(body.amount).value);
		const payer = payerOf(subscriber, phone);
		let status = 'Pending';
		let resource: JsonObject | null = null;
		let errors: string | string[] | null = null;
		return {
			attributes: () => ({
				initiation_time: isoTimeWithMilliseconds(request.acceptedAt),
				status,
				event: { type: 'Incoming Payment Request', resource, errors },
				metadata: body.metadata ?? null,
				_links: request.links,
			}),
			isOpen: () => status === 'Pending',
			prompt: () => ({ till, amount: shillings, phone, askedAt: request.acceptedAt }),
			customer({ action, reason }) {
				if (action === 'pay') {
					const transaction = context.till.buygoods(
						{ till, amount: shillings, phone, ...payer },
						request.cause,
					);
					status = 'Success';
					resource = {
						id: transaction.id,
						reference: transaction.reference,
						origination_time: isoTime(transaction.at),
						sender_phone_number: phone,
						amount: decimalAmount(transaction.amount),
						currency: 'KES',
						till_number: transaction.till,
						system: 'Lipa Na M-PESA',
						status: 'Received',
						sender_first_name: payer.firstName,
						sender_middle_name: payer.middleName,
						sender_last_name: payer.lastName,
					};
				} else {
					const text = reason ?? PAYMENT_ERRORS[action];
					status = 'Failed';
					errors = version === 'v1' ? text : [text];
				}
				context.sendResult(request);
			},
			// A third-party document has callback_url at the top level and the response 202
			// (docs/kopokopo-api.md#api-v1).
			createResponse: { status: version === 'v1' && 'callback_url' in body ? 202 : 201 },
		};
	},
};

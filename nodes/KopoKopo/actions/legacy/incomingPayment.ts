import {
	additionalFields,
	callbackUrl,
	description,
	email,
	firstName,
	lastName,
	reference,
} from '../fields';
import { amount, asked, incomingPayment, phoneNumber } from '../incomingPayment';
import { operation, type Resource } from '../operation';
import { legacy, oneOf, sameInV1 } from './legacy';
import { listOperation } from './pages';

const path = '/api/v1/incoming_payments';

/** Asking a customer to pay, as v1 has it (contract, section 5: v1.incomingPayment.*). */
export const incomingPaymentV1: Resource = {
	name: 'Payment Request (Legacy)',
	value: 'incomingPaymentV1',
	apiVersion: 'v1',
	operations: [
		...sameInV1(incomingPayment, 'create', 'get'),
		// An operation of its own, since it has other fields: no till, but a reference.
		legacy(
			operation({
				value: 'createFlat',
				name: 'Request (Flat Body)',
				action: 'Request payment with flat body',
				description: 'Ask a customer to pay by M-Pesa (STK push), without naming a till',
				effect: 'movesMoney',
				idFrom: 'body',
				statusOf: oneOf(path),
				waitByDefault: 'poll',
				fields: [
					phoneNumber,
					amount,
					callbackUrl,
					additionalFields([description, email, firstName, lastName, reference]),
				],
				request: ({ additionalFields: more, ...params }) => ({
					method: 'POST',
					path,
					body: {
						phone_number: params.phoneNumber,
						first_name: more.firstName,
						last_name: more.lastName,
						email: more.email,
						amount: params.amount,
						currency: 'KES',
						description: more.description,
						merchant_reference: more.reference,
						callback_url: params.callbackUrl,
					},
				}),
				summary: asked,
			}),
			'oneDocument',
		),
		listOperation(path, {
			action: 'Get many payment requests',
			description: 'List payment requests, one item each',
		}),
	],
};

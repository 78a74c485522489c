import {
	additionalFields,
	callbackUrlIfChecking,
	callbackUrlIfNotWaiting,
	description,
	email,
	firstName,
	lastName,
	reference,
} from '../shared/fields';
import {
	amountToRequest,
	LOOK_FOR_PAYMENT,
	payerPhoneNumber,
	requestedPayment,
} from '../shared/payerFields';
import { paymentRequest } from '../v2/paymentRequest';
import { defineOperation, type Resource } from '../../operations/defineOperation';
import { resourceById } from '../shared/getById';
import { markLegacy, asV1Operations } from './legacy';
import { listOperation } from './pages';

const path = '/api/v1/incoming_payments';

/** M-Pesa payment requests of v1 (docs/kopokopo-api.md#api-v1). */
export const paymentRequestV1: Resource = {
	name: 'Payment Request (Legacy)',
	value: 'paymentRequestV1',
	apiVersion: 'v1',
	operations: [
		...asV1Operations(paymentRequest, 'request', 'get'),
		// A separate operation because its fields differ: a reference instead of a till.
		markLegacy(
			defineOperation({
				value: 'requestWithoutTill',
				name: 'Request Without Till',
				action: 'Request payment without till',
				description: 'Ask a customer to pay by M-Pesa (STK push), without a till number',
				effect: 'sendOnce',
				amountOf: ({ amount: asked }) => asked,
				repeat: {
					of: ({ phoneNumber: phone, amount: asked }) => [phone, asked],
					allowedAfter: 'result',
				},
				idFrom: 'body',
				statusOf: resourceById(path),
				waitByDefault: 'keepChecking',
				ifUnknown: LOOK_FOR_PAYMENT,
				fields: [
					payerPhoneNumber,
					amountToRequest(),
					callbackUrlIfNotWaiting,
					additionalFields([
						callbackUrlIfChecking,
						description,
						email,
						firstName,
						lastName,
						reference,
					]),
				],
				request: ({ additionalFields: more, ...params }, callbackUrl) => ({
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
						callback_url: callbackUrl,
					},
				}),
				summary: requestedPayment,
			}),
			'unofficial',
		),
		listOperation(path, {
			action: 'Get many payment requests',
			description: 'List payment requests, one item each',
		}),
	],
};

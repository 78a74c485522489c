import { defineOperation, type Resource } from '../../operations/defineOperation';
import { defineField } from '../../operations/parameters';
import { MAX_AMOUNT } from '../../parsers/amount';
import { joinMetadata } from '../../parsers/metadata';
import { parseTill } from '../../parsers/till';
import {
	additionalFields,
	callbackUrlIfChecking,
	callbackUrlIfNotWaiting,
	email,
	firstName,
	lastName,
} from '../shared/fields';
import { getById, resourceById } from '../shared/getById';
import { metadataFields } from '../shared/metadata';
import {
	amountToRequest,
	LOOK_FOR_PAYMENT,
	payerPhoneNumber,
	requestedPayment,
} from '../shared/payerFields';

const tillNumber = defineField(
	{
		displayName: 'Till Number',
		name: 'tillNumber',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. K123456',
		description: 'Your online payments till',
		hint: "An online payments till begins with K. The Kopo Kopo dashboard shows it under the till's name.",
	},
	parseTill,
);

/** In KES, for one payment request. */
const MAX_AMOUNT_TO_REQUEST = MAX_AMOUNT;

const path = '/api/v2/incoming_payments';
const statusOf = resourceById(path);

/** M-Pesa payment requests, Kopo Kopo's incoming payments (docs/kopokopo-api.md#incoming-payments). */
export const paymentRequest: Resource = {
	name: 'Payment Request',
	value: 'paymentRequest',
	operations: [
		defineOperation({
			value: 'request',
			name: 'Request',
			action: 'Request payment',
			description: 'Ask a customer to pay by M-Pesa (STK push)',
			effect: 'sendOnce',
			amountOf: ({ amount: asked }) => asked,
			repeat: {
				of: ({ tillNumber: till, phoneNumber: phone, amount: asked }) => [till, phone, asked],
				allowedAfter: 'result',
			},
			statusOf,
			waitByDefault: 'keepChecking',
			ifUnknown: LOOK_FOR_PAYMENT,
			fields: [
				tillNumber,
				payerPhoneNumber,
				amountToRequest(MAX_AMOUNT_TO_REQUEST),
				callbackUrlIfNotWaiting,
				additionalFields([callbackUrlIfChecking, email, firstName, lastName, ...metadataFields]),
			],
			request: (params, callbackUrl) => ({
				method: 'POST',
				path,
				body: {
					payment_channel: 'M-PESA STK Push',
					till_number: params.tillNumber,
					subscriber: {
						first_name: params.additionalFields.firstName,
						last_name: params.additionalFields.lastName,
						phone_number: params.phoneNumber,
						email: params.additionalFields.email,
					},
					amount: { currency: 'KES', value: params.amount },
					metadata: joinMetadata(params.additionalFields),
					_links: { callback_url: callbackUrl },
				},
			}),
			summary: (params) => ({
				...requestedPayment(params),
				metadata: joinMetadata(params.additionalFields) ?? {},
			}),
		}),
		getById({
			resource: 'Payment Request',
			parameter: 'paymentRequestId',
			action: 'Get payment request',
			description: 'Look up the result of a payment request',
			request: statusOf,
		}),
	],
};

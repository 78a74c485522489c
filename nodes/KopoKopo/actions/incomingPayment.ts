import { segment, type ApiRequest } from '../api/request';
import { additionalFields, callbackUrl, email, firstName, idField, lastName } from './fields';
import { joinMetadata, metadataFields } from './metadata';
import { field, InputRefused, operation, type Place, type Resource } from './operation';
import { readAmount, readPhoneWithPlus, readRequiredText } from './readers';

/** An online payments till: digits behind a K (contract, section 6). */
function readStkTill(raw: unknown, place: Place): string {
	const till = readRequiredText(raw, place).toUpperCase().replace(/\s/g, '');
	if (/^\d+$/.test(till)) {
		throw new InputRefused(
			`'${place.label}' needs its K: ${till}`,
			`Payment requests go to an online payments till, written with a K, such as K${till}. It stands in the Kopo Kopo dashboard under the till's name.`,
		);
	}
	if (!/^K\d+$/.test(till)) {
		throw new InputRefused(
			`'${place.label}' is not a till number: ${till.slice(0, 40)}`,
			'Write a K and digits, such as K123456.',
		);
	}
	return till;
}

const tillNumber = field(
	{
		displayName: 'Till Number',
		name: 'tillNumber',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. K123456',
		description: 'Your online payments till, with its K',
	},
	readStkTill,
);

export const phoneNumber = field(
	{
		displayName: 'Phone Number',
		name: 'phoneNumber',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. 0712345678',
		description: 'The M-Pesa number of the customer who is asked to pay',
	},
	readPhoneWithPlus,
);

export const amount = field(
	{
		displayName: 'Amount',
		name: 'amount',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. 1500',
		description: 'How much to ask for, in Kenyan shillings (KES)',
	},
	readAmount,
);

/** What is known of a payment that a customer was asked for. */
export const asked = (params: { amount: number; phoneNumber: string }) => ({
	amount: params.amount,
	currency: 'KES',
	phoneNumber: params.phoneNumber,
	message: 'The customer has been asked to pay; nothing is paid yet',
});

const paymentRequestId = idField('Payment Request', 'incomingPaymentId');

const statusOf = (id: string): ApiRequest => ({
	method: 'GET',
	path: `/api/v2/incoming_payments/${segment(id)}`,
});

/** Asking a customer to pay by M-Pesa (contract: incomingPayment.create, incomingPayment.get). */
export const incomingPayment: Resource = {
	name: 'Payment Request',
	value: 'incomingPayment',
	operations: [
		operation({
			value: 'create',
			name: 'Request',
			action: 'Request payment',
			description: 'Ask a customer to pay by M-Pesa (STK push)',
			effect: 'movesMoney',
			statusOf,
			waitByDefault: 'poll',
			fields: [
				tillNumber,
				phoneNumber,
				amount,
				callbackUrl,
				additionalFields([email, firstName, lastName, ...metadataFields]),
			],
			request: (params) => ({
				method: 'POST',
				path: '/api/v2/incoming_payments',
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
					_links: { callback_url: params.callbackUrl },
				},
			}),
			summary: (params) => ({
				...asked(params),
				metadata: joinMetadata(params.additionalFields) ?? {},
			}),
		}),
		operation({
			value: 'get',
			name: 'Get',
			action: 'Get payment request',
			description: 'Look up what became of a payment request',
			effect: 'read',
			fields: [paymentRequestId],
			request: ({ incomingPaymentId }) => statusOf(incomingPaymentId),
		}),
	],
};

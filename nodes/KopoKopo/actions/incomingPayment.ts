import { segment } from '../api/request';
import {
	callbackUrl,
	joinMetadata,
	metadataJson,
	metadataRows,
	readAmount,
	readId,
	readPhoneWithPlus,
	readRequiredText,
	readText,
} from './fields';
import {
	field,
	InputRefused,
	operation,
	optionalFields,
	type Place,
	type Resource,
} from './operation';

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

const phoneNumber = field(
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

const amount = field(
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

const additionalFields = optionalFields(
	{
		displayName: 'Additional Fields',
		name: 'additionalFields',
		type: 'collection',
		placeholder: 'Add Field',
		default: {},
	},
	[
		field(
			{
				displayName: 'Email',
				name: 'email',
				type: 'string',
				default: '',
				placeholder: 'e.g. nathan@example.com',
				description: "The customer's email address",
			},
			readText,
		),
		field(
			{
				displayName: 'First Name',
				name: 'firstName',
				type: 'string',
				default: '',
				placeholder: 'e.g. Nathan',
				description: "The customer's first name",
			},
			readText,
		),
		field(
			{
				displayName: 'Last Name',
				name: 'lastName',
				type: 'string',
				default: '',
				placeholder: 'e.g. Otieno',
				description: "The customer's last name",
			},
			readText,
		),
		metadataRows,
		metadataJson,
	],
);

const paymentRequestId = field(
	{
		displayName: 'Payment Request ID',
		name: 'incomingPaymentId',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. 247b1bd8-f5a0-4b71-a898-f62f67b8ae1c',
		description: 'The ID that Request gave, or the whole address that ends with it',
	},
	readId,
);

/** Asking a customer to pay by M-Pesa (contract: incomingPayment.create, incomingPayment.get). */
export const incomingPayment: Resource = {
	name: 'Payment Request',
	value: 'incomingPayment',
	defaultOperation: 'create',
	operations: [
		operation({
			value: 'create',
			name: 'Request',
			action: 'Request a payment',
			description: 'Ask a customer to pay by M-Pesa (STK push)',
			effect: 'movesMoney',
			fields: [tillNumber, phoneNumber, amount, callbackUrl, additionalFields],
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
				amount: params.amount,
				currency: 'KES',
				phoneNumber: params.phoneNumber,
				message: 'The customer has been asked to pay; nothing is paid yet',
				metadata: joinMetadata(params.additionalFields) ?? {},
			}),
		}),
		operation({
			value: 'get',
			name: 'Get',
			action: 'Get a payment request',
			description: 'Look up what became of a payment request',
			effect: 'read',
			fields: [paymentRequestId],
			request: ({ incomingPaymentId }) => ({
				method: 'GET',
				path: `/api/v2/incoming_payments/${segment(incomingPaymentId)}`,
			}),
		}),
	],
};

import { parseResult } from '../../domain/result';
import { defineOperation, type Resource } from '../../operations/defineOperation';
import { defineField } from '../../operations/parameters';
import { MAX_AMOUNT, parseAmount } from '../../parsers/amount';
import { joinMetadata } from '../../parsers/metadata';
import { parseReference } from '../../parsers/identifier';
import { parseText } from '../../parsers/text';
import { parseTill } from '../../parsers/till';
import {
	additionalFields,
	amountField,
	callbackUrlIfChecking,
	callbackUrlIfNotWaiting,
	idField,
} from '../shared/fields';
import { getById, resourceById } from '../shared/getById';
import { metadataFields } from '../shared/metadata';

const tillNumber = defineField(
	{
		displayName: 'Till Number',
		name: 'tillNumber',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. 112233',
		description: 'The till that receives the payment',
		hint: 'Your M-Pesa till, such as 112233, or your online payments till, such as K123456',
	},
	parseTill,
);

/** In KES, for one payment link. */
const MAX_AMOUNT_OF_LINK = MAX_AMOUNT;

const amount = amountField('The amount to pay, in Kenyan shillings (KES)', (raw, context) =>
	parseAmount(raw, context, MAX_AMOUNT_OF_LINK),
);

const note = defineField(
	{
		displayName: 'Note',
		name: 'note',
		type: 'string',
		default: '',
		placeholder: 'e.g. Thank you for your order',
		description: 'A message to the customer. The payment page shows it.',
	},
	parseText,
);

const paymentReference = defineField(
	{
		displayName: 'Payment Reference',
		name: 'paymentReference',
		type: 'string',
		default: '',
		placeholder: 'e.g. INV-2041',
		description: 'Your own order or invoice number. The payment page shows it.',
	},
	parseReference,
);

const linkId = idField('Payment Link', 'paymentLinkId');

const path = '/api/v2/payment_links';
const statusOf = resourceById(path);

/** Payment links (docs/kopokopo-api.md#payment-links). */
export const paymentLink: Resource = {
	name: 'Payment Link',
	value: 'paymentLink',
	operations: [
		defineOperation({
			value: 'create',
			name: 'Create',
			action: 'Create payment link',
			description: 'Create a link that a customer can open to pay',
			effect: 'sendOnce',
			amountOf: ({ amount: asked }) => asked,
			statusOf,
			ifUnknown: 'Before you create it again, look for the link in the Kopo Kopo dashboard.',
			fields: [
				tillNumber,
				amount,
				callbackUrlIfNotWaiting,
				additionalFields([callbackUrlIfChecking, ...metadataFields, note, paymentReference]),
			],
			request: (params, callbackUrl) => ({
				method: 'POST',
				path,
				body: {
					till_number: params.tillNumber,
					currency: 'KES',
					amount: params.amount,
					payment_reference: params.additionalFields.paymentReference,
					note: params.additionalFields.note,
					metadata: joinMetadata(params.additionalFields),
					_links: { callback_url: callbackUrl },
				},
			}),
			summary: (params) => ({
				amount: params.amount,
				currency: 'KES',
				tillNumber: params.tillNumber,
				metadata: joinMetadata(params.additionalFields) ?? {},
				paymentReference: params.additionalFields.paymentReference,
			}),
			readBack: {
				isComplete: (body) => Boolean(parseResult(body).link),
				unavailable: {
					message:
						'The link was created. Its address is not available yet. Get it with Payment Link > Get and this ID',
				},
			},
		}),
		getById({
			resource: 'Payment Link',
			parameter: 'paymentLinkId',
			action: 'Get payment link',
			description: 'Look up a payment link and see whether it has been paid',
			request: statusOf,
		}),
		defineOperation({
			value: 'cancel',
			name: 'Cancel',
			action: 'Cancel payment link',
			description: 'Cancel a link that has not been paid yet',
			effect: 'act',
			ifUnknown:
				'Look the link up with Payment Link > Get, and cancel it again if it is not cancelled.',
			fields: [linkId],
			request: ({ paymentLinkId }) => ({
				method: 'POST',
				path: `${statusOf(paymentLinkId).path}/cancel`,
			}),
			items: ({ params, response, simplify }) => [
				simplify
					? {
							message: response.body?.message ?? 'Payment link cancelled',
							id: params.paymentLinkId,
						}
					: { id: params.paymentLinkId, ...response.body },
			],
		}),
	],
};

import { parseResult } from '../../domain/result';
import { defineOperation, type Resource } from '../../operations/defineOperation';
import { defineField } from '../../operations/parameters';
import { parseAmount } from '../../parsers/amount';
import { joinMetadata } from '../../parsers/metadata';
import { parseReference } from '../../parsers/identifier';
import { parseText } from '../../parsers/text';
import { parseTill } from '../../parsers/till';
import { additionalFields, callbackUrl, idField } from '../shared/fields';
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
		description: 'The till that is paid, an M-Pesa till or an online payments till',
	},
	parseTill,
);

const amount = defineField(
	{
		displayName: 'Amount',
		name: 'amount',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. 1500',
		description: 'How much the link asks for, in Kenyan shillings (KES)',
	},
	parseAmount,
);

const note = defineField(
	{
		displayName: 'Note',
		name: 'note',
		type: 'string',
		default: '',
		placeholder: 'e.g. Thank you for your order',
		description: 'A message to the customer, who sees it on the payment page',
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
		description: 'Your own order or invoice number. The customer sees it.',
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
			description: 'Make a link that a customer can pay, and return it',
			effect: 'movesMoney',
			amountOf: ({ amount: asked }) => asked,
			statusOf,
			fields: [
				tillNumber,
				amount,
				callbackUrl,
				additionalFields([...metadataFields, note, paymentReference]),
			],
			request: (params) => ({
				method: 'POST',
				path,
				body: {
					till_number: params.tillNumber,
					currency: 'KES',
					amount: params.amount,
					payment_reference: params.additionalFields.paymentReference,
					note: params.additionalFields.note,
					metadata: joinMetadata(params.additionalFields),
					_links: { callback_url: params.callbackUrl },
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
					message: 'The link was created, but could not be read yet; use Get with this ID',
				},
			},
		}),
		defineOperation({
			value: 'cancel',
			name: 'Cancel',
			action: 'Cancel payment link',
			description: 'Stop a link that is not paid yet from being paid',
			effect: 'act',
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
		getById({
			resource: 'Payment Link',
			parameter: 'paymentLinkId',
			action: 'Get payment link',
			description: 'Look up a link and whether it is paid',
			request: statusOf,
		}),
	],
};

import type { IDataObject } from 'n8n-workflow';
import { pathSegment } from '../../domain/resourceUrl';
import { parseResult } from '../../domain/result';
import { abortableSleep } from '../../n8n/sleep';
import {
	defineOperation,
	type Resource,
	type ResponseContext,
} from '../../operations/defineOperation';
import { type AnyParams, defineField } from '../../operations/parameters';
import { parseAmount } from '../../parsers/amount';
import { joinMetadata } from '../../parsers/metadata';
import { parseReference } from '../../parsers/identifier';
import { parseText } from '../../parsers/text';
import { parseTill } from '../../parsers/till';
import type { ApiRequest } from '../../transport/client';
import { additionalFields, callbackUrl, idField } from '../shared/fields';
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

const pathOf = (id: string) => `/api/v2/payment_links/${pathSegment(id)}`;
const statusOf = (id: string): ApiRequest => ({ method: 'GET', path: pathOf(id) });

const READ_BACK_ATTEMPTS = 4;

/** The status of a new link, which contains its URL; undefined if it does not yet. Never throws. */
async function fetchLink({
	response: { id = '' },
	send,
	signal,
}: ResponseContext<AnyParams>): Promise<IDataObject | undefined> {
	for (let attempt = 0; attempt < READ_BACK_ATTEMPTS && signal?.aborted !== true; attempt++) {
		try {
			const { body } = await send(statusOf(id));
			if (parseResult(body).link) return body;
		} catch {
			// The link exists even if it cannot be read now. The item says how to get it later.
			return undefined;
		}
		await abortableSleep(250 * 2 ** attempt, signal);
	}
	return undefined;
}

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
				path: '/api/v2/payment_links',
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
				fetch: fetchLink,
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
				path: `${pathOf(paymentLinkId)}/cancel`,
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
		defineOperation({
			value: 'get',
			name: 'Get',
			action: 'Get payment link',
			description: 'Look up a link and whether it is paid',
			effect: 'read',
			fields: [linkId],
			request: ({ paymentLinkId }) => statusOf(paymentLinkId),
		}),
	],
};

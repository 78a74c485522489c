import type { IDataObject } from 'n8n-workflow';
import { pathSegment } from '../domain/resourceUrl';
import { parseResult } from '../domain/result';
import { abortableSleep } from '../n8n/sleep';
import {
	defineOperation,
	type Item,
	type Resource,
	type ResponseContext,
} from '../operations/defineOperation';
import { type AnyParams, defineField } from '../operations/parameters';
import { parseAmount } from '../parsers/amount';
import { joinMetadata } from '../parsers/metadata';
import { parseRequiredText, parseText } from '../parsers/text';
import type { ApiRequest } from '../transport/client';
import { additionalFields, callbackUrl, idField } from './shared/fields';
import { metadataFields } from './shared/metadata';

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
	parseRequiredText,
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
		description: 'What the payer is shown',
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
		description: 'Your own order or invoice number',
	},
	parseText,
);

const linkId = idField('Payment Link', 'paymentLinkId');

const pathOf = (id: string) => `/api/v2/payment_links/${pathSegment(id)}`;
const statusOf = (id: string): ApiRequest => ({ method: 'GET', path: pathOf(id) });

const LOOKS = 4;

/**
 * The link itself is only in the status body, so it is read back right after. It was created all the
 * same when that does not work, and the item says how to get it.
 */
async function withLink(
	{ response, simplify, send, signal }: ResponseContext<AnyParams>,
	known: Item,
): Promise<Item> {
	let body: IDataObject | undefined;
	for (let look = 0; look < LOOKS && signal?.aborted !== true; look++) {
		try {
			body = (await send(statusOf(response.id ?? ''))).body;
		} catch {
			break;
		}
		if (parseResult(body).link) break;
		await abortableSleep(250 * 2 ** look, signal);
	}
	const result = parseResult(body);
	if (!result.link) {
		return {
			...known,
			id: response.id,
			outcome: 'pending',
			isFinal: false,
			link: null,
			message: 'The link was created, but could not be read yet; use Get with this ID',
			location: response.location,
		};
	}
	return simplify ? result : { ...body };
}

/** Links that anybody can pay (contract: paymentLink.*). */
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
				metadata: joinMetadata(params.additionalFields) ?? {},
			}),
			items: async (step) => [
				await withLink(step, {
					amount: step.params.amount,
					metadata: joinMetadata(step.params.additionalFields) ?? {},
				}),
			],
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
							id: params.paymentLinkId,
							message: response.body?.message ?? 'Payment link cancelled',
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

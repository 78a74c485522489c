import type { IDataObject } from 'n8n-workflow';
import { pause } from '../api/pause';
import { segment, type ApiRequest } from '../api/request';
import { readResult } from '../results/outcome';
import { additionalFields, callbackUrl, idField } from './fields';
import { joinMetadata, metadataFields } from './metadata';
import { field, operation, type AnyParams, type Item, type Resource, type Step } from './operation';
import { readAmount, readRequiredText, readText } from './readers';

const tillNumber = field(
	{
		displayName: 'Till Number',
		name: 'tillNumber',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. 112233',
		description: 'The till that is paid, an M-Pesa till or an online payments till',
	},
	readRequiredText,
);

const amount = field(
	{
		displayName: 'Amount',
		name: 'amount',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. 1500',
		description: 'How much the link asks for, in Kenyan shillings (KES)',
	},
	readAmount,
);

const note = field(
	{
		displayName: 'Note',
		name: 'note',
		type: 'string',
		default: '',
		placeholder: 'e.g. Thank you for your order',
		description: 'What the payer is shown',
	},
	readText,
);

const paymentReference = field(
	{
		displayName: 'Payment Reference',
		name: 'paymentReference',
		type: 'string',
		default: '',
		placeholder: 'e.g. INV-2041',
		description: 'Your own order or invoice number',
	},
	readText,
);

const linkId = idField('Payment Link', 'paymentLinkId');

const pathOf = (id: string) => `/api/v2/payment_links/${segment(id)}`;
const statusOf = (id: string): ApiRequest => ({ method: 'GET', path: pathOf(id) });

const LOOKS = 4;

/**
 * The link itself is only in the status body, so it is read back right after. It was created all the
 * same when that does not work, and the item says how to get it.
 */
async function withLink(
	{ answer, simplify, call, signal }: Step<AnyParams>,
	known: Item,
): Promise<Item> {
	let body: IDataObject | undefined;
	for (let look = 0; look < LOOKS && signal?.aborted !== true; look++) {
		try {
			body = (await call(statusOf(answer.id ?? ''))).body;
		} catch {
			break;
		}
		if (readResult(body).link) break;
		await pause(250 * 2 ** look, signal);
	}
	const result = readResult(body);
	if (!result.link) {
		return {
			...known,
			id: answer.id,
			outcome: 'pending',
			isFinal: false,
			link: null,
			message: 'The link was created, but could not be read yet; use Get with this ID',
			location: answer.location,
		};
	}
	return simplify ? result : { ...body };
}

/** Links that anybody can pay (contract: paymentLink.*). */
export const paymentLink: Resource = {
	name: 'Payment Link',
	value: 'paymentLink',
	operations: [
		operation({
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
		operation({
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
			items: ({ params, answer, simplify }) => [
				simplify
					? { id: params.paymentLinkId, message: answer.body?.message ?? 'Payment link cancelled' }
					: { id: params.paymentLinkId, ...answer.body },
			],
		}),
		operation({
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

import { defineOperation, type Resource } from '../../operations/defineOperation';
import { defineField } from '../../operations/parameters';
import { joinMetadata } from '../../parsers/metadata';
import { parseText } from '../../parsers/text';
import { RECIPIENT_API_TYPES, recipientType } from '../shared/recipient';
import { amountToSend, requestedPayout } from '../shared/payoutFields';
import {
	additionalFields,
	callbackUrlIfChecking,
	callbackUrlIfNotWaiting,
	description,
	idField,
} from '../shared/fields';
import { getById, resourceById } from '../shared/getById';
import { metadataFields } from '../shared/metadata';
import { markLegacy } from './legacy';

const category = defineField(
	{
		displayName: 'Category',
		name: 'category',
		type: 'string',
		default: '',
		placeholder: 'e.g. salaries',
		description: 'The category of the payment',
	},
	parseText,
);

const tags = defineField(
	{
		displayName: 'Tags',
		name: 'tags',
		type: 'string',
		default: '',
		placeholder: 'e.g. May, night shift',
		description: 'Words to find the payment by, separated by commas',
	},
	(raw, context) => {
		const words: unknown[] = Array.isArray(raw) ? raw : (parseText(raw, context) ?? '').split(',');
		const given = words.flatMap((word) => parseText(word, context) ?? []);
		return given.length === 0 ? undefined : given;
	},
);

const path = '/api/v1/payments';
const statusOf = resourceById(path);

/** Payments to a registered pay recipient (docs/kopokopo-api.md#api-v1). */
export const paymentV1: Resource = {
	name: 'Payment (Legacy)',
	value: 'paymentV1',
	apiVersion: 'v1',
	operations: [
		markLegacy(
			defineOperation({
				value: 'create',
				name: 'Create',
				action: 'Create payment',
				description: 'Send money to a pay recipient',
				effect: 'sendOnce',
				amountOf: ({ amount }) => amount,
				repeat: {
					of: (params) => [params.payRecipientId, params.amount],
					allowedAfter: 'failure',
				},
				statusOf,
				fields: [
					recipientType,
					idField('Pay Recipient', 'payRecipientId'),
					amountToSend(),
					callbackUrlIfNotWaiting,
					additionalFields([callbackUrlIfChecking, category, description, ...metadataFields, tags]),
				],
				request: ({ additionalFields: more, ...params }, callbackUrl) => ({
					method: 'POST',
					path,
					body: {
						destination_type: RECIPIENT_API_TYPES[params.recipientType],
						destination_reference: params.payRecipientId,
						amount: { currency: 'KES', value: params.amount },
						description: more.description,
						category: more.category,
						tags: more.tags,
						metadata: joinMetadata(more),
						_links: { callback_url: callbackUrl },
					},
				}),
				summary: (params) => requestedPayout(params, { amount: params.amount }),
			}),
		),
		markLegacy(
			getById({
				resource: 'Payment',
				parameter: 'paymentId',
				action: 'Get payment',
				description: 'Look up the result of a payment',
				request: statusOf,
			}),
		),
	],
};

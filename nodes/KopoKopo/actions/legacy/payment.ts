import { amountToSend } from '../destinations';
import { RECIPIENT_API_TYPES, recipientType } from '../externalRecipient';
import { additionalFields, callbackUrl, description, idField } from '../fields';
import { joinMetadata, metadataFields } from '../metadata';
import { field, operation, type Resource } from '../operation';
import { asText, readText } from '../readers';
import { accepted } from '../sendMoney';
import { legacy, oneOf } from './legacy';

const category = field(
	{
		displayName: 'Category',
		name: 'category',
		type: 'string',
		default: '',
		placeholder: 'e.g. salaries',
		description: 'What kind of payment it is',
	},
	readText,
);

const tags = field(
	{
		displayName: 'Tags',
		name: 'tags',
		type: 'string',
		default: '',
		placeholder: 'e.g. May, night shift',
		description: 'Words to find the payment by, separated by commas',
	},
	(raw) => {
		const words = (Array.isArray(raw) ? raw : asText(raw).split(',')).map(asText);
		const given = words.filter((word) => word !== '');
		return given.length === 0 ? undefined : given;
	},
);

const path = '/api/v1/payments';
const statusOf = oneOf(path);

/** Paying a recipient that is registered (contract, section 5: v1.payment.*). */
export const paymentV1: Resource = {
	name: 'Payment (Legacy)',
	value: 'paymentV1',
	apiVersion: 'v1',
	operations: [
		legacy(
			operation({
				value: 'create',
				name: 'Create',
				action: 'Create payment',
				description: 'Pay a pay recipient',
				effect: 'movesMoney',
				statusOf,
				fields: [
					recipientType,
					idField('Pay Recipient', 'payRecipientId'),
					amountToSend,
					callbackUrl,
					additionalFields([category, description, ...metadataFields, tags]),
				],
				request: ({ additionalFields: more, ...params }) => ({
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
						_links: { callback_url: params.callbackUrl },
					},
				}),
				summary: (params) => accepted(params, { amount: params.amount }),
			}),
		),
		legacy(
			operation({
				value: 'get',
				name: 'Get',
				action: 'Get payment',
				description: 'Look up what became of a payment',
				effect: 'read',
				fields: [idField('Payment', 'paymentId')],
				request: ({ paymentId }) => statusOf(paymentId),
			}),
		),
	],
};

import { defineOperation, type Resource } from '../../operations/defineOperation';
import { defineField } from '../../operations/parameters';
import { parseId } from '../../parsers/id';
import { joinMetadata } from '../../parsers/metadata';
import { parseRequiredText } from '../../parsers/text';
import { additionalFields, callbackUrlIfChecking, callbackUrlIfNotWaiting } from '../shared/fields';
import { getById, resourceById } from '../shared/getById';
import { metadataFields } from '../shared/metadata';

const transactionReference = defineField(
	{
		displayName: 'Transaction Reference',
		name: 'transactionReference',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. OJM6Q1W84K',
		description:
			'The M-Pesa receipt, or the ID, of a payment that you received in the last 30 days',
	},
	parseId,
);

const reason = defineField(
	{
		displayName: 'Reason',
		name: 'reason',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. The customer paid twice',
		description: 'Why you are refunding the payment',
	},
	parseRequiredText,
);

const path = '/api/v2/reversals';
const statusOf = resourceById(path);

/** Reversals, which return a received payment to the payer (docs/kopokopo-api.md#reversals). */
export const reversal: Resource = {
	name: 'Reversal',
	value: 'reversal',
	operations: [
		defineOperation({
			value: 'refund',
			name: 'Refund',
			action: 'Refund (reverse) payment',
			description: 'Return a payment that you received to the payer',
			effect: 'sendOnce',
			repeat: {
				of: ({ transactionReference: reference }) => reference,
				allowedAfter: 'failure',
				name: 'refund',
			},
			statusOf,
			fields: [
				transactionReference,
				reason,
				callbackUrlIfNotWaiting,
				additionalFields([callbackUrlIfChecking, ...metadataFields]),
			],
			request: (params, callbackUrl) => ({
				method: 'POST',
				path,
				body: {
					transaction_reference: params.transactionReference,
					reason: params.reason,
					metadata: joinMetadata(params.additionalFields),
					_links: { callback_url: callbackUrl },
				},
			}),
			summary: (params) => ({
				message: 'Kopo Kopo accepted the reversal. Nothing has been refunded yet',
				metadata: joinMetadata(params.additionalFields) ?? {},
				reversedReference: params.transactionReference,
				reason: params.reason,
			}),
		}),
		getById({
			resource: 'Reversal',
			parameter: 'reversalId',
			action: 'Get reversal',
			description: 'Look up the result of a reversal',
			request: statusOf,
		}),
	],
};

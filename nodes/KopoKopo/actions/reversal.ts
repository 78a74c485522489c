import { segment, type ApiRequest } from '../api/request';
import { additionalFields, callbackUrl, idField } from './fields';
import { joinMetadata, metadataFields } from './metadata';
import { field, operation, type Resource } from './operation';
import { readId, readRequiredText } from './readers';

const transactionReference = field(
	{
		displayName: 'Transaction Reference',
		name: 'transactionReference',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. OJM6Q1W84K',
		description: 'The M-Pesa receipt or the ID of a payment you received in the last 30 days',
	},
	readId,
);

const reason = field(
	{
		displayName: 'Reason',
		name: 'reason',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. The customer paid twice',
		description: 'Why the money goes back',
	},
	readRequiredText,
);

const statusOf = (id: string): ApiRequest => ({
	method: 'GET',
	path: `/api/v2/reversals/${segment(id)}`,
});

/** Giving money back (contract: reversal.*). */
export const reversal: Resource = {
	name: 'Reversal',
	value: 'reversal',
	operations: [
		operation({
			value: 'create',
			name: 'Create',
			action: 'Create reversal',
			description: 'Give a received payment back to the payer',
			effect: 'movesMoney',
			statusOf,
			fields: [transactionReference, reason, callbackUrl, additionalFields([...metadataFields])],
			request: (params) => ({
				method: 'POST',
				path: '/api/v2/reversals',
				body: {
					transaction_reference: params.transactionReference,
					reason: params.reason,
					metadata: joinMetadata(params.additionalFields),
					_links: { callback_url: params.callbackUrl },
				},
			}),
			summary: (params) => ({
				transactionReference: params.transactionReference,
				message: 'Kopo Kopo has taken the reversal; nothing went back yet',
				metadata: joinMetadata(params.additionalFields) ?? {},
			}),
		}),
		operation({
			value: 'get',
			name: 'Get',
			action: 'Get reversal',
			description: 'Look up what became of a reversal',
			effect: 'read',
			fields: [idField('Reversal', 'reversalId')],
			request: ({ reversalId }) => statusOf(reversalId),
		}),
	],
};

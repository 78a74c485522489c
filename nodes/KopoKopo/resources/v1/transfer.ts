import { idField } from '../shared/fields';
import { defineOperation, type Resource } from '../../operations/defineOperation';
import { acceptedTransfer } from '../v2/sendMoney';
import { markLegacy, resourceById } from './legacy';
import { targetedBody, targetedFields } from './settlementTransfer';

const path = '/api/v1/transfers';
const statusOf = resourceById(path);

/** Settlement transfers as one unofficial document describes them (docs/kopokopo-api.md#api-v1). */
export const transferV1: Resource = {
	name: 'Transfer (Legacy)',
	value: 'transferV1',
	apiVersion: 'v1',
	operations: [
		markLegacy(
			defineOperation({
				value: 'create',
				name: 'Create',
				action: 'Create transfer',
				description: 'Transfer an amount to one of your own accounts',
				effect: 'movesMoney',
				amountOf: ({ amount }) => amount,
				repeat: {
					of: ({ accountReference, amount }) => [accountReference, amount],
					allowedAfter: 'failure',
				},
				statusOf,
				fields: [...targetedFields],
				request: (params) => ({ method: 'POST', path, body: targetedBody(params) }),
				summary: ({ amount }) => acceptedTransfer({}, { amount }),
			}),
			'unofficial',
		),
		markLegacy(
			defineOperation({
				value: 'get',
				name: 'Get',
				action: 'Get transfer',
				description: 'Look up what became of a transfer',
				effect: 'read',
				fields: [idField('Transfer', 'transferId')],
				request: ({ transferId }) => statusOf(transferId),
			}),
			'unofficial',
		),
	],
};

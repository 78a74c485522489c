import { idField } from '../fields';
import { operation, type Resource } from '../operation';
import { accepted } from '../sendMoney';
import { legacy, oneOf } from './legacy';
import { targetedBody, targetedFields } from './settlementTransfer';

const path = '/api/v1/transfers';
const statusOf = oneOf(path);

/** What one document calls settlement transfers (contract, section 5: v1.transfer.create). */
export const transferV1: Resource = {
	name: 'Transfer (Legacy)',
	value: 'transferV1',
	apiVersion: 'v1',
	operations: [
		legacy(
			operation({
				value: 'create',
				name: 'Create',
				action: 'Create transfer',
				description: 'Transfer an amount to one of your own accounts',
				effect: 'movesMoney',
				statusOf,
				fields: [...targetedFields],
				request: (params) => ({ method: 'POST', path, body: targetedBody(params) }),
				summary: ({ amount }) => accepted({}, { amount }),
			}),
			'oneDocument',
		),
		legacy(
			operation({
				value: 'get',
				name: 'Get',
				action: 'Get transfer',
				description: 'Look up what became of a transfer',
				effect: 'read',
				fields: [idField('Transfer', 'transferId')],
				request: ({ transferId }) => statusOf(transferId),
			}),
			'oneDocument',
		),
	],
};

import { getById, resourceById } from '../shared/getById';
import type { Resource } from '../../operations/defineOperation';
import { markLegacy } from './legacy';
import { createTransfer } from './settlementTransfer';

const path = '/api/v1/transfers';

/** Settlement transfers as one unofficial document describes them (docs/kopokopo-api.md#api-v1). */
export const transferV1: Resource = {
	name: 'Transfer (Legacy)',
	value: 'transferV1',
	apiVersion: 'v1',
	operations: [
		markLegacy(
			createTransfer(path, {
				action: 'Create transfer',
				description: 'Transfer an amount to one of your accounts',
			}),
			'unofficial',
		),
		markLegacy(
			getById({
				resource: 'Transfer',
				parameter: 'transferId',
				action: 'Get transfer',
				description: 'Look up the result of a transfer',
				request: resourceById(path),
			}),
			'unofficial',
		),
	],
};

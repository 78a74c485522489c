import type { Resource } from '../../operations/defineOperation';
import { transaction } from '../transaction';
import { asV1Operations } from './legacy';

/** What came in over a period, by the poll of v1 (docs/kopokopo-api.md#api-v1). */
export const transactionV1: Resource = {
	name: 'Transaction (Legacy)',
	value: 'transactionV1',
	apiVersion: 'v1',
	operations: asV1Operations(transaction, 'getAll', 'startPoll', 'getPoll'),
};

import type { Resource } from '../../operations/defineOperation';
import { transaction } from '../v2/transaction';
import { asV1Operations } from './legacy';

/** The transactions of a period, through v1's polling (docs/kopokopo-api.md#api-v1). */
export const transactionV1: Resource = {
	name: 'Transaction (Legacy)',
	value: 'transactionV1',
	apiVersion: 'v1',
	operations: asV1Operations(transaction, 'getAll', 'startSearch', 'getSearchResult'),
};

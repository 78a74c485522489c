import { defineField } from '../../operations/parameters';
import { parseCount } from '../../parsers/number';
import { parseSwitch } from '../../parsers/switch';

const returnAll = defineField(
	{
		displayName: 'Return All',
		name: 'returnAll',
		type: 'boolean',
		default: false,
		description: 'Whether to return all results or only up to a given limit',
	},
	parseSwitch,
);

const limit = defineField(
	{
		displayName: 'Limit',
		name: 'limit',
		type: 'number',
		typeOptions: { minValue: 1 },
		default: 50,
		displayOptions: { show: { returnAll: [false] } },
		description: 'Max number of results to return',
	},
	parseCount,
);

/** Return All and Limit, for every Get Many. */
export const paginationFields = [returnAll, limit] as const;

/** The rows that the user wants: all of them, or the first `limit`. */
export function limitRows<Row>(rows: Row[], params: { returnAll: boolean; limit: number }): Row[] {
	return params.returnAll ? rows : rows.slice(0, params.limit);
}

import type { IDataObject } from 'n8n-workflow';
import { InvalidParameterError, UnexpectedResponseError } from '../../domain/errors';
import { asObject, asObjects, asTextOrNull } from '../../domain/json';
import { asAmount } from '../../domain/money';
import { paymentItem } from '../../domain/payment';
import { parseResult } from '../../domain/result';
import {
	defineOperation,
	type Item,
	type Operation,
	type ResponseContext,
} from '../../operations/defineOperation';
import { defineField, optionalFields, type Params } from '../../operations/parameters';
import { choices, parseChoice } from '../../parsers/text';
import { parseDay } from '../../parsers/time';
import type { ApiRequest } from '../../transport/client';
import { limitRows, paginationFields } from '../shared/pagination';
import { markLegacy } from './legacy';

const fromDate = defineField(
	{
		displayName: 'From Date',
		name: 'fromDate',
		type: 'dateTime',
		default: '',
		description: 'The first day to list, in Nairobi time',
	},
	parseDay,
);

const toDate = defineField(
	{
		displayName: 'To Date',
		name: 'toDate',
		type: 'dateTime',
		default: '',
		description: 'The last day to list, in Nairobi time',
	},
	parseDay,
);

const statuses = choices(
	{ name: 'Completed', value: 'COMPLETED' },
	{ name: 'Failed', value: 'FAILED' },
	{ name: 'Pending', value: 'PENDING', description: 'Payment requests that have no result yet' },
	{ name: 'Processing', value: 'PROCESSING', description: 'Payouts that are not completed yet' },
);

const status = defineField(
	{
		displayName: 'Status',
		name: 'status',
		type: 'options',
		options: [...statuses],
		default: 'COMPLETED',
		description: 'The status to list',
	},
	parseChoice(statuses),
);

const filters = optionalFields(
	{
		displayName: 'Filters',
		name: 'filters',
		type: 'collection',
		placeholder: 'Add Filter',
		default: {},
	},
	[fromDate, status, toDate],
);

const listFields = [...paginationFields, filters] as const;
type ListParams = Params<typeof listFields>;

/** The maximum of `per_page` (docs/kopokopo-api.md#pagination). */
const MAX_PAGE_SIZE = 100;

const pageSize = ({ returnAll, limit }: ListParams) =>
	returnAll ? MAX_PAGE_SIZE : Math.min(limit, MAX_PAGE_SIZE);

function pageRequest(path: string, params: ListParams, page: number): ApiRequest {
	const { fromDate: from, toDate: to, status: wanted } = params.filters;
	if (from !== undefined && to !== undefined && to < from) {
		throw new InvalidParameterError(
			"'To Date' is before 'From Date'",
			"Enter a 'To Date' that is not before 'From Date'.",
		);
	}
	return {
		method: 'GET',
		path,
		query: { page, per_page: pageSize(params), status: wanted, from_date: from, to_date: to },
	};
}

/** The rows of one page, and whether it is the last. */
function parsePage(body: IDataObject | undefined, page: number, size: number) {
	if (!Array.isArray(body?.data)) {
		throw new UnexpectedResponseError(
			'Kopo Kopo did not return a list',
			"This list is described by one unofficial document only. Look up the payments one by one with 'Get'.",
		);
	}
	const rows = asObjects(body.data);
	const pages = asAmount(asObject(body.pagination).total_pages);
	// An empty page is the last one, even if the total says otherwise.
	return {
		rows,
		isLast: rows.length === 0 || (pages === null ? rows.length < size : page >= pages),
	};
}

/** Identifies a row: its ID or, if it has none, the whole row. */
const rowKey = (row: IDataObject) => asTextOrNull(row.id) ?? JSON.stringify(row);

async function fetchPages(path: string, context: ResponseContext<ListParams>): Promise<Item[]> {
	const { params, simplify, send, signal } = context;
	const wanted = params.returnAll ? Infinity : params.limit;
	let { rows, isLast } = parsePage(context.response.body, 1, pageSize(params));
	const all = [...rows];
	const seen = new Set(rows.map(rowKey));
	for (let page = 2; !isLast && all.length < wanted && signal?.aborted !== true; page++) {
		const { body } = await send(pageRequest(path, params, page));
		({ rows, isLast } = parsePage(body, page, pageSize(params)));
		// If Kopo Kopo ignored the page, the list would never end. If the list grows in the meantime, rows
		// repeat.
		const added = rows.filter((row) => !seen.has(rowKey(row)));
		if (added.length === 0) break;
		all.push(...added);
		for (const row of added) seen.add(rowKey(row));
	}
	return limitRows(all, params).map((row) =>
		simplify ? paymentItem(parseResult({ data: row })) : row,
	);
}

/** Get Many for a collection that comes in pages, one item for each row (docs/kopokopo-api.md#pagination). */
export function listOperation(
	path: string,
	texts: Pick<Operation, 'action' | 'description'>,
): Operation {
	return markLegacy(
		defineOperation({
			...texts,
			value: 'getAll',
			name: 'Get Many',
			effect: 'read',
			fields: [...listFields],
			request: (params) => pageRequest(path, params, 1),
			items: async (context) => await fetchPages(path, context),
		}),
		'unofficial',
	);
}

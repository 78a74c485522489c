import type { IDataObject } from 'n8n-workflow';
import type { ApiRequest } from '../../api/request';
import { readResult } from '../../results/outcome';
import { asAmount, asObject, asObjects } from '../../results/values';
import {
	AnswerUnusable,
	field,
	InputRefused,
	operation,
	optionalFields,
	type Item,
	type Operation,
	type Params,
	type Step,
} from '../operation';
import { choices, readChoice, readDay } from '../readers';
import { amountOfResults, limited } from '../transaction';
import { legacy } from './legacy';

const fromDate = field(
	{
		displayName: 'From Date',
		name: 'fromDate',
		type: 'dateTime',
		default: '',
		description: 'The first day wanted',
	},
	readDay,
);

const toDate = field(
	{
		displayName: 'To Date',
		name: 'toDate',
		type: 'dateTime',
		default: '',
		description: 'The last day wanted',
	},
	readDay,
);

const statuses = choices(
	{ name: 'Completed', value: 'COMPLETED' },
	{ name: 'Failed', value: 'FAILED' },
	{ name: 'Pending', value: 'PENDING', description: 'Payment requests that nobody answered yet' },
	{ name: 'Processing', value: 'PROCESSING', description: 'Payouts on their way' },
);

const status = field(
	{
		displayName: 'Status',
		name: 'status',
		type: 'options',
		options: [...statuses],
		default: 'COMPLETED',
		description: 'What became of those that are wanted',
	},
	readChoice(statuses),
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

const listFields = [...amountOfResults, filters] as const;
type ListParams = Params<typeof listFields>;

/** The most that one page may hold (contract, section 5). */
const LARGEST_PAGE = 100;

const pageSize = ({ returnAll, limit }: ListParams) =>
	returnAll ? LARGEST_PAGE : Math.min(limit, LARGEST_PAGE);

function pageRequest(path: string, params: ListParams, page: number): ApiRequest {
	const { fromDate: from, toDate: to, status: wanted } = params.filters;
	if (from !== undefined && to !== undefined && to < from) {
		throw new InputRefused(
			"'To Date' is before 'From Date'",
			'Choose a last day that is not before the first.',
		);
	}
	return {
		method: 'GET',
		path,
		query: { page, per_page: pageSize(params), status: wanted, from_date: from, to_date: to },
	};
}

/** The rows of one page, and whether there is a page after it. */
function readPage(body: IDataObject | undefined, page: number, size: number) {
	if (!Array.isArray(body?.data)) {
		throw new AnswerUnusable(
			'Kopo Kopo did not answer with a list',
			"Only one third-party document knows this list. Look the payments up one by one with 'Get'.",
		);
	}
	const rows = asObjects(body.data);
	const pages = asAmount(asObject(body.pagination).total_pages);
	// An empty page is the last, whatever the total says.
	return {
		rows,
		isLast: rows.length === 0 || (pages === null ? rows.length < size : page >= pages),
	};
}

async function readPages(path: string, step: Step<ListParams>): Promise<Item[]> {
	const { params, simplify, call, signal } = step;
	const wanted = params.returnAll ? Infinity : params.limit;
	let { rows, isLast } = readPage(step.answer.body, 1, pageSize(params));
	const all = [...rows];
	for (let page = 2; !isLast && all.length < wanted && signal?.aborted !== true; page++) {
		const { body } = await call(pageRequest(path, params, page));
		({ rows, isLast } = readPage(body, page, pageSize(params)));
		all.push(...rows);
	}
	return limited(all, params).map((row) => (simplify ? readResult({ data: row }) : row));
}

/** Get Many over the pages of a collection, one item each (contract, section 5: one document only). */
export function listOperation(
	path: string,
	texts: Pick<Operation, 'action' | 'description'>,
): Operation {
	return legacy(
		operation({
			...texts,
			value: 'getAll',
			name: 'Get Many',
			effect: 'read',
			fields: [...listFields],
			request: (params) => pageRequest(path, params, 1),
			items: async (step) => await readPages(path, step),
		}),
		'oneDocument',
	);
}

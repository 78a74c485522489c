import { segment, type ApiRequest } from '../api/request';
import { readResult } from '../results/outcome';
import { transactionsOf } from '../results/transactions';
import { waitForResult } from '../results/wait';
import { callbackUrl, idField } from './fields';
import {
	AnswerUnusable,
	field,
	InputRefused,
	operation,
	shownFor,
	type Params,
	type Resource,
} from './operation';
import { choices, readBoolean, readChoice, readCount, readRequiredText, readTime } from './readers';

const scopes = choices(
	{ name: 'Company', value: 'company', description: 'Of all tills of the company' },
	{ name: 'Till', value: 'till', description: 'Of one till' },
);

const scope = field(
	{
		displayName: 'Scope',
		name: 'scope',
		type: 'options',
		options: [...scopes],
		default: 'company',
		description: 'Whose transactions are wanted',
	},
	readChoice(scopes),
);

const tillNumber = shownFor(
	{ scope: ['till'] },
	field(
		{
			displayName: 'Till Number',
			name: 'tillNumber',
			type: 'string',
			required: true,
			default: '',
			placeholder: 'e.g. 112233',
		},
		readRequiredText,
	),
);

const fromTime = field(
	{
		displayName: 'From',
		name: 'fromTime',
		type: 'dateTime',
		required: true,
		default: '',
		description: "When the period begins; without a zone it is the workflow's time zone",
	},
	readTime,
);

const toTime = field(
	{
		displayName: 'To',
		name: 'toTime',
		type: 'dateTime',
		required: true,
		default: '',
		description: "When the period ends; without a zone it is the workflow's time zone",
	},
	readTime,
);

export const periodFields = [scope, tillNumber, fromTime, toTime, callbackUrl] as const;

/** Body of a poll, the same in v1 and v2 (contract, sections 5 and 6). @throws InputRefused */
export function pollBody(params: Params<typeof periodFields>) {
	if (Date.parse(params.toTime) <= Date.parse(params.fromTime)) {
		throw new InputRefused(
			"'To' is not after 'From'",
			'Choose a period that ends after it begins.',
		);
	}
	return {
		scope: params.scope,
		// Kopo Kopo's own sample sends an empty text for the company.
		scope_reference: params.tillNumber ?? '',
		from_time: params.fromTime,
		to_time: params.toTime,
		_links: { callback_url: params.callbackUrl },
	};
}

const returnAll = field(
	{
		displayName: 'Return All',
		name: 'returnAll',
		type: 'boolean',
		default: false,
		description: 'Whether to return all results or only up to a given limit',
	},
	readBoolean,
);

const limit = field(
	{
		displayName: 'Limit',
		name: 'limit',
		type: 'number',
		typeOptions: { minValue: 1 },
		default: 50,
		displayOptions: { show: { returnAll: [false] } },
		description: 'Max number of results to return',
	},
	readCount,
);

/** Return All and Limit; shared by every operation that returns many. */
export const amountOfResults = [returnAll, limit] as const;

/** How many of `rows` the user asked for. */
export function limited<Row>(rows: Row[], params: { returnAll: boolean; limit: number }): Row[] {
	return params.returnAll ? rows : rows.slice(0, params.limit);
}

const statusOf = (id: string): ApiRequest => ({
	method: 'GET',
	path: `/api/v2/polling/${segment(id)}`,
});

/** A poll is answered in seconds; a period that takes longer is for Start Poll and Get Poll. */
const PATIENCE_MS = 120_000;

/** What came in over a period (contract: polling.*). */
export const transaction: Resource = {
	name: 'Transaction',
	value: 'transaction',
	operations: [
		operation({
			value: 'getAll',
			name: 'Get Many',
			action: 'Get many transactions',
			description: 'List the payments received in a period, one item each',
			effect: 'create',
			fields: [...periodFields, ...amountOfResults],
			request: (params) => ({ method: 'POST', path: '/api/v2/polling', body: pollBody(params) }),
			async items({ params, answer, simplify, call, signal }) {
				const id = answer.id ?? '';
				const look = async () => (await call(statusOf(id))).body;
				const body = await waitForResult(look, { forMs: PATIENCE_MS, signal });
				const { isFinal, outcome } = readResult(body);
				if (!isFinal || outcome !== 'success') {
					throw new AnswerUnusable(
						`Kopo Kopo has not put the transactions together within ${PATIENCE_MS / 1000} s`,
						`Ask for a shorter period, or look later with Get Poll and the ID ${id}.`,
					);
				}
				return limited(transactionsOf(body, simplify), params);
			},
		}),
		operation({
			value: 'startPoll',
			name: 'Start Poll',
			action: 'Start transaction poll',
			description: 'Ask for the payments of a period without waiting for them',
			effect: 'create',
			fields: [...periodFields],
			request: (params) => ({ method: 'POST', path: '/api/v2/polling', body: pollBody(params) }),
			summary: (params) => ({
				outcome: 'pending',
				isFinal: false,
				fromTime: params.fromTime,
				toTime: params.toTime,
			}),
		}),
		operation({
			value: 'getPoll',
			name: 'Get Poll',
			action: 'Get transaction poll',
			description: 'Look up a poll that was started, with its payments when it is done',
			effect: 'read',
			fields: [idField('Poll', 'pollId')],
			request: ({ pollId }) => statusOf(pollId),
			items({ answer, simplify }) {
				if (!simplify) return [{ ...answer.body }];
				const { id, outcome, isFinal, status, message } = readResult(answer.body);
				const transactions = transactionsOf(answer.body, true);
				return [{ id, outcome, isFinal, status, message, transactions }];
			},
		}),
	],
};

import { InvalidParameterError, UnexpectedResponseError } from '../../domain/errors';
import { statusItem } from '../../domain/payment';
import { parseResult } from '../../domain/result';
import { parseTransactions } from '../../domain/transaction';
import { defineOperation, type Resource } from '../../operations/defineOperation';
import { defineField, type Params, shownFor } from '../../operations/parameters';
import { parseNumber } from '../../parsers/number';
import { choices, parseChoice } from '../../parsers/text';
import { parseTill } from '../../parsers/till';
import { parseTime } from '../../parsers/time';
import type { ApiRequest } from '../../transport/client';
import { additionalFields, callbackUrl, idField } from '../shared/fields';
import { resourceById } from '../shared/getById';
import { limitRows, paginationFields } from '../shared/pagination';

const scopes = choices(
	{ name: 'Company', value: 'company', description: 'Payments to all tills of the company' },
	{ name: 'Till', value: 'till', description: 'Payments to one till' },
);

const scope = defineField(
	{
		displayName: 'Scope',
		name: 'scope',
		type: 'options',
		options: [...scopes],
		default: 'company',
		description: 'Which tills to include',
	},
	parseChoice(scopes),
);

const tillNumber = shownFor(
	{ scope: ['till'] },
	defineField(
		{
			displayName: 'Till Number',
			name: 'tillNumber',
			type: 'string',
			required: true,
			default: '',
			placeholder: 'e.g. 112233',
			description: 'The till whose payments to list',
		},
		parseTill,
	),
);

const from = defineField(
	{
		displayName: 'From',
		name: 'from',
		type: 'dateTime',
		required: true,
		default: '',
		description: 'The start of the period. A time without a time zone is in Nairobi time.',
	},
	parseTime,
);

const to = defineField(
	{
		displayName: 'To',
		name: 'to',
		type: 'dateTime',
		required: true,
		default: '',
		description:
			'The end of the period; for a whole day, 00:00 of the next day. A time without a time zone is in Nairobi time.',
	},
	parseTime,
);

const periodFields = [scope, tillNumber, from, to] as const;

/** Request body of a poll (docs/kopokopo-api.md#polling). @throws InvalidParameterError if the period is empty */
function pollBody(params: Params<typeof periodFields>, callbackUrl: string) {
	if (Date.parse(params.to) <= Date.parse(params.from)) {
		throw new InvalidParameterError(
			"'To' is not after 'From'",
			"Enter a period that ends after it begins. For a whole day, set 'To' to 00:00 of the next day.",
		);
	}
	return {
		scope: params.scope,
		// Kopo Kopo's sample sends an empty string for the whole company.
		scope_reference: params.tillNumber ?? '',
		from_time: params.from,
		to_time: params.to,
		_links: { callback_url: callbackUrl },
	};
}

/** A time of parseTime() without seconds and offset: `2026-05-01 08:00`. */
const withoutSeconds = (time: string) => time.slice(0, 16).replace('T', ' ');

const path = '/api/v2/polling';

/** The request for what a poll has found, by its ID. */
export const pollStatus = resourceById(path);

/** The request that starts a poll. */
export const startPoll = (
	params: Params<typeof periodFields>,
	callbackUrl: string,
): ApiRequest => ({
	method: 'POST',
	path,
	body: pollBody(params, callbackUrl),
});

/** Most polls take seconds; one integrator reports 15 minutes (docs/kopokopo-api.md#polling). */
const DEFAULT_SEARCH_WAIT_S = 120;
const MAX_SEARCH_WAIT_S = 24 * 60 * 60;

const waitUpTo = defineField(
	{
		displayName: 'Wait Up To (Seconds)',
		name: 'waitUpTo',
		type: 'number',
		typeOptions: { minValue: 1, maxValue: MAX_SEARCH_WAIT_S },
		default: DEFAULT_SEARCH_WAIT_S,
		description:
			'How long to wait for Kopo Kopo to list the payments. A longer period takes longer.',
	},
	(raw, context) =>
		parseNumber(raw, context, {
			minimum: 1,
			maximum: MAX_SEARCH_WAIT_S,
			unit: 'seconds',
			example: DEFAULT_SEARCH_WAIT_S,
			blank: DEFAULT_SEARCH_WAIT_S,
			raisedFrom: 0,
		}),
);

/** The payments received in a period, through Kopo Kopo's polling (docs/kopokopo-api.md#polling). */
export const transaction: Resource = {
	name: 'Transaction',
	value: 'transaction',
	operations: [
		defineOperation({
			value: 'getAll',
			name: 'Get Many',
			action: 'Get many transactions',
			description: 'List the payments received in a period, one item each',
			effect: 'read',
			startsPoll: true,
			fields: [...periodFields, ...paginationFields, additionalFields([callbackUrl, waitUpTo])],
			request: (params, url) => startPoll(params, url),
			hint: ({ from: start, to: end }) =>
				`Payments from ${withoutSeconds(start)} to ${withoutSeconds(end)}, Nairobi time`,
			async items({ params, response: { id = '' }, simplify, pollUntilFinal }) {
				const seconds = params.additionalFields.waitUpTo ?? DEFAULT_SEARCH_WAIT_S;
				const body = await pollUntilFinal(pollStatus(id), seconds * 1000);
				const { outcome, message } = parseResult(body);
				if (outcome === 'failure') {
					throw new UnexpectedResponseError(
						message ?? 'Kopo Kopo could not list the transactions',
						'Check the period and the till, then run it again.',
					);
				}
				if (outcome !== 'success') {
					throw new UnexpectedResponseError(
						`Kopo Kopo did not list the transactions within ${seconds} s`,
						`Choose a shorter period, raise 'Wait Up To (Seconds)' under 'Additional Fields', or get them later with 'Get Search Result' and the ID ${id}.`,
					);
				}
				return limitRows(parseTransactions(body, simplify), params);
			},
		}),
		defineOperation({
			value: 'startSearch',
			name: 'Start Search',
			action: 'Start transaction search',
			description: 'Ask for the payments of a period without waiting for them (polling in the API)',
			effect: 'create',
			startsPoll: true,
			fields: [...periodFields, callbackUrl],
			request: (params, url) => startPoll(params, url),
			summary: (params) => ({
				outcome: 'pending',
				message: "Kopo Kopo is listing the payments. Get them with 'Get Search Result' and this ID",
				fromTime: params.from,
				toTime: params.to,
			}),
		}),
		defineOperation({
			value: 'getSearchResult',
			name: 'Get Search Result',
			action: 'Get transaction search result',
			description: 'Get the payments that a search has found',
			effect: 'read',
			fields: [idField('Search', 'searchId')],
			request: ({ searchId }) => pollStatus(searchId),
			items({ response, simplify }) {
				if (!simplify) return [{ ...response.body }];
				const transactions = parseTransactions(response.body, true);
				return [statusItem(parseResult(response.body), { transactions })];
			},
		}),
	],
};

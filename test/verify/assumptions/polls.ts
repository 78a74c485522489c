import { createHash } from 'node:crypto';

import {
	type Assumption,
	type Check,
	compare,
	describeAnswer,
	describeType,
	type Finding,
	holds,
	NotObservedError,
	notTried,
	objectAt,
	valueAt,
} from '../assumption';
import { createdFrom, creation, type FinalRead, findReadable, readUntilFinal } from '../creation';
import { describeWord, shapeOf } from '../masking';
import { resultUrl } from './callbackUrl';

const ASK = 'nodes/KopoKopo/polling/requestPoll.ts';
const OPERATION = 'nodes/KopoKopo/resources/v2/transaction.ts';
const RESULT = 'nodes/KopoKopo/domain/result.ts';
const TRANSACTION = 'nodes/KopoKopo/domain/transaction.ts';
const SCHEMAS = 'nodes/KopoKopo/domain/eventSchemas.ts';
const RESOURCE_URL = 'nodes/KopoKopo/domain/resourceUrl.ts';
const CLIENT = 'nodes/KopoKopo/transport/client.ts';

const PATH = '/api/v2/polling';
const WITH_OFFSET = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?([+-]\d{2}:\d{2}|Z)$/;
const DAY_MS = 24 * 60 * 60 * 1000;

/** ISO 8601 with +03:00, to the second. */
const kenyanTime = (ms: number) =>
	new Date(ms + 3 * 60 * 60 * 1000).toISOString().replace(/\.\d+Z$/, '+03:00');

interface Poll {
	from: number;
	to: number;
	read: FinalRead;
	attributes: Record<string, unknown>;
	id: string;
	location: string;
}

async function pollPeriod(check: Check, name: string) {
	return await check.once(`period of ${name}`, async () => {
		const to = Math.floor(Date.now() / 1000) * 1000;
		return { from: to - DAY_MS, to };
	});
}

async function create(check: Check, name: string, scope: Record<string, string>) {
	const { from, to } = await pollPeriod(check, name);
	return await creation(check, name, PATH, {
		...scope,
		from_time: kenyanTime(from),
		to_time: kenyanTime(to),
		_links: { callback_url: resultUrl(check.settings) },
	});
}

const createCompanyPoll = async (check: Check) =>
	await create(check, 'poll', { scope: 'company', scope_reference: '' });

const createTillPoll = async (check: Check, till: string) =>
	await create(check, 'till poll', { scope: 'till', scope_reference: till });

async function finished(
	check: Check,
	name: string,
	createPoll: () => ReturnType<typeof create>,
): Promise<Poll> {
	const created = createdFrom(check, PATH, await createPoll());
	return await check.once(`result of ${name}`, async () => {
		const read = await readUntilFinal(check, created, {
			finalWords: ['success', 'failed', 'cancelled', 'rejected', 'declined'],
			pendingWords: ['pending', 'scheduled', 'processing', 'received'],
			statusOf: (json) => valueAt(json, 'data', 'attributes', 'status'),
			what: 'the result of a poll',
		});
		return {
			...(await pollPeriod(check, name)),
			...created,
			read,
			attributes: objectAt(read.answer.json, 'data', 'attributes'),
		};
	});
}

const poll = async (check: Check) =>
	await finished(check, 'poll', async () => await createCompanyPoll(check));

/** A poll with its result. @throws NotObservedError if it has none */
async function successful(polled: Promise<Poll>): Promise<Poll> {
	const found = await polled;
	if (found.read.isFinal && found.read.statuses.at(-1)?.toLowerCase() === 'success') return found;
	throw new NotObservedError(`the poll has no result (${found.read.statuses.join(', ')})`);
}

interface Row {
	type: unknown;
	resource: Record<string, unknown>;
}

/** The transactions of the last day. @throws NotObservedError if there are none */
async function rows(polled: Promise<Poll>): Promise<Row[]> {
	const { transactions } = (await successful(polled)).attributes;
	const list = Array.isArray(transactions) ? (transactions as unknown[]) : [];
	if (list.length === 0) throw new NotObservedError('the last day had no transactions');
	return list.map((row) => ({ type: valueAt(row, 'type'), resource: objectAt(row, 'resource') }));
}

const BUYGOODS = /^buygoods transaction$/i;
const TILL_TO_TILL = /^external till to till transaction$/i;

const transactionKeys = [
	'id',
	'amount',
	'status',
	'system',
	'currency',
	'reference',
	'till_number',
	'origination_time',
];
/** The fields of a buygoods payment, in a poll and in an event. */
export const BUYGOODS_KEYS = [
	...transactionKeys,
	'sender_phone_number',
	'sender_first_name',
	'sender_middle_name',
	'sender_last_name',
];
const keysOf = (type: unknown) =>
	TILL_TO_TILL.test(String(type)) ? [...transactionKeys, 'sending_till'] : BUYGOODS_KEYS;

/** An assumption about each transaction of the last day that has the field. */
function rowAssumption(
	id: string,
	statement: string,
	heading: string,
	reliesOn: string[],
	field: string,
	isAsAssumed: (value: unknown, row: Row, polled: Poll) => boolean,
	describe: (value: unknown) => string = describeType,
): Assumption {
	return {
		id,
		statement,
		heading,
		reliesOn,
		async run(check) {
			const polled = await successful(poll(check));
			const all = (await rows(poll(check))).filter(({ resource }) => field in resource);
			if (all.length === 0) return notTried(`no transaction has ${field}`);
			const other = all.filter((row) => !isAsAssumed(row.resource[field], row, polled));
			return compare(
				other.length === 0,
				other.length === 0
					? `${all.length} transactions`
					: `${other.length} of ${all.length} transactions: ${describe(other[0]?.resource[field])}`,
			);
		},
	};
}

/** A poll of the company's last day. */
export const pollAssumptions: Assumption[] = [
	{
		id: 'poll-create',
		statement: 'A poll of the last day is accepted',
		heading: 'polling',
		reliesOn: [ASK, OPERATION],
		async run(check) {
			const answer = await createCompanyPoll(check);
			return compare(answer.status < 300, describeAnswer(answer));
		},
	},
	{
		id: 'poll-location-path',
		statement: 'Location is an absolute address whose path is that of the create, and the ID',
		heading: 'resource-ids',
		reliesOn: [RESOURCE_URL],
		async run(check) {
			const { location, id } = createdFrom(check, PATH, await createCompanyPoll(check));
			if (!URL.canParse(location)) return compare(false, 'a relative address');
			const { pathname, search } = new URL(location);
			const path = pathname.replace(id, '{id}');
			// Anything else could be private.
			const shown = /^[/\w{}-]{1,80}$/.test(path) ? `the path ${path}` : 'another path';
			return compare(
				path === `${PATH}/{id}` && search === '',
				search === '' ? shown : `${shown}, with a query`,
			);
		},
	},
	{
		id: 'poll-id-readable',
		statement: 'The last segment of Location is the ID by which the poll is read',
		heading: 'resource-ids',
		reliesOn: [RESOURCE_URL, CLIENT],
		async run(check) {
			return await findReadable(
				poll(check).then(({ id, read }) => ({ id, body: read.answer.json })),
			);
		},
	},
	{
		id: 'poll-type',
		statement: 'data.type of a poll is polling',
		heading: 'api-v2',
		reliesOn: [RESULT],
		async run(check) {
			const type = valueAt((await poll(check)).read.answer.json, 'data', 'type');
			return compare(type === 'polling', `data.type: ${describeWord(type)}`);
		},
	},
	{
		id: 'poll-final-status',
		statement: 'A poll ends with the status Success',
		heading: 'final-statuses',
		reliesOn: ['nodes/KopoKopo/domain/statusWords.ts', RESULT],
		async run(check) {
			const { read } = await poll(check);
			const words = read.statuses.join(', ');
			const last = read.statuses.at(-1)?.toLowerCase();
			if (!read.isFinal && ['pending', 'scheduled', 'processing', 'received'].includes(last ?? ''))
				return notTried(`not final after ${check.settings.resultSeconds} s (${words})`);
			return compare(last === 'success', words);
		},
	},
	{
		id: 'poll-scope',
		statement: 'The result of a company poll has the scope Company and no scope_reference',
		heading: 'poll-results',
		reliesOn: ['test/sandbox/resources/polling.ts'],
		async run(check) {
			const { scope, scope_reference: reference } = (await successful(poll(check))).attributes;
			return compare(
				scope === 'Company' && (reference ?? null) === null,
				`scope: ${describeWord(scope)}, scope_reference: ${describeType(reference)}`,
			);
		},
	},
	{
		id: 'poll-transactions',
		statement: 'transactions of a poll is a list, or missing when there are none',
		heading: 'poll-results',
		reliesOn: [ASK, RESULT],
		async run(check) {
			const { transactions, ...others } = (await successful(poll(check))).attributes;
			const isList = Array.isArray(transactions);
			// They could have another name.
			const otherLists = Object.values(others).filter(Array.isArray);
			const isMissing = (transactions ?? null) === null && otherLists.length === 0;
			return compare(
				isList || isMissing,
				isList
					? `a list of ${transactions.length}`
					: `${describeType(transactions)}, and ${otherLists.length} other lists`,
				shapeOf({ ...others, transactions }),
			);
		},
	},
	{
		id: 'poll-callback-url',
		statement: 'A result has the callback URL of its request in _links',
		heading: 'result-bodies',
		reliesOn: [RESULT],
		async run(check) {
			const url = valueAt((await poll(check)).attributes, '_links', 'callback_url');
			return compare(
				url === resultUrl(check.settings),
				url === resultUrl(check.settings) ? 'the same address' : describeType(url),
			);
		},
	},
	{
		id: 'poll-row-type',
		statement: 'Transactions are of the types Buygoods and External Till to Till',
		heading: 'poll-results',
		reliesOn: ['nodes/KopoKopo/domain/eventCatalogue.ts', TRANSACTION],
		async run(check) {
			const types = [...new Set((await rows(poll(check))).map(({ type }) => String(type)))];
			return compare(
				types.every((type) => BUYGOODS.test(type) || TILL_TO_TILL.test(type)),
				types.map(describeWord).join(', '),
			);
		},
	},
	{
		id: 'poll-row-fields',
		statement: 'Transactions have the fields of the webhook events',
		heading: 'event-resources',
		reliesOn: [SCHEMAS, TRANSACTION],
		async run(check) {
			const known = (await rows(poll(check))).filter(
				({ type }) => BUYGOODS.test(String(type)) || TILL_TO_TILL.test(String(type)),
			);
			if (known.length === 0) return notTried('no transaction of a known type');
			for (const { type, resource } of known) {
				const missing = keysOf(type).filter((key) => !(key in resource));
				if (missing.length > 0) {
					return compare(
						false,
						`${describeWord(type)} without ${missing.join(', ')}`,
						shapeOf(resource),
					);
				}
			}
			return holds(`${known.length} transactions`, shapeOf(known[0]?.resource));
		},
	},
	rowAssumption(
		'poll-row-amount',
		'The amount of a transaction is decimal text',
		'amounts',
		['nodes/KopoKopo/domain/money.ts'],
		'amount',
		isDecimalText,
	),
	rowAssumption(
		'poll-row-currency',
		'The currency of a transaction is KES',
		'currency',
		[TRANSACTION],
		'currency',
		(value) => value === 'KES',
		describeWord,
	),
	rowAssumption(
		'poll-row-status',
		'A transaction is Received, Complete or Reversed',
		'event-types',
		[TRANSACTION, 'nodes/KopoKopo/domain/statusWords.ts'],
		'status',
		(value) => /^(received|complete|reversed)$/i.test(String(value)),
		describeWord,
	),
	rowAssumption(
		'poll-row-time',
		'origination_time of a transaction is ISO 8601 with an offset',
		'times',
		[TRANSACTION],
		'origination_time',
		(value) => typeof value === 'string' && WITH_OFFSET.test(value),
	),
	rowAssumption(
		'poll-row-in-period',
		'A poll returns only transactions of its period',
		'polling',
		[ASK, 'nodes/KopoKopo/polling/progress.ts'],
		'origination_time',
		(value, _row, { from, to }) => {
			// A time without an offset is another assumption's.
			const at = WITH_OFFSET.test(String(value)) ? Date.parse(String(value)) : NaN;
			// To the second, as the period is.
			return Number.isNaN(at) || (at >= from - 1000 && at <= to + 1000);
		},
		() => 'outside of it',
	),
	rowAssumption(
		'poll-row-phone',
		'The phone number of a payer is +254 and nine digits',
		'phone-numbers',
		['nodes/KopoKopo/domain/parties.ts'],
		'sender_phone_number',
		(value) => value === null || /^\+254\d{9}$/.test(String(value)),
		() => 'another form',
	),
	rowAssumption(
		'poll-row-phone-hash',
		'hashed_sender_phone is the SHA-256 of 254 and nine digits',
		'phone-number-hashes',
		['nodes/KopoKopo/domain/parties.ts'],
		'hashed_sender_phone',
		(value, { resource }) => isHashOf(value, resource.sender_phone_number),
		() => 'another hash',
	),
	{
		id: 'poll-till',
		statement: 'A poll of a till returns its transactions only, with the scope Till',
		heading: 'polling',
		reliesOn: [ASK, OPERATION],
		async run(check): Promise<Finding> {
			const { till } = check.settings;
			if (till === undefined) return notTried('needs --till');
			const answer = await createTillPoll(check, till);
			if (answer.status >= 300) return compare(false, describeAnswer(answer));
			const polled = finished(check, 'till poll', async () => await createTillPoll(check, till));
			const { scope, transactions } = (await successful(polled)).attributes;
			const list = Array.isArray(transactions) ? (transactions as unknown[]) : [];
			const tills = list.map((row) => valueAt(row, 'resource', 'till_number'));
			const others = tills.filter((number) => number !== undefined && String(number) !== till);
			return compare(
				scope === 'Till' && others.length === 0,
				`scope: ${describeWord(scope)}, ${others.length} of ${list.length} transactions of other tills`,
			);
		},
	},
	{
		id: 'poll-long-period',
		statement: 'A poll of a year is accepted',
		heading: 'polling',
		reliesOn: ['nodes/KopoKopo/polling/catchUp.ts', OPERATION],
		async run(check) {
			// Before Kopo Kopo existed, so that the result holds nobody's payments.
			const answer = await creation(check, 'poll of a year', PATH, {
				scope: 'company',
				scope_reference: '',
				from_time: '2001-01-01T00:00:00+03:00',
				to_time: '2002-01-01T00:00:00+03:00',
				_links: { callback_url: resultUrl(check.settings) },
			});
			return compare(answer.status < 300, describeAnswer(answer));
		},
	},
];

/** Whether an amount is text such as "100.0". */
export function isDecimalText(value: unknown): boolean {
	return typeof value === 'string' && /^\d+(\.\d{1,2})?$/.test(value);
}

/** Whether a hash is that of a phone number; true if there is nothing to compare. */
export function isHashOf(hash: unknown, phone: unknown): boolean {
	if (typeof hash !== 'string' || typeof phone !== 'string') return true;
	const digits = phone.replace(/^\+/, '');
	return createHash('sha256').update(digits).digest('hex') === hash;
}

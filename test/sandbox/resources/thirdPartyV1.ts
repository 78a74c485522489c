import { randomBytes } from 'node:crypto';

import type { BankAction, CustomerAction } from '../actions';
import { DEFAULT_TILL } from '../tills';
import { internationalPhone } from '../formats';
import { isBlank, type JsonObject } from '../json';
import type { AcceptedRequest, ResourceContext, ResourceKind, ResourceMethods } from './resource';
import {
	amount,
	ANY_PHONE,
	currency,
	firstProblem,
	optional,
	required,
	url,
	withinLimit,
} from './validation';

// One third-party document describes a v1 that differs from Kopo Kopo's: flat bodies, statuses in
// capitals, lists, and creates that are answered with a body (docs/kopokopo-api.md#flat-v1-bodies).

const PROMPT_LIFETIME_MS = 60_000;
const SETTLEMENT_FEE = 50;
const MAX_PER_PAGE = 100;

/** ISO 8601 in UTC without milliseconds, the only form of time in that document. */
function utcTime(date: Date): string {
	return `${date.toISOString().slice(0, 19)}Z`;
}

function pick(body: JsonObject, keys: string[]): JsonObject {
	return Object.fromEntries(
		keys.filter((key) => body[key] !== undefined).map((key) => [key, body[key]]),
	);
}

interface Lifecycle {
	/** The first part of its event names, for example `pay` in `pay.completed`. */
	eventPrefix: string;
	initialStatus: 'PENDING' | 'PROCESSING';
	/** Fields of the request that every response repeats. */
	repeatedFields: string[];
	/** Fields of the request that only the create response and the callback repeat. */
	createFields: string[];
	/** Fields added while the status is the initial one. */
	initialFields: (request: AcceptedRequest) => JsonObject;
	/** Moves the money and returns the fields added on completion. */
	complete: () => JsonObject;
}

/** The methods that these resources share, and `end`, which completes one or fails it with a reason. */
function withLifecycle(request: AcceptedRequest, context: ResourceContext, lifecycle: Lifecycle) {
	const { body, id } = request;
	let status: string = lifecycle.initialStatus;
	let statusFields = lifecycle.initialFields(request);
	const data = (extra: string[] = []): JsonObject => ({
		id,
		status,
		...pick(body, [...lifecycle.repeatedFields, ...extra]),
		...statusFields,
		created_at: utcTime(request.acceptedAt),
	});
	const methods: ResourceMethods = {
		attributes: () => ({ status }),
		isOpen: () => status === lifecycle.initialStatus,
		body: () => ({ data: data() }),
		callbackBody: () => ({
			event: `${lifecycle.eventPrefix}.${status.toLowerCase()}`,
			request_id: `webhook_req_${randomBytes(8).toString('hex')}`,
			timestamp: utcTime(new Date()),
			data: data(lifecycle.createFields),
		}),
		createResponse: { status: 201, body: { data: data(lifecycle.createFields) } },
	};
	const end = (failure?: string) => {
		status = failure === undefined ? 'COMPLETED' : 'FAILED';
		statusFields = failure === undefined ? lifecycle.complete() : { failure_reason: failure };
		context.sendResult(request);
	};
	return { methods, end };
}

function listPage(resources: ResourceMethods[], query: URLSearchParams): JsonObject {
	const status = query.get('status');
	const rows = resources
		.map((resource) => (resource.body?.() ?? {}).data as JsonObject)
		.filter((row) => status === null || row.status === status)
		.filter(({ created_at: at }) => {
			const day = String(at).slice(0, 10);
			return day >= (query.get('from_date') ?? day) && day <= (query.get('to_date') ?? day);
		});
	const perPage = Math.min(MAX_PER_PAGE, Number(query.get('per_page') ?? 20));
	const number = Number(query.get('page') ?? 1);
	return {
		data: rows.slice((number - 1) * perPage, number * perPage),
		pagination: {
			page: number,
			per_page: perPage,
			total: rows.length,
			total_pages: Math.ceil(rows.length / perPage),
		},
	};
}

const CUSTOMER_FAILURES: Record<Exclude<CustomerAction['action'], 'pay'>, string> = {
	refuse: 'User Denied Transaction',
	insufficient: 'Insufficient Funds',
	expire: 'Request Timed Out',
};

const prefixedId = (prefix: string) => `${prefix}_${randomBytes(8).toString('hex')}`;

/**
 * An STK push in the flat form of that document, where it can also be listed
 * (docs/kopokopo-api.md#flat-v1-bodies).
 */
export const thirdPartyIncomingPayment: ResourceKind = {
	type: 'incoming_payment',
	noun: 'Incoming payment',
	collections: ['/api/v1/incoming_payments'],
	newId: () => prefixedId('incoming_payment'),
	claims: (body, version) => version === 'v1' && 'phone_number' in body,
	check: (body, { context }) =>
		firstProblem(
			required(body.phone_number, 'Phone number', ANY_PHONE),
			optional(body.email, 'Email'),
			currency(body.currency),
			amount(body.amount),
			withinLimit(body.amount, context.config),
			url(body.callback_url, 'Callback url', context.config),
		),
	create(request, context) {
		const { body } = request;
		const { methods, end } = withLifecycle(request, context, {
			eventPrefix: 'incoming_payment',
			initialStatus: 'PENDING',
			repeatedFields: ['phone_number', 'amount', 'currency', 'merchant_reference'],
			createFields: ['first_name', 'last_name', 'description'],
			initialFields: ({ acceptedAt }) => ({
				expires_at: utcTime(new Date(acceptedAt.getTime() + PROMPT_LIFETIME_MS)),
			}),
			complete() {
				const transaction = context.till.buygoods(
					{ amount: Number(body.amount), phone: String(body.phone_number) },
					request.cause,
				);
				return {
					mpesa_reference: transaction.reference,
					mpesa_receipt_number: context.references.issue(),
					payment_date: utcTime(transaction.at),
				};
			},
		});
		return {
			...methods,
			prompt: () => ({
				till: DEFAULT_TILL,
				amount: Number(body.amount),
				phone: internationalPhone(String(body.phone_number)),
				askedAt: request.acceptedAt,
			}),
			customer: ({ action, reason }) =>
				end(action === 'pay' ? undefined : (reason ?? CUSTOMER_FAILURES[action])),
		};
	},
	list: listPage,
};

/** Records the payout of the requested amount, and returns its transaction reference. */
function recordPayout(
	request: AcceptedRequest,
	context: ResourceContext,
	to: string,
	phone: string | null = null,
): string {
	const reference = context.references.issue();
	context.ledger.recordMovement({
		...request.cause,
		direction: 'out',
		amount: Number(request.body.amount),
		from: 'available balance',
		to,
		phone,
		reference,
	});
	return reference;
}

function failureReason({ action, reason }: BankAction, usual: string): string | undefined {
	return action === 'transfer' ? undefined : (reason ?? usual);
}

/**
 * A payout to a phone, which only that document describes (docs/kopokopo-api.md#flat-v1-bodies).
 */
export const thirdPartyPayout: ResourceKind = {
	type: 'payout',
	noun: 'Payout',
	collections: ['/api/v1/pay'],
	newId: () => prefixedId('payout'),
	check: (body, { context }) =>
		firstProblem(
			required(body.phone_number, 'Phone number', ANY_PHONE),
			currency(body.currency),
			amount(body.amount),
			isBlank(body.callback_url)
				? undefined
				: url(body.callback_url, 'Callback url', context.config),
		),
	create(request, context) {
		const to = `mobile_wallet ${String(request.body.phone_number)}`;
		const phone = internationalPhone(String(request.body.phone_number));
		const { methods, end } = withLifecycle(request, context, {
			eventPrefix: 'pay',
			initialStatus: 'PROCESSING',
			repeatedFields: ['phone_number', 'amount', 'currency', 'reference'],
			createFields: [],
			initialFields: ({ body }) => pick(body, ['description']),
			complete: () => ({
				mpesa_reference: recordPayout(request, context, to, phone),
				mpesa_transaction_id: context.references.issue(),
				completed_at: utcTime(new Date()),
			}),
		});
		return {
			...methods,
			payouts: () => [{ to, phone, amount: Number(request.body.amount) }],
			bank: (action) => end(failureReason(action, 'Invalid M-Pesa account')),
		};
	},
	list: listPage,
};

/**
 * A settlement in the form of that document: to an account ID, without a callback
 * (docs/kopokopo-api.md#api-v1).
 */
export const thirdPartySettlement: ResourceKind = {
	type: 'settlement_transfer',
	noun: 'Settlement transfer',
	collections: ['/api/v1/settlement_transfers'],
	newId: () => prefixedId('settlement_transfer'),
	claims: (body) => 'settlement_account_id' in body,
	check: (body) =>
		firstProblem(
			required(body.settlement_account_id, 'Settlement account'),
			currency(body.currency),
			amount(body.amount),
		),
	create(request, context) {
		const fee = { settlement_fee: SETTLEMENT_FEE };
		const { methods, end } = withLifecycle(request, context, {
			eventPrefix: 'settlement_transfer',
			initialStatus: 'PROCESSING',
			repeatedFields: ['settlement_account_id', 'amount', 'currency', 'reference'],
			createFields: [],
			initialFields: () => fee,
			complete: () => ({
				...fee,
				bank_transaction_id: recordPayout(
					request,
					context,
					String(request.body.settlement_account_id),
				),
				completed_at: utcTime(new Date()),
			}),
		});
		return {
			...methods,
			payouts: () => [
				{
					to: String(request.body.settlement_account_id),
					phone: null,
					amount: Number(request.body.amount),
				},
			],
			bank: (action) => end(failureReason(action, 'Invalid settlement account')),
		};
	},
};

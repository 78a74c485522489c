import { createHmac } from 'node:crypto';

import type { Interference, Passing, Returning } from './deviatingProxy';
import type { RunOptions } from './verifyRun';

/** One way in which a Kopo Kopo differs from the documents, and the assumption that has to find it. */
export type Deviation = [assumption: string, options: RunOptions];

type Json = Record<string, unknown>;

const parse = (text: string): Json => {
	try {
		return JSON.parse(text) as Json;
	} catch {
		return {};
	}
};

/** An object inside a body, which can be changed. */
const at = (body: Json, ...path: string[]): Json =>
	path.reduce((found, key) => (found[key] ?? {}) as Json, body);
const without = (body: Json, key: string): Json =>
	Object.fromEntries(Object.entries(body).filter(([name]) => name !== key));

const attributesOf = (body: Json) => at(body, 'data', 'attributes');

const JSON_HEADERS = { 'content-type': 'application/json' };

/** Whether a request has this method and a path that begins like this. */
const isCall = ({ method, path }: Passing, call: string) => {
	const [wanted, prefix = ''] = call.split(' ');
	return method === wanted && path.startsWith(prefix);
};

const plain = (interference: Interference, more: Partial<RunOptions> = {}): RunOptions => ({
	mode: 'plain',
	interference,
	...more,
});

const all = (interference: Interference, more: Partial<RunOptions> = {}): RunOptions => ({
	mode: 'all',
	interference,
	...more,
});

/** Changes the JSON of successful responses to a call. */
const body = (call: string, change: (json: Json, passing: Passing) => unknown): Interference => ({
	onResponse(returning, passing) {
		if (returning.status >= 300 || !isCall(passing, call)) return;
		const json = parse(returning.body);
		returning.body = JSON.stringify(change(json, passing) ?? json);
	},
});

/** Changes the attributes of successful responses to a call. */
const attributes = (call: string, change: (found: Json) => void): Interference =>
	body(call, (json) => {
		if (json.data !== undefined) change(attributesOf(json));
	});

/** Changes every response to a call. */
const response = (
	call: string,
	change: (returning: Returning, passing: Passing) => void,
): Interference => ({
	onResponse(returning, passing) {
		if (isCall(passing, call)) change(returning, passing);
	},
});

const status = (call: string, code: number): Interference =>
	response(call, (returning) => {
		returning.status = code;
		const json = parse(returning.body);
		if (json.error_code !== undefined) {
			returning.body = JSON.stringify({ ...json, error_code: code });
		}
	});

const isEmptyObject = ({ body: text }: Passing) => text === '{}';

/** Answers an empty body on a path with this status. */
const emptyBody = (path: string, code: number): Interference =>
	response(`POST ${path}`, (returning, passing) => {
		if (!isEmptyObject(passing)) return;
		returning.status = code;
		returning.body = JSON.stringify({ ...parse(returning.body), error_code: code });
	});

/** Answers a GET of an unknown ID on a path with this status. */
const unknownId = (path: string, code: number): Interference =>
	response(`GET ${path}/`, (returning, passing) => {
		if (returning.status !== 404 || passing.path.endsWith('/not-an-id')) return;
		returning.status = code;
		returning.body = JSON.stringify({ ...parse(returning.body), error_code: code });
	});

/** Rejects a request whose body contains a text, with this message. */
const rejects = (call: string, text: string, message: string | string[]): Interference => ({
	answer: (passing) =>
		isCall(passing, call) && passing.body.includes(text)
			? {
					status: 400,
					headers: JSON_HEADERS,
					body: JSON.stringify({ error_code: 400, error_message: message }),
				}
			: undefined,
});

const MISSING_CALLBACK = "Callback url can't be blank";
const PAYMENTS = 'POST /api/v2/incoming_payments';
const SUBSCRIPTIONS = 'POST /api/v2/webhook_subscriptions';
const POLLS = 'POST /api/v2/polling';
const A_POLL = 'GET /api/v2/polling/';
const A_LINK = 'GET /api/v2/payment_links/';
const A_PAYMENT = 'GET /api/v2/incoming_payments/';
const A_SUBSCRIPTION = 'GET /api/v2/webhook_subscriptions/';

/** Changes the resource of each transaction of a poll that has the field. */
const rows = (field: string, change: (resource: Json) => void): RunOptions =>
	plain(
		attributes(A_POLL, ({ transactions }) => {
			for (const row of (transactions ?? []) as Json[]) {
				const resource = row.resource as Json;
				if (field in resource) change(resource);
			}
		}),
	);

const isFinal = (found: Json) => found.status !== 'Pending';

const delivery = (onDelivery: (passing: Passing) => void): RunOptions => all({ onDelivery });

const SIGNATURE = 'x-kopokopo-signature';
const hmac = (key: string, text: string) => createHmac('sha256', key).update(text).digest('hex');

const OAUTH: Deviation[] = [
	[
		'token-form-encoding',
		plain({
			answer: (passing) =>
				isCall(passing, 'POST /oauth/token') &&
				passing.headers['content-type']?.includes('form') &&
				!passing.path.startsWith('/older')
					? { status: 400, headers: JSON_HEADERS, body: '{"error":"invalid_request"}' }
					: undefined,
		}),
	],
	['token-type', plain(body('POST /oauth/token', (json) => ({ ...json, token_type: 'MAC' })))],
	['token-lifetime', plain({}, { sandbox: { tokenLifetimeSeconds: 7200 } })],
	[
		'token-created-at',
		plain(body('POST /oauth/token', (json) => ({ ...json, created_at: 1_700_000_000 }))),
	],
	[
		'token-no-refresh',
		plain(body('POST /oauth/token', (json) => ({ ...json, refresh_token: 'a-refresh-token' }))),
	],
	[
		'token-second-host',
		plain({
			answer: (passing) =>
				isCall(passing, 'POST /older/') ? { status: 404, headers: {}, body: '' } : undefined,
		}),
	],
	[
		'token-wrong-secret',
		plain(
			response('POST /oauth/token', (returning) => {
				if (returning.status === 401) returning.status = 403;
			}),
		),
	],
	[
		'token-wrong-grant',
		plain(
			response('POST /oauth/token', (returning) => {
				if (returning.status === 400) returning.body = '{"message":"No"}';
			}),
		),
	],
	[
		'token-info',
		plain(body('GET /oauth/token/info', (json) => without(json, 'resource_owner_id'))),
	],
	[
		'token-info-application',
		plain(body('GET /oauth/token/info', (json) => ({ ...json, application: { uid: 'other' } }))),
	],
	[
		'token-info-expiry',
		plain(body('GET /oauth/token/info', (json) => ({ ...json, expires_in: 4498 }))),
	],
	[
		'token-info-created-at',
		plain(
			body('GET /oauth/token/info', (json) => ({ ...json, created_at: '2026-01-01T00:00:00Z' })),
		),
	],
	[
		'introspect-active',
		plain(body('POST /oauth/introspect', (json) => without(json, 'token_type'))),
	],
	[
		'introspect-client',
		plain(
			body('POST /oauth/introspect', (json) =>
				json.active ? { ...json, client_id: 'another-client' } : json,
			),
		),
	],
	[
		'introspect-times',
		plain(
			body('POST /oauth/introspect', (json) =>
				json.active ? { ...json, iat: '2026-01-01T00:00:00Z', exp: '2026-01-01T01:00:00Z' } : json,
			),
		),
	],
	[
		'introspect-lifetime',
		plain(
			body('POST /oauth/introspect', (json) =>
				json.active ? { ...json, exp: Number(json.exp) + 3600 } : json,
			),
		),
	],
	[
		'introspect-unknown',
		plain(
			response('POST /oauth/introspect', (returning) => {
				if (returning.body.includes('false')) returning.status = 401;
			}),
		),
	],
	['second-token', plain({}, { sandbox: { singleToken: true } })],
	['revoke', plain(body('POST /oauth/revoke', () => ({ revoked: true })))],
	[
		'revoke-ends-token',
		plain({
			answer: (passing) =>
				isCall(passing, 'POST /oauth/revoke')
					? { status: 200, headers: JSON_HEADERS, body: '{}' }
					: undefined,
		}),
	],
	[
		'rejected-token-status',
		plain({
			onResponse(returning, { path }) {
				if (returning.status === 401 && !path.includes('/oauth/token')) returning.status = 403;
			},
		}),
	],
	[
		'expired-token-status',
		all({
			onResponse(returning) {
				if (returning.headers['www-authenticate']?.includes('expired')) returning.status = 403;
			},
		}),
	],
	[
		'token-valid-until-expiry',
		// Only this wait is as long.
		all({}, { onSleep: (ms, { tokens }) => ms > 3_000_000 && tokens.invalidate() }),
	],
];

const TRANSPORT: Deviation[] = [
	['plain-http-redirected', plain(status('GET /plain', 200))],
	[
		'user-agent-missing',
		plain({
			onRequest({ headers }) {
				headers['user-agent'] ??= 'unknown';
			},
		}),
	],
	[
		'user-agent-without-version',
		plain(
			response('GET ', (returning, { headers }) => {
				if (headers['user-agent'] === 'Kopokopo-Node-SDK') returning.status = 403;
			}),
		),
	],
	[
		'user-agent-odd',
		plain(
			response('GET ', (returning, { headers }) => {
				if (headers['user-agent'] === 'x') returning.status = 403;
			}),
		),
	],
	[
		'json-content-type',
		plain({
			onResponse({ headers, body: text }) {
				if (text !== '') headers['content-type'] = 'text/html';
			},
		}),
	],
	[
		'server-time',
		plain({
			onResponse({ headers }) {
				headers.date = new Date(Date.now() - 3_600_000).toUTCString();
			},
		}),
	],
];

const ERRORS: Deviation[] = [
	['empty-body-incoming-payment', plain(emptyBody('/api/v2/incoming_payments', 422))],
	['empty-body-payment-link', plain(emptyBody('/api/v2/payment_links', 500))],
	['empty-body-poll', plain(emptyBody('/api/v2/polling', 422))],
	['empty-body-webhook-subscription', plain(emptyBody('/api/v2/webhook_subscriptions', 409))],
	['empty-body-merchant-wallet', plain(emptyBody('/api/v2/merchant_wallets', 403))],
	['empty-body-merchant-bank-account', plain(emptyBody('/api/v2/merchant_bank_accounts', 404))],
	['empty-body-external-recipient', plain(emptyBody('/api/v2/external_recipients', 422))],
	['empty-body-sms-notification', plain(emptyBody('/api/v1/transaction_sms_notifications', 410))],
	['empty-body-v1-poll', plain(emptyBody('/api/v1/polling', 404))],
	['empty-body-v1-incoming-payment', plain(emptyBody('/api/v1/incoming_payments', 410))],
	['empty-body-v1-webhook-subscription', plain(emptyBody('/api/v1/webhook_subscriptions', 404))],
	['empty-body-v1-pay-recipient', plain(emptyBody('/api/v1/pay_recipients', 410))],
	['unknown-incoming-payment', plain(unknownId('/api/v2/incoming_payments', 400))],
	['unknown-poll', plain(unknownId('/api/v2/polling', 410))],
	['unknown-webhook-subscription', plain(unknownId('/api/v2/webhook_subscriptions', 405))],
	['unknown-merchant-bank-account', plain(unknownId('/api/v2/merchant_bank_accounts', 410))],
	['unknown-external-recipient', plain(unknownId('/api/v2/external_recipients', 403))],
	['unknown-sms-notification', plain(unknownId('/api/v1/transaction_sms_notifications', 410))],
	['unknown-v1-incoming-payment', plain(unknownId('/api/v1/incoming_payments', 410))],
	['unknown-v1-poll', plain(unknownId('/api/v1/polling', 410))],
	['unknown-v1-webhook-subscription', plain(unknownId('/api/v1/webhook_subscriptions', 410))],
	['unknown-v1-pay-recipient', plain(unknownId('/api/v1/pay_recipients', 410))],
	['unknown-send-money', plain(status('GET /api/v2/send_money/', 403))],
	['unknown-reversal', plain(status('GET /api/v2/reversals/', 400))],
	['unknown-payment-link', plain(status('GET /api/v2/payment_links/', 410))],
	['unknown-merchant-wallet', plain(status('GET /api/v2/merchant_wallets/', 405))],
	['unknown-v1-payment', plain(status('GET /api/v1/payments/', 410))],
	['unknown-v1-settlement-transfer', plain(status('GET /api/v1/settlement_transfers/', 500))],
	[
		'unreadable-body',
		plain(
			response(POLLS, (returning, { body: text }) => {
				if (text !== '{"scope": ') return;
				returning.status = 500;
				returning.body = JSON.stringify({ ...parse(returning.body), error_code: 500 });
			}),
		),
	],
	['malformed-id', plain(status('GET /api/v2/incoming_payments/not-an-id', 400))],
	[
		'cancel-unknown-link',
		plain(
			response('POST /api/v2/payment_links/', (returning) => {
				returning.status = 200;
				returning.body = '{"message":"Cancelled"}';
			}),
		),
	],
	[
		'no-list-of-subscriptions',
		plain(
			response('GET /api/v2/webhook_subscriptions', (returning, { path }) => {
				if (!path.endsWith('webhook_subscriptions')) return;
				returning.status = 200;
				returning.headers = { ...JSON_HEADERS };
				returning.body = JSON.stringify({ data: [{ id: 'private-subscription-id', url: 'x' }] });
			}),
		),
	],
	['unknown-path', plain(status('GET /api/v2/no_such_resource', 403))],
	[
		'error-body',
		plain({
			onResponse(returning) {
				const { error_message: message } = parse(returning.body);
				if (message !== undefined) returning.body = JSON.stringify({ errors: [message] });
			},
		}),
	],
	[
		'error-code',
		plain({
			onResponse(returning, { path }) {
				const json = parse(returning.body);
				if (json.error_code !== undefined && path.includes('/merchant_wallets/')) {
					returning.body = JSON.stringify({ ...json, error_code: 1001 });
				}
			},
		}),
	],
	[
		'error-names-field',
		plain({
			onResponse(returning, passing) {
				if (!isEmptyObject(passing) || returning.status !== 400) return;
				returning.body = JSON.stringify({ error_code: 400, error_message: 'Bad request' });
			},
		}),
	],
];

const INVALID_PHONE = 'Phone number is invalid';

const VALUES: Deviation[] = [
	[
		'incomplete-payment-request',
		plain(
			response(PAYMENTS, (returning, { body: text }) => {
				if (!text.includes('"amount"') && !text.includes('metadata') && text !== '{}') {
					returning.status = 202;
				}
			}),
		),
	],
	[
		'phone-plus-254',
		plain(rejects(PAYMENTS, '"+254999999999"},"amount":{"currency":"KES"}', INVALID_PHONE)),
	],
	['phone-254', plain(rejects(PAYMENTS, '"254999999999"', INVALID_PHONE))],
	['phone-0', plain(rejects(PAYMENTS, '"0999999999"', INVALID_PHONE))],
	['phone-landline-form', plain(rejects(PAYMENTS, '"9999999"', MISSING_CALLBACK))],
	['wallet-phone-254', plain(rejects('POST /api/v2/merchant_wallets', '"254', INVALID_PHONE))],
	[
		'wallet-phone-plus-254',
		plain(rejects('POST /api/v2/merchant_wallets', '"+254', INVALID_PHONE)),
	],
	[
		'recipient-phone-plus-254',
		plain(rejects('POST /api/v2/external_recipients', '"+254', INVALID_PHONE)),
	],
	[
		'amount-integer',
		plain(
			rejects(PAYMENTS, '"value":10},"metadata":{"pair_1"', [
				'Amount must be at least 100',
				'Till number is invalid',
				'Metadata is too long',
			]),
		),
	],
	['amount-decimals', plain(rejects(PAYMENTS, '10.55', 'Amount must be an integer'))],
	['amount-text', plain(rejects(PAYMENTS, '"value":"10"', 'Amount is not a number'))],
	['amount-zero', plain(rejects(PAYMENTS, '"value":0', MISSING_CALLBACK))],
	['currency-kes-only', plain(rejects(PAYMENTS, 'USD', MISSING_CALLBACK))],
	['stk-till-with-k', plain(rejects(PAYMENTS, '"000000"', MISSING_CALLBACK))],
	[
		'metadata-five-pairs',
		plain(
			rejects(
				PAYMENTS,
				'"subscriber":{"phone_number":"+254999999999"},"amount":{"currency":"KES","value":10},"metadata":{"pair_1"',
				MISSING_CALLBACK,
			),
		),
	],
	...[
		'buygoods_transaction_received',
		'buygoods_transaction_reversed',
		'b2b_transaction_received',
		'b2b_transaction_reversed',
		'settlement_transfer_completed',
		'card_transaction_received',
		'card_transaction_voided',
		'card_transaction_reversed',
		'customer_created',
	].map(
		(event): Deviation => [
			`event-type-${event}`,
			plain(rejects(SUBSCRIPTIONS, `"${event}","scope":"company"`, 'Event type is invalid')),
		],
	),
	[
		'event-type-m2m_transaction_received',
		plain(rejects(SUBSCRIPTIONS, 'm2m_transaction_received', "Url can't be blank")),
	],
	['webhook-url-https', plain({}, { sandbox: { allowHttpCallbacks: true } })],
	[
		'time-with-offset',
		plain(rejects(POLLS, '00:00:00+03:00","to_time":"2024', 'From time is invalid')),
	],
	['time-with-milliseconds', plain(rejects(POLLS, '00:00.000', 'From time is invalid'))],
];

const POLL_RESULTS: Deviation[] = [
	[
		'poll-create',
		plain({
			answer: (passing) =>
				isCall(passing, POLLS) &&
				passing.body.includes('"company","scope_reference":"","from_time":"202')
					? { status: 400, headers: JSON_HEADERS, body: '{"error_message":"Too long"}' }
					: undefined,
		}),
	],
	[
		'poll-location-path',
		plain(
			response(POLLS, ({ headers }) => {
				const { location } = headers;
				if (location) headers.location = location.replace('/api/v2/polling', '/polling');
			}),
		),
	],
	[
		'poll-id-readable',
		plain(body(A_POLL, (json) => ({ data: { ...at(json, 'data'), id: 'another' } }))),
	],
	['poll-type', plain(body(A_POLL, (json) => ({ data: { ...at(json, 'data'), type: 'polls' } })))],
	[
		'poll-final-status',
		plain(
			attributes(A_POLL, (found) => {
				if (isFinal(found)) found.status = 'Completed';
			}),
		),
	],
	[
		'poll-scope',
		plain(
			attributes(A_POLL, (found) => {
				if (found.scope === 'Company') found.scope_reference = '';
			}),
		),
	],
	[
		'poll-transactions',
		plain(
			attributes(A_POLL, (found) => {
				found.transactions = { list: found.transactions };
			}),
		),
	],
	[
		'poll-callback-url',
		plain(
			attributes(A_POLL, (found) => {
				delete found._links;
			}),
		),
	],
	[
		'poll-row-type',
		plain(
			attributes(A_POLL, ({ transactions }) => {
				for (const row of (transactions ?? []) as Json[]) {
					if (row.type === 'Buygoods Transaction') row.type = 'Card Transaction';
				}
			}),
		),
	],
	[
		'poll-row-fields',
		rows('sender_middle_name', (resource) => {
			delete resource.sender_middle_name;
		}),
	],
	[
		'poll-row-amount',
		rows('amount', (resource) => {
			resource.amount = Number(resource.amount);
		}),
	],
	[
		'poll-row-currency',
		rows('currency', (resource) => {
			resource.currency = 'Ksh';
		}),
	],
	[
		'poll-row-status',
		rows('status', (resource) => {
			resource.status = 'Success';
		}),
	],
	[
		'poll-row-time',
		rows('origination_time', (resource) => {
			resource.origination_time = String(resource.origination_time).replace('+03:00', '');
		}),
	],
	[
		'poll-row-in-period',
		rows('origination_time', (resource) => {
			resource.origination_time = '2020-01-01T00:00:00+03:00';
		}),
	],
	[
		'poll-row-phone',
		rows('sender_phone_number', (resource) => {
			resource.sender_phone_number = '0722000111';
		}),
	],
	[
		'poll-row-phone-hash',
		rows('sender_phone_number', (resource) => {
			resource.hashed_sender_phone = hmac('salt', String(resource.sender_phone_number));
		}),
	],
	[
		'poll-till',
		plain(
			attributes(A_POLL, (found) => {
				if (found.scope !== 'Till') return;
				found.transactions = [{ type: 'Buygoods Transaction', resource: { till_number: '1' } }];
			}),
		),
	],
	['poll-long-period', plain(rejects(POLLS, '2001-01-01', 'The period is limited to 31 days'))],
	[
		'create-status',
		plain(
			response(POLLS, (returning) => {
				if (returning.status === 201) returning.status = 202;
			}),
		),
	],
	[
		'create-location',
		plain(
			response(POLLS, ({ headers }) => {
				delete headers.location;
			}),
		),
	],
	[
		'create-no-body',
		plain(
			response(POLLS, (returning) => {
				if (returning.status === 201) returning.body = '{"data":{"id":"1"}}';
			}),
		),
	],
];

const link = (change: (found: Json) => void) => all(attributes(A_LINK, change));

const LINKS: Deviation[] = [
	['link-create', all(rejects('POST /api/v2/payment_links', 'contract-check', 'Not allowed'))],
	['link-read', all(body(A_LINK, (json) => ({ data: { ...at(json, 'data'), id: 'another' } })))],
	['link-type', all(body(A_LINK, (json) => ({ data: { ...at(json, 'data'), type: 'link' } })))],
	['link-outer-status', link((found) => Object.assign(found, { status: 'Created' }))],
	[
		'link-active',
		link((found) => {
			const details = found.payment_link as Json;
			if (details.status === 'Active') details.status = 'Open';
		}),
	],
	['link-amount', link((found) => Object.assign(found, { amount: '10.0' }))],
	['link-address', link((found) => delete (found.payment_link as Json).link)],
	[
		'link-expiry',
		link((found) => {
			const later = new Date(Date.now() + 30 * 24 * 3_600_000).toISOString();
			Object.assign(found.payment_link as Json, { expires_at: later });
		}),
	],
	['link-metadata', link((found) => Object.assign(found, { metadata: null }))],
	[
		'link-cancel',
		all(
			response('POST /api/v2/payment_links/', (returning) => {
				if (returning.status === 200) returning.body = '{"data":{}}';
			}),
		),
	],
	[
		'link-cancelled',
		link((found) => {
			const details = found.payment_link as Json;
			if (details.status === 'Cancelled') details.status = 'Deactivated';
		}),
	],
	[
		'link-cancel-twice',
		all(
			response('POST /api/v2/payment_links/', (returning) => {
				if (returning.status === 400) returning.status = 409;
			}),
		),
	],
];

const SUBSCRIBED: Deviation[] = [
	[
		'subscription-company',
		all(
			rejects(
				SUBSCRIPTIONS,
				'"scope":"company","scope_reference":null',
				"Scope reference can't be blank",
			),
		),
	],
	['subscription-till', all(rejects(SUBSCRIPTIONS, '"scope":"till"', 'Already subscribed'))],
	[
		'subscription-read',
		all(body(A_SUBSCRIPTION, (json) => ({ data: { ...at(json, 'data'), type: 'subscription' } }))),
	],
	['subscription-url', all(attributes(A_SUBSCRIPTION, (found) => delete found.webhook_uri))],
	['subscription-event-type', all(attributes(A_SUBSCRIPTION, (found) => delete found.event_type))],
];

/** Changes the body of a delivery, and signs it again. */
const rewrite = (passing: Passing, text: string) => {
	passing.body = text;
	passing.headers[SIGNATURE] = hmac('sandbox-api-key-example', text);
};

/** Changes each K2 webhook. */
const event = (change: (json: Json) => void): RunOptions =>
	delivery((passing) => {
		if (!passing.path.includes('/hook')) return;
		const json = parse(passing.body);
		change(json);
		rewrite(passing, JSON.stringify(json));
	});

/** Changes the resource of each K2 webhook. */
const eventResource = (change: (resource: Json) => void): RunOptions =>
	event((json) => change(at(json, 'event', 'resource')));

/** Changes the attributes of a payment request, in its status and in its result. */
const payment = (change: (found: Json) => void, more: Partial<RunOptions> = {}) =>
	all(
		{
			...attributes(A_PAYMENT, change),
			onDelivery(passing) {
				const json = parse(passing.body);
				if (at(json, 'data').type !== 'incoming_payment') return;
				change(attributesOf(json));
				rewrite(passing, JSON.stringify(json));
			},
		},
		more,
	);

const PAID: Deviation[] = [
	['payment-create', all(rejects(PAYMENTS, '712345678', 'Not allowed'))],
	[
		'payment-read',
		all(body(A_PAYMENT, (json) => ({ data: { ...at(json, 'data'), id: 'another' } }))),
	],
	[
		'payment-type',
		all(body(A_PAYMENT, (json) => ({ data: { ...at(json, 'data'), type: 'payment' } }))),
	],
	[
		'payment-pending',
		payment((found) => {
			if (!isFinal(found)) at(found, 'event').resource = { status: 'Pending' };
		}),
	],
	[
		'payment-final-status',
		payment((found) => {
			if (isFinal(found)) found.status = 'Completed';
		}),
	],
	['payment-initiation-time', payment((found) => delete found.initiation_time)],
	[
		'payment-resource-status',
		payment((found) => {
			if (isFinal(found)) at(found, 'event', 'resource').status = 'Settled';
		}),
	],
	[
		'payment-resource-fields',
		payment((found) => {
			if (isFinal(found)) delete at(found, 'event', 'resource').reference;
		}),
	],
	[
		'payment-failed',
		payment(
			(found) => {
				if (isFinal(found)) at(found, 'event').errors = null;
			},
			{ customer: 'refuse' },
		),
	],
	[
		'payment-amount',
		payment((found) => {
			if (isFinal(found)) at(found, 'event', 'resource').amount = 'KES 10';
		}),
	],
	[
		'payment-phone',
		payment((found) => {
			if (isFinal(found)) at(found, 'event', 'resource').sender_phone_number = '254712345678';
		}),
	],
	['payment-metadata', payment((found) => delete found.metadata)],
];

const DELIVERED: Deviation[] = [
	[
		'delivery-signature-header',
		delivery(({ headers, path }) => {
			if (path.includes('/result')) delete headers[SIGNATURE];
		}),
	],
	[
		'delivery-signature-key',
		delivery(({ headers, body: text }) => {
			headers[SIGNATURE] = hmac('sandbox-client-secret-example', text);
		}),
	],
	[
		'delivery-signature-bytes',
		delivery((passing) => {
			passing.body = passing.body.replace(/^\{/, '{ ');
		}),
	],
	[
		'delivery-signature-form',
		delivery(({ headers }) => {
			headers[SIGNATURE] = `sha256=${headers[SIGNATURE] ?? ''}`;
		}),
	],
	[
		'delivery-json',
		delivery(({ headers }) => {
			headers['content-type'] = 'application/x-www-form-urlencoded';
		}),
	],
	[
		'delivery-payload',
		delivery((passing) => {
			if (!passing.path.includes('/hook')) return;
			passing.body = '{"event":"incoming_payment.completed","request_id":"1"}';
			passing.headers[SIGNATURE] = hmac('sandbox-api-key-example', passing.body);
		}),
	],
	[
		'delivery-same-as-get',
		delivery((passing) => {
			if (!passing.body.includes('"type":"incoming_payment"')) return;
			passing.body = passing.body.replace('"initiation_time"', '"created_at"');
			passing.headers[SIGNATURE] = hmac('sandbox-api-key-example', passing.body);
		}),
	],
	['delivery-result', all({ copies: ({ path }) => (path.includes('/result') ? 0 : 1) })],
	['delivery-repeated', all({ acceptsDeliveries: true })],
	[
		'delivery-not-repeated',
		all({ copies: ({ path }) => (path.includes('subscription=till') ? 2 : 1) }),
	],
	[
		'delivery-event-shape',
		delivery((passing) => {
			if (!passing.path.includes('/hook')) return;
			passing.body = passing.body.replace('"created_at"', '"sent_at"');
			passing.headers[SIGNATURE] = hmac('sandbox-api-key-example', passing.body);
		}),
	],
	['delivery-topic', event((json) => Object.assign(json, { topic: 'buygoods_received' }))],
	['delivery-event-fields', eventResource((resource) => delete resource.reference)],
	[
		'delivery-event-amount',
		eventResource((resource) => Object.assign(resource, { amount: Number(resource.amount) })),
	],
	[
		'delivery-event-status',
		eventResource((resource) => Object.assign(resource, { status: 'Success' })),
	],
	[
		'delivery-phone-hash',
		eventResource((resource) =>
			Object.assign(resource, { hashed_sender_phone: hmac('salt', 'phone') }),
		),
	],
	[
		'delivery-both-subscriptions',
		delivery((passing) => {
			passing.path = passing.path.replace('subscription=till', 'subscription=other');
		}),
	],
];

/** Every deviation that is planted in the tests of the contract check. */
export const DEVIATIONS: Deviation[] = [
	...OAUTH,
	...TRANSPORT,
	...ERRORS,
	...VALUES,
	...POLL_RESULTS,
	...LINKS,
	...SUBSCRIBED,
	...PAID,
	...DELIVERED,
];

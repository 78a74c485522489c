import { createHmac } from 'node:crypto';

import { jsonReport, table } from '../verify/report';
import type { Settings } from '../verify/settings';
import type { Interference, Passing } from './deviatingProxy';
import { createdPaths, idsOf, PHONE, type RunOutcome, TILL, verifySandbox } from './verifyRun';

type Json = Record<string, unknown>;

const SIGNATURE = 'x-kopokopo-signature';
const hmac = (text: string, algorithm = 'sha256') =>
	createHmac(algorithm, 'sandbox-api-key-example').update(text).digest();

/** Changes the JSON of every response and of every delivery, which is signed again. */
const everyBody = (change: (json: unknown) => unknown): Interference => ({
	onResponse(returning) {
		if (returning.body === '') return;
		returning.body = JSON.stringify(change(JSON.parse(returning.body)));
	},
	onDelivery(delivery) {
		delivery.body = JSON.stringify(change(JSON.parse(delivery.body)));
		delivery.headers[SIGNATURE] = hmac(delivery.body).toString('hex');
	},
});

/** A value in which each object and each text is replaced; innermost first. */
function rewritten(
	value: unknown,
	{
		object = (found) => found,
		text = (found) => found,
	}: { object?(found: Json): Json; text?(found: string, key: string): unknown },
	key = '',
): unknown {
	if (Array.isArray(value)) return value.map((item) => rewritten(item, { object, text }, key));
	if (typeof value === 'string') return text(value, key);
	if (typeof value !== 'object' || value === null) return value;
	return object(
		Object.fromEntries(
			Object.entries(value).map(([name, item]) => [name, rewritten(item, { object, text }, name)]),
		),
	);
}

const outputOf = ({ results, settings, progress }: RunOutcome) =>
	[table(results), jsonReport(results, settings, new Date()), ...progress].join('\n');

describe('each option creates what it names, and nothing else', () => {
	const address = 'https://merchant.example/hook';
	test.each<[option: string, settings: Partial<Settings>, created: string[]]>([
		[
			'--create-link',
			{ createLink: true },
			['/api/v2/payment_links', '/api/v2/payment_links/{id}/cancel'],
		],
		[
			'--subscribe',
			{ subscribeUrl: address },
			['/api/v2/webhook_subscriptions', '/api/v2/webhook_subscriptions'],
		],
		[
			'--subscribe without a till',
			{ subscribeUrl: address, till: undefined },
			['/api/v2/webhook_subscriptions'],
		],
		['--request-payment', { payment: { phone: PHONE, amount: 10 } }, ['/api/v2/incoming_payments']],
		['--wait-for-expiry', { waitForExpiry: true }, []],
	])('%s', async (_option, settings, created) => {
		const outcome = await verifySandbox({ mode: 'plain', settings });
		expect(createdPaths(outcome).filter((path) => path !== '/api/v2/polling')).toEqual(created);
		expect(idsOf(outcome.results, 'differs')).toEqual([]);
	});
});

test('a check that is stopped cancels its payment link and revokes its tokens', async () => {
	const outcome = await verifySandbox({ mode: 'all', stopsAt: 'link-type' });
	expect(createdPaths(outcome)).toContain('/api/v2/payment_links/{id}/cancel');
	expect(createdPaths(outcome)).not.toContain('/api/v2/incoming_payments');
	expect(outcome.sandbox.ledger.tokens.map(({ state }) => state)).not.toContain('active');
	const stopped = outcome.results.find(({ id }) => id === 'payment-create');
	expect(stopped).toMatchObject({ verdict: 'not tried', seen: 'the check was stopped' });
});

describe('what no assumption excludes does not differ', () => {
	test.each<[name: string, interference: Interference]>([
		[
			'keys in another order',
			everyBody((json) =>
				rewritten(json, {
					object: (found) => Object.fromEntries(Object.entries(found).reverse()),
				}),
			),
		],
		[
			'further keys',
			everyBody((json) =>
				rewritten(json, {
					object: (found) =>
						'purpose' in found || Object.keys(found).length === 0
							? found
							: { ...found, another: { key: 1 } },
				}),
			),
		],
		[
			'statuses in capitals',
			everyBody((json) =>
				rewritten(json, {
					text: (found, key) => (key === 'status' ? found.toUpperCase() : found),
				}),
			),
		],
		[
			'a Location on another host',
			{
				onResponse({ headers }) {
					const { location } = headers;
					if (location) headers.location = `https://other.example${new URL(location).pathname}`;
				},
			},
		],
	])('%s', async (_name, interference) => {
		const { results } = await verifySandbox({ mode: 'all', interference });
		expect(results.filter(({ verdict }) => verdict === 'differs')).toEqual([]);
	});
});

describe('other deviations are found by name', () => {
	/** Answers each successful GET of a resource like this. */
	const unreadable = (path: string, status: number, body: string): Interference => ({
		onResponse(returning, passing) {
			if (passing.method !== 'GET' || !passing.path.startsWith(path)) return;
			if (returning.status === 200) Object.assign(returning, { status, body });
		},
	});
	const signature = (sign: (text: string) => string): Interference => ({
		onDelivery(delivery) {
			delivery.headers[SIGNATURE] = sign(delivery.body);
		},
	});
	const html = (status: number): Interference => ({
		onResponse(returning, { path }) {
			if (returning.status !== status || !path.startsWith('/api/')) return;
			returning.headers['content-type'] = 'text/html';
			returning.body = '<html><title>Error</title></html>';
		},
	});
	const isResult = ({ path }: Passing) => path.includes('/result');

	test.each<[name: string, interference: Interference, found: string[]]>([
		['a poll is not found', unreadable('/api/v2/polling/', 404, '{}'), ['poll-id-readable']],
		['a link is moved', unreadable('/api/v2/payment_links/', 302, ''), ['link-read']],
		[
			'a payment cannot be read',
			unreadable('/api/v2/incoming_payments/', 500, ''),
			['payment-read'],
		],
		[
			'a status with an error as its body',
			unreadable('/api/v2/polling/', 200, '{"error_code":404,"error_message":"Not found"}'),
			['poll-id-readable', 'poll-type', 'poll-final-status', 'poll-callback-url'],
		],
		['errors are HTML', html(400), ['error-body']],
		['unknown IDs are answered with HTML', html(404), ['json-content-type', 'error-body']],
		[
			'signatures in Base64',
			signature((text) => hmac(text).toString('base64')),
			['delivery-signature-form'],
		],
		[
			'signatures in capitals',
			signature((text) => hmac(text).toString('hex').toUpperCase()),
			['delivery-signature-form'],
		],
		[
			'signatures by SHA-1',
			signature((text) => hmac(text, 'sha1').toString('hex')),
			['delivery-signature-form'],
		],
		['an unknown key', signature(() => 'ab'.repeat(32)), ['delivery-signature-key']],
		[
			'results arrive twice',
			{ copies: (delivery) => (isResult(delivery) ? 2 : 1) },
			['delivery-not-repeated'],
		],
	])('%s', async (_name, interference, found) => {
		const { results } = await verifySandbox({ mode: 'all', interference });
		expect(idsOf(results, 'differs')).toEqual(found);
	});
});

describe('a Kopo Kopo that repeats what it knows', () => {
	const NAME = 'Njeri Wanjiku';
	const RECEIPT = 'QKL3A1B2C3';
	const ECHO = [
		`Sorry ${NAME}`,
		PHONE,
		encodeURIComponent(PHONE),
		'0712 345 678',
		TILL,
		RECEIPT,
		'njeri@example.com',
		'sandbox-client-secret-example',
		'sandbox-api-key-example',
		// Cut off.
		'sandbox-client-sec…',
		Buffer.from('sandbox-client-id-example:sandbox-client-secret-example').toString('base64'),
	].join(', ');
	const PRIVATE = [
		...['Njeri', 'Wanjiku', RECEIPT, 'njeri@', TILL, '712345678', '712 345 678', '0712'],
		...['client-sec', 'client-id-ex', 'api-key-ex', 'c2FuZGJveC1jbGllbnQ'],
	];

	test.each<[where: string, interference: Interference]>([
		[
			'in its errors',
			everyBody((json) =>
				rewritten(json, {
					text: (found, key) =>
						/^error_(message|description)$/.test(key) ? `${found} ${ECHO}` : found,
				}),
			),
		],
		[
			'in JSON keys',
			everyBody((json) =>
				rewritten(json, {
					object: (found) =>
						'status' in found
							? { ...found, [PHONE]: 1, [NAME]: 2, 'sandbox-api-key-example': 3, [ECHO]: 4 }
							: found,
				}),
			),
		],
		[
			'as statuses and types',
			everyBody((json) =>
				rewritten(json, {
					text: (found, key) => (/^(status|type|topic)$/.test(key) ? ECHO : found),
				}),
			),
		],
		[
			'in headers',
			{
				onResponse({ headers }) {
					headers['content-type'] = `application/json; for="${encodeURIComponent(ECHO)}"`;
					if (headers.location) headers.location += `?for=${encodeURIComponent(ECHO)}`;
				},
				onDelivery({ headers }) {
					headers['content-type'] = encodeURIComponent(ECHO);
				},
			},
		],
	])('%s', async (_where, interference) => {
		const output = outputOf(await verifySandbox({ mode: 'all', interference }));
		expect(PRIVATE.filter((text) => output.toLowerCase().includes(text.toLowerCase()))).toEqual([]);
	});

	test('when it issues no token', async () => {
		const failed = verifySandbox({
			mode: 'plain',
			interference: {
				answer: ({ path, body }) =>
					path === '/oauth/token'
						? {
								status: 401,
								headers: { 'content-type': 'application/json' },
								body: JSON.stringify({ error: 'invalid_client', error_description: ECHO + body }),
							}
						: undefined,
			},
		});
		const message = await failed.then(
			() => '',
			(error: Error) => error.message,
		);
		expect(message).toContain('issued no access token (HTTP 401');
		expect(PRIVATE.filter((text) => message.toLowerCase().includes(text.toLowerCase()))).toEqual(
			[],
		);
	});
});

import fastify from 'fastify';
import { request } from 'undici';

import { allowSameMachineOnly } from '../sandbox/sameMachine';
import { INCOMING_PAYMENTS, merchant, sandbox, setUpSandbox } from './sandboxSetup';

const setup = setUpSandbox();

const FETCH = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' };
const NAVIGATION = {
	'sec-fetch-site': 'cross-site',
	'sec-fetch-mode': 'navigate',
	'sec-fetch-dest': 'document',
};

/** What browsers and other programs send for another website, or for another machine. */
const FOREIGN: Array<[string, Record<string, string>]> = [
	['an origin of another website', { origin: 'https://evil.example' }],
	['an opaque origin', { origin: 'null' }],
	['an empty origin', { origin: '' }],
	['the origin of another port', { origin: 'http://127.0.0.1:5678' }],
	['an origin that begins like an address', { origin: 'http://127.0.0.1.evil.example' }],
	['a name that points to this machine', { host: 'evil.example:4010' }],
	['a name that begins like an address', { host: '127.0.0.1.evil.example' }],
	['a name that ends like this machine', { host: 'evil.localhost:4010' }],
	['a name and its own origin', { host: 'evil.example', origin: 'http://evil.example' }],
	['a fetch of another website without its origin', FETCH],
	['a fetch of another port', { ...FETCH, 'sec-fetch-site': 'same-site' }],
	['a frame', { ...NAVIGATION, 'sec-fetch-dest': 'iframe' }],
	['an object', { ...NAVIGATION, 'sec-fetch-dest': 'object' }],
	['a script', { ...FETCH, 'sec-fetch-dest': 'script' }],
];

/** What a website can make a browser send with a form. */
const FORMS: Array<[string, Record<string, string>]> = [
	['plain text', { 'content-type': 'text/plain' }],
	['plain text that mentions JSON', { 'content-type': 'text/plain; application/json' }],
	['a form', { 'content-type': 'application/x-www-form-urlencoded' }],
	['a multipart form', { 'content-type': 'multipart/form-data; boundary=x' }],
	['a type that begins like JSON', { 'content-type': 'application/json-patch' }],
	['no type', { 'content-type': '' }],
	['a form that navigates', NAVIGATION],
];

describe('requests of other websites', () => {
	it.each([...FOREIGN, ...FORMS])('move nothing with %s', async (_name, headers) => {
		const id = await merchant.create(INCOMING_PAYMENTS, setup.incomingPayment());
		for (const [path, body] of [
			['/till/buygoods', { amount: 5 }],
			['/customer/pay', { id }],
			['/reset', {}],
		] as const) {
			const { status } = await merchant.call('POST', `/control${path}`, body, headers);
			expect({ path, status }).toEqual({ path, status: 403 });
		}
		expect((await merchant.call('DELETE', '/control/faults', undefined, FETCH)).status).toBe(403);
		expect(sandbox.ledger.movements).toEqual([]);
		expect(sandbox.status(id)).toMatchObject({ data: { attributes: { status: 'Pending' } } });
	});

	it('move nothing with a body without a content type', async () => {
		const { statusCode } = await request(`${sandbox.controlUrl}/till/buygoods`, {
			method: 'POST',
			body: Buffer.from('{"amount":5}'),
		});
		expect(statusCode).toBe(403);
		expect(sandbox.ledger.movements).toEqual([]);
	});

	it('read nothing and do not count as a person', async () => {
		sandbox.customer.addBehaviour({ action: 'pay' });
		for (const [, headers] of FOREIGN) {
			for (const path of ['/control/ledger', '/control/config', '/phone/events', '/phone']) {
				const { status } = await merchant.call('GET', path, undefined, headers);
				expect({ path, headers, status }).toEqual({ path, headers, status: 403 });
			}
		}
		await merchant.create(INCOMING_PAYMENTS, setup.incomingPayment());
		await sandbox.untilIdle();
		expect(sandbox.ledger.movements).toHaveLength(1);
	});

	it('may lead to the pages, as a link does, but not to data', async () => {
		const open = async (path: string) =>
			(await merchant.call('GET', path, undefined, NAVIGATION)).status;
		expect(await open('/phone')).toBe(200);
		expect(await open('/links/unknown')).toBe(200);
		expect(await open('/')).toBe(302);
		for (const path of ['/phone/events', '/phone/phone.js', '/control/ledger', '/control/config']) {
			expect({ path, status: await open(path) }).toEqual({ path, status: 403 });
		}
	});

	it('cannot act with GET', async () => {
		const id = await merchant.create(INCOMING_PAYMENTS, setup.incomingPayment());
		for (const path of [`/customer/pay?id=${id}`, '/till/buygoods?amount=5', '/reset']) {
			expect((await merchant.call('GET', `/control${path}`)).status).toBe(404);
		}
		expect(sandbox.ledger.movements).toEqual([]);
		expect(sandbox.status(id)).toMatchObject({ data: { attributes: { status: 'Pending' } } });
	});

	it('get no token and cannot use the API, even under a name that points to this machine', async () => {
		const credential = {
			grant_type: 'client_credentials',
			client_id: sandbox.clientId,
			client_secret: sandbox.clientSecret,
		};
		const before = sandbox.ledger.tokens.length;
		const websites: Array<Record<string, string>> = [
			{ origin: 'http://evil.example:4010', host: 'evil.example:4010' },
			{ origin: 'https://evil.example' },
			{ origin: 'null' },
		];
		for (const headers of websites) {
			expect((await merchant.call('POST', '/oauth/token', credential, headers)).status).toBe(403);
			expect(
				(await merchant.call('POST', INCOMING_PAYMENTS, setup.incomingPayment(), headers)).status,
			).toBe(403);
		}
		expect(sandbox.ledger.tokens).toHaveLength(before);
	});

	it('are told apart from those of the page itself', async () => {
		const own = { origin: sandbox.url, 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors' };
		const { status } = await merchant.call('POST', '/control/till/buygoods', { amount: 5 }, own);
		expect(status).toBe(200);
		expect(sandbox.ledger.totals.in).toBe(5);
	});

	it('are told by every response that it is not theirs to show', async () => {
		const { body, headers: ofEvents } = await request(`${sandbox.url}/phone/events`);
		body.on('error', () => undefined).destroy();
		const responses = [
			ofEvents,
			(await merchant.call('GET', '/phone')).headers,
			(await merchant.call('GET', '/links/1')).headers,
			(await merchant.call('GET', '/control/config')).headers,
			(await merchant.call('GET', '/control/config', undefined, FETCH)).headers,
		];
		for (const headers of responses) {
			expect(headers).toMatchObject({
				'content-security-policy': expect.stringContaining("frame-ancestors 'none'") as string,
				'x-frame-options': 'DENY',
				'x-content-type-options': 'nosniff',
				'cross-origin-resource-policy': 'same-origin',
				'cache-control': 'no-store',
			});
			expect(headers).not.toHaveProperty('access-control-allow-origin');
		}
	});
});

describe('requests of other machines', () => {
	it.each([
		['127.0.0.1', 200],
		['::1', 200],
		['::ffff:127.0.0.1', 200],
		['192.168.1.7', 403],
		['172.17.0.1', 403],
		['::ffff:10.0.0.1', 403],
		['fe80::1', 403],
	])('from %s are answered with %i', async (remoteAddress, status) => {
		const app = fastify();
		// No other machine is at hand, so the server takes its own connections for those of one.
		app.addHook('onRequest', async ({ socket }) => {
			Object.defineProperty(socket, 'remoteAddress', { value: remoteAddress });
		});
		allowSameMachineOnly(app);
		app.get('/', async () => 'read');
		const { statusCode, body } = await request(await app.listen({ port: 0, host: '127.0.0.1' }));
		await body.dump();
		expect(statusCode).toBe(status);
		await app.close();
	});
});

import { readJsonSync } from 'fs-extra';

import { sign } from '../sandbox/deliveries';
import { startMerchant, type Merchant } from '../sandbox/merchant';
import { startSandbox, type Sandbox } from '../sandbox/server';

type Json = Record<string, unknown>;

let sandbox: Sandbox;
let merchant: Merchant;

const STK = '/api/v2/incoming_payments';
const SEND = '/api/v2/send_money';

function stk(path = '/result'): Json {
	return {
		payment_channel: 'M-PESA STK Push',
		till_number: 'K000000',
		subscriber: { first_name: 'Joe', last_name: 'Buyer', phone_number: '+254999999999' },
		amount: { currency: 'KES', value: 100 },
		_links: { callback_url: `${merchant.url}${path}` },
	};
}

function payout(): Json {
	return {
		destinations: [{ type: 'till', till_number: '1234567', amount: 1200, description: 'Stock' }],
		currency: 'KES',
		_links: { callback_url: `${merchant.url}/result` },
	};
}

async function subscribe(event_type: string, more: Json = {}): Promise<string> {
	const url = `${merchant.url}/webhook`;
	const body = { event_type, url, scope: 'company', ...more };
	return await merchant.create('/api/v2/webhook_subscriptions', body);
}

async function control(method: string, path: string, body?: unknown) {
	return await merchant.call(method, `${sandbox.controlUrl}${path}`, body);
}

beforeAll(async () => {
	sandbox = await startSandbox({ port: 0, webhookRetryDelaysMs: [5, 10], processingMs: 1 });
	merchant = await startMerchant(sandbox);
});

beforeEach(async () => {
	await sandbox.reset();
	merchant.received.length = 0;
	merchant.answers.length = 0;
	await merchant.signIn();
});

afterAll(async () => {
	await sandbox.close();
	await merchant.close();
});

describe('weather', () => {
	it('refuses the next N requests of one path before the work is done', async () => {
		sandbox.weather.add({ kind: 'tooManyRequests', path: SEND, next: 2, retryAfterSeconds: 7 });
		const elsewhere = await merchant.call('POST', STK, stk());
		expect(elsewhere.status).toBe(201);
		for (const status of [429, 429, 201]) {
			const answer = await merchant.call('POST', SEND, payout());
			expect(answer.status).toBe(status);
			expect(answer.headers['retry-after']).toBe(status === 429 ? '7' : undefined);
		}
		expect(sandbox.ledger.requests.slice(-3)).toMatchObject([
			{ status: 429, worked: false, weather: ['1:tooManyRequests'] },
			{ status: 429, worked: false, weather: ['1:tooManyRequests'] },
			{ status: 201, worked: true, weather: [] },
		]);
		expect(sandbox.weather.orders).toMatchObject([{ id: 1, hits: 2, left: 0 }]);
	});

	it.each(['before', 'after'] as const)('fails and resets %s the work', async (when) => {
		sandbox.bank.will({ deed: 'transfer' });
		sandbox.weather.add({ kind: 'serverError', status: 503, when, next: 1 });
		expect((await merchant.call('POST', SEND, payout())).status).toBe(503);
		sandbox.weather.add({ kind: 'reset', when, next: 1 });
		await expect(merchant.call('POST', SEND, payout())).rejects.toThrow(/ECONNRESET|closed/);
		await sandbox.settled();
		const worked = when === 'after';
		expect(sandbox.ledger.requests.slice(-2)).toMatchObject([
			{ status: 503, outcome: 'answered', worked },
			{ status: null, outcome: 'reset', worked },
		]);
		expect(sandbox.ledger.movements).toHaveLength(worked ? 2 : 0);
		expect(merchant.received).toHaveLength(worked ? 2 : 0);
	});

	it('sends half a body of a read, and of a create that has none', async () => {
		const id = await merchant.create(STK, stk());
		sandbox.weather.add({ kind: 'halfBody', next: 2 });
		await expect(merchant.call('GET', `${STK}/${id}`)).rejects.toThrow();
		await expect(merchant.call('POST', STK, stk())).rejects.toThrow();
		expect(sandbox.ledger.requests.slice(-2)).toMatchObject([
			{ status: 200, outcome: 'cut', worked: true },
			{ status: 201, outcome: 'cut', worked: true },
		]);
	});

	it('stalls for ever, redirects, slows down and expires tokens', async () => {
		sandbox.weather.add({ kind: 'latency', ms: [30, 40], next: 1 });
		const started = Date.now();
		await merchant.call('GET', `${STK}/x`);
		expect(Date.now() - started).toBeGreaterThanOrEqual(29);

		sandbox.weather.add({ kind: 'redirect', next: 1 });
		const redirected = await merchant.call('POST', STK, stk());
		expect(redirected.status).toBe(302);
		expect(redirected.headers.location).toBe(`${sandbox.url.replace('http:', 'https:')}${STK}`);

		sandbox.weather.add({ kind: 'expiredToken', next: 1 });
		expect((await merchant.call('POST', STK, stk())).status).toBe(401);
		expect((await merchant.call('POST', STK, stk())).status).toBe(401);
		await merchant.signIn();
		expect((await merchant.call('POST', STK, stk())).status).toBe(201);

		const other = await startSandbox({ port: 0 });
		const caller = await startMerchant(other);
		other.weather.add({ kind: 'stall' });
		const stalled = caller.call('GET', STK).catch((error: Error) => error.name);
		await new Promise((resolve) => AbortSignal.timeout(50).addEventListener('abort', resolve));
		expect(other.ledger.requests).toMatchObject([{ status: null, outcome: 'stalled' }]);
		await other.close();
		expect(await stalled).toMatch(/Error/);
		await caller.close();
	});

	it('repeats itself under the same seed', async () => {
		const statuses = async () => {
			const seen: number[] = [];
			for (let i = 0; i < 40; i += 1) {
				seen.push((await merchant.call('GET', `${STK}/x`)).status);
			}
			return seen.join();
		};
		sandbox.weather.add({ kind: 'serverError', probability: 0.5 });
		sandbox.weather.seed(42);
		const first = await statuses();
		sandbox.weather.seed(42);
		expect(await statuses()).toBe(first);
		sandbox.weather.seed(43);
		expect(await statuses()).not.toBe(first);
		expect(first).toMatch(/500/);
		expect(first).toMatch(/404/);
	});
});

describe('post', () => {
	const webhooks = [
		['buygoods_transaction_received.k2', () => sandbox.till.buygoods({ till: '000000' })],
		['b2b_transaction_received.k2', () => sandbox.till.b2b()],
		['card_transaction_received.k2', () => sandbox.till.card()],
		['buygoods_transaction_reversed.k2', () => sandbox.till.reverse(sandbox.till.buygoods().id)],
		['b2b_transaction_reversed.k2', () => sandbox.till.reverse(sandbox.till.b2b().reference)],
		['card_transaction_voided.k2', () => sandbox.till.undoCard(sandbox.till.card().id, 'voided')],
		[
			'card_transaction_reversed.k2',
			() => sandbox.till.undoCard(sandbox.till.card().id, 'reversed'),
		],
		['customer_created.k2', () => sandbox.company.meetCustomer()],
		[
			'settlement_transfer_completed.bank.k2',
			() => sandbox.company.settle({ amounts: [24452, 25000] }),
		],
		[
			'settlement_transfer_completed.wallet.k2.inferred',
			() => sandbox.company.settle({ to: 'wallet' }),
		],
	] as const;

	it.each(webhooks)('sends %s as the sample has it, signed', async (name, happen) => {
		const { body: sample } = readJsonSync(`test/fixtures/webhooks/${name}.json`) as { body: Json };
		await subscribe(String(sample.topic));
		happen();
		await sandbox.settled();
		const [letter] = merchant.received;
		expect(merchant.received).toHaveLength(1);
		expect(letter?.signature).toBe(sign(letter?.body ?? '', sandbox.apiKey));
		const keys = (value: unknown): unknown =>
			typeof value === 'object' && value !== null
				? Object.fromEntries(
						Object.entries(value)
							.sort(([a], [b]) => (a < b ? -1 : 1))
							.map(([key, item]) => [key, keys(item)]),
					)
				: 'value';
		expect(keys(letter?.json)).toEqual(keys(sample));
		const { type } = sample.event as { type: string };
		expect(letter?.json).toMatchObject({ topic: sample.topic, event: { type } });
	});

	it('tells only who listens to that till, in the form asked for', async () => {
		const event = 'buygoods_transaction_received';
		await subscribe(event, { scope: 'till', scope_reference: 'K000000' });
		await subscribe(event, { scope: 'till', scope_reference: '112233' });
		await subscribe(event, {
			url: `${merchant.url}/daraja`,
			scope_reference: null,
			enable_daraja_payload: true,
		});
		await subscribe('b2b_transaction_received');
		sandbox.customer.pay(await merchant.create(STK, stk()));
		await sandbox.settled();
		expect(merchant.received.map(({ path }) => path).sort()).toEqual([
			'/daraja',
			'/result',
			'/webhook',
		]);
		const sample = readJsonSync(`test/fixtures/webhooks/${event}.daraja.json`) as { body: Json };
		const daraja = merchant.received.find(({ path }) => path === '/daraja')?.json ?? {};
		expect(Object.keys(daraja)).toEqual(Object.keys(sample.body));
		expect(daraja).toMatchObject({ TransAmount: '100.0', BusinessShortCode: 'K000000' });
		expect(daraja.TransTime).toMatch(/^\d{14}$/);
	});

	it('announces a customer once, where told to', async () => {
		const social = await startSandbox({ port: 0, announceCustomers: true });
		const caller = await startMerchant(social);
		await caller.signIn();
		await caller.create('/api/v2/webhook_subscriptions', {
			event_type: 'customer_created',
			url: `${caller.url}/webhook`,
			scope: 'company',
		});
		for (const phone of ['+254712345678', '+254712345678', '+254798765432']) {
			social.till.buygoods({ phone });
		}
		await social.settled();
		const phones = caller.received.map(({ json }) => JSON.stringify(json).match(/\+254\d{9}/)?.[0]);
		expect(phones.sort()).toEqual(['+254712345678', '+254798765432']);
		await social.close();
		await caller.close();
	});

	it('tries again until a 2xx, and gives up in the end', async () => {
		merchant.answers.push(500, 404);
		sandbox.customer.pay(await merchant.create(STK, stk()));
		await sandbox.settled();
		merchant.answers.push(500, 500, 500, 500);
		sandbox.customer.refuse(await merchant.create(STK, stk()));
		await sandbox.settled();
		const attempts = sandbox.deliveries.log.map(({ state, attempts: tries }) => [
			state,
			...tries.map(({ status }) => status),
		]);
		expect(attempts).toEqual([
			['delivered', 500, 404, 200],
			['failed', 500, 500, 500],
		]);
		const sent = new Set(merchant.received.slice(0, 3).map(({ body }) => body));
		expect(sent.size).toBe(1);
		const nobody = sandbox.send({ url: 'http://127.0.0.1:9/', body: '{}' });
		await sandbox.settled();
		expect(nobody).toMatchObject({ state: 'failed' });
		expect(nobody.attempts).toHaveLength(3);
		expect(nobody.attempts[0]?.error).toMatch(/\w/);
	});

	it('duplicates, loses, turns round and repeats letters on request', async () => {
		const ids: string[] = [];
		for (const path of ['/a', '/b', '/c', '/d']) ids.push(await merchant.create(STK, stk(path)));
		const [a = '', b = '', c = '', d = ''] = ids;
		const paths = () => merchant.received.splice(0).map(({ path }) => path);
		sandbox.deliveries.duplicateNext(1, 2);
		sandbox.customer.pay(a);
		await sandbox.settled();
		expect(paths()).toEqual(['/a', '/a', '/a']);
		sandbox.deliveries.loseNext();
		sandbox.customer.pay(b);
		await sandbox.settled();
		expect(paths()).toEqual([]);
		sandbox.deliveries.hold();
		sandbox.customer.pay(c);
		sandbox.customer.pay(d);
		await sandbox.settled();
		expect(paths()).toEqual([]);
		expect(await sandbox.deliveries.release('reverse')).toBe(2);
		expect(paths()).toEqual(['/d', '/c']);
		const lost = sandbox.deliveries.log.find(({ state }) => state === 'lost');
		sandbox.deliveries.again(lost?.id ?? '');
		await sandbox.settled();
		expect(paths()).toEqual(['/b']);
	});

	it('signs wrongly or not at all on request, and never calls a real host', async () => {
		const body = '{"spaced":  1.0}';
		for (const signature of ['valid', 'prefixed', 'wrong', 'none'] as const) {
			sandbox.send({ url: `${merchant.url}/${signature}`, body, signature });
			await sandbox.settled();
		}
		const digest = sign(body, sandbox.apiKey);
		expect(merchant.received.map(({ signature }) => signature)).toEqual([
			digest,
			`sha256=${digest}`,
			expect.not.stringMatching(digest),
			undefined,
		]);
		expect(merchant.received.every((letter) => letter.body === body)).toBe(true);
		const far = sandbox.send({ url: 'https://webhook.site/x', body });
		await sandbox.settled();
		expect(far).toMatchObject({ state: 'withheld', attempts: [] });
	});

	it('signs as the vectors of the contract do', () => {
		for (const name of ['sdk.buygoods-received', 'raw-body.spaces-and-float']) {
			const vector = readJsonSync(`test/fixtures/signatures/${name}.json`) as {
				key: string;
				rawBody: string;
				header: Record<string, string>;
			};
			expect(sign(vector.rawBody, vector.key)).toBe(vector.header['X-KopoKopo-Signature']);
		}
	});
});

describe('ledger and standing orders', () => {
	it('books every shilling to the request that moved it', async () => {
		sandbox.customer.will({ deed: 'refuse', times: 1 });
		sandbox.customer.will({ deed: 'pay', afterMs: 2 });
		sandbox.bank.will({ deed: 'transfer' });
		const calls = Array.from({ length: 30 }, async (_, index) =>
			index % 3 === 0 ? await merchant.create(SEND, payout()) : await merchant.create(STK, stk()),
		);
		await Promise.all(calls);
		await sandbox.settled();
		const { movements, requests, totals } = sandbox.ledger;
		expect(totals).toEqual({
			in: 19 * 100,
			out: 10 * 1200,
			balance: sandbox.openingBalance + 1900 - 12000,
		});
		expect(new Set(movements.map(({ resourceId }) => resourceId)).size).toBe(29);
		for (const { requestSeq, resourceId, direction, amount } of movements) {
			expect(requests[Number(requestSeq) - 1]).toMatchObject({
				resourceId,
				path: direction === 'in' ? STK : SEND,
				status: 201,
				userAgent: 'sandbox-tests/1.0',
				token: merchant.token,
			});
			expect(amount).toBe(direction === 'in' ? 100 : 1200);
		}
		expect(merchant.received).toHaveLength(30);
	});

	it('counts subscriptions made twice', async () => {
		await subscribe('customer_created');
		await subscribe('customer_created');
		await subscribe('card_transaction_received', { scope: 'till', scope_reference: '1' });
		expect(sandbox.ledger.subscriptionCounts).toMatchObject([
			{ eventType: 'customer_created', scope: 'company', scopeReference: null, count: 2 },
			{ eventType: 'card_transaction_received', scope: 'till', scopeReference: '1', count: 1 },
		]);
	});
});

describe('control over HTTP', () => {
	it('pulls the same strings', async () => {
		const id = await merchant.create(STK, stk());
		const paid = await control('POST', '/customer/pay', { id });
		expect(paid.json).toEqual(sandbox.status(id));
		expect((await control('POST', '/customer/pay', { id })).status).toBe(409);
		expect((await control('POST', '/customer/pay', { id: 'x' })).status).toBe(404);
		expect((await control('POST', '/customer/sing', { id })).status).toBe(400);

		await control('POST', '/bank/will', { deed: 'cancel', times: 1 });
		const cancelled = await merchant.create(SEND, payout());
		expect((await control('POST', '/settled')).status).toBe(200);
		expect(JSON.stringify(sandbox.status(cancelled))).toContain('Cancelled');

		const walkIn = await control('POST', '/till/buygoods', { amount: 50, till: '112233' });
		await control('POST', '/till/reverse', { reference: walkIn.json.reference });
		await control('POST', '/send', {
			url: `${merchant.url}/raw`,
			body: { a: 1 },
			signature: 'wrong',
		});
		await control('POST', '/settled');
		expect(merchant.received.at(-1)).toMatchObject({ path: '/raw', body: '{"a":1}' });

		const ordered = await control('POST', '/weather', { kind: 'serverError', path: '/oauth/*' });
		expect(ordered.json).toEqual({ id: 1 });
		expect((await merchant.call('POST', '/oauth/token', {})).status).toBe(500);
		expect((await control('POST', '/weather', { kind: 'hail' })).status).toBe(400);
		await control('DELETE', '/weather');

		const ledger = (await control('GET', '/ledger')).json;
		expect(ledger.totals).toMatchObject({ in: 150, out: 50 });
		expect(ledger.deliveries).toHaveLength(3);

		await control('POST', '/reset', { keepTokens: true });
		expect((await control('GET', '/ledger')).json).toMatchObject({ requests: [], movements: [] });
		expect((await merchant.call('GET', `${STK}/${id}`)).status).toBe(404);
		await control('POST', '/tokens/end', {});
		expect((await merchant.call('GET', `${STK}/${id}`)).status).toBe(401);
	});

	it('answers thousands of requests a second, and no slower with many resources', async () => {
		const batch = async (count: number) => {
			const started = Date.now();
			await Promise.all(
				Array.from({ length: count }, async () => await merchant.create(STK, stk())),
			);
			return Date.now() - started;
		};
		await batch(500);
		const early = await batch(1000);
		await batch(3000);
		const late = await batch(1000);
		expect(sandbox.ledger.requests.filter(({ worked }) => worked)).toHaveLength(5501);
		expect(late).toBeLessThan(early * 3 + 500);
	});
});

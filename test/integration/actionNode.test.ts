import type { INodeParameters } from 'n8n-workflow';
import { startSandbox } from '../sandbox/server';
import { runKopoKopo, sandboxCredential } from '../support/nodeContexts';
import { waitFor } from '../support/waitFor';
import { sandboxPerTest } from './sandboxPerTest';

const current = sandboxPerTest({ singleToken: true });

const ask: INodeParameters = {
	resource: 'paymentRequest',
	operation: 'request',
	waitForResult: 'continueImmediately',
	tillNumber: 'K123456',
	phoneNumber: '0712 345 678',
	amount: '1,500',
};

const askMany = { ...ask, amount: '={{ $json.amount }}', phoneNumber: '={{ $json.phone }}' };

const getParameters = (id: unknown): INodeParameters => ({
	resource: 'paymentRequest',
	operation: 'get',
	paymentRequestId: String(id),
});

const requests = (method: string, path: string) =>
	current.sandbox.ledger.requests.filter(
		(request) => request.method === method && request.path.startsWith(path),
	);
const posts = () => requests('POST', '/api/v2/incoming_payments');
const exchanges = () => requests('POST', '/oauth/token');

describe('a payment request', () => {
	it('is accepted as pending, linked to its input, and is paid for only when Kopo Kopo says so', async () => {
		const [accepted] = await current.run({ parameters: ask });
		expect(accepted?.pairedItem).toEqual({ item: 0 });
		expect(accepted?.json).toMatchObject({
			outcome: 'pending',
			amount: 1500,
			currency: 'KES',
			phoneNumber: '+254712345678',
		});

		const [waiting] = await current.run({ parameters: getParameters(accepted?.json.location) });
		expect(waiting?.json).toMatchObject({
			id: accepted?.json.id,
			outcome: 'pending',
			status: 'Pending',
		});

		current.sandbox.customer.pay(String(accepted?.json.id));
		const [paid] = await current.run({ parameters: getParameters(accepted?.json.id) });
		expect(paid?.json).toMatchObject({
			outcome: 'success',
			status: 'Success',
			amount: 1500,
			currency: 'KES',
			phoneNumber: '+254712345678',
			message: expect.stringMatching(/^Paid KES 1,500, receipt [A-Z0-9]{10}$/) as string,
		});
		expect(paid?.json.reference).toMatch(/^[A-Z0-9]{10}$/);
		expect(current.sandbox.ledger.movements).toHaveLength(1);
	});

	it('returns the unchanged body when Simplify is off', async () => {
		const [accepted] = await current.run({ parameters: { ...ask, simplify: false } });
		const id = String(accepted?.json.id);
		const [raw] = await current.run({ parameters: { ...getParameters(id), simplify: false } });
		expect(raw?.json).toEqual(current.sandbox.status(id));
	});
});

describe('a request that fails is sent once', () => {
	const path = '/api/v2/incoming_payments';

	it.each([
		['a server error before processing', { kind: 'serverError', when: 'before' }, 0],
		['a server error after processing', { kind: 'serverError', when: 'after' }, 1],
		['a reset before processing', { kind: 'reset', when: 'before' }, 0],
		['a reset after processing', { kind: 'reset', when: 'after' }, 1],
		['no answer before processing', { kind: 'stall', when: 'before' }, 0],
		['no answer after processing', { kind: 'stall', when: 'after' }, 1],
	] as const)('%s leaves the outcome unknown', async (_what, fault, processed) => {
		current.sandbox.faults.add({ ...fault, path, next: 1 });
		const [item] = await current.run({ parameters: { ...ask, options: { timeout: 400 } } });
		expect(item?.json).not.toHaveProperty('id');
		expect(item?.json).toMatchObject({
			outcome: 'unknown',
			amount: 1500,
			phoneNumber: '+254712345678',
		});
		expect(item?.json.message).toMatch(/not known whether Kopo Kopo carried out/);
		expect(item?.json).not.toHaveProperty('error');
		expect(posts()).toHaveLength(1);
		expect(posts().filter((request) => request.processed)).toHaveLength(processed);
	});

	it('a response that is cut off after its Location is accepted', async () => {
		current.sandbox.faults.add({ kind: 'halfBody', path, next: 1 });
		const [item] = await current.run({ parameters: ask });
		expect(item?.json).toMatchObject({ outcome: 'pending', id: posts()[0]?.resourceId });
		expect(posts()).toHaveLength(1);
	});

	it('a 429 is not processed and is sent again after Retry-After', async () => {
		current.sandbox.faults.add({ kind: 'tooManyRequests', retryAfterSeconds: 0.1, path, next: 2 });
		const [item] = await current.run({ parameters: ask });
		expect(item?.json.outcome).toBe('pending');
		expect(posts().map((request) => request.status)).toEqual([429, 429, 201]);
		expect(posts().filter((request) => request.processed)).toHaveLength(1);
	});

	it('a 429 with an hour to wait is reported at once', async () => {
		current.sandbox.faults.add({ kind: 'tooManyRequests', retryAfterSeconds: 3600, path });
		await expect(current.run({ parameters: ask })).rejects.toThrow(/too many requests/);
		expect(posts()).toHaveLength(1);
	});

	it('a redirect is rejected and not followed', async () => {
		current.sandbox.faults.add({ kind: 'redirect', path, next: 1 });
		await expect(current.run({ parameters: ask })).rejects.toThrow(/redirect/);
		expect(posts()).toHaveLength(1);
	});

	it('a refused connection is reported as not sent', async () => {
		const closed = await startSandbox({ port: 0 });
		const unreachable = sandboxCredential(closed);
		await runKopoKopo({ credential: unreachable, parameters: ask });
		await closed.close();
		await expect(runKopoKopo({ credential: unreachable, parameters: ask })).rejects.toThrow(
			/refused the connection; nothing was sent/,
		);
	}, 30_000);

	it.each([
		['server errors', { kind: 'serverError', status: 503 }],
		['resets', { kind: 'reset' }],
		['half bodies', { kind: 'halfBody' }],
		['no answer', { kind: 'stall' }],
	] as const)(
		'a lookup outlasts %s',
		async (_what, fault) => {
			const [accepted] = await current.run({ parameters: ask });
			current.sandbox.faults.add({ ...fault, method: 'GET', path: `${path}/*`, next: 2 });
			const [seen] = await current.run({
				parameters: { ...getParameters(accepted?.json.id), options: { timeout: 400 } },
			});
			expect(seen?.json).toMatchObject({ id: accepted?.json.id, outcome: 'pending' });
			expect(requests('GET', path)).toHaveLength(3);
		},
		30_000,
	);
});

describe('the access token', () => {
	const people = Array.from({ length: 40 }, (_, index) => ({
		phone: `07${String(10_000_000 + index)}`,
		amount: index + 1,
	}));

	it('is exchanged once for many items that start at the same time', async () => {
		const items = await current.run({ parameters: askMany, items: people });
		expect(items.map((item) => item.json.amount)).toEqual(people.map(({ amount }) => amount));
		expect(exchanges()).toHaveLength(1);
		expect(posts()).toHaveLength(people.length);
		expect(posts().every((request) => request.processed)).toBe(true);
	});

	it('that expires during a run is exchanged once and causes no second payment', async () => {
		await current.run({ parameters: ask });
		current.sandbox.tokens.invalidate(String(current.credential.data.accessToken), 'expired');
		const before = exchanges().length;
		const items = await current.run({ parameters: askMany, items: people });
		expect(items.every((item) => item.json.outcome === 'pending')).toBe(true);
		expect(exchanges().length - before).toBe(1);
		expect(posts().filter((request) => request.processed)).toHaveLength(people.length + 1);
	});

	it('is reported as an error of its own when the secret is wrong', async () => {
		current.credential.data.clientSecret = 'not the secret';
		await expect(current.run({ parameters: ask })).rejects.toThrow(
			/did not accept the 'Client ID' and 'Client Secret'/,
		);
		expect(exchanges()).toHaveLength(1);
		expect(posts()).toHaveLength(0);
	});
});

describe('items', () => {
	const mixed = [
		{ phone: '0712345678', amount: 10 },
		{ phone: 'not a phone', amount: 20 },
		{ phone: '0112345678', amount: 30 },
	];

	it.each(['continueRegularOutput', 'continueErrorOutput'] as const)(
		'that are invalid do not stop the others under %s',
		async (onError) => {
			const items = await current.run({ parameters: askMany, items: mixed, onError });
			expect(items.map((item) => item.pairedItem)).toEqual([0, 1, 2].map((item) => ({ item })));
			expect(items.map((item) => item.json.outcome)).toEqual(['pending', undefined, 'pending']);
			const failed = items[1]?.json;
			expect(failed?.error).toContain("'Phone Number'");
			if (onError === 'continueErrorOutput') {
				// Before 2.36 n8n sends an item to the error branch only when it has no other keys than these.
				expect(Object.keys(failed ?? {})).toEqual(['error', 'message']);
				expect(failed?.message).toContain('0712345678');
			} else {
				expect(failed?.details).toMatchObject({ outcome: 'failure' });
			}
			expect(posts()).toHaveLength(2);
		},
	);

	it('contain the message of Kopo Kopo when it rejects them', async () => {
		const [item] = await current.run({
			parameters: getParameters('00000000-0000-4000-8000-000000000000'),
			onError: 'continueRegularOutput',
		});
		expect(item?.json.error).toContain('Incoming payment not found');
		expect(item?.json.details).toMatchObject({ status: 404 });
	});

	it('are rejected for an operation that n8n adds', async () => {
		await expect(
			current.run({ parameters: { resource: 'paymentRequest', operation: '__CUSTOM_API_CALL__' } }),
		).rejects.toThrow(/has no operation '__CUSTOM_API_CALL__'/);
	});

	it('are not sent after a cancel, and the request in flight is unknown', async () => {
		current.sandbox.faults.add({ kind: 'latency', ms: 2000, path: '/api/v2/incoming_payments' });
		const cancel = new AbortController();
		const run = current.run({
			parameters: { ...askMany, options: { batching: { batch: { batchSize: 1 } } } },
			items: mixed.map((item) => ({ ...item, phone: '0712345678' })),
			signal: cancel.signal,
		});
		await waitFor('the first request', 30_000, () => posts().length > 0);
		cancel.abort();
		const items = await run;
		expect(items.map((item) => item.json.outcome)).toEqual(['unknown']);
		expect(items[0]?.json.message).toMatch(/stopped before the response arrived/);
		expect(posts()).toHaveLength(1);
	});
});

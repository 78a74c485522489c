import type { INodeParameters } from 'n8n-workflow';
import type { FaultRuleInput } from '../sandbox/faultInjection';
import { waitFor } from '../support/waitFor';
import { newExecution } from '../support/nodeContexts';
import { sandboxPerTest } from './sandboxPerTest';

const current = sandboxPerTest();

const asking: INodeParameters = {
	apiVersion: 'v2',
	resource: 'paymentRequest',
	operation: 'request',
	waitForResult: 'keepChecking',
	waitUpTo: 3,
	tillNumber: 'K000001',
	phoneNumber: '0712345678',
	amount: '={{ $json.amount }}',
	additionalFields: {},
	metadata: {},
	callbackUrl: '',
	simplify: true,
	options: {},
};
const customers = (count: number) =>
	Array.from({ length: count }, (_, index) => ({ amount: 100 + index }));
const requests = (method: string) =>
	current.sandbox.ledger.requests.filter(
		(request) => request.method === method && request.path.startsWith('/api/'),
	);
const PAYMENTS = '/api/v2/incoming_payments';

describe('Keep Checking', () => {
	it('waits for 20 results concurrently: paid at once, rejected later, or not decided', async () => {
		current.sandbox.customer.addBehaviour({ action: 'pay', times: 8 });
		// The sandbox runs in this process, so its timer of 1.5 s fires before the last poll at 3 s.
		current.sandbox.customer.addBehaviour({ action: 'refuse', times: 4, afterMs: 1500 });
		const items = customers(20);
		const outputs = await current.run({ parameters: asking, items });

		expect(outputs.map(({ pairedItem }) => pairedItem)).toEqual(items.map((_, item) => ({ item })));
		const outcomeOf: Record<string, string> = { Success: 'success', Failed: 'failure' };
		const expected = items.map(({ amount }) => {
			const asked = requests('POST').find(({ body }) =>
				JSON.stringify(body).includes(`"value":${amount}`),
			);
			const { data } = current.sandbox.status(asked?.resourceId ?? '') as {
				data: { id: string; attributes: { status: string } };
			};
			return { id: data.id, outcome: outcomeOf[data.attributes.status] ?? 'pending' };
		});
		expect(outputs.map(({ json: { id, outcome } }) => ({ id, outcome }))).toEqual(expected);
		const count = (outcome: string) => expected.filter((one) => one.outcome === outcome).length;
		expect([count('success'), count('failure'), count('pending')]).toEqual([8, 4, 8]);

		for (const { json } of outputs.filter((output) => output.json.outcome === 'pending')) {
			expect(json).toMatchObject({
				location: expect.stringContaining(String(json.id)) as unknown,
				message: expect.stringContaining('Get') as unknown,
			});
		}
		// A status that is final is not requested again.
		const statusRequests = (id: unknown) =>
			requests('GET').filter(({ path }) => path.endsWith(`/${String(id)}`)).length;
		const paid = outputs.filter(({ json }) => json.outcome === 'success');
		const open = outputs.filter(({ json }) => json.outcome === 'pending');
		for (const { json } of paid)
			expect(statusRequests(json.id)).toBeLessThan(statusRequests(open[0]?.json.id));
	});

	it.each([
		['with Simplify off', { simplify: false }, {}],
		[
			"of a tool with Output 'Raw'",
			{ output: 'raw', allowAiToMakeChanges: true },
			{ node: { type: 'n8n-nodes-kopokopo.kopoKopoTool', name: 'Link Tool' } },
		],
	])('waits for a payment link %s', async (_what, output, more) => {
		const running = current.run({
			parameters: {
				...asking,
				...output,
				resource: 'paymentLink',
				operation: 'create',
				tillNumber: '112233',
				amount: 350,
				waitUpTo: 30,
			},
			...more,
		});
		// The first status request reads the link back; the second one is the first poll.
		await waitFor('a poll after the link was read', 30_000, () => requests('GET').length >= 2);
		const id = requests('POST')[0]?.resourceId ?? '';
		current.sandbox.customer.pay(id);
		const [item] = await running;
		expect(item?.json).toEqual(current.sandbox.status(id));
		expect(item?.json).toMatchObject({
			data: { attributes: { payment_link: { status: 'Paid' } } },
		});
	});

	it('ends when the user cancels, with pending items', async () => {
		const user = new AbortController();
		const running = current.run({
			parameters: { ...asking, waitUpTo: 3600 },
			items: customers(20),
			signal: user.signal,
		});
		await waitFor('a status request for each item', 30_000, () => requests('GET').length >= 20);
		user.abort();
		const outputs = await running;
		expect(outputs.map(({ json }) => json.outcome)).toEqual(customers(20).map(() => 'pending'));
	});

	it.each<FaultRuleInput>([
		{ kind: 'serverError', status: 500 },
		{ kind: 'serverError', status: 503 },
		{ kind: 'tooManyRequests', retryAfterSeconds: 0.1 },
		{ kind: 'tooManyRequests', retryAfterSeconds: 3600 },
		{ kind: 'reset' },
		{ kind: 'halfBody' },
		{ kind: 'expiredToken' },
		{ kind: 'redirect', location: 'http://127.0.0.1:1/elsewhere' },
	])('finds the result although two status requests fail: %o', async (order) => {
		current.sandbox.faults.add({ ...order, method: 'GET', path: `${PAYMENTS}/*`, next: 2 });
		current.sandbox.customer.addBehaviour({ action: 'pay' });
		const [output] = await current.run({
			parameters: { ...asking, waitUpTo: 30 },
			items: customers(1),
		});
		expect(output?.json).toMatchObject({ outcome: 'success', amount: 100 });
		expect(requests('POST')).toHaveLength(1);
	});

	it('requests no status when the outcome is unknown or the input is invalid', async () => {
		current.sandbox.faults.add({
			kind: 'reset',
			when: 'after',
			method: 'POST',
			path: PAYMENTS,
			next: 1,
		});
		const outputs = await current.run({
			parameters: { ...asking, options: { batching: { batch: { batchSize: 1 } } } },
			items: [{ amount: 100 }, { amount: 'many' }],
			onError: 'continueRegularOutput',
		});
		expect(outputs.map(({ json }) => json)).toEqual([
			expect.objectContaining({ outcome: 'unknown' }),
			expect.objectContaining({ error: expect.any(String) as unknown }),
		]);
		expect(outputs[0]?.json).not.toHaveProperty('id');
		expect(requests('GET')).toHaveLength(0);
	});
});

describe('Pause Until Notified', () => {
	const pausing = { ...asking, waitForResult: 'pauseUntilNotified' };

	it('pauses for the time in the field', async () => {
		const execution = newExecution();
		const before = Date.now();
		const [output] = await current.run({
			parameters: { ...pausing, waitUpTo: 600 },
			items: customers(1),
			execution,
		});
		expect(output?.json).toMatchObject({ outcome: 'pending' });
		const until = Number(new Date(execution.waitTill ?? NaN));
		expect(until).toBeGreaterThanOrEqual(before + 600_000);
		expect(until).toBeLessThanOrEqual(Date.now() + 600_000);
	});

	it('is rejected for several items, and nothing is sent', async () => {
		const says = /one item at a time/;
		const items = customers(3);
		await expect(current.run({ parameters: pausing, items })).rejects.toMatchObject({
			message: expect.stringMatching(says) as unknown,
			description: expect.stringContaining('Loop Over Items') as unknown,
		});
		for (const onError of ['continueRegularOutput', 'continueErrorOutput'] as const) {
			const outputs = await current.run({ parameters: pausing, items, onError });
			expect(outputs).toEqual(
				items.map((_, item) => ({
					json: expect.objectContaining({
						error: expect.stringMatching(says) as unknown,
					}) as unknown,
					pairedItem: { item },
				})),
			);
		}
		expect(current.sandbox.ledger.requests).toEqual([]);
	});
});

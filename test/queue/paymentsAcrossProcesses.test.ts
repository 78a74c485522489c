import type { IDataObject } from 'n8n-workflow';
import { request } from 'undici';
import { type Execution, itemsOf } from '../support/executions';
import {
	createTestEnvironment,
	paymentRequests,
	type TestEnvironment,
	waitForPaymentRequests,
} from '../support/testEnvironment';
import { waitFor } from '../support/waitFor';
import { KOPO_KOPO, START, SUCCESS } from '../support/workflows';
import { note, startCluster, type Cluster } from './cluster';

let cluster: Cluster;
let testEnv: TestEnvironment;

beforeAll(async () => {
	// One execution at a time, so that of two at once each worker has one.
	cluster = await startCluster('main_job', { N8N_CONCURRENCY_PRODUCTION_LIMIT: '1' });
	testEnv = await createTestEnvironment(cluster.main.client);
}, 300_000);

beforeEach(async () => await testEnv.sandbox.reset({ keepTokens: true }));

afterAll(async () => {
	await testEnv?.close();
	await cluster?.stop();
});

const jsonOf = (execution: Execution | undefined, name: string): IDataObject[] =>
	execution === undefined ? [] : itemsOf(execution, name).map(({ json }) => json);

const subscribed = () =>
	testEnv.sandbox.ledger.requests.filter(
		({ method, path }) => method === 'POST' && path === '/api/v2/webhook_subscriptions',
	).length;

it('asks a customer, who pays, on a worker; the event comes in by the webhook processor', async () => {
	const { n8n, sandbox } = testEnv;
	const receiving = await testEnv.saveTrigger();
	expect(await n8n.activate(receiving)).toEqual({ status: 'published', errors: [] });
	const asking = await testEnv.savePaymentRequest({
		parameters: { phoneNumber: '0712 345 678', amount: '1,500', waitForResult: 'poll' },
	});

	const run = await n8n.run(asking, START);
	const [paymentId = ''] = await waitForPaymentRequests(sandbox, 1);
	sandbox.customer.pay(paymentId);
	const asked = await n8n.waitForExecution(run);
	const [received] = await n8n.waitForExecutions(receiving, 1);

	expect(jsonOf(asked, SUCCESS)).toMatchObject([
		{ id: paymentId, amount: 1500, outcome: 'success' },
	]);
	expect(jsonOf(received, SUCCESS)).toMatchObject([
		{ topic: 'buygoods_transaction_received', outcome: 'success', amount: 1500 },
	]);
	const [delivery] = sandbox.deliveries.log.filter(({ kind }) => kind === 'webhook');
	expect(new URL(delivery?.url ?? '').origin).toBe(cluster.webhook.url);
	const logs = await Promise.all(cluster.workers.map(async (worker) => await worker.log()));
	for (const { id } of [asked, received as Execution]) {
		expect(logs.filter((log) => log.includes(`Worker finished execution ${id} `))).toHaveLength(1);
	}

	// What a worker stores of an execution has left the ids of the subscriptions alone.
	await n8n.deactivate(receiving);
	await n8n.activate(receiving);
	expect(subscribed()).toBe(1);
	await n8n.deactivate(receiving);
});

describe('Pause', () => {
	/** Runs a request until its execution sleeps, in the database and in no process. */
	async function pausing() {
		const workflow = await testEnv.savePaymentRequest({ parameters: { waitForResult: 'pause' } });
		const run = await testEnv.n8n.run(workflow, START);
		expect((await testEnv.n8n.waitForExecution(run)).status).toBe('waiting');
		expect(await stored(run)).toBe('waiting');
		const [asked] = paymentRequests(testEnv.sandbox);
		const { _links: links } = asked?.body as { _links: { callback_url: string } };
		return { run, id: asked?.resourceId ?? '', callbackUrl: links.callback_url };
	}

	const stored = async (run: string) =>
		(await cluster.query(`SELECT status FROM execution_entity WHERE id = ${run}`)).join();

	async function woken(run: string): Promise<Execution> {
		await waitFor(`execution ${run} to end`, 30_000, async () =>
			['waiting', 'running', 'new'].includes(await stored(run)) ? undefined : true,
		);
		return await testEnv.n8n.readExecution(run);
	}

	/** The callback that Kopo Kopo would send now, kept back. */
	function keptBack() {
		const { body, headers } =
			testEnv.sandbox.deliveries.log.find(({ kind }) => kind === 'result') ?? {};
		return { body: body ?? '', headers: headers ?? {} };
	}

	async function post(url: string, letter: { body: string; headers: Record<string, string> }) {
		const { statusCode, body } = await request(url, { method: 'POST', ...letter });
		await body.dump();
		return statusCode;
	}

	it.each([
		{ what: 'pays', act: 'pay', outcome: 'success' },
		{ what: 'refuses', act: 'refuse', outcome: 'failure' },
	] as const)('sleeps until the customer $what', async ({ act, outcome }) => {
		const { run, id, callbackUrl } = await pausing();
		expect(new URL(callbackUrl).origin).toBe(cluster.webhook.url);
		testEnv.sandbox.customer[act](id);
		const execution = await woken(run);
		expect(execution.status).toBe('success');
		expect(jsonOf(execution, SUCCESS)).toMatchObject([{ id, outcome, isFinal: true }]);
	});

	it.each(['webhook', 'main'] as const)(
		'is not woken by a forged callback to the %s process, and is by the true one there',
		async (part) => {
			testEnv.sandbox.deliveries.hold();
			const { run, id, callbackUrl } = await pausing();
			const { pathname, search } = new URL(callbackUrl);
			const there = `${cluster[part].url}${pathname}${search}`;
			testEnv.sandbox.customer.pay(id);
			const letter = keptBack();
			const forged = { ...letter.headers, 'X-KopoKopo-Signature': 'f'.repeat(64) };
			expect(await post(there, { ...letter, headers: forged })).toBe(401);
			expect(await stored(run)).toBe('waiting');

			expect(await post(there, letter)).toBe(200);
			expect(jsonOf(await woken(run), SUCCESS)).toMatchObject([{ id, outcome: 'success' }]);
			// And never again.
			expect(await post(there, letter)).toBe(409);
			await testEnv.sandbox.deliveries.clear();
		},
	);
});

it('renews an expired token under two workers without losing a payment or asking twice', async () => {
	const COUNT = 50;
	const { n8n, sandbox } = testEnv;
	sandbox.weather.add({ kind: 'latency', ms: 50, path: '/api/v2/incoming_payments' });
	const saved = await Promise.all(
		[0, 1].map(
			async (which) =>
				await testEnv.savePaymentRequest({
					items: Array.from({ length: COUNT }, (_, index) => ({
						amount: 100 + which * COUNT + index,
					})),
					parameters: { amount: '={{ $json.amount }}' },
				}),
		),
	);
	const runs = await Promise.all(saved.map(async (id) => await n8n.run(id, START)));
	await waitForPaymentRequests(sandbox, 20);
	const before = sandbox.ledger.tokens.length;
	sandbox.tokens.end(undefined, 'expired');
	const executions = await Promise.all(runs.map(async (run) => await n8n.waitForExecution(run)));

	expect(executions.map(({ status }) => status)).toEqual(['success', 'success']);
	const carriedOut = paymentRequests(sandbox).filter(({ worked }) => worked);
	expect(carriedOut.map(({ resourceId }) => resourceId).sort()).toEqual(
		executions.flatMap((execution) => jsonOf(execution, KOPO_KOPO).map(({ id }) => id)).sort(),
	);
	const amounts = carriedOut.map(({ body }) => (body as { amount: { value: unknown } }).amount);
	expect(new Set(amounts.map(({ value }) => Number(value))).size).toBe(2 * COUNT);
	expect(carriedOut).toHaveLength(2 * COUNT);
	// Each process exchanges once at most; the second may find the first one's token in the database.
	const exchanges = sandbox.ledger.tokens.length - before;
	await note('token exchanges by two workers', exchanges);
	expect(exchanges).toBeGreaterThan(0);
	expect(exchanges).toBeLessThanOrEqual(2);
});

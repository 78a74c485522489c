import { request } from 'undici';
import { type Execution, jsonOf } from '../support/executions';
import {
	acceptedPaymentRequests,
	createTestEnvironment,
	paymentRequests,
	type TestEnvironment,
	waitForPaymentRequests,
} from '../support/testEnvironment';
import { waitFor } from '../support/waitFor';
import { KOPO_KOPO, PUBLISHED, START, SUCCESS } from '../support/workflows';
import { record, startCluster, type Cluster } from './cluster';

let cluster: Cluster;
let testEnv: TestEnvironment;

beforeAll(async () => {
	// With one execution at a time per worker, two simultaneous ones run on different workers.
	cluster = await startCluster('main_job', { N8N_CONCURRENCY_PRODUCTION_LIMIT: '1' });
	testEnv = await createTestEnvironment(cluster.main.client);
}, 300_000);

beforeEach(async () => await testEnv.sandbox.reset({ keepTokens: true }));

afterAll(async () => {
	await testEnv?.close();
	await cluster?.stop();
});

const countSubscriptions = () =>
	testEnv.sandbox.ledger.requests.filter(
		({ method, path }) => method === 'POST' && path === '/api/v2/webhook_subscriptions',
	).length;

it('requests a payment on a worker and receives its event at the webhook processor', async () => {
	const { n8n, sandbox } = testEnv;
	const trigger = await testEnv.saveTrigger();
	expect(await n8n.activate(trigger)).toEqual(PUBLISHED);
	const request = await testEnv.savePaymentRequest({
		parameters: { phoneNumber: '0712 345 678', amount: '1,500', waitForResult: 'keepChecking' },
	});

	const run = await n8n.run(request, START);
	const [paymentId = ''] = await waitForPaymentRequests(sandbox, 1);
	sandbox.customer.pay(paymentId);
	const requested = await n8n.waitForExecution(run);
	const [received] = await n8n.waitForExecutions(trigger, 1);

	expect(jsonOf(requested, SUCCESS)).toMatchObject([
		{ id: paymentId, amount: 1500, outcome: 'success' },
	]);
	expect(jsonOf(received as Execution, SUCCESS)).toMatchObject([
		{ topic: 'buygoods_transaction_received', outcome: 'success', amount: 1500 },
	]);
	const [delivery] = sandbox.deliveries.log.filter(({ kind }) => kind === 'webhook');
	expect(new URL(delivery?.url ?? '').origin).toBe(cluster.webhook.url);
	const logs = await Promise.all(cluster.workers.map(async (worker) => await worker.log()));
	for (const { id } of [requested, received as Execution]) {
		expect(logs.filter((log) => log.includes(`Worker finished execution ${id} `))).toHaveLength(1);
	}

	// Workers have not overwritten the stored IDs of the subscriptions.
	await n8n.deactivate(trigger);
	await n8n.activate(trigger);
	expect(countSubscriptions()).toBe(1);
	await n8n.deactivate(trigger);
});

describe('Pause', () => {
	/** Runs a request until its execution is paused. */
	async function requestAndPause() {
		const workflow = await testEnv.savePaymentRequest({
			parameters: { waitForResult: 'pauseUntilNotified' },
		});
		const run = await testEnv.n8n.run(workflow, START);
		expect((await testEnv.n8n.waitForExecution(run)).status).toBe('waiting');
		expect(await storedStatus(run)).toBe('waiting');
		const [request] = paymentRequests(testEnv.sandbox);
		const { _links: links } = request?.body as { _links: { callback_url: string } };
		return { run, id: request?.resourceId ?? '', callbackUrl: links.callback_url };
	}

	const storedStatus = async (run: string) =>
		(await cluster.query(`SELECT status FROM execution_entity WHERE id = ${run}`)).join();

	async function waitForEnd(run: string): Promise<Execution> {
		await waitFor(`execution ${run} to end`, 180_000, async () =>
			['waiting', 'running', 'new'].includes(await storedStatus(run)) ? undefined : true,
		);
		return await testEnv.n8n.readExecution(run);
	}

	/** The result callback that the sandbox holds back. */
	function heldCallback() {
		const { body, headers } =
			testEnv.sandbox.deliveries.log.find(({ kind }) => kind === 'result') ?? {};
		return { body: body ?? '', headers: headers ?? {} };
	}

	async function post(url: string, callback: { body: string; headers: Record<string, string> }) {
		const { statusCode, body } = await request(url, { method: 'POST', ...callback });
		await body.dump();
		return statusCode;
	}

	it.each([
		{ what: 'pays', act: 'pay', outcome: 'success' },
		{ what: 'declines', act: 'refuse', outcome: 'failure' },
	] as const)('resumes when the customer $what', async ({ act, outcome }) => {
		const { run, id, callbackUrl } = await requestAndPause();
		expect(new URL(callbackUrl).origin).toBe(cluster.webhook.url);
		testEnv.sandbox.customer[act](id);
		const execution = await waitForEnd(run);
		expect(execution.status).toBe('success');
		expect(jsonOf(execution, SUCCESS)).toMatchObject([{ id, outcome }]);
	});

	it.each(['webhook', 'main'] as const)(
		'is not resumed by a forged callback to the %s process, but by a genuine one, once',
		async (part) => {
			testEnv.sandbox.deliveries.hold();
			const { run, id, callbackUrl } = await requestAndPause();
			const { pathname, search } = new URL(callbackUrl);
			const there = `${cluster[part].url}${pathname}${search}`;
			testEnv.sandbox.customer.pay(id);
			const callback = heldCallback();
			const forged = { ...callback.headers, 'X-KopoKopo-Signature': 'f'.repeat(64) };
			expect(await post(there, { ...callback, headers: forged })).toBe(401);
			expect(await storedStatus(run)).toBe('waiting');

			expect(await post(there, callback)).toBe(200);
			expect(jsonOf(await waitForEnd(run), SUCCESS)).toMatchObject([{ id, outcome: 'success' }]);
			expect(await post(there, callback)).toBe(409);
			await testEnv.sandbox.deliveries.clear();
		},
	);
});

it('renews an expired token in two workers, and requests each payment once', async () => {
	const COUNT = 50;
	const { n8n, sandbox } = testEnv;
	sandbox.faults.add({ kind: 'latency', ms: 50, path: '/api/v2/incoming_payments' });
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
	sandbox.tokens.invalidate(undefined, 'expired');
	const executions = await Promise.all(runs.map(async (run) => await n8n.waitForExecution(run)));

	expect(executions.map(({ status }) => status)).toEqual(['success', 'success']);
	const accepted = acceptedPaymentRequests(sandbox);
	expect(accepted.map(({ resourceId }) => resourceId).sort()).toEqual(
		executions.flatMap((execution) => jsonOf(execution, KOPO_KOPO).map(({ id }) => id)).sort(),
	);
	const amounts = accepted.map(({ body }) => (body as { amount: { value: unknown } }).amount);
	expect(new Set(amounts.map(({ value }) => Number(value))).size).toBe(2 * COUNT);
	expect(accepted).toHaveLength(2 * COUNT);
	// Each worker renews it at most once; the second one may find the new token in the database.
	const exchanges = sandbox.ledger.tokens.length - before;
	await record('token renewals by two workers', exchanges);
	expect(exchanges).toBeGreaterThan(0);
	expect(exchanges).toBeLessThanOrEqual(2);
});

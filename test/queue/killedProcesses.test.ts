import { deliver, saveReceiver } from '../load/deliveries';
import { payees, SEND_MONEY_PATH } from '../load/payouts';
import { itemsOf } from '../support/executions';
import type { N8n } from '../support/n8nProcess';
import { ONE_BY_ONE, payoutNode, requestedPayouts, savePayouts } from '../support/payoutWorkflow';
import {
	createTestEnvironment,
	type TestEnvironment,
	waitForPaymentRequests,
} from '../support/testEnvironment';
import { waitFor } from '../support/waitFor';
import { KOPO_KOPO, START, SUCCESS } from '../support/workflows';
import { countPassed, deliverUntilAccepted, record, startCluster, type Cluster } from './cluster';

/** After how many ms n8n considers the job of an unresponsive worker stalled; a minute by default. */
const LOCK_MS = 5000;
/** On a busy machine, everything takes several times longer. */
const TIMEOUT_MS = 400_000;

let cluster: Cluster;
let testEnv: TestEnvironment;

beforeAll(async () => {
	cluster = await startCluster('restarts', {
		QUEUE_WORKER_LOCK_DURATION: String(LOCK_MS),
		QUEUE_WORKER_LOCK_RENEW_TIME: '1000',
		QUEUE_WORKER_STALLED_INTERVAL: '2000',
	});
	testEnv = await createTestEnvironment(cluster.main.client);
}, 1_200_000);

beforeEach(async () => await testEnv.sandbox.reset({ keepTokens: true }));

afterAll(async () => {
	await testEnv?.close();
	await cluster?.stop();
});

const statusOf = async (run: string) =>
	(await cluster.query(`SELECT status FROM execution_entity WHERE id = ${run}`)).join();

async function waitForEnd(run: string): Promise<string> {
	return await waitFor(`execution ${run} to end`, TIMEOUT_MS, async () => {
		const status = await statusOf(run);
		return ['new', 'running'].includes(status) ? undefined : status;
	});
}

/** The number of a workflow's executions in each status. */
async function statuses(workflowId: string): Promise<Record<string, number>> {
	const rows = await cluster.query(
		`SELECT status, count(*) FROM execution_entity WHERE "workflowId" = '${workflowId}' GROUP BY status`,
	);
	return Object.fromEntries(
		rows.map((row) => row.split('|')).map(([status = '', count]) => [status, Number(count)]),
	);
}

/** The worker that took an execution from the queue. */
async function workerOf(run: string): Promise<N8n> {
	return await waitFor(`a worker to start execution ${run}`, TIMEOUT_MS, async () => {
		for (const worker of cluster.workers) {
			if ((await worker.log()).includes(`Worker started execution ${run} `)) return worker;
		}
		return undefined;
	});
}

describe('after a worker was killed during a payout', () => {
	const PEOPLE = 20;
	const PAYOUTS_BEFORE_KILL = 5;

	async function killDuringPayout(options = {}) {
		testEnv.sandbox.faults.add({ kind: 'latency', ms: 300, path: SEND_MONEY_PATH });
		const people = payees(PEOPLE).map((payee) => ({ ...payee, key: `restart-${payee.phone}` }));
		const payout = payoutNode(testEnv.credential, { ...ONE_BY_ONE, ...options });
		const run = await testEnv.n8n.run(await savePayouts(testEnv.n8n, people, payout), START);
		const worker = await workerOf(run);
		await waitFor(
			'some payouts',
			TIMEOUT_MS,
			() => requestedPayouts(testEnv.sandbox).length >= PAYOUTS_BEFORE_KILL,
		);
		await worker.kill();
		const killedAt = Date.now();
		return { run, worker, killedAt, people };
	}

	it('the execution ends, and neither another worker nor Retry pays anybody twice', async () => {
		const { run, worker, killedAt, people } = await killDuringPayout();
		const status = await waitForEnd(run);
		await record('killed worker: status of its execution', status);
		await record(
			'killed worker: seconds until n8n reports it',
			((Date.now() - killedAt) / 1000).toFixed(1),
		);
		// Only a job in the queue can make a worker run the execution again.
		await waitFor(
			'the queue to be empty',
			TIMEOUT_MS,
			async () => (await cluster.queuedJobs()) === 0,
		);
		const payouts = requestedPayouts(testEnv.sandbox);
		await record(`killed worker: payouts of ${PEOPLE}`, payouts.length);
		expect(new Set(payouts).size).toBe(payouts.length);
		expect(payouts.length).toBeLessThan(PEOPLE);
		if (testEnv.n8n.isVersion1) {
			// n8n 1 runs the execution again by itself. The node sends nothing in that run.
			expect(status).toBe('success');
			const output = itemsOf(await testEnv.n8n.readExecution(run), KOPO_KOPO);
			expect(output.map(({ json }) => json.outcome)).toEqual(people.map(() => 'unknown'));
			await worker.start();
			return;
		}
		expect(['error', 'crashed']).toContain(status);

		const retried = await testEnv.n8n.retry(run).then(
			async (id) => await waitForEnd(id),
			(error: Error) => error.message,
		);
		await record('killed worker: Retry of that execution', retried);
		await record(`killed worker: payouts after Retry`, requestedPayouts(testEnv.sandbox).length);
		await worker.start();
		const after = requestedPayouts(testEnv.sandbox);
		expect(new Set(after).size).toBe(after.length);
	});
});

it('after a webhook processor was killed, each delivery is executed once, if need be after a retry', async () => {
	const { workflowId, url } = await saveReceiver(cluster.main.client, testEnv.credential);
	const webhookUrl = `${cluster.webhook.url}${new URL(url).pathname}`;
	const events = Array.from({ length: 400 }, (_, index) => `delivery-${index}`);
	const acknowledged = new Set<string>();
	let sent = 0;
	const sending = (async () => {
		for (const event of events) {
			sent++;
			const answer = await deliver(webhookUrl, [event], testEnv.sandbox).catch(() => undefined);
			if (answer?.statuses.get(200) === 1) acknowledged.add(event);
		}
	})();
	await waitFor('some deliveries', TIMEOUT_MS, () => sent > 100);
	await cluster.webhook.kill();
	await cluster.webhook.start();
	await sending;
	const missing = events.filter((event) => !acknowledged.has(event));
	await record('killed webhook processor: deliveries rejected meanwhile', missing.length);
	const started = await deliverUntilAccepted(webhookUrl, events, testEnv.sandbox);
	const again = [...started].filter((event) => acknowledged.has(event));
	await record('killed webhook processor: acknowledged and started again', again.length);
	const ended = await waitFor('all executions', TIMEOUT_MS, async () => {
		const { new: waiting = 0, running = 0, ...rest } = await statuses(workflowId);
		return waiting + running === 0 ? rest : undefined;
	});
	const passed = await countPassed(cluster, workflowId);
	await record(`killed webhook processor: reached the next node, of ${events.length}`, passed);
	expect(ended).toEqual({ success: expect.any(Number) as number });
	expect(passed).toBe(events.length);
}, 1_200_000);

it('while main is down, deliveries are executed and a paused payment resumes', async () => {
	const { n8n, sandbox } = testEnv;
	const { workflowId, url } = await saveReceiver(n8n, testEnv.credential);
	const webhookUrl = `${cluster.webhook.url}${new URL(url).pathname}`;
	const requesting = await testEnv.savePaymentRequest({
		parameters: { waitForResult: 'pauseUntilNotified' },
	});
	const run = await n8n.run(requesting, START);
	const [id = ''] = await waitForPaymentRequests(sandbox, 1);
	expect((await n8n.waitForExecution(run)).status).toBe('waiting');

	await cluster.main.kill();
	const events = Array.from({ length: 100 }, (_, index) => `without-main-${index}`);
	const { started } = await deliver(webhookUrl, events, sandbox);
	expect(started.size).toBe(events.length);
	sandbox.customer.pay(id);
	await waitFor(
		'the payment to resume',
		TIMEOUT_MS,
		async () => (await statusOf(run)) === 'success',
	);
	await waitFor(
		'all executions',
		TIMEOUT_MS,
		async () => (await statuses(workflowId)).success === events.length,
	);
	await cluster.main.start();
	expect(itemsOf(await n8n.readExecution(run), SUCCESS)).toMatchObject([
		{ json: { id, outcome: 'success' } },
	]);
	expect(await statuses(workflowId)).toEqual({ success: events.length });
}, 1_200_000);

it('after a worker was killed during deliveries, at most its running executions fail, visibly', async () => {
	const { n8n, sandbox } = testEnv;
	const { workflowId, url } = await saveReceiver(n8n, testEnv.credential);
	const webhookUrl = `${cluster.webhook.url}${new URL(url).pathname}`;
	const events = Array.from({ length: 400 }, (_, index) => `worker-${index}`);
	const delivering = deliver(webhookUrl, events, sandbox);
	await waitFor(
		'some executions',
		TIMEOUT_MS,
		async () => ((await statuses(workflowId)).success ?? 0) > 50,
	);
	await cluster.workers[0].kill();
	const { started } = await delivering;
	expect(started.size).toBe(events.length);
	const ended = await waitFor('all executions', TIMEOUT_MS, async () => {
		const { new: waiting = 0, running = 0, ...rest } = await statuses(workflowId);
		return waiting + running === 0 ? rest : undefined;
	});
	await record(
		`killed worker under ${events.length} deliveries: executions`,
		JSON.stringify(ended),
	);
	await cluster.workers[0].start();
	expect(Object.values(ended).reduce((sum, count) => sum + count, 0)).toBe(events.length);
	// A worker runs at most ten executions at a time.
	expect(events.length - (ended.success ?? 0)).toBeLessThanOrEqual(10);
}, 1_200_000);

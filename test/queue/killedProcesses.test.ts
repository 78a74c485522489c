import { deliver, saveReceiver } from '../soak/deliveries';
import { payees, SEND_MONEY } from '../soak/payouts';
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
import { goneOn, note, startCluster, type Cluster } from './cluster';

/** How long n8n takes a silent worker's job for alive, in ms; a minute when it is not told. */
const LOCK_MS = 5000;
const STALLED_AFTER_MS = 30_000;

let cluster: Cluster;
let testEnv: TestEnvironment;

beforeAll(async () => {
	cluster = await startCluster('restarts', {
		QUEUE_WORKER_LOCK_DURATION: String(LOCK_MS),
		QUEUE_WORKER_LOCK_RENEW_TIME: '1000',
		QUEUE_WORKER_STALLED_INTERVAL: '2000',
	});
	testEnv = await createTestEnvironment(cluster.main.client);
}, 300_000);

beforeEach(async () => await testEnv.sandbox.reset({ keepTokens: true }));

afterAll(async () => {
	await testEnv?.close();
	await cluster?.stop();
});

const statusOf = async (run: string) =>
	(await cluster.query(`SELECT status FROM execution_entity WHERE id = ${run}`)).join();

async function over(run: string, withinMs = 60_000): Promise<string> {
	return await waitFor(`execution ${run} to be over`, withinMs, async () => {
		const status = await statusOf(run);
		return ['new', 'running'].includes(status) ? undefined : status;
	});
}

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
	return await waitFor(`a worker to begin execution ${run}`, 30_000, async () => {
		for (const worker of cluster.workers) {
			if ((await worker.log()).includes(`Worker started execution ${run} `)) return worker;
		}
		return undefined;
	});
}

const pass = async (ms: number) => {
	const end = Date.now() + ms;
	await waitFor(`${ms} ms to pass`, 2 * ms, () => Date.now() >= end);
};

describe('a worker that is killed in the middle of a payout', () => {
	const PEOPLE = 20;
	const BEFORE_THE_KILL = 5;

	async function killedInTheMiddle(options = {}) {
		testEnv.sandbox.weather.add({ kind: 'latency', ms: 300, path: SEND_MONEY });
		const people = payees(PEOPLE).map((payee) => ({ ...payee, key: `restart-${payee.phone}` }));
		const underTest = payoutNode(testEnv.credential, { ...ONE_BY_ONE, ...options });
		const run = await testEnv.n8n.run(await savePayouts(testEnv.n8n, people, underTest), START);
		const worker = await workerOf(run);
		await waitFor(
			'some payouts',
			30_000,
			() => requestedPayouts(testEnv.sandbox).length >= BEFORE_THE_KILL,
		);
		await worker.kill();
		const began = Date.now();
		return { run, worker, began, people };
	}

	it('loses the rest of the execution, and no other worker pays anybody a second time', async () => {
		const { run, worker, began, people } = await killedInTheMiddle();
		const status = await over(run, STALLED_AFTER_MS);
		await note('killed worker: status of its execution', status);
		await note(
			'killed worker: seconds until n8n says so',
			((Date.now() - began) / 1000).toFixed(1),
		);
		// Whoever ran it again would have begun by now.
		await pass(3 * LOCK_MS);
		const payouts = requestedPayouts(testEnv.sandbox);
		await note(`killed worker: payouts of ${PEOPLE}`, payouts.length);
		expect(new Set(payouts).size).toBe(payouts.length);
		expect(payouts.length).toBeLessThan(PEOPLE);
		if (testEnv.n8n.isVersion1) {
			// It begins such an execution again, by itself; the node sends nothing in it.
			expect(status).toBe('success');
			const given = itemsOf(await testEnv.n8n.readExecution(run), KOPO_KOPO);
			expect(given.map(({ json }) => json.outcome)).toEqual(people.map(() => 'unknown'));
			await worker.start();
			return;
		}
		expect(['error', 'crashed']).toContain(status);

		const retried = await testEnv.n8n.retry(run).then(
			async (id) => await over(id),
			(error: Error) => error.message,
		);
		await note('killed worker: Retry of that execution', retried);
		await note(`killed worker: payouts after Retry`, requestedPayouts(testEnv.sandbox).length);
		await worker.start();
		const after = requestedPayouts(testEnv.sandbox);
		expect(new Set(after).size).toBe(after.length);
	});
});

it('a webhook processor that is killed: every acknowledged delivery is executed once', async () => {
	const { workflowId, url } = await saveReceiver(cluster.main.client, testEnv.credential);
	const door = `${cluster.webhook.url}${new URL(url).pathname}`;
	const events = Array.from({ length: 400 }, (_, index) => `door-${index}`);
	const acknowledged = new Set<string>();
	let begun = 0;
	const sending = (async () => {
		for (const event of events) {
			begun++;
			const answer = await deliver(door, [event], testEnv.sandbox).catch(() => undefined);
			if (answer?.statuses.get(200) === 1) acknowledged.add(event);
		}
	})();
	await waitFor('some deliveries', 60_000, () => begun > 100);
	await cluster.webhook.kill();
	await cluster.webhook.start();
	await sending;
	const missing = events.filter((event) => !acknowledged.has(event));
	await note('killed webhook processor: deliveries refused meanwhile', missing.length);
	const { started } = await deliver(door, events, testEnv.sandbox);
	const again = [...started.keys()].filter((event) => acknowledged.has(event));
	await note('killed webhook processor: acknowledged and begun again', again.length);
	const ended = await waitFor('all executions', 60_000, async () => {
		const { new: waiting = 0, running = 0, ...rest } = await statuses(workflowId);
		return waiting + running === 0 ? rest : undefined;
	});
	const wentOn = await goneOn(cluster, workflowId);
	await note(`killed webhook processor: gone on of ${events.length}`, wentOn);
	expect(ended).toEqual({ success: expect.any(Number) as number });
	expect(wentOn).toBe(events.length);
}, 300_000);

it('main that is killed: deliveries and sleeping payments go on without it', async () => {
	const { n8n, sandbox } = testEnv;
	const { workflowId, url } = await saveReceiver(n8n, testEnv.credential);
	const door = `${cluster.webhook.url}${new URL(url).pathname}`;
	const sleeping = await testEnv.savePaymentRequest({ parameters: { waitForResult: 'pause' } });
	const run = await n8n.run(sleeping, START);
	const [id = ''] = await waitForPaymentRequests(sandbox, 1);
	expect((await n8n.waitForExecution(run)).status).toBe('waiting');

	await cluster.main.kill();
	const events = Array.from({ length: 100 }, (_, index) => `headless-${index}`);
	const { started } = await deliver(door, events, sandbox);
	expect(started.size).toBe(events.length);
	sandbox.customer.pay(id);
	await waitFor('the payment to wake', 30_000, async () => (await statusOf(run)) === 'success');
	await waitFor(
		'all executions',
		60_000,
		async () => (await statuses(workflowId)).success === events.length,
	);
	await cluster.main.start();
	expect(itemsOf(await n8n.readExecution(run), SUCCESS)).toMatchObject([
		{ json: { id, outcome: 'success' } },
	]);
	expect(await statuses(workflowId)).toEqual({ success: events.length });
}, 300_000);

it('a worker that is killed under deliveries: what it had begun is lost in the open', async () => {
	const { n8n, sandbox } = testEnv;
	const { workflowId, url } = await saveReceiver(n8n, testEnv.credential);
	const door = `${cluster.webhook.url}${new URL(url).pathname}`;
	const events = Array.from({ length: 400 }, (_, index) => `worker-${index}`);
	const delivering = deliver(door, events, sandbox);
	await waitFor(
		'some executions',
		60_000,
		async () => ((await statuses(workflowId)).success ?? 0) > 50,
	);
	await cluster.workers[0].kill();
	const { started } = await delivering;
	expect(started.size).toBe(events.length);
	const ended = await waitFor('all executions', 60_000, async () => {
		const { new: waiting = 0, running = 0, ...rest } = await statuses(workflowId);
		return waiting + running === 0 ? rest : undefined;
	});
	await note(`killed worker under ${events.length} deliveries: executions`, JSON.stringify(ended));
	await cluster.workers[0].start();
	expect(Object.values(ended).reduce((sum, count) => sum + count, 0)).toBe(events.length);
	// At most the ten that it worked on.
	expect(events.length - (ended.success ?? 0)).toBeLessThanOrEqual(10);
}, 300_000);

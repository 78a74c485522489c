import { requestedPayments, setStage, START, SUCCESS, type Stage } from '../e2e/stage';
import { asked, ONE_BY_ONE, paying, PAYING, savePaying } from '../e2e/payingStage';
import { deliver, saveReceiver } from '../soak/deliveries';
import { payees, SEND_MONEY } from '../soak/payouts';
import { eventually, itemsOf } from '../support/n8nClient';
import type { N8n } from '../support/n8nProcess';
import { goneOn, note, startCluster, type Cluster } from './cluster';

/** How long n8n takes a silent worker's job for alive, in ms; a minute when it is not told. */
const LOCK_MS = 5000;
const STALLED_AFTER_MS = 30_000;

let cluster: Cluster;
let stage: Stage;

beforeAll(async () => {
	cluster = await startCluster('restarts', {
		QUEUE_WORKER_LOCK_DURATION: String(LOCK_MS),
		QUEUE_WORKER_LOCK_RENEW_TIME: '1000',
		QUEUE_WORKER_STALLED_INTERVAL: '2000',
	});
	stage = await setStage(cluster.main.client);
}, 300_000);

beforeEach(async () => await stage.sandbox.reset({ keepTokens: true }));

afterAll(async () => {
	await stage?.close();
	await cluster?.stop();
});

const statusOf = async (run: string) =>
	(await cluster.query(`SELECT status FROM execution_entity WHERE id = ${run}`)).join();

async function over(run: string, withinMs = 60_000): Promise<string> {
	return await eventually(`execution ${run} to be over`, withinMs, async () => {
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
	return await eventually(`a worker to begin execution ${run}`, 30_000, async () => {
		for (const worker of cluster.workers) {
			if ((await worker.log()).includes(`Worker started execution ${run} `)) return worker;
		}
		return undefined;
	});
}

const pass = async (ms: number) => {
	const end = Date.now() + ms;
	await eventually(
		`${ms} ms to pass`,
		2 * ms,
		async () => await Promise.resolve(Date.now() >= end || undefined),
	);
};

describe('a worker that is killed in the middle of a payout', () => {
	const PEOPLE = 20;
	const BEFORE_THE_KILL = 5;

	async function killedInTheMiddle(options = {}) {
		stage.sandbox.weather.add({ kind: 'latency', ms: 300, path: SEND_MONEY });
		const people = payees(PEOPLE).map((payee) => ({ ...payee, key: `restart-${payee.phone}` }));
		const underTest = paying(stage.credential, { ...ONE_BY_ONE, ...options });
		const run = await stage.n8n.run(await savePaying(stage.n8n, people, underTest), START);
		const worker = await workerOf(run);
		await eventually(
			'some payouts',
			30_000,
			async () =>
				await Promise.resolve(asked(stage.sandbox).length >= BEFORE_THE_KILL || undefined),
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
		const payouts = asked(stage.sandbox);
		await note(`killed worker: payouts of ${PEOPLE}`, payouts.length);
		expect(new Set(payouts).size).toBe(payouts.length);
		expect(payouts.length).toBeLessThan(PEOPLE);
		if (stage.n8n.isVersion1) {
			// It begins such an execution again, by itself; the node sends nothing in it.
			expect(status).toBe('success');
			const given = itemsOf(await stage.n8n.readExecution(run), PAYING);
			expect(given.map(({ json }) => json.outcome)).toEqual(people.map(() => 'unknown'));
			await worker.start();
			return;
		}
		expect(['error', 'crashed']).toContain(status);

		const retried = await stage.n8n.retry(run).then(
			async (id) => await over(id),
			(error: Error) => error.message,
		);
		await note('killed worker: Retry of that execution', retried);
		await note(`killed worker: payouts after Retry`, asked(stage.sandbox).length);
		await worker.start();
		const after = asked(stage.sandbox);
		expect(new Set(after).size).toBe(after.length);
	});
});

it('a webhook processor that is killed: every acknowledged delivery is executed once', async () => {
	const { workflowId, url } = await saveReceiver(cluster.main.client, stage.credential);
	const door = `${cluster.webhook.url}${new URL(url).pathname}`;
	const events = Array.from({ length: 400 }, (_, index) => `door-${index}`);
	const acknowledged = new Set<string>();
	let begun = 0;
	const sending = (async () => {
		for (const event of events) {
			begun++;
			const answer = await deliver(door, [event], stage.sandbox).catch(() => undefined);
			if (answer?.statuses.get(200) === 1) acknowledged.add(event);
		}
	})();
	await eventually(
		'some deliveries',
		60_000,
		async () => await Promise.resolve(begun > 100 || undefined),
	);
	await cluster.webhook.kill();
	await cluster.webhook.start();
	await sending;
	const missing = events.filter((event) => !acknowledged.has(event));
	await note('killed webhook processor: deliveries refused meanwhile', missing.length);
	const { started } = await deliver(door, events, stage.sandbox);
	const again = [...started.keys()].filter((event) => acknowledged.has(event));
	await note('killed webhook processor: acknowledged and begun again', again.length);
	const ended = await eventually('all executions', 60_000, async () => {
		const { new: waiting = 0, running = 0, ...rest } = await statuses(workflowId);
		return waiting + running === 0 ? rest : undefined;
	});
	const wentOn = await goneOn(cluster, workflowId);
	await note(`killed webhook processor: gone on of ${events.length}`, wentOn);
	expect(ended).toEqual({ success: expect.any(Number) as number });
	expect(wentOn).toBe(events.length);
}, 300_000);

it('main that is killed: deliveries and sleeping payments go on without it', async () => {
	const { n8n, sandbox } = stage;
	const { workflowId, url } = await saveReceiver(n8n, stage.credential);
	const door = `${cluster.webhook.url}${new URL(url).pathname}`;
	const sleeping = await stage.saveAsking({ parameters: { waitForResult: 'pause' } });
	const run = await n8n.run(sleeping, START);
	const [id = ''] = await requestedPayments(sandbox, 1);
	expect((await n8n.waitForExecution(run)).status).toBe('waiting');

	await cluster.main.kill();
	const events = Array.from({ length: 100 }, (_, index) => `headless-${index}`);
	const { started } = await deliver(door, events, sandbox);
	expect(started.size).toBe(events.length);
	sandbox.customer.pay(id);
	await eventually('the payment to wake', 30_000, async () =>
		(await statusOf(run)) === 'success' ? true : undefined,
	);
	await eventually('all executions', 60_000, async () =>
		(await statuses(workflowId)).success === events.length ? true : undefined,
	);
	await cluster.main.start();
	expect(itemsOf(await n8n.readExecution(run), SUCCESS)).toMatchObject([
		{ json: { id, outcome: 'success' } },
	]);
	expect(await statuses(workflowId)).toEqual({ success: events.length });
}, 300_000);

it('a worker that is killed under deliveries: what it had begun is lost in the open', async () => {
	const { n8n, sandbox } = stage;
	const { workflowId, url } = await saveReceiver(n8n, stage.credential);
	const door = `${cluster.webhook.url}${new URL(url).pathname}`;
	const events = Array.from({ length: 400 }, (_, index) => `worker-${index}`);
	const delivering = deliver(door, events, sandbox);
	await eventually('some executions', 60_000, async () =>
		((await statuses(workflowId)).success ?? 0) > 50 ? true : undefined,
	);
	await cluster.workers[0].kill();
	const { started } = await delivering;
	expect(started.size).toBe(events.length);
	const ended = await eventually('all executions', 60_000, async () => {
		const { new: waiting = 0, running = 0, ...rest } = await statuses(workflowId);
		return waiting + running === 0 ? rest : undefined;
	});
	await note(`killed worker under ${events.length} deliveries: executions`, JSON.stringify(ended));
	await cluster.workers[0].start();
	expect(Object.values(ended).reduce((sum, count) => sum + count, 0)).toBe(events.length);
	// At most the ten that it worked on.
	expect(events.length - (ended.success ?? 0)).toBeLessThanOrEqual(10);
}, 300_000);

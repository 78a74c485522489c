import {
	deliver,
	saveReceiver,
	countSucceeded,
	withDuplicates,
	type Receiver,
} from '../load/deliveries';
import { createTestEnvironment, type TestEnvironment } from '../support/testEnvironment';
import { countPassed, deliverUntilAccepted, record, startCluster, type Cluster } from './cluster';

const DELIVERIES = 300;
const COPIES = 100;

let cluster: Cluster;
let testEnv: TestEnvironment;

beforeAll(async () => {
	cluster = await startCluster('duplicates');
	testEnv = await createTestEnvironment(cluster.main.client);
}, 300_000);

afterAll(async () => {
	await testEnv?.close();
	await cluster?.stop();
});

const names = (prefix: string, count: number) =>
	Array.from({ length: count }, (_, index) => `${prefix}-${index}`);
const sum = (started: Map<string, number>) =>
	[...started.values()].reduce((total, count) => total + count, 0);

/** The URLs of a trigger at the two processes that receive deliveries. */
const urlsOf = ({ url }: Receiver) => {
	const { pathname } = new URL(url);
	return { webhook: `${cluster.webhook.url}${pathname}`, main: `${cluster.main.url}${pathname}` };
};

async function publishTrigger() {
	const trigger = await saveReceiver(cluster.main.client, testEnv.credential);
	return { ...trigger, urls: urlsOf(trigger) };
}

const countEnded = async (workflowId: string) =>
	await countSucceeded(cluster.main.client, workflowId);

it('passes each event on once, with one webhook processor that is killed in between', async () => {
	const { workflowId, urls } = await publishTrigger();
	const events = withDuplicates(DELIVERIES, 'sale');
	const distinct = [...new Set(events)];
	const first = await deliver(urls.webhook, events, testEnv.sandbox);
	expect(first.statuses).toEqual(new Map([[200, events.length]]));
	expect(first.started).toEqual(new Map(distinct.map((event) => [event, 1])));
	expect(await countEnded(workflowId)).toBe(distinct.length);
	await record(
		'deliveries a second, one webhook processor',
		(events.length / first.seconds).toFixed(1),
	);

	await cluster.webhook.kill();
	await cluster.webhook.start();
	const again = await deliverUntilAccepted(urls.webhook, distinct, testEnv.sandbox);
	const other = await deliver(urls.main, distinct, testEnv.sandbox);
	await countEnded(workflowId);
	const passed = await countPassed(cluster, workflowId);
	const of = `of ${distinct.length}`;
	await record(`started again after a kill of the webhook processor, ${of}`, again.size);
	await record(`started again by main later, ${of}`, sum(other.started));
	await record('of these passed on', passed - distinct.length);
	expect(passed).toBe(distinct.length);
}, 300_000);

it('passes on one of two copies that reach two processes one after the other', async () => {
	const { workflowId, urls } = await publishTrigger();
	let started = 0;
	for (const event of names('later', COPIES)) {
		for (const url of [urls.webhook, urls.main]) {
			started += sum((await deliver(url, [event], testEnv.sandbox)).started);
			await countEnded(workflowId);
		}
	}
	await record(`copies to another process later, started again, of ${COPIES}`, started - COPIES);
	const passed = await countPassed(cluster, workflowId);
	await record('of these passed on', passed - COPIES);
	expect(passed).toBe(COPIES);
}, 300_000);

it('passes on one of two copies that reach two processes at the same time', async () => {
	const { urls, workflowId } = await publishTrigger();
	let started = 0;
	for (const event of names('at-once', COPIES)) {
		const both = await Promise.all(
			[urls.webhook, urls.main].map(async (url) => await deliver(url, [event], testEnv.sandbox)),
		);
		started += both.reduce((total, { started }) => total + sum(started), 0);
	}
	await countEnded(workflowId);
	await record(
		`copies to two processes at the same time, started twice, of ${COPIES}`,
		started - COPIES,
	);
	const passed = await countPassed(cluster, workflowId);
	await record('of these passed on twice', passed - COPIES);
	expect(passed).toBe(COPIES);
}, 300_000);

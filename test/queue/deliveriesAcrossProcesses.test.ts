import { deliver, saveReceiver, succeeded, withCopies, type Receiving } from '../soak/deliveries';
import { createTestEnvironment, type TestEnvironment } from '../support/testEnvironment';
import { goneOn, note, startCluster, type Cluster } from './cluster';

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
const times = (started: Map<string, number>) =>
	[...started.values()].reduce((sum, count) => sum + count, 0);

/** The address of a trigger at each of the two processes that take deliveries. */
const doorsOf = ({ url }: Receiving) => {
	const { pathname } = new URL(url);
	return { webhook: `${cluster.webhook.url}${pathname}`, main: `${cluster.main.url}${pathname}` };
};

async function receiver() {
	const receiving = await saveReceiver(cluster.main.client, testEnv.credential);
	return { ...receiving, doors: doorsOf(receiving) };
}

const ended = async (workflowId: string) => await succeeded(cluster.main.client, workflowId);

it('starts the workflow once for each event, with one webhook processor and a kill of it', async () => {
	const { workflowId, doors } = await receiver();
	const events = withCopies(DELIVERIES, 'sale');
	const distinct = [...new Set(events)];
	const first = await deliver(doors.webhook, events, testEnv.sandbox);
	expect(first.statuses).toEqual(new Map([[200, events.length]]));
	expect(first.started).toEqual(new Map(distinct.map((event) => [event, 1])));
	expect(await ended(workflowId)).toBe(distinct.length);
	await note(
		'deliveries a second, one webhook processor',
		(events.length / first.seconds).toFixed(1),
	);

	await cluster.webhook.kill();
	await cluster.webhook.start();
	const again = await deliver(doors.webhook, distinct, testEnv.sandbox);
	const other = await deliver(doors.main, distinct, testEnv.sandbox);
	await ended(workflowId);
	const wentOn = await goneOn(cluster, workflowId);
	const of = `of ${distinct.length}`;
	await note(`begun again after a kill of the webhook processor, ${of}`, times(again.started));
	await note(`begun again by main later, ${of}`, times(other.started));
	await note('of these gone on', wentOn - distinct.length);
	expect(wentOn).toBe(distinct.length);
}, 300_000);

it('goes on once with copies that reach two processes one after the other', async () => {
	const { workflowId, doors } = await receiver();
	let begun = 0;
	for (const event of names('later', COPIES)) {
		for (const url of [doors.webhook, doors.main]) {
			begun += times((await deliver(url, [event], testEnv.sandbox)).started);
			await ended(workflowId);
		}
	}
	await note(`copies to another process later, begun again of ${COPIES}`, begun - COPIES);
	const wentOn = await goneOn(cluster, workflowId);
	await note('of these gone on', wentOn - COPIES);
	expect(wentOn).toBe(COPIES);
}, 300_000);

it('goes on once with copies that reach two processes at the same moment', async () => {
	const { doors, workflowId } = await receiver();
	let begun = 0;
	for (const event of names('at-once', COPIES)) {
		const both = await Promise.all(
			[doors.webhook, doors.main].map(async (url) => await deliver(url, [event], testEnv.sandbox)),
		);
		begun += both.reduce((sum, { started }) => sum + times(started), 0);
	}
	await ended(workflowId);
	await note(
		`copies to two processes at the same moment, begun twice of ${COPIES}`,
		begun - COPIES,
	);
	const wentOn = await goneOn(cluster, workflowId);
	await note('of these gone on twice', wentOn - COPIES);
	expect(wentOn).toBe(COPIES);
}, 300_000);

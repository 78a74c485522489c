import fastify, { type FastifyInstance } from 'fastify';
import { remove } from 'fs-extra';
import { sleep } from 'n8n-workflow';
import { deliver, saveReceiver, succeeded, withCopies } from '../soak/deliveries';
import { RUN } from '../support/n8nInstallation';
import { type N8n, startN8n } from '../support/n8nProcess';
import { createTestEnvironment, type TestEnvironment } from '../support/testEnvironment';
import { waitFor } from '../support/waitFor';
import { node, TRIGGER } from '../support/workflows';

// Its own n8n, since this one is killed.
const FOLDER = `${RUN}/e2e-duplicates`;
/** `npm run soak` does the same with 10,000. */
const DELIVERIES = 300;

let n8n: N8n;
let testEnv: TestEnvironment;

beforeAll(async () => {
	await remove(FOLDER);
	// n8n 1 asks for it: with its default it stores what parallel executions remember in any order, and the
	// last one issued does not always win. To n8n 2 it says what is the default there.
	n8n = await startN8n({ folder: FOLDER, env: { DB_SQLITE_POOL_SIZE: '3' } });
	testEnv = await createTestEnvironment(n8n.client);
});

afterAll(async () => {
	await testEnv?.close();
	await n8n?.stop();
});

const once = (events: string[]) => new Map(events.map((event) => [event, 1]));
const allTaken = (events: string[]) => new Map([[200, events.length]]);

it('starts the workflow once for each event, over copies, ten at a time and a kill of n8n', async () => {
	const { client } = n8n;
	const { workflowId, url } = await saveReceiver(client, testEnv.credential);
	const events = withCopies(DELIVERIES, 'sale');
	const distinct = [...new Set(events)];
	expect(events.length - distinct.length).toBe(DELIVERIES / 3);

	const first = await deliver(url, events, testEnv.sandbox);
	expect(first.statuses).toEqual(allTaken(events));
	expect(first.started).toEqual(once(distinct));
	expect(await succeeded(client, workflowId)).toBe(distinct.length);

	await n8n.kill();
	await n8n.start();
	const later = [...distinct, 'sale-new'];
	const second = await deliver(url, later, testEnv.sandbox);
	expect(second.statuses).toEqual(allTaken(later));
	expect(second.started).toEqual(once(['sale-new']));
	expect(await succeeded(client, workflowId)).toBe(distinct.length + 1);
	await client.deactivate(workflowId);
});

it('acknowledges neither a delivery nor its copy before n8n could store it', async () => {
	const { client } = n8n;
	const { workflowId, url } = await saveReceiver(client, testEnv.credential);
	const sell = async () => await deliver(url, ['sale'], testEnv.sandbox);
	const letGo = await n8n.lockDatabase();
	const deliveries = [sell(), sell()];
	const isAcknowledged = await Promise.race([
		...deliveries.map(async (delivery) => (await delivery).statuses.has(200)),
		sleep(500).then(() => false),
	]);
	await letGo();
	expect(isAcknowledged).toBe(false);

	// n8n 1 does not wait for its database, it answers 500: Kopo Kopo sends such a delivery again.
	const all = [...(await Promise.all(deliveries)), await sell()];
	expect(all.flatMap(({ started }) => [...started])).toEqual([['sale', 1]]);
	expect(await succeeded(client, workflowId)).toBe(1);
	await client.deactivate(workflowId);
});

describe('with a workflow that takes its time', () => {
	let slow: FastifyInstance;
	let letGo = () => {};

	beforeAll(() => {
		slow = fastify({ forceCloseConnections: true });
		slow.get('/sale-1', async () => {
			await new Promise<void>((resolve) => (letGo = resolve));
			return {};
		});
		slow.get('/*', async () => await Promise.resolve({}));
	});

	afterAll(async () => await slow.close());

	it('does not forget what came between the beginning and the end of an execution', async () => {
		const { client } = n8n;
		const address = await slow.listen({ port: 0, host: '127.0.0.1' });
		const asking = {
			...node('Ask', 'n8n-nodes-base.httpRequest', { url: `=${address}/{{ $json.eventId }}` }),
			typeVersion: 4.2,
		};
		const { workflowId, url } = await saveReceiver(client, testEnv.credential, {}, asking);
		const events = Array.from({ length: 10 }, (_, index) => `sale-${index + 1}`);
		for (const event of events) await deliver(url, [event], testEnv.sandbox);
		expect(await succeeded(client, workflowId, 1)).toBe(events.length - 1);
		letGo();
		expect(await succeeded(client, workflowId)).toBe(events.length);

		await n8n.stop();
		await n8n.start();
		const { started } = await deliver(url, events, testEnv.sandbox);
		expect(started).toEqual(new Map());
		await client.deactivate(workflowId);
	});
});

it('starts it for every delivery when Ignore Duplicates is off', async () => {
	const { client } = n8n;
	const off = { ignoreDuplicates: false };
	const { workflowId, url } = await saveReceiver(client, testEnv.credential, off);
	const { started } = await deliver(url, ['a', 'b', 'a', 'a'], testEnv.sandbox);
	expect(Object.fromEntries(started)).toEqual({ a: 3, b: 1 });
	expect(await succeeded(client, workflowId)).toBe(4);
	await client.deactivate(workflowId);
});

it('shows a test listen every event, and keeps nothing of it from production', async () => {
	const { client } = n8n;
	const { workflowId, url, testUrl } = await saveReceiver(client, testEnv.credential);
	const executions = async () => await succeeded(client, workflowId);
	const listen = async () => {
		const before = await executions();
		await client.listenForTestEvent(workflowId, TRIGGER);
		await deliver(testUrl, ['a'], testEnv.sandbox);
		await waitFor('the test to end', 30_000, async () => (await executions()) === before + 1);
	};
	await listen();
	await listen();
	expect((await deliver(url, ['a'], testEnv.sandbox)).started).toEqual(once(['a']));
	expect((await deliver(url, ['a'], testEnv.sandbox)).started).toEqual(new Map());
	await listen();
	expect((await deliver(url, ['a'], testEnv.sandbox)).started).toEqual(new Map());
	expect(await executions()).toBe(4);
	await client.deactivate(workflowId);
});

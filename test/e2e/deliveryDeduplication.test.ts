import fastify, { type FastifyInstance } from 'fastify';
import { readJson, remove } from 'fs-extra';
import { sign } from '../sandbox/deliveries';
import {
	countPassed,
	countSucceeded,
	deliver,
	saveReceiver,
	withDuplicates,
} from '../load/deliveries';
import { RUN } from '../support/n8nInstallation';
import { type N8n, startN8n } from '../support/n8nProcess';
import { createTestEnvironment, type TestEnvironment } from '../support/testEnvironment';
import { waitFor } from '../support/waitFor';
import { node, TRIGGER } from '../support/workflows';
import { closeConnections, send } from './forgedRequests';

// Its own n8n, because this one is killed.
const FOLDER = `${RUN}/e2e-duplicates`;
/** `npm run soak` does the same with 10,000. */
const DELIVERIES = 300;

let n8n: N8n;
let testEnv: TestEnvironment;

beforeAll(async () => {
	await remove(FOLDER);
	// By default, n8n 1 stores the static data of parallel executions in any order, so an older version can
	// overwrite a newer one. The value is the default of n8n 2.
	n8n = await startN8n({ folder: FOLDER, env: { DB_SQLITE_POOL_SIZE: '3' } });
	testEnv = await createTestEnvironment(n8n.client);
});

afterAll(async () => {
	await closeConnections();
	await testEnv?.close();
	await n8n?.stop();
});

const once = (events: string[]) => new Map(events.map((event) => [event, 1]));
const allAccepted = (events: string[]) => new Map([[200, events.length]]);

it('starts one execution for each event, despite copies, ten deliveries at a time, and a kill of n8n', async () => {
	const { client } = n8n;
	const { workflowId, url } = await saveReceiver(client, testEnv.credential);
	const events = withDuplicates(DELIVERIES, 'sale');
	const distinct = [...new Set(events)];
	expect(events.length - distinct.length).toBe(DELIVERIES / 3);

	const first = await deliver(url, events, testEnv.sandbox);
	expect(first.statuses).toEqual(allAccepted(events));
	expect(first.started).toEqual(once(distinct));
	expect(await countSucceeded(client, workflowId)).toBe(distinct.length);

	await n8n.kill();
	await n8n.start();
	const later = [...distinct, 'sale-new'];
	const second = await deliver(url, later, testEnv.sandbox);
	expect(second.statuses).toEqual(allAccepted(later));
	// The trigger can look in n8n's database only in an execution, so each copy has one, which ends there.
	expect(await countPassed(client, workflowId)).toEqual(once(later));
	const third = await deliver(url, later.slice(-20), testEnv.sandbox);
	expect(third.started).toEqual(new Map());
	await client.deactivate(workflowId);
}, 400_000);

it('acknowledges neither a delivery nor its copy before n8n has stored it', async () => {
	const { client } = n8n;
	const { workflowId, url } = await saveReceiver(client, testEnv.credential);
	const sell = async () => await deliver(url, ['sale'], testEnv.sandbox);
	const unlock = await n8n.lockDatabase();
	let isAcknowledged = false;
	const deliveries = [sell(), sell()].map(async (delivery) => {
		const answers = await delivery;
		isAcknowledged ||= answers.statuses.has(200);
		return answers;
	});
	// These take the same way through n8n and the trigger, but need no write. Their responses show that the
	// deliveries before them would have been answered by now.
	try {
		for (let count = 0; count < 5; count++) {
			expect(await sendUnsubscribedEvent(url)).toBe(200);
		}
		expect(isAcknowledged).toBe(false);
	} finally {
		await unlock();
	}

	// n8n 1 answers with 500 instead of waiting for its database. Kopo Kopo then sends the delivery again.
	const all = [...(await Promise.all(deliveries)), await sell()];
	expect(all.flatMap(({ started }) => [...started])).toEqual([['sale', 1]]);
	expect(await countSucceeded(client, workflowId)).toBe(1);
	await client.deactivate(workflowId);
});

/** Delivers a signed event that the trigger does not subscribe to, which starts nothing. */
async function sendUnsubscribedEvent(url: string): Promise<number> {
	const fixture = await readJson('test/fixtures/webhooks/customer_created.k2.json');
	const body = JSON.stringify((fixture as { body: object }).body);
	return await send({ url, body, signature: sign(body, testEnv.sandbox.apiKey) });
}

describe('with a long execution', () => {
	let slowServer: FastifyInstance;
	let respond = () => {};

	beforeAll(() => {
		slowServer = fastify({ forceCloseConnections: true });
		slowServer.get('/sale-1', async () => {
			await new Promise<void>((resolve) => (respond = resolve));
			return {};
		});
		slowServer.get('/*', async () => await Promise.resolve({}));
	});

	afterAll(async () => await slowServer.close());

	it('remembers the events that arrived while it was running', async () => {
		const { client } = n8n;
		const address = await slowServer.listen({ port: 0, host: '127.0.0.1' });
		const httpRequest = {
			...node('HTTP Request', 'n8n-nodes-base.httpRequest', {
				url: `=${address}/{{ $json.eventId }}`,
			}),
			typeVersion: 4.2,
		};
		const { workflowId, url } = await saveReceiver(client, testEnv.credential, {}, httpRequest);
		const events = Array.from({ length: 10 }, (_, index) => `sale-${index + 1}`);
		for (const event of events) await deliver(url, [event], testEnv.sandbox);
		expect(await countSucceeded(client, workflowId, 1)).toBe(events.length - 1);
		respond();
		expect(await countSucceeded(client, workflowId)).toBe(events.length);

		await n8n.stop();
		await n8n.start();
		await deliver(url, events, testEnv.sandbox);
		expect(await countPassed(client, workflowId)).toEqual(new Map());
		await client.deactivate(workflowId);
	});
});

it('starts an execution for every delivery when Ignore Duplicates is off', async () => {
	const { client } = n8n;
	const off = { ignoreDuplicates: false };
	const { workflowId, url } = await saveReceiver(client, testEnv.credential, off);
	const { started } = await deliver(url, ['a', 'b', 'a', 'a'], testEnv.sandbox);
	expect(Object.fromEntries(started)).toEqual({ a: 3, b: 1 });
	expect(await countSucceeded(client, workflowId)).toBe(4);
	await client.deactivate(workflowId);
});

it('runs every test event, and keeps test events apart from production', async () => {
	const { client } = n8n;
	const { workflowId, url, testUrl } = await saveReceiver(client, testEnv.credential);
	const executions = async () => await countSucceeded(client, workflowId);
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

import { randomUUID } from 'node:crypto';
import { Pool } from 'undici';
import { payees, payoutRequests, phoneOf, type Payee } from '../load/payouts';
import { payoutNode, requestedPayouts, wirePhone } from '../support/payoutWorkflow';
import { createTestEnvironment, type TestEnvironment } from '../support/testEnvironment';
import { waitFor } from '../support/waitFor';
import { chain, KOPO_KOPO, node, PUBLISHED } from '../support/workflows';
import { record, startCluster, type Cluster } from './cluster';

const PAIRS = 200;

let cluster: Cluster;
let testEnv: TestEnvironment;

beforeAll(async () => {
	// With one execution at a time per worker, two simultaneous ones run on different workers.
	cluster = await startCluster('duplicate_keys', { N8N_CONCURRENCY_PRODUCTION_LIMIT: '1' });
	testEnv = await createTestEnvironment(cluster.main.client);
}, 300_000);

beforeEach(async () => await testEnv.sandbox.reset({ keepTokens: true }));

afterAll(async () => {
	await testEnv?.close();
	await cluster?.stop();
});

interface Order extends Payee {
	key: string;
}

/** Publishes a workflow that pays the order in each webhook request. */
async function publishPayouts() {
	const HOOK = 'Webhook';
	const webhookId = randomUUID();
	const hook = {
		...node(HOOK, 'n8n-nodes-base.webhook', { httpMethod: 'POST', path: webhookId }),
		typeVersion: 2,
		webhookId,
	};
	const unwrap = {
		...node('Order', 'n8n-nodes-base.set', { mode: 'raw', jsonOutput: '={{ $json.body }}' }),
		typeVersion: 3.4,
	};
	const payout = payoutNode(testEnv.credential, { duplicateProtectionKey: '={{ $json.key }}' });
	const { id } = await testEnv.n8n.createWorkflow({
		name: 'Pay orders',
		nodes: [hook, unwrap, payout],
		connections: chain(HOOK, 'Order', KOPO_KOPO),
	});
	expect(await testEnv.n8n.activate(id)).toEqual(PUBLISHED);

	const pool = new Pool(cluster.webhook.url, { connections: 2, pipelining: 1 });
	let started = 0;
	/** Starts an execution for each order at the same time and waits until all have ended. */
	const send = async (...orders: Order[]) => {
		await Promise.all(
			orders.map(async (order) => {
				const { statusCode, body } = await pool.request({
					method: 'POST',
					path: `/webhook/${webhookId}`,
					headers: { 'content-type': 'application/json' },
					body: JSON.stringify(order),
				});
				await body.dump();
				expect(statusCode).toBe(200);
			}),
		);
		started += orders.length;
		await waitFor(`${started} executions to end`, 180_000, async () => {
			const sql = `SELECT count(*) FROM execution_entity WHERE "workflowId" = '${id}' AND status = 'success'`;
			const [ended] = await cluster.query(sql);
			return Number(ended) >= started;
		});
	};
	return { send, close: async () => await pool.destroy() };
}

it(`sends once when two workers claim a key at the same time, and never later (${PAIRS} pairs)`, async () => {
	const { send, close } = await publishPayouts();
	const orders = payees(PAIRS).map((payee, index) => ({ ...payee, key: `payout-${index}` }));
	for (const order of orders) await send(order, order);
	const doublePayments =
		requestedPayouts(testEnv.sandbox).length - new Set(requestedPayouts(testEnv.sandbox)).size;
	await record(`same key on two workers at the same time: sent twice, of ${PAIRS}`, doublePayments);
	const never = PAIRS - new Set(requestedPayouts(testEnv.sandbox)).size;
	await record(`same key on two workers at the same time: not sent, of ${PAIRS}`, never);

	const before = requestedPayouts(testEnv.sandbox).length;
	for (const order of orders) await send(order);
	const later = requestedPayouts(testEnv.sandbox).length - before;
	await record(`same keys later: sent again, of ${PAIRS}`, later);
	await close();
	expect({ doublePayments, never, later }).toEqual({ doublePayments: 0, never: 0, later: 0 });
}, 600_000);

it(`keeps every key when two workers claim different keys at the same time (${PAIRS / 2} pairs)`, async () => {
	const { send, close } = await publishPayouts();
	const orders = payees(PAIRS, 1000).map((payee, index) => ({ ...payee, key: `other-${index}` }));
	for (let index = 0; index < orders.length; index += 2) {
		await send(...orders.slice(index, index + 2));
	}
	expect(requestedPayouts(testEnv.sandbox).sort()).toEqual(orders.map(wirePhone).sort());
	for (const order of orders) await send(order);
	const forgotten = payoutRequests(testEnv.sandbox.ledger.requests).map(phoneOf).length - PAIRS;
	await record(`keys lost to another worker's claim, of ${PAIRS}`, forgotten);
	await close();
	expect(forgotten).toBe(0);
}, 600_000);

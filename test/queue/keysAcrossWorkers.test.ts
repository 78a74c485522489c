import { randomUUID } from 'node:crypto';
import { Pool } from 'undici';
import { payees, payoutRequests, phoneOf, type Payee } from '../soak/payouts';
import { payoutNode, requestedPayouts, wirePhone } from '../support/payoutWorkflow';
import { createTestEnvironment, type TestEnvironment } from '../support/testEnvironment';
import { waitFor } from '../support/waitFor';
import { chain, KOPO_KOPO, node } from '../support/workflows';
import { note, startCluster, type Cluster } from './cluster';

const PAIRS = 200;

let cluster: Cluster;
let testEnv: TestEnvironment;

beforeAll(async () => {
	// One execution at a time, so that each worker has one of every two.
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

/** A live workflow that pays what it is sent: one execution for each order, on a worker of its own. */
async function payer() {
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
	const keyed = payoutNode(testEnv.credential, { duplicateProtectionKey: '={{ $json.key }}' });
	const { id } = await testEnv.n8n.createWorkflow({
		name: 'Paying orders',
		nodes: [hook, unwrap, keyed],
		connections: chain(HOOK, 'Order', KOPO_KOPO),
	});
	expect(await testEnv.n8n.activate(id)).toEqual({ status: 'published', errors: [] });

	const pool = new Pool(cluster.webhook.url, { connections: 2, pipelining: 1 });
	let begun = 0;
	/** Starts an execution for each order at the same moment, and waits until all have ended. */
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
		begun += orders.length;
		await waitFor(`${begun} executions to end`, 60_000, async () => {
			const sql = `SELECT count(*) FROM execution_entity WHERE "workflowId" = '${id}' AND status = 'success'`;
			const [ended] = await cluster.query(sql);
			return Number(ended) >= begun;
		});
	};
	return { send, close: async () => await pool.destroy() };
}

it(`sends once under a key that two workers claim at once, and never later (${PAIRS} pairs)`, async () => {
	const { send, close } = await payer();
	const orders = payees(PAIRS).map((payee, index) => ({ ...payee, key: `payout-${index}` }));
	for (const order of orders) await send(order, order);
	const doubles =
		requestedPayouts(testEnv.sandbox).length - new Set(requestedPayouts(testEnv.sandbox)).size;
	await note(`same key at once on two workers, sent twice of ${PAIRS}`, doubles);
	const never = PAIRS - new Set(requestedPayouts(testEnv.sandbox)).size;
	await note(`same key at once on two workers, sent by neither of ${PAIRS}`, never);

	const before = requestedPayouts(testEnv.sandbox).length;
	for (const order of orders) await send(order);
	const later = requestedPayouts(testEnv.sandbox).length - before;
	await note(`the same keys later, sent again of ${PAIRS}`, later);
	await close();
	expect({ doubles, never, later }).toEqual({ doubles: 0, never: 0, later: 0 });
}, 600_000);

it(`forgets no key that is claimed while another worker claims its own (${PAIRS / 2} pairs)`, async () => {
	const { send, close } = await payer();
	const orders = payees(PAIRS, 1000).map((payee, index) => ({ ...payee, key: `other-${index}` }));
	for (let index = 0; index < orders.length; index += 2) {
		await send(...orders.slice(index, index + 2));
	}
	expect(requestedPayouts(testEnv.sandbox).sort()).toEqual(orders.map(wirePhone).sort());
	for (const order of orders) await send(order);
	const forgotten = payoutRequests(testEnv.sandbox.ledger.requests).map(phoneOf).length - PAIRS;
	await note(`keys written away by another worker's claim, of ${PAIRS}`, forgotten);
	await close();
	expect(forgotten).toBe(0);
}, 600_000);

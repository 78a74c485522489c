import fastify, { type FastifyInstance } from 'fastify';
import { sleep } from 'n8n-workflow';
import type { N8n } from '../support/n8nProcess';
import { createTestEnvironment, type TestEnvironment } from '../support/testEnvironment';
import { waitFor } from '../support/waitFor';
import { chain, kopoKopoNode, node, POLLING_TRIGGER, PUBLISHED } from '../support/workflows';
import { record, startCluster, type Cluster } from './cluster';

/** After how many ms n8n considers the job of an unresponsive worker stalled; a minute by default. */
const LOCK_MS = 5000;
const REPORT = 'Report';

let cluster: Cluster;
let testEnv: TestEnvironment;
let recorder: FastifyInstance;
let recorderUrl: string;
/** The receipts that executions have begun to report, and how long each report takes, in ms. */
const begun: string[] = [];
const ended: string[] = [];
let reportMs = 0;

beforeAll(async () => {
	cluster = await startCluster('polling', {
		QUEUE_WORKER_LOCK_DURATION: String(LOCK_MS),
		QUEUE_WORKER_LOCK_RENEW_TIME: '1000',
		QUEUE_WORKER_STALLED_INTERVAL: '2000',
	});
	testEnv = await createTestEnvironment(cluster.main.client);
	recorder = fastify({ forceCloseConnections: true });
	recorder.get<{ Params: { receipt: string } }>('/:receipt', async ({ params: { receipt } }) => {
		begun.push(receipt);
		await sleep(reportMs);
		ended.push(receipt);
		return {};
	});
	recorderUrl = await recorder.listen({ port: 0, host: '127.0.0.1' });
}, 300_000);

afterAll(async () => {
	await testEnv?.close();
	await cluster?.stop();
	await recorder?.close();
});

/** The worker that has an execution of the workflow. */
async function busyWorker(workflowId: string): Promise<N8n> {
	const [id = ''] = await cluster.query(
		`SELECT max(id) FROM execution_entity WHERE "workflowId" = '${workflowId}'`,
	);
	return await waitFor(`the worker of execution ${id}`, 30_000, async () => {
		for (const worker of cluster.workers) {
			if ((await worker.log()).includes(`Worker started execution ${id} `)) return worker;
		}
		return undefined;
	});
}

it('after a worker was killed, the payments that it was working on come again, and no others', async () => {
	const { id } = await testEnv.n8n.createWorkflow({
		name: 'Polling across processes',
		nodes: [
			kopoKopoNode(
				POLLING_TRIGGER,
				'kopoKopoPollingTrigger',
				{
					pollTimes: { item: [{ mode: 'everyMinute' }] },
					startFrom: 'time',
					startTime: new Date(Date.now() - 60 * 60_000).toISOString(),
				},
				testEnv.credential,
			),
			{
				...node(REPORT, 'n8n-nodes-base.httpRequest', {
					url: `=${recorderUrl}/{{ $json.reference }}`,
				}),
				typeVersion: 4.2,
			},
		],
		connections: chain(POLLING_TRIGGER, REPORT),
	});
	const pay = (reference: string) =>
		testEnv.sandbox.till.buygoods({
			reference,
			at: new Date(Date.now() - 60_000).toISOString(),
		});
	pay('DONE');
	expect(await testEnv.n8n.activate(id)).toEqual(PUBLISHED);
	await waitFor('the first payment', 90_000, () => ended.includes('DONE'));

	reportMs = 600_000;
	pay('CUT-OFF-1');
	pay('CUT-OFF-2');
	await waitFor('the execution that is cut off', 130_000, () => begun.length === 3);
	const worker = await busyWorker(id);
	reportMs = 0;
	const killedAt = Date.now();
	await worker.kill();
	await waitFor('its payments again', 240_000, () => ended.length >= 3);
	await record(
		'killed worker: seconds until the payments that it had came again',
		((Date.now() - killedAt) / 1000).toFixed(0),
	);
	await worker.start();
	// Another poll gives nothing.
	await sleep(65_000);
	expect([...begun].sort()).toEqual([
		...['CUT-OFF-1', 'CUT-OFF-1', 'CUT-OFF-2', 'CUT-OFF-2'],
		'DONE',
	]);
}, 600_000);

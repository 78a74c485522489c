import { randomUUID } from 'node:crypto';
import fastify, { type FastifyInstance } from 'fastify';
import { remove } from 'fs-extra';
import { type IConnections, type INode, sleep } from 'n8n-workflow';
import { itemsOf, jsonOf } from '../support/executions';
import { RUN } from '../support/n8nInstallation';
import { type N8n, startN8n } from '../support/n8nProcess';
import { createTestEnvironment, type TestEnvironment } from '../support/testEnvironment';
import { waitFor } from '../support/waitFor';
import {
	chain,
	kopoKopoNode,
	node,
	POLLING_TRIGGER,
	PUBLISHED,
	TRIGGER,
} from '../support/workflows';

// Its own n8n, because this one is killed.
const FOLDER = `${RUN}/e2e-polling`;
const REPORT = 'Report';

let n8n: N8n;
let testEnv: TestEnvironment;
let recorder: FastifyInstance;
let recorderUrl: string;
/** The receipts that workflows have reported, and how long each report takes, in ms. */
const reported: string[] = [];
let reportMs = 0;

beforeAll(async () => {
	await remove(FOLDER);
	n8n = await startN8n({ folder: FOLDER });
	testEnv = await createTestEnvironment(n8n.client);
	recorder = fastify({ forceCloseConnections: true });
	recorder.get<{ Params: { receipt: string } }>('/:receipt', async ({ params: { receipt } }) => {
		reported.push(receipt);
		await sleep(reportMs);
		return {};
	});
	recorderUrl = await recorder.listen({ port: 0, host: '127.0.0.1' });
});

beforeEach(async () => {
	reported.length = 0;
	reportMs = 0;
	await testEnv.sandbox.reset({ keepTokens: true });
});

afterAll(async () => {
	await testEnv?.close();
	await n8n?.stop();
	await recorder?.close();
});

const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();

/**
 * Saves a polling trigger that gives the payments of the last hour to a node that reports each. `others` are
 * more triggers for that node.
 */
async function savePolling(parameters = {}, others: INode[] = []): Promise<string> {
	const settings = {
		pollTimes: { item: [{ mode: 'everyMinute' }] },
		startFrom: 'time',
		startTime: minutesAgo(60),
		...parameters,
	};
	const { id } = await n8n.client.createWorkflow({
		name: `Polling ${testEnv.sandbox.port}`,
		nodes: [
			kopoKopoNode(POLLING_TRIGGER, 'kopoKopoPollingTrigger', settings, testEnv.credential),
			...others,
			{
				...node(REPORT, 'n8n-nodes-base.httpRequest', {
					url: `=${recorderUrl}/{{ $json.reference }}`,
				}),
				typeVersion: 4.2,
			},
		],
		connections: Object.assign(
			chain(POLLING_TRIGGER, REPORT),
			...others.map(({ name }) => chain(name, REPORT)),
		) as IConnections,
	});
	return id;
}

const pay = (reference: string, minutes: number) =>
	testEnv.sandbox.till.buygoods({ reference, at: minutesAgo(minutes), amount: 250 });

it('gives each payment once, oldest first, and shows those of the last day in the editor', async () => {
	pay('LATER', 5);
	pay('EARLIER', 30);
	pay('YESTERDAY', 20 * 60);
	const workflowId = await savePolling();

	const shown = await n8n.client.waitForExecution(
		await n8n.client.run(workflowId, POLLING_TRIGGER),
	);
	expect(jsonOf(shown, POLLING_TRIGGER).map(({ reference }) => reference)).toEqual([
		'YESTERDAY',
		'EARLIER',
		'LATER',
	]);
	reported.length = 0;

	expect(await n8n.client.activate(workflowId)).toEqual(PUBLISHED);
	await waitFor('both payments', 70_000, () => reported.length >= 2);
	pay('NEW', 0.1);
	await waitFor('the payment of a later poll', 130_000, () => reported.length >= 3);

	expect(reported).toEqual(['EARLIER', 'LATER', 'NEW']);
	await n8n.client.deactivate(workflowId);
	const executions = await n8n.client.waitForExecutions(workflowId, 3);
	const polled = executions.filter(({ mode }) => mode === 'trigger');
	expect(polled.map(({ status }) => status)).toEqual(['success', 'success']);
	const [first] = polled;
	expect(first && itemsOf(first, POLLING_TRIGGER)[0]?.json).toMatchObject({
		outcome: 'success',
		amount: 250,
		reference: 'EARLIER',
		topic: 'buygoods_transaction_received',
		dedupeKey: 'payment:EARLIER:25000',
	});
});

it('gives a payment again whose execution was cut off when n8n was killed, and no other', async () => {
	pay('DONE', 30);
	const workflowId = await savePolling({ options: { itemsPerExecution: 1 } });
	expect(await n8n.client.activate(workflowId)).toEqual(PUBLISHED);
	await n8n.client.waitForExecutions(workflowId, 1);

	reportMs = 60_000;
	pay('CUT OFF', 5);
	await waitFor('the second execution', 130_000, () => reported.includes('CUT OFF'));
	await n8n.kill();
	reportMs = 0;
	await n8n.start();
	await waitFor('the payment again', 130_000, () => reported.length >= 3);
	await sleep(2000);

	expect(reported).toEqual(['DONE', 'CUT OFF', 'CUT OFF']);
	await n8n.client.deactivate(workflowId);
});

it('does not give a payment that the webhook trigger of the workflow has processed, not even after a kill', async () => {
	const webhookTrigger = {
		...kopoKopoNode(
			TRIGGER,
			'kopoKopoTrigger',
			{ triggerOn: ['buygoods_transaction_received'], scope: 'company' },
			testEnv.credential,
		),
		webhookId: randomUUID(),
	};
	const workflowId = await savePolling({}, [webhookTrigger]);
	expect(await n8n.client.activate(workflowId)).toEqual(PUBLISHED);

	testEnv.sandbox.till.buygoods({ reference: 'DELIVERED' });
	await waitFor('the delivery', 30_000, () => reported.includes('DELIVERED'));
	const polls = () =>
		testEnv.sandbox.ledger.requests.filter(
			({ method, path }) => method === 'POST' && path === '/api/v2/polling',
		).length;
	const before = polls();
	await waitFor('a poll', 70_000, () => polls() > before);
	await sleep(10_000);
	await n8n.kill();
	await n8n.start();
	await waitFor('a poll after the kill', 70_000, () => polls() > before + 1);
	await sleep(10_000);

	expect(reported).toEqual(['DELIVERED']);
	await n8n.client.deactivate(workflowId);
});

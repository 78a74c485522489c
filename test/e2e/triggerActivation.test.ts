import { remove } from 'fs-extra';
import type { INodeParameters } from 'n8n-workflow';
import { startSandbox } from '../sandbox/server';
import { itemsOf } from '../support/executions';
import { RUN } from '../support/n8nInstallation';
import { type N8n, startN8n } from '../support/n8nProcess';
import { sandboxCredentialData } from '../support/sandboxCredential';
import { createTestEnvironment, type TestEnvironment } from '../support/testEnvironment';
import { SUCCESS, TRIGGER } from '../support/workflows';

// Its own n8n, since this one is stopped and killed.
const FOLDER = `${RUN}/e2e-subscriptions`;
const EVENTS = ['buygoods_transaction_received', 'buygoods_transaction_reversed'];

let n8n: N8n;
let testEnv: TestEnvironment;

beforeAll(async () => {
	await remove(FOLDER);
	n8n = await startN8n({ folder: FOLDER });
	testEnv = await createTestEnvironment(n8n.client);
});

beforeEach(async () => await testEnv.sandbox.reset({ keepTokens: true }));

afterAll(async () => {
	await testEnv?.close();
	await n8n?.stop();
});

/** How often each event is subscribed, by its name. */
function subscribed(): Record<string, number> {
	return Object.fromEntries(
		EVENTS.concat('settlement_transfer_completed').flatMap((event) => {
			const count = testEnv.sandbox.ledger.subscriptions.filter(
				({ eventType }) => eventType === event,
			).length;
			return count > 0 ? [[event, count]] : [];
		}),
	);
}

const ONCE_EACH = { buygoods_transaction_received: 1, buygoods_transaction_reversed: 1 };
const PUBLISHED = { status: 'published', errors: [] };

async function changeTrigger(id: string, parameters: INodeParameters) {
	const { nodes } = await n8n.client.readWorkflow(id);
	await n8n.client.updateWorkflow(id, {
		nodes: nodes.map((node) =>
			node.name === TRIGGER ? { ...node, parameters: { ...node.parameters, ...parameters } } : node,
		),
	});
}

it('subscribes each event once, whatever happens to the workflow and to n8n', async () => {
	const id = await testEnv.saveTrigger({ events: EVENTS });
	const { client } = n8n;

	expect(await client.activate(id)).toEqual(PUBLISHED);
	expect(subscribed()).toEqual(ONCE_EACH);

	await n8n.stop();
	await n8n.start();
	expect(subscribed()).toEqual(ONCE_EACH);

	await n8n.kill();
	await n8n.start();
	expect(subscribed()).toEqual(ONCE_EACH);

	await client.deactivate(id);
	expect(subscribed()).toEqual(ONCE_EACH);
	expect(await client.activate(id)).toEqual(PUBLISHED);
	expect(subscribed()).toEqual(ONCE_EACH);

	await client.deactivate(id);
	await n8n.stop();
	await n8n.start();
	expect(await client.activate(id)).toEqual(PUBLISHED);
	expect(subscribed()).toEqual(ONCE_EACH);

	const { nodes, connections } = await client.readWorkflow(id);
	await client.updateWorkflow(id, {
		nodes: nodes.map((node) =>
			node.name === SUCCESS ? { ...node, notes: 'Changed', position: [400, 0] } : node,
		),
	});
	expect(await client.activate(id)).toEqual(PUBLISHED);
	expect(subscribed()).toEqual(ONCE_EACH);

	const renamed = 'Money Came In';
	await client.updateWorkflow(id, {
		nodes: nodes.map((node) => (node.name === TRIGGER ? { ...node, name: renamed } : node)),
		connections: { [renamed]: connections[TRIGGER] ?? {} },
	});
	expect(await client.activate(id)).toEqual(PUBLISHED);
	expect(subscribed()).toEqual(ONCE_EACH);

	const sale = testEnv.sandbox.till.buygoods({ amount: 250 });
	const executions = await client.waitForExecutions(id, 1);
	await testEnv.sandbox.settled();
	expect(executions.map(({ status }) => status)).toEqual(['success']);
	expect(executions[0] && itemsOf(executions[0], renamed)[0]?.json).toMatchObject({
		reference: sale.reference,
		amount: 250,
	});
	expect(await client.listExecutions(id)).toHaveLength(1);
	await client.deactivate(id);
});

it('subscribes only what is new when a setting changes', async () => {
	const { client } = n8n;
	const id = await testEnv.saveTrigger({ events: EVENTS });
	await client.activate(id);
	expect(subscribed()).toEqual(ONCE_EACH);

	await changeTrigger(id, { events: [...EVENTS, 'settlement_transfer_completed'] });
	expect(await client.activate(id)).toEqual(PUBLISHED);
	expect(subscribed()).toEqual({ ...ONCE_EACH, settlement_transfer_completed: 1 });

	await changeTrigger(id, { events: EVENTS });
	await client.activate(id);
	await changeTrigger(id, { events: [...EVENTS, 'settlement_transfer_completed'] });
	expect(await client.activate(id)).toEqual(PUBLISHED);
	expect(subscribed()).toEqual({ ...ONCE_EACH, settlement_transfer_completed: 1 });
	await client.deactivate(id);
});

it('says it needs the API key, and subscribes nothing, when the credential has none', async () => {
	const { client } = n8n;
	const keyless = await client.createCredential('No API key', 'kopoKopoApi', {
		...testEnv.credentialData,
		apiKey: '',
	});
	const id = await testEnv.saveTrigger({}, keyless);

	const { status, errors } = await client.activate(id);
	expect(status).toBe('failed');
	expect(errors.join()).toContain("'API Key'");
	expect(subscribed()).toEqual({});
	await client.deactivate(id);
});

describe('against a Kopo Kopo that fails, over all attempts of n8n', () => {
	// n8n tries five times with growing pauses; the cases wait side by side, each with its Kopo Kopo.
	const cases = [
		{
			fault: 'a 500 before it did anything',
			storm: { kind: 'serverError', when: 'before' },
			says: 'not known whether Kopo Kopo subscribed',
			subscriptions: 0,
		},
		{
			fault: 'a 500 after it subscribed',
			storm: { kind: 'serverError', when: 'after' },
			says: 'not known whether Kopo Kopo subscribed',
			subscriptions: 1,
		},
		{
			fault: 'a connection that breaks after it subscribed',
			storm: { kind: 'reset', when: 'after' },
			says: 'not known whether Kopo Kopo subscribed',
			subscriptions: 1,
		},
		{
			fault: 'a wrong client secret',
			storm: undefined,
			says: "did not accept the 'Client ID' and 'Client Secret'",
			subscriptions: 0,
		},
	] as const;
	const seen = new Map<string, { status: string; errors: string; subscriptions: number }>();

	beforeAll(async () => {
		await Promise.all(
			cases.map(async ({ fault, storm }) => {
				const sandbox = await startSandbox({ port: 0 });
				try {
					if (storm) sandbox.weather.add({ ...storm, path: '/api/v2/webhook_subscriptions' });
					const credential = await n8n.client.createCredential(fault, 'kopoKopoApi', {
						...sandboxCredentialData(sandbox),
						...(!storm && { clientSecret: 'not the secret' }),
					});
					const id = await testEnv.saveTrigger({}, credential);
					const { status, errors } = await n8n.client.activate(id);
					const subscriptions = sandbox.ledger.subscriptions.length;
					seen.set(fault, { status, errors: errors.join(), subscriptions });
					await n8n.client.deactivate(id);
				} finally {
					await sandbox.close();
				}
			}),
		);
	});

	it.each(cases)('$fault: a clear sentence, and never a second one', (expected) => {
		const { status, errors, subscriptions } = seen.get(expected.fault) ?? {};
		expect(status).toBe('failed');
		expect(errors).toContain(expected.says);
		expect(subscriptions).toBe(expected.subscriptions);
	});
});

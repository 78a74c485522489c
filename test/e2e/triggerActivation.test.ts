import { remove } from 'fs-extra';
import type { INodeParameters } from 'n8n-workflow';
import { startSandbox } from '../sandbox/server';
import { itemsOf } from '../support/executions';
import { RUN } from '../support/n8nInstallation';
import { type N8n, startN8n } from '../support/n8nProcess';
import { sandboxCredentialData } from '../support/sandboxCredential';
import { createTestEnvironment, type TestEnvironment } from '../support/testEnvironment';
import { PUBLISHED, SUCCESS, TRIGGER, updateNode } from '../support/workflows';

// Its own n8n, because this one is stopped and killed.
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

/** The number of subscriptions for each event. */
function subscriptionCounts(): Record<string, number> {
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

async function changeTrigger(id: string, parameters: INodeParameters) {
	await updateNode(n8n.client, id, TRIGGER, (trigger) => ({
		...trigger,
		parameters: { ...trigger.parameters, ...parameters },
	}));
}

it('subscribes to each event once over restarts, reactivation and renaming', async () => {
	const id = await testEnv.saveTrigger({ triggerOn: EVENTS });
	const { client } = n8n;

	expect(await client.activate(id)).toEqual(PUBLISHED);
	expect(subscriptionCounts()).toEqual(ONCE_EACH);

	await n8n.stop();
	await n8n.start();
	expect(subscriptionCounts()).toEqual(ONCE_EACH);

	await n8n.kill();
	await n8n.start();
	expect(subscriptionCounts()).toEqual(ONCE_EACH);

	await client.deactivate(id);
	expect(subscriptionCounts()).toEqual(ONCE_EACH);
	expect(await client.activate(id)).toEqual(PUBLISHED);
	expect(subscriptionCounts()).toEqual(ONCE_EACH);

	await client.deactivate(id);
	await n8n.stop();
	await n8n.start();
	expect(await client.activate(id)).toEqual(PUBLISHED);
	expect(subscriptionCounts()).toEqual(ONCE_EACH);

	await updateNode(client, id, SUCCESS, (node) => ({
		...node,
		notes: 'Changed',
		position: [400, 0],
	}));
	expect(await client.activate(id)).toEqual(PUBLISHED);
	expect(subscriptionCounts()).toEqual(ONCE_EACH);

	const renamed = 'Payment Received';
	const { nodes, connections } = await client.readWorkflow(id);
	await client.updateWorkflow(id, {
		nodes: nodes.map((node) => (node.name === TRIGGER ? { ...node, name: renamed } : node)),
		connections: { [renamed]: connections[TRIGGER] ?? {} },
	});
	expect(await client.activate(id)).toEqual(PUBLISHED);
	expect(subscriptionCounts()).toEqual(ONCE_EACH);

	const sale = testEnv.sandbox.till.buygoods({ amount: 250 });
	const executions = await client.waitForExecutions(id, 1);
	await testEnv.sandbox.untilIdle();
	expect(executions.map(({ status }) => status)).toEqual(['success']);
	expect(executions[0] && itemsOf(executions[0], renamed)[0]?.json).toMatchObject({
		reference: sale.reference,
		amount: 250,
	});
	expect(await client.listExecutions(id)).toHaveLength(1);
	await client.deactivate(id);
});

it('subscribes only to new events when the settings change', async () => {
	const { client } = n8n;
	const id = await testEnv.saveTrigger({ triggerOn: EVENTS });
	await client.activate(id);
	expect(subscriptionCounts()).toEqual(ONCE_EACH);

	await changeTrigger(id, { triggerOn: [...EVENTS, 'settlement_transfer_completed'] });
	expect(await client.activate(id)).toEqual(PUBLISHED);
	expect(subscriptionCounts()).toEqual({ ...ONCE_EACH, settlement_transfer_completed: 1 });

	await changeTrigger(id, { triggerOn: EVENTS });
	await client.activate(id);
	await changeTrigger(id, { triggerOn: [...EVENTS, 'settlement_transfer_completed'] });
	expect(await client.activate(id)).toEqual(PUBLISHED);
	expect(subscriptionCounts()).toEqual({ ...ONCE_EACH, settlement_transfer_completed: 1 });
	await client.deactivate(id);
});

it('fails and subscribes to nothing when the credential has no API key', async () => {
	const { client } = n8n;
	const withoutApiKey = await client.createCredential('No API key', 'kopoKopoApi', {
		...testEnv.credentialData,
		apiKey: '',
	});
	const id = await testEnv.saveTrigger({}, withoutApiKey);

	const { status, errors } = await client.activate(id);
	expect(status).toBe('failed');
	expect(errors.join()).toContain("'API Key'");
	expect(subscriptionCounts()).toEqual({});
	await client.deactivate(id);
});

describe('when Kopo Kopo fails, over all attempts of n8n', () => {
	// n8n tries five times with growing pauses. The cases run in parallel, each with its own sandbox.
	const cases = [
		{
			fault: 'status 500 before subscribing',
			rule: { kind: 'serverError', when: 'before' },
			message: 'not known whether the subscription',
			subscriptions: 0,
		},
		{
			fault: 'status 500 after subscribing',
			rule: { kind: 'serverError', when: 'after' },
			message: 'not known whether the subscription',
			subscriptions: 1,
		},
		{
			fault: 'a connection reset after subscribing',
			rule: { kind: 'reset', when: 'after' },
			message: 'not known whether the subscription',
			subscriptions: 1,
		},
		{
			fault: 'a wrong client secret',
			rule: undefined,
			message: "did not accept the 'Client ID' and 'Client Secret'",
			subscriptions: 0,
		},
	] as const;
	const results = new Map<string, { status: string; errors: string; subscriptions: number }>();

	beforeAll(async () => {
		await Promise.all(
			cases.map(async ({ fault, rule }) => {
				const sandbox = await startSandbox({ port: 0 });
				try {
					if (rule) sandbox.faults.add({ ...rule, path: '/api/v2/webhook_subscriptions' });
					const credential = await n8n.client.createCredential(fault, 'kopoKopoApi', {
						...sandboxCredentialData(sandbox),
						...(!rule && { clientSecret: 'not the secret' }),
					});
					const id = await testEnv.saveTrigger({}, credential);
					const { status, errors } = await n8n.client.activate(id);
					const subscriptions = sandbox.ledger.subscriptions.length;
					results.set(fault, { status, errors: errors.join(), subscriptions });
					await n8n.client.deactivate(id);
				} finally {
					await sandbox.close();
				}
			}),
		);
	});

	it.each(cases)('$fault: reports the reason and does not subscribe twice', (expected) => {
		const { status, errors, subscriptions } = results.get(expected.fault) ?? {};
		expect(status).toBe('failed');
		expect(errors).toContain(expected.message);
		expect(subscriptions).toBe(expected.subscriptions);
	});
});

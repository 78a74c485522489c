import { remove } from 'fs-extra';
import type { IDataObject, INodeParameters } from 'n8n-workflow';
import { startSandbox, type Sandbox } from '../sandbox/server';
import { payees, SEND_MONEY, type Payee } from '../soak/payouts';
import { sharedN8n } from '../support/sharedN8n';
import { type Execution, itemsOf } from '../support/executions';
import type { N8nClient } from '../support/n8nClient';
import { RUN } from '../support/n8nInstallation';
import { startN8n } from '../support/n8nProcess';
import {
	acceptedPayouts,
	payoutNode,
	requestedPayouts,
	savePayouts,
	wirePhone,
} from '../support/payoutWorkflow';
import { sandboxCredentialData } from '../support/sandboxCredential';
import { createTestEnvironment, type TestEnvironment } from '../support/testEnvironment';
import { waitFor } from '../support/waitFor';
import { chain, KOPO_KOPO, node, saveWorkflow, START } from '../support/workflows';

let testEnv: TestEnvironment;

beforeAll(async () => {
	testEnv = await createTestEnvironment(await sharedN8n());
});

beforeEach(async () => await testEnv.sandbox.reset({ keepTokens: true }));

afterAll(async () => await testEnv.close());

const KEYED = { duplicateProtectionKey: '={{ $json.key }}' };
const [one, two, three] = payees(3) as [Payee, Payee, Payee];

const jsonOf = (execution: Execution) => itemsOf(execution, KOPO_KOPO).map(({ json }) => json);

const sent = ({ amount }: Payee) =>
	expect.objectContaining({ outcome: 'pending', amount }) as IDataObject;

const notSent = ({ amount }: Payee, key: string) =>
	expect.objectContaining({
		id: null,
		outcome: 'unknown',
		isDuplicate: true,
		amount,
		message: expect.stringContaining(`Not sent: the Duplicate Protection Key '${key}'`) as string,
	}) as IDataObject;

async function saveKeyed(items: IDataObject[], more: INodeParameters = {}): Promise<string> {
	const underTest = payoutNode(testEnv.credential, KEYED, { onError: 'continueRegularOutput' });
	return await savePayouts(testEnv.n8n, items, {
		...underTest,
		parameters: { ...underTest.parameters, ...more },
	});
}

const runOn = async (n8n: N8nClient, workflowId: string) =>
	jsonOf(await n8n.waitForExecution(await n8n.run(workflowId, START)));
const run = async (workflowId: string) => await runOn(testEnv.n8n, workflowId);

describe('the same key', () => {
	it('through two executions is sent under once', async () => {
		const id = await saveKeyed([{ ...one, key: 'payout-1' }]);
		expect(await run(id)).toEqual([sent(one)]);
		expect(await run(id)).toEqual([notSent(one, 'payout-1')]);
		expect(requestedPayouts(testEnv.sandbox)).toEqual([wirePhone(one)]);
	});

	it('through two executions at once in one process is sent under once', async () => {
		const { n8n, sandbox } = testEnv;
		sandbox.weather.add({ kind: 'latency', ms: 300, path: SEND_MONEY });
		const id = await saveKeyed([
			{ ...one, key: 'payout-1' },
			{ ...two, key: 'payout-2' },
		]);
		const started = await Promise.all([n8n.run(id, START), n8n.run(id, START), n8n.run(id, START)]);
		const all = await Promise.all(
			started.map(async (execution) => jsonOf(await n8n.waitForExecution(execution))),
		);
		for (const index of [0, 1]) {
			const outcomes = all.map((items) => items[index]?.outcome).sort();
			expect(outcomes).toEqual(['pending', 'unknown', 'unknown']);
		}
		expect(requestedPayouts(sandbox).sort()).toEqual([wirePhone(one), wirePhone(two)]);
	});

	it('of two items is sent under once', async () => {
		const id = await saveKeyed([
			{ ...one, key: 'payout-1' },
			{ ...two, key: 'payout-1' },
			{ ...three, key: 'payout-3' },
		]);
		expect(await run(id)).toEqual([sent(one), notSent(two, 'payout-1'), sent(three)]);
		expect(requestedPayouts(testEnv.sandbox).sort()).toEqual([wirePhone(one), wirePhone(three)]);
	});

	it('can be used again after Kopo Kopo refused what was sent under it', async () => {
		const { n8n, sandbox } = testEnv;
		const till = (sourceTill: string) => ({ additionalFields: { sourceTill } });
		const items = [{ ...one, key: 'payout-1' }];
		const id = await saveKeyed(items, till('no till'));
		const [refused] = await run(id);
		expect(refused).toMatchObject({ details: { outcome: 'failure', status: 400 } });

		const { nodes } = await n8n.readWorkflow(id);
		await n8n.updateWorkflow(id, {
			nodes: nodes.map((each) =>
				each.name === KOPO_KOPO
					? { ...each, parameters: { ...each.parameters, ...till('112233') } }
					: each,
			),
		});
		expect(await run(id)).toEqual([sent(one)]);
		expect(await run(id)).toEqual([notSent(one, 'payout-1')]);
		expect(requestedPayouts(sandbox)).toHaveLength(2);
		expect(acceptedPayouts(sandbox)).toEqual([wirePhone(one)]);
	});

	it('stays used when it is not known what became of the request', async () => {
		const { sandbox } = testEnv;
		sandbox.weather.add({ kind: 'serverError', when: 'before', path: SEND_MONEY, next: 1 });
		const id = await saveKeyed([{ ...one, key: 'payout-1' }]);
		const [unknown] = await run(id);
		expect(unknown).toMatchObject({ outcome: 'unknown' });
		expect(unknown).not.toHaveProperty('isDuplicate');
		expect(await run(id)).toEqual([notSent(one, 'payout-1')]);
		expect(requestedPayouts(sandbox)).toHaveLength(1);
	});
});

it('refuses an item for which the key is nothing', async () => {
	const [first, second] = await run(await saveKeyed([{ ...one }, { ...two, key: 'payout-2' }]));
	expect(first?.error).toBe("'Duplicate Protection Key' is empty");
	expect(second).toEqual(sent(two));
	expect(requestedPayouts(testEnv.sandbox)).toEqual([wirePhone(two)]);
});

it('keeps the keys of a sub-workflow that is saved nowhere with the workflow around it', async () => {
	const { n8n, sandbox, credential } = testEnv;
	const CALL = 'Call';
	const inner = {
		nodes: [node('Called', 'n8n-nodes-base.executeWorkflowTrigger'), payoutNode(credential, KEYED)],
		connections: chain('Called', KOPO_KOPO),
	};
	const calling = node(CALL, 'n8n-nodes-base.executeWorkflow', {
		source: 'parameter',
		workflowJson: JSON.stringify(inner),
	});
	const id = await saveWorkflow(
		n8n,
		[{ ...one, key: 'payout-1' }],
		[{ ...calling, typeVersion: 1.1 }],
		chain(START, CALL),
	);
	const call = async () => {
		const execution = await n8n.waitForExecution(await n8n.run(id, START));
		return itemsOf(execution, CALL).map(({ json }) => json);
	};
	expect(await call()).toEqual([sent(one)]);
	expect(await call()).toEqual([notSent(one, 'payout-1')]);
	expect(requestedPayouts(sandbox)).toEqual([wirePhone(one)]);
});

describe('after n8n has ended', () => {
	const FOLDER = `${RUN}/duplicateKeys`;
	let sandbox: Sandbox;
	let end: () => Promise<void> = async () => undefined;

	beforeAll(async () => {
		await remove(FOLDER);
		sandbox = await startSandbox({ port: 0 });
	});

	afterAll(async () => {
		await end();
		await sandbox.close();
	});

	it('a key is still used: after a restart, and after a power cut in mid-send', async () => {
		const n8n = await startN8n({ folder: FOLDER, onStop: (stop) => (end = stop) });
		const { client } = n8n;
		const credential = await client.createCredential(
			'Keys',
			'kopoKopoApi',
			sandboxCredentialData(sandbox),
		);
		const saved = async (payee: Payee, key: string) =>
			await savePayouts(client, [{ ...payee, key }], payoutNode(credential, KEYED));

		const first = await saved(one, 'payout-1');
		expect(await runOn(client, first)).toEqual([sent(one)]);
		await n8n.stop();
		await n8n.start();
		expect(await runOn(client, first)).toEqual([notSent(one, 'payout-1')]);
		expect(requestedPayouts(sandbox)).toEqual([wirePhone(one)]);

		const second = await saved(two, 'payout-2');
		sandbox.weather.add({ kind: 'stall', when: 'after', path: SEND_MONEY, next: 1 });
		await client.run(second, START);
		await sandboxWasAsked(2);
		await n8n.kill();
		await n8n.start();
		expect(await runOn(client, second)).toEqual([notSent(two, 'payout-2')]);
		expect(requestedPayouts(sandbox)).toEqual([wirePhone(one), wirePhone(two)]);
	});

	const sandboxWasAsked = async (times: number) =>
		await waitFor(
			`${times} payouts`,
			10_000,
			async () => requestedPayouts(sandbox).length >= times,
		);
});

import { remove } from 'fs-extra';
import type { IDataObject, INodeParameters } from 'n8n-workflow';
import { startSandbox, type Sandbox } from '../sandbox/server';
import { payees, SEND_MONEY_PATH, type Payee } from '../load/payouts';
import { type Execution, jsonOf } from '../support/executions';
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
import { sharedTestEnvironment } from '../support/sharedTestEnvironment';
import { waitFor } from '../support/waitFor';
import { chain, KOPO_KOPO, node, saveWorkflow, START } from '../support/workflows';

const testEnv = sharedTestEnvironment();

beforeEach(async () => await testEnv.sandbox.reset({ keepTokens: true }));

const WITH_KEY = { duplicateProtectionKey: '={{ $json.key }}' };
const [one, two, three] = payees(3) as [Payee, Payee, Payee];

const outputOf = (execution: Execution) => jsonOf(execution, KOPO_KOPO);

const sent = ({ amount }: Payee) =>
	expect.objectContaining({ outcome: 'pending', amount }) as IDataObject;

const notSent = ({ amount }: Payee, key: string) =>
	expect.objectContaining({
		outcome: 'unknown',
		isDuplicate: true,
		amount,
		message: expect.stringContaining(`Not sent: the Duplicate Protection Key '${key}'`) as string,
	}) as IDataObject;

async function saveWithKeys(
	items: IDataObject[],
	parameters: INodeParameters = {},
): Promise<string> {
	const payout = payoutNode(testEnv.credential, WITH_KEY, { onError: 'continueRegularOutput' });
	return await savePayouts(testEnv.n8n, items, {
		...payout,
		parameters: { ...payout.parameters, ...parameters },
	});
}

const runOn = async (n8n: N8nClient, workflowId: string) =>
	outputOf(await n8n.waitForExecution(await n8n.run(workflowId, START)));
const run = async (workflowId: string) => await runOn(testEnv.n8n, workflowId);

describe('a payout with the same key', () => {
	it('is sent once in two consecutive executions', async () => {
		const id = await saveWithKeys([{ ...one, key: 'payout-1' }]);
		expect(await run(id)).toEqual([sent(one)]);
		expect(await run(id)).toEqual([notSent(one, 'payout-1')]);
		expect(requestedPayouts(testEnv.sandbox)).toEqual([wirePhone(one)]);
	});

	it('is sent once in three simultaneous executions of one process', async () => {
		const { n8n, sandbox } = testEnv;
		sandbox.faults.add({ kind: 'latency', ms: 300, path: SEND_MONEY_PATH });
		const id = await saveWithKeys([
			{ ...one, key: 'payout-1' },
			{ ...two, key: 'payout-2' },
		]);
		const started = await Promise.all([n8n.run(id, START), n8n.run(id, START), n8n.run(id, START)]);
		const all = await Promise.all(
			started.map(async (execution) => outputOf(await n8n.waitForExecution(execution))),
		);
		for (const index of [0, 1]) {
			const outcomes = all.map((items) => items[index]?.outcome).sort();
			expect(outcomes).toEqual(['pending', 'unknown', 'unknown']);
		}
		expect(requestedPayouts(sandbox).sort()).toEqual([wirePhone(one), wirePhone(two)]);
	});

	it('is sent once for two items of one execution', async () => {
		const id = await saveWithKeys([
			{ ...one, key: 'payout-1' },
			{ ...two, key: 'payout-1' },
			{ ...three, key: 'payout-3' },
		]);
		expect(await run(id)).toEqual([sent(one), notSent(two, 'payout-1'), sent(three)]);
		expect(requestedPayouts(testEnv.sandbox).sort()).toEqual([wirePhone(one), wirePhone(three)]);
	});
});

describe('a key', () => {
	it('can be used again after the request was definitely not carried out', async () => {
		const { sandbox } = testEnv;
		// A definite refusal: redirects are not followed.
		sandbox.faults.add({ kind: 'redirect', path: SEND_MONEY_PATH, next: 1 });
		const id = await saveWithKeys([{ ...one, key: 'payout-1' }]);
		const [rejected] = await run(id);
		expect(rejected).toMatchObject({ details: { outcome: 'failure', status: 302 } });

		expect(await run(id)).toEqual([sent(one)]);
		expect(await run(id)).toEqual([notSent(one, 'payout-1')]);
		expect(requestedPayouts(sandbox)).toHaveLength(2);
		expect(acceptedPayouts(sandbox)).toEqual([wirePhone(one)]);
	});

	it('stays used when the outcome of the request is unknown', async () => {
		const { sandbox } = testEnv;
		sandbox.faults.add({ kind: 'serverError', when: 'before', path: SEND_MONEY_PATH, next: 1 });
		const id = await saveWithKeys([{ ...one, key: 'payout-1' }]);
		const [unknown] = await run(id);
		expect(unknown).toMatchObject({ outcome: 'unknown' });
		expect(unknown).not.toHaveProperty('isDuplicate');
		expect(await run(id)).toEqual([notSent(one, 'payout-1')]);
		expect(requestedPayouts(sandbox)).toHaveLength(1);
	});
});

it('stores the keys of an inline sub-workflow with the calling workflow', async () => {
	const { n8n, sandbox, credential } = testEnv;
	const CALL = 'Call';
	const inner = {
		nodes: [
			node('Called', 'n8n-nodes-base.executeWorkflowTrigger'),
			payoutNode(credential, WITH_KEY),
		],
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
		return jsonOf(execution, CALL);
	};
	expect(await call()).toEqual([sent(one)]);
	expect(await call()).toEqual([notSent(one, 'payout-1')]);
	expect(requestedPayouts(sandbox)).toEqual([wirePhone(one)]);
});

describe('after n8n was stopped or killed', () => {
	const FOLDER = `${RUN}/e2e-duplicate-protection-key`;
	let sandbox: Sandbox;
	let stopN8n: () => Promise<void> = async () => undefined;

	beforeAll(async () => {
		await remove(FOLDER);
		sandbox = await startSandbox({ port: 0 });
	});

	afterAll(async () => {
		await stopN8n();
		await sandbox.close();
	});

	it('a key stays used, even if n8n was killed while sending', async () => {
		const n8n = await startN8n({ folder: FOLDER, onStop: (stop) => (stopN8n = stop) });
		const { client } = n8n;
		const credential = await client.createCredential(
			'Keys',
			'kopoKopoApi',
			sandboxCredentialData(sandbox),
		);
		const saved = async (payee: Payee, key: string) =>
			await savePayouts(client, [{ ...payee, key }], payoutNode(credential, WITH_KEY));

		const first = await saved(one, 'payout-1');
		expect(await runOn(client, first)).toEqual([sent(one)]);
		await n8n.stop();
		await n8n.start();
		expect(await runOn(client, first)).toEqual([notSent(one, 'payout-1')]);
		expect(requestedPayouts(sandbox)).toEqual([wirePhone(one)]);

		const second = await saved(two, 'payout-2');
		sandbox.faults.add({ kind: 'stall', when: 'after', path: SEND_MONEY_PATH, next: 1 });
		await client.run(second, START);
		await waitForPayouts(2);
		await n8n.kill();
		await n8n.start();
		expect(await runOn(client, second)).toEqual([notSent(two, 'payout-2')]);
		expect(requestedPayouts(sandbox)).toEqual([wirePhone(one), wirePhone(two)]);
	});

	const waitForPayouts = async (count: number) =>
		await waitFor(`${count} payouts`, 10_000, () => requestedPayouts(sandbox).length >= count);
});

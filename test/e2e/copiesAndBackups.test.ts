import { copy, ensureDir, readdir, remove } from 'fs-extra';
import type { IDataObject, INode } from 'n8n-workflow';
import { countPassed, deliver, saveReceiver } from '../load/deliveries';
import { payees, type Payee } from '../load/payouts';
import { jsonOf } from '../support/executions';
import { RUN } from '../support/n8nInstallation';
import { type N8n, startN8n } from '../support/n8nProcess';
import { payoutNode, requestedPayouts, savePayouts, wirePhone } from '../support/payoutWorkflow';
import { createTestEnvironment, type TestEnvironment } from '../support/testEnvironment';
import {
	chain,
	connectTo,
	KOPO_KOPO,
	PUBLISHED,
	saveWorkflow,
	START,
	TRIGGER,
	updateNode,
} from '../support/workflows';

// Its own n8n, because its database is replaced.
const FOLDER = `${RUN}/e2e-backups`;
const DATABASE_FOLDER = `${FOLDER}/.n8n`;
const BACKUP = `${RUN}/e2e-backups-copy`;

let n8n: N8n;
let testEnv: TestEnvironment;

beforeAll(async () => {
	await remove(FOLDER);
	n8n = await startN8n({ folder: FOLDER });
	testEnv = await createTestEnvironment(n8n.client);
});

afterAll(async () => {
	await testEnv?.close();
	await n8n?.stop();
});

const WITH_KEY = { duplicateProtectionKey: '={{ $json.key }}' };
const COPY = `${KOPO_KOPO}1`;
const [one, two] = payees(2) as [Payee, Payee];

const SENT = expect.objectContaining({ outcome: 'pending' }) as IDataObject;
const NOT_SENT = expect.objectContaining({ outcome: 'unknown', isDuplicate: true }) as IDataObject;

/** What a node has returned in a new execution of a workflow. */
async function run(workflowId: string, nodeName = KOPO_KOPO): Promise<IDataObject[]> {
	const { client } = n8n;
	return jsonOf(await client.waitForExecution(await client.run(workflowId, START)), nodeName);
}

/** Copies the files of n8n's database from one folder to another. */
async function copyDatabase(from: string, to: string): Promise<void> {
	const filesIn = async (folder: string) =>
		(await readdir(folder)).filter((name) => name.startsWith('database.sqlite'));
	await ensureDir(to);
	for (const name of await filesIn(to)) await remove(`${to}/${name}`);
	for (const name of await filesIn(from)) await copy(`${from}/${name}`, `${to}/${name}`);
}

/** A Send Money node whose item stays in the output when it is not sent. */
const payoutWith = (options: INode['parameters']) =>
	payoutNode(testEnv.credential, options, { onError: 'continueRegularOutput' });

describe('a copy sends what the original has sent, since n8n stores its keys and payouts separately', () => {
	const item = { ...one, key: 'payout-1' };

	beforeEach(async () => await testEnv.sandbox.reset({ keepTokens: true }));

	it.each([
		['with a key', WITH_KEY],
		['without a key', {}],
	])('a copied node in the same workflow, %s', async (_what, options) => {
		const original = payoutWith(options);
		const copied = { ...payoutWith(options), name: COPY };
		const both = await saveWorkflow(n8n.client, [item], [original, copied], {
			[START]: { main: [[connectTo(KOPO_KOPO), connectTo(COPY)]] },
		});
		expect(await run(both)).toEqual([SENT]);
		expect(requestedPayouts(testEnv.sandbox)).toEqual([wirePhone(one), wirePhone(one)]);

		expect(await run(both)).toEqual([NOT_SENT]);
		expect(await run(both, COPY)).toEqual([NOT_SENT]);
		expect(requestedPayouts(testEnv.sandbox)).toHaveLength(2);
	});

	it('a copied workflow, although its nodes have the same IDs', async () => {
		const original = payoutWith(WITH_KEY);
		const first = await savePayouts(n8n.client, [item], original);
		const second = await savePayouts(n8n.client, [item], original);
		expect(await run(first)).toEqual([SENT]);
		expect(await run(second)).toEqual([SENT]);
		expect(await run(first)).toEqual([NOT_SENT]);
		expect(requestedPayouts(testEnv.sandbox)).toHaveLength(2);
	});
});

it('a renamed node keeps its keys', async () => {
	const item = { ...one, key: 'payout-1' };
	const payout = payoutWith(WITH_KEY);
	const id = await saveWorkflow(n8n.client, [item], [payout], chain(START, KOPO_KOPO));
	expect(await run(id)).toEqual([SENT]);
	const { nodes } = await n8n.client.readWorkflow(id);
	await n8n.client.updateWorkflow(id, {
		nodes: nodes.map((saved) => (saved.name === KOPO_KOPO ? { ...saved, name: COPY } : saved)),
		connections: chain(START, COPY),
	});
	expect(await run(id, COPY)).toEqual([NOT_SENT]);
});

describe('a restored database', () => {
	const RECEIVED = 'buygoods_transaction_received';
	const REVERSED = 'buygoods_transaction_reversed';
	/** The workflows: payouts from before the backup and since, one that receives events, one that subscribes. */
	const ids = { before: '', since: '', receiving: '', subscribing: '' };
	let receiverUrl = '';

	const passed = async () =>
		Object.fromEntries(await countPassed(n8n.client, ids.receiving)) as Record<string, number>;
	const subscribed = () =>
		testEnv.sandbox.ledger.subscriptions.map(({ eventType }) => eventType).sort();

	async function publish(...triggerOn: string[]): Promise<void> {
		await updateNode(n8n.client, ids.subscribing, TRIGGER, (trigger) => ({
			...trigger,
			parameters: { ...trigger.parameters, triggerOn },
		}));
		expect(await n8n.client.activate(ids.subscribing)).toEqual(PUBLISHED);
	}

	beforeAll(async () => {
		await testEnv.sandbox.reset({ keepTokens: true });
		const save = async (payee: Payee, key: string) =>
			await savePayouts(n8n.client, [{ ...payee, key }], payoutWith(WITH_KEY));
		ids.before = await save(one, 'payout-1');
		ids.since = await save(two, 'payout-2');
		const receiver = await saveReceiver(n8n.client, testEnv.credential);
		ids.receiving = receiver.workflowId;
		receiverUrl = receiver.url;
		ids.subscribing = await testEnv.saveTrigger();

		expect(await run(ids.before)).toEqual([SENT]);
		await deliver(receiverUrl, ['before'], testEnv.sandbox);
		expect(await passed()).toEqual({ before: 1 });
		await publish(RECEIVED);

		await n8n.stop();
		await copyDatabase(DATABASE_FOLDER, BACKUP);
		await n8n.start();
		expect(await run(ids.since)).toEqual([SENT]);
		expect(await run(ids.since)).toEqual([NOT_SENT]);
		await deliver(receiverUrl, ['since'], testEnv.sandbox);
		expect(await passed()).toEqual({ before: 1, since: 1 });
		await publish(RECEIVED, REVERSED);
		expect(subscribed()).toEqual([RECEIVED, REVERSED]);

		await n8n.stop();
		await copyDatabase(BACKUP, DATABASE_FOLDER);
		await n8n.start();
	});

	it('knows the keys that were used before the backup, and not those used since', async () => {
		expect(await run(ids.before)).toEqual([NOT_SENT]);
		expect(await run(ids.since)).toEqual([SENT]);
		expect(requestedPayouts(testEnv.sandbox)).toEqual([one, two, two].map(wirePhone));
	});

	it('knows the deliveries that were recorded before the backup, and not those since', async () => {
		// The execution of the later delivery is not in the backup either.
		expect(await passed()).toEqual({ before: 1 });
		await deliver(receiverUrl, ['before', 'since'], testEnv.sandbox);
		expect(await passed()).toEqual({ before: 1, since: 1 });
	});

	it('knows the subscriptions that were made before the backup, and makes later ones again', async () => {
		await publish(RECEIVED, REVERSED);
		expect(subscribed()).toEqual([RECEIVED, REVERSED, REVERSED]);
	});
});

import { DataDeduplicationService } from 'n8n-core';
import type { ICheckProcessedContextData, IDataDeduplicator } from 'n8n-workflow';
import { startSandbox, type Sandbox } from '../sandbox/server';
import { payees, payoutRequests, SEND_MONEY_PARAMETERS, SEND_MONEY_PATH } from '../load/payouts';
import {
	newExecution,
	runKopoKopo,
	sandboxCredential,
	type StoredCredential,
} from '../support/nodeContexts';

/** n8n's store in memory, for all tests of this file: n8n has one for a process. */
const kept = new Set<string>();
let whileKeeping: () => void = () => undefined;
let isBroken = false;

const nameOf = (key: unknown, { node, workflow }: ICheckProcessedContextData) =>
	`${workflow.id} ${node?.id ?? ''} ${String(key)}`;

const store: IDataDeduplicator = {
	async checkProcessedAndRecord(items, _scope, context) {
		whileKeeping();
		const fresh = items.filter((key) => !kept.has(nameOf(key, context)));
		for (const key of fresh) kept.add(nameOf(key, context));
		return { new: fresh, processed: items.filter((key) => !fresh.includes(key)) };
	},
	async removeProcessed(items, _scope, context) {
		if (isBroken) throw new Error('The database is locked');
		for (const key of items) kept.delete(nameOf(key, context));
	},
	async clearAllProcessedItems() {},
	async getProcessedDataCount() {
		return kept.size;
	},
};

let sandbox: Sandbox;
let credential: StoredCredential;

beforeAll(async () => await DataDeduplicationService.init(store));
beforeEach(async () => {
	kept.clear();
	whileKeeping = () => undefined;
	isBroken = false;
	sandbox = await startSandbox({ port: 0 });
	credential = sandboxCredential(sandbox);
});
afterEach(async () => await sandbox.close());

const posts = () => payoutRequests(sandbox.ledger.requests);
const paid = () => posts().filter(({ processed }) => processed);

async function pay(
	keys: unknown[],
	more: Partial<Parameters<typeof runKopoKopo>[0]> = {},
	key = '={{ $json.key }}',
) {
	const people = payees(keys.length);
	const items = await runKopoKopo({
		credential,
		parameters: {
			...SEND_MONEY_PARAMETERS,
			options: { duplicateProtectionKey: key, batching: { batch: { batchSize: 1 } } },
		},
		items: people.map((payee, index) => ({ ...payee, key: keys[index] as string })),
		onError: 'continueRegularOutput',
		...more,
	});
	return items.map(({ json }) => json);
}

it('sends once under a key, and says of the others that they were not sent', async () => {
	const [first, second, third] = await pay(['a', ' a ', 'b']);
	expect(first).toMatchObject({ outcome: 'pending' });
	expect(third).toMatchObject({ outcome: 'pending' });
	expect(second).toMatchObject({
		id: null,
		outcome: 'unknown',
		isFinal: false,
		isDuplicate: true,
		amount: 101,
		message: expect.stringMatching(
			/^Not sent: the Duplicate Protection Key 'a' was used before\. Look up/,
		) as string,
	});
	const [again] = await pay(['a']);
	expect(again).toMatchObject({ outcome: 'unknown', isDuplicate: true });
	expect(posts()).toHaveLength(2);
});

it('takes numbers and lists for keys too, and tells them apart', async () => {
	const given = await pay([1, '1', [1], { id: 1 }, { id: 2 }]);
	expect(given.map(({ isDuplicate }) => isDuplicate === true)).toEqual([
		false,
		true,
		false,
		false,
		false,
	]);
});

it('frees a key that Kopo Kopo refused, and sends under it again', async () => {
	sandbox.faults.add({ kind: 'redirect', path: SEND_MONEY_PATH, next: 1 });
	const [refused] = await pay(['a']);
	expect(refused?.error).toMatch(/redirect/);
	expect(kept.size).toBe(0);
	expect(await pay(['a'])).toEqual([expect.objectContaining({ outcome: 'pending' })]);
	expect(paid()).toHaveLength(1);
});

it('frees a key under which nothing was sent, and keeps none for an input that is refused', async () => {
	sandbox.faults.add({
		kind: 'tooManyRequests',
		path: SEND_MONEY_PATH,
		retryAfterSeconds: 3600,
		next: 1,
	});
	await pay(['a']);
	await pay(['b'], { parameters: { ...SEND_MONEY_PARAMETERS, destinations: {} } });
	expect(kept.size).toBe(0);
});

it.each(['reset', 'serverError'] as const)(
	'keeps a key whose request may have been carried out (%s)',
	async (kind) => {
		sandbox.faults.add({ kind, when: 'before', path: SEND_MONEY_PATH, next: 1 });
		const [unknown] = await pay(['a']);
		expect(unknown).toMatchObject({ outcome: 'unknown' });
		expect(unknown).not.toHaveProperty('isDuplicate');
		expect(await pay(['a'])).toEqual([
			expect.objectContaining({ outcome: 'unknown', isDuplicate: true }),
		]);
		expect(posts()).toHaveLength(1);
	},
);

it('is answered from memory by a retry, not called a duplicate of itself', async () => {
	const execution = newExecution();
	const keys = ['a', 'b'];
	const failing = { execution, node: { name: 'Kopo Kopo' } };
	sandbox.faults.add({ kind: 'reset', when: 'before', path: SEND_MONEY_PATH, next: 1 });
	// The third input is refused, so n8n runs the node again.
	const first = await pay([...keys, null], failing);
	const second = await pay([...keys, null], failing);
	expect(second).toEqual(first);
	expect(first.map(({ outcome }) => outcome)).toEqual(['unknown', 'pending', undefined]);
	expect(posts()).toHaveLength(2);
});

it('refuses an item for which the key is nothing, since it would go out unprotected', async () => {
	const [missing, blank] = await pay([undefined, null]);
	for (const item of [missing, blank]) {
		expect(item?.error).toBe("'Duplicate Protection Key' is empty");
		expect(item?.details).toMatchObject({
			outcome: 'failure',
			description: expect.stringContaining('Nothing was sent for this item.') as string,
		});
	}
	expect(posts()).toEqual([]);
});

it.each(['', '   '])('sends without a key where the option is left blank (%p)', async (blank) => {
	expect(await pay(['x'], {}, blank)).toEqual([expect.objectContaining({ outcome: 'pending' })]);
	expect(kept.size).toBe(0);
});

it('frees a key when the execution is stopped before its request is sent', async () => {
	const stop = new AbortController();
	whileKeeping = () => stop.abort();
	const [stopped] = await pay(['a', 'b'], { signal: stop.signal });
	expect(stopped).toMatchObject({
		error: 'The execution was stopped before this item',
		details: { outcome: 'failure' },
	});
	expect(kept.size).toBe(0);
	expect(posts()).toEqual([]);
});

it('sends nothing under a key that n8n cannot keep, as in a workflow that was never saved', async () => {
	whileKeeping = () => {
		throw new Error('FOREIGN KEY constraint failed');
	};
	const [item] = await pay(['a']);
	expect(item).toMatchObject({
		error: "The 'Duplicate Protection Key' could not be kept",
		details: {
			outcome: 'failure',
			description:
				'Nothing was sent for this item. n8n keeps keys with the workflow, so save the workflow first. n8n said: FOREIGN KEY constraint failed',
		},
	});
	expect(sandbox.ledger.requests).toEqual([]);
});

it('says so when a key cannot be freed, and still says why it was refused', async () => {
	isBroken = true;
	sandbox.faults.add({ kind: 'redirect', path: SEND_MONEY_PATH, next: 1 });
	const [refused] = await pay(['a']);
	expect(refused?.error).toMatch(/redirect/);
	expect(refused?.details).toMatchObject({
		outcome: 'failure',
		description: expect.stringContaining("Key 'a' stays used") as string,
	});
	expect(await pay(['a'])).toEqual([expect.objectContaining({ isDuplicate: true })]);
	expect(paid()).toEqual([]);
});

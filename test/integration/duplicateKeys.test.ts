import { DataDeduplicationService } from 'n8n-core';
import { payees, payoutRequests, SEND_MONEY_PARAMETERS, SEND_MONEY_PATH } from '../load/payouts';
import { DeduplicationStore } from '../support/deduplicationStore';
import { newExecution, type RunOptions } from '../support/nodeContexts';
import { sandboxPerTest } from './sandboxPerTest';

/** One for all tests of this file, as n8n has one for a process. */
const store = new DeduplicationStore();

const current = sandboxPerTest();
beforeAll(async () => await DataDeduplicationService.init(store));
beforeEach(() => {
	store.clear();
	store.beforeRead = () => undefined;
});

const posts = () => payoutRequests(current.sandbox.ledger.requests);
const paid = () => posts().filter(({ processed }) => processed);

async function pay(keys: unknown[], more: Partial<RunOptions> = {}, key = '={{ $json.key }}') {
	const people = payees(keys.length);
	const items = await current.run({
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

it('sends one request for each key, and reports the other items as not sent', async () => {
	const [first, second, third] = await pay(['a', ' a ', 'b']);
	expect(first).toMatchObject({ outcome: 'pending' });
	expect(third).toMatchObject({ outcome: 'pending' });
	expect(second).not.toHaveProperty('id');
	expect(second).toMatchObject({
		outcome: 'unknown',
		isDuplicate: true,
		amount: 101,
		message: expect.stringMatching(
			/^Not sent: the Duplicate Protection Key 'a' was used before\. Look in the Kopo Kopo dashboard/,
		) as string,
	});
	const [again] = await pay(['a']);
	expect(again).toMatchObject({ outcome: 'unknown', isDuplicate: true });
	expect(posts()).toHaveLength(2);
});

it('releases the key of a request that was rejected, and sends under it again', async () => {
	current.sandbox.faults.add({ kind: 'redirect', path: SEND_MONEY_PATH, next: 1 });
	const [rejected] = await pay(['a']);
	expect(rejected?.error).toMatch(/redirect/);
	expect(store.size()).toBe(0);
	expect(await pay(['a'])).toEqual([expect.objectContaining({ outcome: 'pending' })]);
	expect(paid()).toHaveLength(1);
});

it('releases the key of a request that was not processed, and claims none for invalid input', async () => {
	current.sandbox.faults.add({
		kind: 'tooManyRequests',
		path: SEND_MONEY_PATH,
		retryAfterSeconds: 3600,
		next: 1,
	});
	await pay(['a']);
	await pay(['b'], { parameters: { ...SEND_MONEY_PARAMETERS, destinations: {} } });
	expect(store.size()).toBe(0);
});

it('does not report a retried item as a duplicate of itself', async () => {
	const execution = newExecution();
	const keys = ['a', 'b'];
	const failing = { execution, node: { name: 'Kopo Kopo' } };
	current.sandbox.faults.add({ kind: 'reset', when: 'before', path: SEND_MONEY_PATH, next: 1 });
	// The third input is rejected, so n8n runs the node again.
	const first = await pay([...keys, null], failing);
	const second = await pay([...keys, null], failing);
	expect(second).toEqual(first);
	expect(first.map(({ outcome }) => outcome)).toEqual(['unknown', 'pending', undefined]);
	expect(posts()).toHaveLength(2);
});

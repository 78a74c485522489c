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
			/^Not sent: the Duplicate Protection Key 'a' was used before\. Look up/,
		) as string,
	});
	const [again] = await pay(['a']);
	expect(again).toMatchObject({ outcome: 'unknown', isDuplicate: true });
	expect(posts()).toHaveLength(2);
});

it('rejects a key that a spreadsheet has damaged, and sends nothing for it', async () => {
	const damaged = [
		'#REF!',
		'1.23457E+12',
		'12345.0',
		Number('12345678901234567890'),
		'a\nb',
		'undefined',
	];
	for (const { error } of await pay(damaged)) {
		expect(String(error)).toContain("'Duplicate Protection Key'");
	}
	expect(posts()).toEqual([]);
});

it('accepts numbers, lists and objects as keys, and takes 1 and "1" for the same key', async () => {
	const outputs = await pay([1, '1', [1], { id: 1 }, { id: 2 }]);
	expect(outputs.map(({ isDuplicate }) => isDuplicate === true)).toEqual([
		false,
		true,
		false,
		false,
		false,
	]);
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

it.each(['reset', 'serverError'] as const)(
	'keeps the key of a request that may have been carried out (%s)',
	async (kind) => {
		current.sandbox.faults.add({ kind, when: 'before', path: SEND_MONEY_PATH, next: 1 });
		const [unknown] = await pay(['a']);
		expect(unknown).toMatchObject({ outcome: 'unknown' });
		expect(unknown).not.toHaveProperty('isDuplicate');
		expect(await pay(['a'])).toEqual([
			expect.objectContaining({ outcome: 'unknown', isDuplicate: true }),
		]);
		expect(posts()).toHaveLength(1);
	},
);

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

it('rejects an item whose key is undefined or null', async () => {
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

it.each(['', '   '])(
	'sends without claiming a key when the option is blank (%p)',
	async (blank) => {
		expect(await pay(['x'], {}, blank)).toEqual([expect.objectContaining({ outcome: 'pending' })]);
		// The entries of the comparison with earlier executions, which an item with a key does not have.
		expect(store.size()).toBe(4);
	},
);

it('releases the key when the execution is stopped before the request is sent', async () => {
	const stop = new AbortController();
	store.beforeRead = () => stop.abort();
	const [stopped] = await pay(['a', 'b'], { signal: stop.signal });
	expect(stopped).toMatchObject({
		error: 'The execution was stopped before this item',
		details: { outcome: 'failure' },
	});
	expect(store.size()).toBe(0);
	expect(posts()).toEqual([]);
});

it('sends nothing when n8n cannot store the key, as in a workflow that was never saved', async () => {
	store.beforeRead = () => {
		throw new Error('FOREIGN KEY constraint failed');
	};
	const [item] = await pay(['a']);
	expect(item).toMatchObject({
		error: "The 'Duplicate Protection Key' could not be stored",
		details: {
			outcome: 'failure',
			description:
				'Nothing was sent for this item. n8n stores keys with the workflow, so save the workflow first. n8n said: FOREIGN KEY constraint failed',
		},
	});
	expect(current.sandbox.ledger.requests).toEqual([]);
});

it('reports why a request was rejected, and that its key could not be released', async () => {
	store.beforeRead = (operation) => {
		if (operation === 'remove') throw new Error('The database is locked');
	};
	current.sandbox.faults.add({ kind: 'redirect', path: SEND_MONEY_PATH, next: 1 });
	const [rejected] = await pay(['a']);
	expect(rejected?.error).toMatch(/redirect/);
	expect(rejected?.details).toMatchObject({
		outcome: 'failure',
		description: expect.stringContaining("Key 'a' stays used") as string,
	});
	expect(await pay(['a'])).toEqual([expect.objectContaining({ isDuplicate: true })]);
	expect(paid()).toEqual([]);
});

import fc from 'fast-check';
import type { IExecuteFunctions } from 'n8n-workflow';
import { kopoKopoNode } from './testData';
import { DeduplicationStore } from '../support/deduplicationStore';
import { loadAnew } from '../support/isolatedModules';

type RepeatEntries = typeof import('../../nodes/KopoKopo/execution/repeatEntries');
type DuplicateKeys = typeof import('../../nodes/KopoKopo/execution/duplicateKeys');

// Time is counted in turns of the event loop, so that it does not depend on the machine: as many turns as
// the product waits milliseconds before it trusts a claim.
jest.mock('../../nodes/KopoKopo/n8n/sleep', () => ({
	abortableSleep: async (ms: number) => await turns(ms),
}));

async function turns(count: number): Promise<void> {
	for (let turn = 0; turn < count; turn++) await Promise.resolve();
}

/** The module as each of two processes of n8n has it, with a queue of its own. */
const processes = Array.from({ length: 2 }, () =>
	loadAnew(() => jest.requireActual<DuplicateKeys>('../../nodes/KopoKopo/execution/duplicateKeys')),
) as [DuplicateKeys, DuplicateKeys];
const [{ releaseDuplicateKey }] = processes;

/** As `processes`. */
const payoutProcesses = Array.from({ length: 2 }, () =>
	loadAnew(() => jest.requireActual<RepeatEntries>('../../nodes/KopoKopo/execution/repeatEntries')),
) as [RepeatEntries, RepeatEntries];

/** The context of an execution of one node. */
function execution(
	store: DeduplicationStore,
	workflowId = 'workflow',
	nodeId = 'node',
): IExecuteFunctions {
	return {
		getWorkflow: () => ({ id: workflowId, active: true }),
		getNode: () => ({ ...kopoKopoNode, id: nodeId }),
		helpers: store.helpersFor(nodeId, workflowId),
	} as unknown as IExecuteFunctions;
}

let store: DeduplicationStore;
beforeEach(() => {
	store = new DeduplicationStore();
	store.beforeRead = async () => await turns(3);
	store.beforeWrite = async () => await turns(3);
});

const TARGET = {
	environment: 'sandbox',
	baseUrl: 'https://sandbox.kopokopo.com',
	clientId: 'client',
	apiVersion: 'v2',
	path: '/api/v2/send_money',
};

const isClaimed = async (
	context: IExecuteFunctions,
	key: string,
	itemIndex: number,
	{ claimDuplicateKey }: DuplicateKeys = processes[0],
) => (await claimDuplicateKey(context, key, TARGET, itemIndex)) === undefined;

const claims = async (context: IExecuteFunctions, ...keys: string[]) =>
	await Promise.all(keys.map(async (key, item) => await isClaimed(context, key, item)));

describe('claims within one process', () => {
	it('succeed once for each key when several are made at the same time', async () => {
		expect(await claims(execution(store), 'a', 'b', 'a', 'a', 'b')).toEqual([
			true,
			true,
			false,
			false,
			false,
		]);
		expect(await claims(execution(store), 'a', 'c')).toEqual([false, true]);
	});

	it('of one key succeed in one of two executions that make them at the same time', async () => {
		const both = await Promise.all([
			claims(execution(store), 'a', 'b'),
			claims(execution(store), 'b', 'a'),
		]);
		expect(both).toEqual([
			[true, true],
			[false, false],
		]);
	});

	it('of one key by two applications say which one did not get it', async () => {
		const context = execution(store);
		const targets = [TARGET, { ...TARGET, clientId: 'other' }, TARGET];
		const usedWith = await Promise.all(
			targets.map(
				async (target, item) => await processes[0].claimDuplicateKey(context, 'a', target, item),
			),
		);
		expect(usedWith).toEqual([
			undefined,
			'environment sandbox at https://sandbox.kopokopo.com, with a client ID other than other',
			'environment sandbox at https://sandbox.kopokopo.com, client ID client',
		]);
	});

	it('of one key succeed for each node and each workflow', async () => {
		const contexts = [
			execution(store, 'one', 'n'),
			execution(store, 'one', 'm'),
			execution(store, 'two', 'n'),
		];
		const results = await Promise.all(contexts.map(async (context) => await claims(context, 'a')));
		expect(results).toEqual([[true], [true], [true]]);
	});

	it('are kept when another key is released at the same time', async () => {
		const context = execution(store);
		await claims(context, 'refused');
		await Promise.all([
			releaseDuplicateKey(context, 'refused', TARGET),
			claims(context, 'a'),
			claims(context, 'b'),
		]);
		expect(await claims(context, 'a', 'b', 'refused')).toEqual([false, false, true]);
	});

	it('succeed again after a release, and only then', async () => {
		const context = execution(store);
		expect(await claims(context, 'a')).toEqual([true]);
		expect(await releaseDuplicateKey(context, 'a', TARGET)).toBe(true);
		expect(await claims(context, 'a')).toEqual([true]);
		expect(await claims(context, 'a')).toEqual([false]);
	});

	it('fail for their item while the store fails, and succeed afterwards', async () => {
		const context = execution(store);
		store.beforeRead = () => {
			throw new Error('SQLITE_CONSTRAINT: FOREIGN KEY constraint failed');
		};
		await expect(isClaimed(context, 'a', 7)).rejects.toMatchObject({
			message: "The 'Duplicate Protection Key' could not be stored",
			description: expect.stringMatching(
				/^Nothing was sent for this item\. .* save the workflow first\. n8n reported: SQLITE_CONSTRAINT/,
			) as string,
			context: { itemIndex: 7 },
		});
		expect(await releaseDuplicateKey(context, 'a', TARGET)).toBe(false);
		store.beforeRead = () => undefined;
		expect(await claims(context, 'a', 'b')).toEqual([true, true]);
	});

	it('of 1,000 keys take at most six writes', async () => {
		const keys = Array.from({ length: 1000 }, (_, index) => `payout-${index}`);
		const results = await claims(execution(store), ...keys);
		expect(results.every((isNew) => isNew)).toBe(true);
		// Each key with the client ID that it was used with.
		expect(store.size('node')).toBe(2000);
		// The first key is claimed alone. Each of the two claims writes, verifies and removes its marks.
		expect(store.writes).toBeLessThanOrEqual(6);
	});

	it('leave a key with one holder at a time, in any order of claims and releases', async () => {
		const step = fc.record({
			key: fc.constantFrom('a', 'b', 'c'),
			isRefused: fc.boolean(),
			before: fc.nat(45),
			during: fc.nat(45),
			execution: fc.nat(1),
		});
		await fc.assert(
			fc.asyncProperty(
				fc.array(step, { minLength: 2, maxLength: 12 }),
				fc.infiniteStream(fc.nat(22)),
				async (steps, delays) => {
					const own = new DeduplicationStore();
					const delay = async () => await turns(delays.next().value as number);
					own.beforeRead = delay;
					own.beforeWrite = delay;
					const executions = [execution(own), execution(own)];
					const holders = new Map<string, number>();
					const sent = new Set<string>();
					await Promise.all(
						steps.map(async ({ key, isRefused, before, during, execution: which }) => {
							const context = executions[which] as IExecuteFunctions;
							await turns(before);
							if (!(await isClaimed(context, key, 0))) return;
							const others = holders.get(key) ?? 0;
							expect(others).toBe(0);
							expect(sent.has(key)).toBe(false);
							holders.set(key, others + 1);
							await turns(during);
							holders.set(key, others);
							if (isRefused) await releaseDuplicateKey(context, key, TARGET);
							else sent.add(key);
						}),
					);
					for (const done of sent)
						expect(await isClaimed(executions[0] as IExecuteFunctions, done, 0)).toBe(false);
				},
			),
			{ numRuns: 300 },
		);
	});
});

/** Every mix of how long two processes take between read and write, and how much later the second begins. */
const RACES = [1, 10, 40].flatMap((one) =>
	[1, 10, 40].flatMap((other) =>
		[0, 5, 20, 60, 155, 190].flatMap((later) =>
			[true, false].map((hasRow) => ({ gaps: [one, other], later, hasRow })),
		),
	),
);

describe('claims of two processes at the same time', () => {
	let races = 0;

	/** Lets each process claim one of the keys. */
	async function race({ gaps, later, hasRow }: (typeof RACES)[number], keys: [string, string]) {
		const own = new DeduplicationStore();
		const nodeId = `node-${++races}`;
		const context = execution(own, 'workflow', nodeId);
		if (hasRow)
			await context.helpers.checkProcessedAndRecord(['older'], 'node', { mode: 'entries' });
		let operations = 0;
		own.beforeWrite = async () => await turns(gaps[operations++ % gaps.length] ?? 0);
		const results = await Promise.all(
			processes.map(async (each, index) => {
				await turns(index * later);
				return await isClaimed(context, keys[index] ?? '', 0, each);
			}),
		);
		return { results, isKept: keys.map((key) => own.has(`key ${TARGET.baseUrl} ${key}`, nodeId)) };
	}

	it('of one key succeed in one of them', async () => {
		const winners = await Promise.all(
			RACES.map(async (meeting) => {
				const { results } = await race(meeting, ['payout-1', 'payout-1']);
				return { meeting, count: results.filter(Boolean).length };
			}),
		);
		expect(winners).toEqual(RACES.map((meeting) => ({ meeting, count: 1 })));
	});

	it('of two keys succeed, and both keys are kept', async () => {
		const outcomes = await Promise.all(
			RACES.map(async (meeting) => ({
				meeting,
				...(await race(meeting, ['payout-0', 'payout-1'])),
			})),
		);
		expect(outcomes).toEqual(
			RACES.map((meeting) => ({ meeting, results: [true, true], isKept: [true, true] })),
		);
	});
});

describe('claims of a payout with some entries in common, as in neighbouring periods', () => {
	const ENTRIES: [string[], string[]] = [
		['10', '11', '12'],
		['11', '12', '13'],
	];
	const ORDERS = [
		[0, 1],
		[1, 0],
	] as const;

	/** As a payout does it: what was written for a claim that is refused is removed. */
	async function claimOne(
		context: IExecuteFunctions,
		{ claimEntries, releaseEntries }: RepeatEntries,
		entries: string[],
	): Promise<boolean> {
		const taken = await claimEntries(context, 'payout', entries);
		if (taken.length === 0) return true;
		const written = entries.filter((entry) => !taken.includes(entry));
		await releaseEntries(context, 'payout', written);
		return false;
	}

	const keptEntries = (own: DeduplicationStore, nodeId: string) =>
		['10', '11', '12', '13'].filter((entry) => own.has(entry, nodeId));

	it.each(ORDERS)(
		'succeed in one of two processes, and all of its entries are kept (%d first)',
		async (first, last) => {
			const outcomes = await Promise.all(
				RACES.map(async ({ gaps, later }, index) => {
					const own = new DeduplicationStore();
					const nodeId = `payouts-${first}-${index}`;
					const context = execution(own, 'workflow', nodeId);
					let operations = 0;
					own.beforeWrite = async () => await turns(gaps[operations++ % gaps.length] ?? 0);
					const claims = [ENTRIES[first], ENTRIES[last]] as const;
					const results = await Promise.all(
						claims.map(async (entries, at) => {
							await turns(at * later);
							return await claimOne(context, payoutProcesses[at] as RepeatEntries, entries);
						}),
					);
					const winner = claims[results.indexOf(true)];
					const kept = keptEntries(own, nodeId);
					const isKept = winner?.every((entry) => kept.includes(entry));
					return { results: results.sort(), isKept };
				}),
			);
			expect(outcomes).toEqual(RACES.map(() => ({ results: [false, true], isKept: true })));
		},
	);

	it.each(ORDERS)(
		'succeed in one of two executions of a process, and all of its entries are kept (%d first)',
		async (first, last) => {
			const nodeId = `payouts-of-one-process-${first}`;
			const context = execution(store, 'workflow', nodeId);
			const results = await Promise.all(
				[ENTRIES[first], ENTRIES[last]].map(
					async (entries) => await claimOne(context, payoutProcesses[0], entries),
				),
			);
			expect(results).toEqual([true, false]);
			expect(keptEntries(store, nodeId)).toEqual(ENTRIES[first]);
		},
	);
});

it('gives a claim up that other processes always overwrite, and says that nothing was sent', async () => {
	store.beforeRead = () => store.clear();
	await expect(isClaimed(execution(store), 'payout-1', 0)).rejects.toMatchObject({
		message: "The 'Duplicate Protection Key' could not be stored",
		description: expect.stringContaining('Nothing was sent for this item.') as string,
	});
});

describe('a database that fails during a claim', () => {
	/** Lets the store fail at some of its calls, counted from 0. */
	const failAt = (...calls: number[]) => {
		let call = 0;
		store.beforeRead = () => {
			if (calls.includes(call++)) throw new Error('SQLITE_BUSY: database is locked');
		};
	};

	it.each([[[0]], [[0, 1]], [[1]], [[1, 2]], [[0, 2, 3, 4]]])(
		'(its calls %j) does not prevent that the key is claimed once',
		async (calls) => {
			failAt(...calls);
			expect(await isClaimed(execution(store), 'a', 0)).toBe(true);
			expect(await isClaimed(execution(store), 'a', 0)).toBe(false);
		},
	);

	it.each([[[0, 1, 2, 3, 4]], [[1, 2, 3, 4, 5]]])(
		'and fails again (its calls %j) causes an error that says that the key may count as used, and not to save the workflow',
		async (calls) => {
			failAt(...calls);
			const claim = isClaimed(execution(store), 'a', 0);
			await expect(claim).rejects.toMatchObject({
				description: expect.stringMatching(
					/did not respond.*may now count as used.*SQLITE_BUSY/,
				) as string,
			});
			await expect(claim).rejects.not.toMatchObject({
				description: expect.stringContaining('save the workflow') as string,
			});
		},
	);

	it('but has written the claim does not make the key count as used before', async () => {
		let call = 0;
		const write = store.checkProcessedAndRecord.bind(store);
		const context = execution(store);
		context.helpers.checkProcessedAndRecord = async (items, scope, options) => {
			const output = await write(
				items,
				scope,
				{ node: { id: 'node' }, workflow: { id: 'workflow', active: true } } as Parameters<
					typeof write
				>[2],
				options,
			);
			if (call++ === 0) throw new Error('Connection terminated');
			return output;
		};
		await expect(isClaimed(context, 'a', 0)).rejects.toMatchObject({
			description: expect.stringMatching(/may now count as used/) as string,
		});
	});
});

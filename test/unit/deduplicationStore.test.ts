import fc from 'fast-check';
import type { DeduplicationItemTypes, IExecuteFunctions } from 'n8n-workflow';
import {
	claimDuplicateKey,
	releaseDuplicateKey,
} from '../../nodes/KopoKopo/execution/duplicateKeys';
import { kopoKopoNode } from './testData';

// As long as it takes, in turns: longer than the store below takes for anything.
jest.mock('../../nodes/KopoKopo/n8n/sleep', () => ({
	abortableSleep: async () => await turns(40),
}));

/** Lets everything else have its turn, a few times over. */
async function turns(count: number): Promise<void> {
	for (let turn = 0; turn < count; turn++) await Promise.resolve();
}

/**
 * n8n's deduplication store (its deduplication-helper): one row for each node of a workflow, read,
 * changed and written back without a lock, and a database in between.
 */
class Store {
	readonly rows = new Map<string, string[]>();
	writes = 0;
	broken: Error | undefined;
	/** How many turns the next read or write takes; two of them decide who is overtaken. */
	delay = () => 3;

	async claim(place: string, keys: string[]) {
		const row = await this.read(place);
		const known = new Set(row);
		const fresh = keys.filter((key) => !known.has(key));
		await this.write(place, [...row, ...fresh]);
		return { new: fresh, processed: keys.filter((key) => known.has(key)) };
	}

	async release(place: string, keys: string[]) {
		const row = await this.read(place);
		await this.write(
			place,
			row.filter((key) => !keys.includes(key)),
		);
	}

	private async read(place: string) {
		await turns(this.delay());
		if (this.broken) throw this.broken;
		return [...(this.rows.get(place) ?? [])];
	}

	private async write(place: string, row: string[]) {
		await turns(this.delay());
		this.writes += 1;
		this.rows.set(place, row);
	}
}

/** What an execution of one node sees of it. */
function execution(store: Store, workflowId = 'workflow', nodeId = 'node'): IExecuteFunctions {
	const place = `${workflowId} ${nodeId}`;
	const texts = (items: DeduplicationItemTypes[]) => items.map(String);
	return {
		getWorkflow: () => ({ id: workflowId, active: true }),
		getNode: () => ({ ...kopoKopoNode, id: nodeId }),
		helpers: {
			checkProcessedAndRecord: async (items: DeduplicationItemTypes[]) =>
				await store.claim(place, texts(items)),
			removeProcessed: async (items: DeduplicationItemTypes[]) =>
				await store.release(place, texts(items)),
		},
	} as unknown as IExecuteFunctions;
}

let store: Store;
beforeEach(() => (store = new Store()));

const claims = async (context: IExecuteFunctions, ...keys: string[]) =>
	await Promise.all(keys.map(async (key, item) => await claimDuplicateKey(context, key, item)));

describe('a duplicate protection key', () => {
	it('is given to the first of those who ask for it at once', async () => {
		expect(await claims(execution(store), 'a', 'b', 'a', 'a', 'b')).toEqual([
			true,
			true,
			false,
			false,
			false,
		]);
		expect(await claims(execution(store), 'a', 'c')).toEqual([false, true]);
	});

	it('is given to one of two executions that ask at once', async () => {
		const both = await Promise.all([
			claims(execution(store), 'a', 'b'),
			claims(execution(store), 'b', 'a'),
		]);
		expect(both).toEqual([
			[true, true],
			[false, false],
		]);
	});

	it('belongs to one node of one workflow', async () => {
		const places = [
			execution(store, 'one', 'n'),
			execution(store, 'one', 'm'),
			execution(store, 'two', 'n'),
		];
		const given = await Promise.all(places.map(async (context) => await claims(context, 'a')));
		expect(given).toEqual([[true], [true], [true]]);
	});

	it('is not lost when another one is freed at the same time', async () => {
		const context = execution(store);
		await claims(context, 'refused');
		await Promise.all([
			releaseDuplicateKey(context, 'refused'),
			claims(context, 'a'),
			claims(context, 'b'),
		]);
		expect(await claims(context, 'a', 'b', 'refused')).toEqual([false, false, true]);
	});

	it('can be used again once it is freed, and only then', async () => {
		const context = execution(store);
		expect(await claims(context, 'a')).toEqual([true]);
		expect(await releaseDuplicateKey(context, 'a')).toBe(true);
		expect(await claims(context, 'a')).toEqual([true]);
		expect(await claims(context, 'a')).toEqual([false]);
	});

	it('that cannot be kept stops its item, and nothing after it', async () => {
		const context = execution(store);
		store.broken = new Error('SQLITE_CONSTRAINT: FOREIGN KEY constraint failed');
		await expect(claimDuplicateKey(context, 'a', 7)).rejects.toMatchObject({
			message: "The 'Duplicate Protection Key' could not be kept",
			description: expect.stringMatching(
				/^Nothing was sent for this item\. .* save the workflow first\. n8n said: SQLITE_CONSTRAINT/,
			) as string,
			context: { itemIndex: 7 },
		});
		expect(await releaseDuplicateKey(context, 'a')).toBe(false);
		store.broken = undefined;
		expect(await claims(context, 'a', 'b')).toEqual([true, true]);
	});

	it('of a thousand items costs few writes of the list', async () => {
		const keys = Array.from({ length: 1000 }, (_, index) => `payout-${index}`);
		const given = await claims(execution(store), ...keys);
		expect(given.every((isNew) => isNew)).toBe(true);
		expect(store.rows.get('workflow node')).toHaveLength(1000);
		// The first goes ahead alone; each of the two claims, looks again, and removes its marks.
		expect(store.writes).toBeLessThanOrEqual(6);
	});

	it('has one holder at a time, whoever asks and frees in whatever order', async () => {
		const key = fc.constantFrom('a', 'b', 'c');
		const step = fc.record({
			key,
			isRefused: fc.boolean(),
			before: fc.nat(12),
			during: fc.nat(12),
			execution: fc.nat(1),
		});
		await fc.assert(
			fc.asyncProperty(
				fc.array(step, { minLength: 2, maxLength: 12 }),
				fc.infiniteStream(fc.nat(6)),
				async (steps, delays) => {
					const own = new Store();
					own.delay = () => delays.next().value as number;
					const executions = [execution(own), execution(own)];
					const holders = new Map<string, number>();
					const sent = new Set<string>();
					await Promise.all(
						steps.map(async ({ key: wanted, isRefused, before, during, execution: which }) => {
							const context = executions[which] as IExecuteFunctions;
							await turns(before);
							if (!(await claimDuplicateKey(context, wanted, 0))) return;
							const others = holders.get(wanted) ?? 0;
							expect(others).toBe(0);
							expect(sent.has(wanted)).toBe(false);
							holders.set(wanted, others + 1);
							await turns(during);
							holders.set(wanted, others);
							if (isRefused) await releaseDuplicateKey(context, wanted);
							else sent.add(wanted);
						}),
					);
					for (const done of sent)
						expect(await claimDuplicateKey(executions[0] as IExecuteFunctions, done, 0)).toBe(
							false,
						);
				},
			),
			{ numRuns: 300 },
		);
	});
});

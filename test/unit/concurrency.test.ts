import { mapConcurrently } from '../../nodes/KopoKopo/execution/concurrency';

const slept: number[] = [];
let duringSleep: () => void = () => undefined;

jest.mock('n8n-workflow', () => ({
	...jest.requireActual<object>('n8n-workflow'),
	async sleep(ms: number, signal?: AbortSignal) {
		slept.push(ms);
		// A loop that never ends would never let go of the process.
		if (slept.length > 1000) await new Promise(() => undefined);
		duringSleep();
		signal?.throwIfAborted();
	},
}));

afterEach(() => jest.restoreAllMocks());

beforeEach(() => {
	slept.length = 0;
	duringSleep = () => undefined;
});

/** Runs all that waits for nothing but its turn. */
async function settle(): Promise<void> {
	for (let turn = 0; turn < 50; turn++) await Promise.resolve();
}

/** Work that stays in progress until the test ends it. */
function held() {
	const started: number[] = [];
	const ends = new Map<number, { done(): void; broken(error: unknown): void }>();
	const work = async (index: number) =>
		await new Promise<string>((resolve, reject) => {
			started.push(index);
			ends.set(index, { done: () => resolve(`result ${index}`), broken: reject });
		});
	const finish = async (...indices: number[]) => {
		for (const index of indices) ends.get(index)?.done();
		await settle();
	};
	const fail = async (index: number, error: unknown) => {
		ends.get(index)?.broken(error);
		await settle();
	};
	return { started, work, finish, fail };
}

const quick = async (index: number) => await Promise.resolve(index * 10);

describe('without an interval', () => {
	test('starts as many items as the batch size, and another when one ends', async () => {
		const { started, work, finish } = held();
		const all = mapConcurrently(5, { batchSize: 2 }, work);
		await settle();
		expect(started).toEqual([0, 1]);

		await finish(1);
		expect(started).toEqual([0, 1, 2]);

		await finish(2);
		await finish(0, 3);
		await finish(4);

		expect(await all).toEqual(['result 0', 'result 1', 'result 2', 'result 3', 'result 4']);
		expect(slept).toEqual([]);
	});

	test('starts ten items at once by default', async () => {
		const { started, work, finish } = held();
		const all = mapConcurrently(12, {}, work);
		await settle();

		expect(started).toHaveLength(10);
		await finish(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
		await finish(10, 11);
		expect(await all).toHaveLength(12);
	});

	/** How busy n8n's process is, each time it is looked at. */
	function utilizations(...shares: number[]) {
		jest.spyOn(performance, 'eventLoopUtilization').mockImplementation((since) => ({
			idle: 0,
			active: 0,
			utilization: since === undefined ? 0 : (shares.shift() ?? 0),
		}));
	}

	test('starts many items in groups while n8n is idle', async () => {
		utilizations(0.1, 0.1);
		const { started, work, finish } = held();
		const startedBefore: number[] = [];
		duringSleep = () => startedBefore.push(started.length);
		const all = mapConcurrently(120, { batchSize: 1000 }, work);
		await settle();

		expect(started).toHaveLength(120);
		expect(startedBefore).toEqual([50, 100]);
		await finish(...started);
		expect(await all).toHaveLength(120);
	});

	test('starts no further group while n8n is busy, only the next item when one ends', async () => {
		utilizations(1, 0.95, 0.8, 0.1);
		const { started, work, finish } = held();
		const startedBefore: number[] = [];
		duringSleep = () => {
			void finish(startedBefore.length);
			startedBefore.push(started.length);
		};
		const all = mapConcurrently(100, { batchSize: 1000 }, work);
		await settle();
		await settle();

		expect(startedBefore).toEqual([50, 51, 52, 53]);
		expect(started).toHaveLength(100);
		await finish(...started);
		await finish(...started);
		expect(await all).toHaveLength(100);
	});

	test('runs all items although n8n stays busy', async () => {
		jest
			.spyOn(performance, 'eventLoopUtilization')
			.mockReturnValue({ idle: 0, active: 1, utilization: 1 });

		const results = await mapConcurrently(200, { batchSize: 200 }, quick);

		expect(results).toEqual(Array.from({ length: 200 }, (_, index) => index * 10));
	});

	test('starts no further item after a cancel between two groups', async () => {
		const cancelled = new AbortController();
		const { started, work, finish } = held();
		duringSleep = () => cancelled.abort();
		const all = mapConcurrently(1000, { batchSize: Infinity }, work, { signal: cancelled.signal });
		await settle();

		expect(started).toHaveLength(50);
		await finish(...started);
		expect((await all).filter((result) => result !== undefined)).toHaveLength(50);
	});

	test('returns the results in the order of the items', async () => {
		const { work, finish } = held();
		const all = mapConcurrently(3, { batchSize: 3 }, work);
		await settle();

		await finish(2);
		await finish(1);
		await finish(0);

		expect(await all).toEqual(['result 0', 'result 1', 'result 2']);
	});

	test.each([
		[0, []],
		[1, [0]],
		[3, [0, 10, 20]],
	])('gives %d items their results', async (count, results) => {
		expect(await mapConcurrently(count, {}, quick)).toEqual(results);
	});

	test.each([1, 0, -1, 0.5])(
		'starts one item after the other with a size of %d',
		async (batchSize) => {
			const { started, work, finish } = held();
			const all = mapConcurrently(2, { batchSize }, work);
			await settle();

			expect(started).toEqual([0]);
			await finish(0);
			await finish(1);
			expect(await all).toEqual(['result 0', 'result 1']);
		},
	);
});

describe('an item that throws', () => {
	test('is thrown once the items in progress have ended, and no other item starts', async () => {
		const { started, work, finish, fail } = held();
		const settled = jest.fn();
		const all = mapConcurrently(5, { batchSize: 3 }, work);
		all.then(settled, settled);
		await settle();

		await fail(1, new Error('refused'));
		expect(settled).not.toHaveBeenCalled();
		await finish(0);
		expect(settled).not.toHaveBeenCalled();
		expect(started).toEqual([0, 1, 2]);
		await finish(2);

		await expect(all).rejects.toThrow('refused');
		expect(started).toEqual([0, 1, 2]);
	});

	test('is thrown if it was the first of several', async () => {
		const { work, fail } = held();
		const all = mapConcurrently(2, {}, work);
		const outcome = expect(all).rejects.toThrow('the first');
		await settle();

		await fail(1, new Error('the first'));
		await fail(0, new Error('the second'));

		await outcome;
	});

	test('starts no further batch and no further interval', async () => {
		const started: number[] = [];
		const work = async (index: number) => {
			started.push(index);
			return await Promise.reject<string>(new Error(`item ${index}`));
		};

		await expect(mapConcurrently(4, { batchSize: 1, batchInterval: 1000 }, work)).rejects.toThrow(
			'item 0',
		);
		expect(started).toEqual([0]);
		expect(slept).toEqual([]);
	});
});

describe('batches with an interval', () => {
	test('end before the interval starts, and no interval follows the last', async () => {
		const { started, work, finish } = held();
		const all = mapConcurrently(5, { batchSize: 2, batchInterval: 1000 }, work);
		await settle();
		expect(started).toEqual([0, 1]);

		await finish(0);
		expect(started).toEqual([0, 1]);
		expect(slept).toEqual([]);

		await finish(1);
		expect(slept).toEqual([1000]);
		expect(started).toEqual([0, 1, 2, 3]);

		await finish(2, 3);
		await finish(4);

		expect(await all).toHaveLength(5);
		expect(slept).toEqual([1000, 1000]);
	});
});

describe('a cancelled execution', () => {
	test('starts no further item, and keeps the results of the items in progress', async () => {
		const cancelling = new AbortController();
		const { started, work, finish } = held();
		const all = mapConcurrently(4, { batchSize: 2 }, work, { signal: cancelling.signal });
		await settle();

		cancelling.abort();
		await finish(0, 1);

		expect(await all).toEqual(['result 0', 'result 1', undefined, undefined]);
		expect(started).toEqual([0, 1]);
	});

	test('ends the interval between two batches and starts no further batch', async () => {
		const cancelling = new AbortController();
		duringSleep = () => cancelling.abort();

		const results = await mapConcurrently(3, { batchSize: 1, batchInterval: 60_000 }, quick, {
			signal: cancelling.signal,
		});

		expect(results).toEqual([0, undefined, undefined]);
		expect(slept).toEqual([60_000]);
	});

	test('starts no item when it was cancelled before', async () => {
		const work = jest.fn(quick);

		expect(await mapConcurrently(2, {}, work, { signal: AbortSignal.abort() })).toEqual([
			undefined,
			undefined,
		]);
		expect(work).not.toHaveBeenCalled();
	});
});

test('items that never started have a place in the results', async () => {
	const results = await mapConcurrently(3, { batchSize: 1 }, quick, { stopsAfter: () => true });
	expect(results).toStrictEqual([0, undefined, undefined]);
});

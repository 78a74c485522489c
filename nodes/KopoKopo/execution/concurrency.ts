import { abortableSleep } from '../n8n/sleep';

/** As the user set it; what is missing takes its default. */
export interface Batching {
	/** How many are under way at once; 10 unless told. */
	batchSize?: number;
	/** ms between two batches; 0 unless told, and then there are no batches but a steady flow. */
	batchInterval?: number;
}

/** So many start in the same moment; more only while n8n's process has nothing to do but wait for answers. */
const START_GROUP_SIZE = 50;
const IDLE_CHECK_MS = 10;
/** The share of its time at work from which more items at once would not end sooner, only hold memory. */
const BUSY_UTILIZATION = 0.8;

/**
 * Runs `work` for 0 … count-1 with bounded concurrency and returns its results in that order; those
 * that were never started are undefined.
 * After one has thrown, no further one is started; those under way are waited for, since their money
 * may be moving, and then the first error is thrown. A cancel starts no further one either.
 * @throws whatever `work` threw first
 */
export async function mapConcurrently<Result>(
	count: number,
	{ batchSize, batchInterval }: Batching,
	work: (index: number) => Promise<Result>,
	signal?: AbortSignal,
): Promise<Array<Result | undefined>> {
	// An expression can set either to anything.
	const wanted = Math.floor(Number(batchSize ?? 10));
	const size = Number.isNaN(wanted) ? 10 : Math.max(1, wanted);
	const interval = Math.max(0, Number(batchInterval ?? 0) || 0);
	const results = new Array<Result | undefined>(count).fill(undefined);
	const failures: unknown[] = [];
	let next = 0;

	const goesOn = (end: number) => next < end && failures.length === 0 && signal?.aborted !== true;
	const worker = async (end: number) => {
		while (goesOn(end)) {
			const index = next++;
			try {
				results[index] = await work(index);
			} catch (error) {
				failures.push(error);
			}
		}
	};
	const run = async (end: number) => {
		const workers: Array<Promise<void>> = [];
		while (workers.length < size && goesOn(end)) {
			const isGroupFull = workers.length > 0 && workers.length % START_GROUP_SIZE === 0;
			if (isGroupFull) await untilIdle(() => !goesOn(end), signal);
			workers.push(worker(end));
		}
		await Promise.all(workers);
	};

	if (interval === 0) {
		await run(count);
	} else {
		while (goesOn(count)) {
			await run(Math.min(next + size, count));
			if (goesOn(count)) await abortableSleep(interval, signal);
		}
	}
	if (failures.length > 0) throw failures[0];
	return results;
}

/** Waits until n8n's process was idle for a part of its time, or until it is over. */
async function untilIdle(isOver: () => boolean, signal?: AbortSignal): Promise<void> {
	let isBusy = true;
	while (isBusy && !isOver()) {
		const before = performance.eventLoopUtilization();
		await abortableSleep(IDLE_CHECK_MS, signal);
		isBusy = performance.eventLoopUtilization(before).utilization >= BUSY_UTILIZATION;
	}
}

/** Limits how many tasks run at once; the others start in the order in which they came. */
export function limitConcurrency(limit: number): <T>(task: () => Promise<T>) => Promise<T> {
	const waiting: Array<() => void> = [];
	let free = limit;
	return async (task) => {
		if (free > 0) free -= 1;
		else await new Promise<void>((resolve) => waiting.push(resolve));
		try {
			return await task();
		} finally {
			const next = waiting.shift();
			if (next === undefined) free += 1;
			else next();
		}
	};
}

import { abortableSleep } from '../n8n/sleep';
import { DEFAULT_BATCH_SIZE } from '../operations/settingsProperties';

/** How many items run at once. */
export interface Batching {
	/** How many run at the same time; DEFAULT_BATCH_SIZE if left out. */
	batchSize?: number;
	/** Pause between two batches in ms. With 0, the default, the next item starts as soon as one has ended. */
	batchInterval?: number;
}

/** How many items start in the same tick. The next group starts only while n8n's process is mostly idle. */
const START_GROUP_SIZE = 50;
const IDLE_CHECK_MS = 10;
/** Event loop utilization above which more items at once would use more memory and finish no sooner. */
const BUSY_UTILIZATION = 0.8;

/** What stops mapConcurrently() before its last item. */
interface StopConditions<Result> {
	/** Aborted when the user cancels the execution. */
	signal?: AbortSignal | undefined;
	/** Whether no further item starts after this result. */
	stopsAfter?(result: Result): boolean;
}

/**
 * Runs `work` for 0 … count-1 with bounded concurrency and returns its results in that order; undefined
 * for items that never started.
 * After a stop, or an error of `work`, no further item starts. Items in flight are always waited for, since
 * their money may be moving.
 * @throws the first error of `work`
 */
export async function mapConcurrently<Result>(
	count: number,
	{ batchSize, batchInterval }: Batching,
	work: (index: number) => Promise<Result>,
	{ signal, stopsAfter }: StopConditions<Result> = {},
): Promise<Array<Result | undefined>> {
	const size = Math.max(1, Math.floor(batchSize ?? DEFAULT_BATCH_SIZE));
	const interval = batchInterval ?? 0;
	const results = new Array<Result | undefined>(count).fill(undefined);
	const failures: unknown[] = [];
	let next = 0;
	let isStopped = false;

	const hasNext = (end: number) => next < end && !isStopped && signal?.aborted !== true;
	const worker = async (end: number) => {
		while (hasNext(end)) {
			const index = next++;
			try {
				const result = await work(index);
				results[index] = result;
				if (stopsAfter?.(result) === true) isStopped = true;
			} catch (error) {
				failures.push(error);
				isStopped = true;
			}
		}
	};
	const run = async (end: number) => {
		const workers: Array<Promise<void>> = [];
		while (workers.length < size && hasNext(end)) {
			const isGroupFull = workers.length > 0 && workers.length % START_GROUP_SIZE === 0;
			if (isGroupFull) await untilIdle(() => !hasNext(end), signal);
			workers.push(worker(end));
		}
		await Promise.all(workers);
	};

	if (interval === 0) {
		await run(count);
	} else {
		while (hasNext(count)) {
			await run(Math.min(next + size, count));
			if (hasNext(count)) await abortableSleep(interval, signal);
		}
	}
	if (failures.length > 0) throw failures[0];
	return results;
}

/** Waits until n8n's process has been idle for part of the time, or until `isOver()`. */
async function untilIdle(isOver: () => boolean, signal?: AbortSignal): Promise<void> {
	let isBusy = true;
	while (isBusy && !isOver()) {
		const before = performance.eventLoopUtilization();
		await abortableSleep(IDLE_CHECK_MS, signal);
		isBusy = performance.eventLoopUtilization(before).utilization >= BUSY_UTILIZATION;
	}
}

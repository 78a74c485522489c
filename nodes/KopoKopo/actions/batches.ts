import { pause } from '../api/pause';

/** As the user set it; what is missing takes its default. */
export interface Batching {
	/** How many are under way at once; 10 unless told. */
	batchSize?: number;
	/** ms between two batches; 0 unless told, and then there are no batches but a steady flow. */
	batchInterval?: number;
}

/**
 * So many start in the same moment; the next as many follow once the event loop had its turn. With five
 * thousand at once each would hold its socket before the first answer is read, and the memory for it.
 */
const RAMP = 50;

/**
 * Runs `work` for 0 … count-1 with bounded concurrency and returns its results in that order; those
 * that were never started are undefined.
 * After one has thrown, no further one is started; those under way are waited for, since their money
 * may be moving, and then the first error is thrown. A cancel starts no further one either.
 * @throws whatever `work` threw first
 */
export async function inBatches<Result>(
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
			workers.push(worker(end));
			if (workers.length % RAMP === 0) await pause(0, signal);
		}
		await Promise.all(workers);
	};

	if (interval === 0) {
		await run(count);
	} else {
		while (goesOn(count)) {
			await run(Math.min(next + size, count));
			if (next < count && failures.length === 0) await pause(interval, signal);
		}
	}
	if (failures.length > 0) throw failures[0];
	return results;
}

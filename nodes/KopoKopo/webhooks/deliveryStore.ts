import type { IExecuteFunctions } from 'n8n-workflow';
import { nodeKey } from '../n8n/deduplicationStore';
import { abortableSleep } from '../n8n/sleep';

const HOUR_MS = 60 * 60_000;

/** How many entries a node's row keeps: those of the last `ms`, but not fewer than `minimum`. */
interface Retention {
	minimum: number;
	ms: number;
}

/**
 * An entry takes 27 bytes, and n8n writes the whole row each time. At 500 deliveries a day that is at most
 * 16 KB for each: one write where one process receives and executes deliveries, two where several do.
 */
const RETENTION: Record<'one' | 'several', Retention> = {
	one: { minimum: 580, ms: 24 * HOUR_MS },
	several: { minimum: 280, ms: 10 * HOUR_MS },
};
const MAX_ENTRIES = 10_000;

/** How long a count of the entries is relied on. Other processes add entries, too. */
const RECOUNT_MS = 60_000;

/**
 * How long a claim lies in the row before it counts, in ms. A process that read the row before the claim
 * writes over it; it must have done so by then. It takes a few milliseconds.
 */
const SETTLE_MS = 150;

/** How often a claim may be overwritten by other processes before it is given up. */
const MAX_ATTEMPTS = 20;

/** Marks of claims that are over are removed together, since each removal writes the row. */
const MARKS_PER_REMOVAL = 16;

/** The entry mode of n8n's store, and the scope of the node: any Remove Duplicates node trims the workflow's. */
const OPTIONS = { mode: 'entries' } as const;
const SCOPE = 'node';

interface Request {
	context: IExecuteFunctions;
	entries: string[];
	retention: Retention;
	/** Whether to leave the entries in the row, or only to look whether they are there. */
	isKept: boolean;
	resolve(fresh: Set<string>): void;
	reject(error: unknown): void;
}

/**
 * A node's row in n8n's deduplication store, which reads, changes and writes a row without a lock. So this
 * process does one operation at a time, and what waits meanwhile is written together.
 */
class DeliveryRow {
	private readonly waiting: Request[] = [];
	private isBusy = false;
	private marks: string[] = [];
	private entries = 0;
	private countedAt = -Infinity;
	private trimmedAt = Date.now();

	/** Records entries. @returns those that were not there. @throws whatever n8n's store throws */
	async record(request: Omit<Request, 'resolve' | 'reject'>): Promise<Set<string>> {
		return await new Promise((resolve, reject) => {
			this.waiting.push({ ...request, resolve, reject });
			if (!this.isBusy) void this.flush();
		});
	}

	/** Removes entries some time later. */
	removeLater(marks: string[]): void {
		this.marks.push(...marks);
	}

	private async flush(): Promise<void> {
		this.isBusy = true;
		while (this.waiting.length > 0) {
			await this.write(this.waiting.splice(0));
		}
		this.isBusy = false;
	}

	private async write(requests: Request[]): Promise<void> {
		const [first] = requests;
		if (first === undefined) return;
		const { context, retention } = first;
		const all = [...new Set(requests.flatMap(({ entries }) => entries))];
		try {
			const maxEntries = await this.limit(context, retention, all.length);
			const ask = async () =>
				await context.helpers.checkProcessedAndRecord(all, SCOPE, { ...OPTIONS, maxEntries });
			// Two processes that make the row at the same time: the store fails for the second.
			const output = await ask().catch(async () => await ask());
			const fresh = new Set(output.new.map(String));
			const results = requests.map(({ entries, isKept }) => {
				const found = entries.filter((entry) => fresh.has(entry));
				// Of two requests with the same entry, the first one made it.
				for (const entry of found) fresh.delete(entry);
				return { found, unkept: isKept ? [] : found };
			});
			await this.remove(
				context,
				results.flatMap(({ unkept }) => unkept),
			);
			results.forEach(({ found }, index) => requests[index]?.resolve(new Set(found)));
		} catch (error) {
			for (const { reject } of requests) reject(error);
		}
	}

	private async remove(context: IExecuteFunctions, entries: string[]): Promise<void> {
		const isTimeForMarks = entries.length > 0 || this.marks.length >= MARKS_PER_REMOVAL;
		if (!isTimeForMarks) return;
		await context.helpers.removeProcessed([...entries, ...this.marks.splice(0)], SCOPE, OPTIONS);
	}

	/**
	 * How many entries to keep. The store knows no times. What it holds when it is first asked is taken to be
	 * spread evenly over the time that is kept, so each write drops a share of it.
	 */
	private async limit(
		context: IExecuteFunctions,
		{ minimum, ms }: Retention,
		added: number,
	): Promise<number> {
		const now = Date.now();
		if (now - this.countedAt > RECOUNT_MS) {
			this.entries = await context.helpers.getProcessedDataCount(SCOPE, OPTIONS);
			this.countedAt = now;
		}
		const elapsed = Math.min(ms, Math.max(0, now - this.trimmedAt));
		const kept = this.entries * (1 - elapsed / ms);
		this.entries = kept + added;
		this.trimmedAt = now;
		return Math.min(MAX_ENTRIES, Math.max(minimum, Math.ceil(this.entries)));
	}
}

const rows = new Map<string, DeliveryRow>();

function rowOf(context: IExecuteFunctions): DeliveryRow {
	const key = nodeKey(context);
	const row = rows.get(key) ?? new DeliveryRow();
	rows.set(key, row);
	return row;
}

/**
 * Records deliveries, where this process alone executes those of the node.
 * @returns those that were not recorded yet
 * @throws whatever n8n's store throws
 */
export async function recordDeliveries(
	context: IExecuteFunctions,
	entries: string[],
): Promise<Set<string>> {
	const retention = RETENTION.one;
	return await rowOf(context).record({ context, entries, retention, isKept: true });
}

/** Whether a delivery is recorded. @throws whatever n8n's store throws */
export async function isRecorded(context: IExecuteFunctions, key: string): Promise<boolean> {
	const retention = RETENTION.one;
	const fresh = await rowOf(context).record({ context, entries: [key], retention, isKept: false });
	return !fresh.has(key);
}

/**
 * Claims a delivery for an execution among all processes of n8n. The key is written together with a mark of
 * the execution, and both must still be there later: of two processes that both read the row before either
 * wrote it, only the later one's mark is left. This holds as long as no process takes longer than SETTLE_MS
 * from reading the row to writing it.
 * @returns whether the delivery is this execution's
 * @throws whatever n8n's store throws, or an Error if other processes keep overwriting the claim
 */
export async function claimAcrossProcesses(
	context: IExecuteFunctions,
	key: string,
): Promise<boolean> {
	const row = rowOf(context);
	const mark = `${key} ${context.getExecutionId()}`;
	const request = { context, entries: [key, mark], retention: RETENTION.several, isKept: true };
	try {
		const fresh = await row.record(request);
		// Recorded with this very mark, by the same execution before n8n 1 restarted it, it goes on.
		if (!fresh.has(key)) return !fresh.has(mark);
		for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
			await abortableSleep(SETTLE_MS);
			const missing = await row.record(request);
			// Without the key, the claim was overwritten and is there again; without the mark alone, another
			// execution has the delivery.
			if (!missing.has(key)) return !missing.has(mark);
		}
		throw new Error('Other executions keep overwriting it');
	} finally {
		row.removeLater([mark]);
	}
}

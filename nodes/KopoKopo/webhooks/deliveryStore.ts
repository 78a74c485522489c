import type { IExecuteFunctions } from 'n8n-workflow';
import { confirmClaims } from '../n8n/confirmClaims';
import { retryDatabase } from '../n8n/deduplicationRows';
import { nodeKey } from '../n8n/deduplicationStore';
import { MAX_DELIVERIES, RETENTION, type Retention } from './deliveryHistory';

/** How long a count of the entries is used, in ms. Then they are counted again: other processes add some, too. */
const RECOUNT_MS = 60_000;

/** How many marks that are no longer needed are removed together, since each removal writes the row. */
const MARKS_PER_REMOVAL = 16;

const OPTIONS = { mode: 'entries' } as const;

/** The node's own scope: a Remove Duplicates node anywhere in the workflow can delete entries of the workflow's. */
const SCOPE = 'node';

interface Request {
	context: IExecuteFunctions;
	entries: string[];
	retention: Retention;
	/** Whether the entries stay in the row. Otherwise the request only asks whether they are there. */
	isKept: boolean;
	/** Whether the entries contain a mark, which tells an entry of this request from an earlier one. */
	hasMark: boolean;
	resolve(fresh: Set<string>): void;
	reject(error: unknown): void;
}

/**
 * A node's row in n8n's deduplication store, which reads, changes and writes a row without a lock. So this
 * process runs one operation at a time, and requests that wait in the meantime share the next one.
 *
 * The keys of payouts have a store of their own (n8n/deduplicationStore.ts), because deliveries have other needs:
 * there are many of them, so each costs few writes and is dropped after some hours, and an error of the
 * database must not hold one back.
 */
class DeliveryRow {
	private readonly waiting: Request[] = [];
	private isBusy = false;
	private readonly marks: string[] = [];
	/** Entries of requests that only asked. They are removed as soon as n8n's database allows it. */
	private readonly unkept = new Set<string>();
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

	/** Removes marks together with those of later claims. */
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
			let isRepeated = false;
			const output = await ask().catch(async () => {
				// If two processes create the row at the same time, the store fails for one of them.
				isRepeated = true;
				return await ask();
			});
			// The failed attempt may have recorded the entries. A delivery must not be taken for its own copy.
			const uncertain = requests.filter(({ hasMark }) => isRepeated && !hasMark);
			const fresh = new Set([
				...output.new.map(String),
				...uncertain.flatMap(({ entries }) => entries),
				// An entry that could not be removed yet does not count as recorded.
				...this.unkept,
			]);
			const results = requests.map(({ entries, isKept }) => {
				const found = entries.filter((entry) => fresh.has(entry));
				// Of two requests with the same entry, the entry is new for the first one only.
				for (const entry of found) fresh.delete(entry);
				if (!isKept) for (const entry of found) this.unkept.add(entry);
				return found;
			});
			const kept = requests.filter(({ isKept }) => isKept).flatMap(({ entries }) => entries);
			for (const entry of kept) this.unkept.delete(entry);
			// What was recorded is known, whether or not the removal succeeds.
			await this.remove(context).catch(() => undefined);
			results.forEach((found, index) => requests[index]?.resolve(new Set(found)));
		} catch (error) {
			for (const { reject } of requests) reject(error);
		}
		// A delivery that nobody acknowledged must not stay recorded: after a crash, its copy would be dropped.
		if (this.unkept.size > 0) {
			await retryDatabase(async () => await this.remove(context)).catch(() => undefined);
		}
	}

	/** Removes what is no longer needed. What cannot be removed is left for the next time. */
	private async remove(context: IExecuteFunctions): Promise<void> {
		const isTimeForMarks = this.unkept.size > 0 || this.marks.length >= MARKS_PER_REMOVAL;
		if (!isTimeForMarks) return;
		const [unkept, marks] = [[...this.unkept], [...this.marks]];
		await context.helpers.removeProcessed([...unkept, ...marks], SCOPE, OPTIONS);
		for (const entry of unkept) this.unkept.delete(entry);
		this.marks.splice(0, marks.length);
	}

	/**
	 * How many entries to keep. The store has no times, so the entries are assumed to be spread evenly over the
	 * retention time, and each write drops the share that has become too old since the last write.
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
		return Math.min(MAX_DELIVERIES, Math.max(minimum, Math.ceil(this.entries)));
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
	const request = { context, entries, retention, isKept: true, hasMark: false };
	return await rowOf(context).record(request);
}

/** Whether a delivery is recorded. @throws whatever n8n's store throws */
export async function isRecorded(context: IExecuteFunctions, key: string): Promise<boolean> {
	const retention = RETENTION.one;
	const request = { context, entries: [key], retention, isKept: false, hasMark: false };
	const fresh = await rowOf(context).record(request);
	return !fresh.has(key);
}

/**
 * Claims a delivery for an execution among all processes of n8n, with a mark that contains the ID of the
 * execution (confirmClaims() explains marks).
 * @returns whether the delivery belongs to this execution
 * @throws whatever n8n's store throws, or an Error if other processes keep overwriting the claim
 */
export async function claimAcrossProcesses(
	context: IExecuteFunctions,
	key: string,
): Promise<boolean> {
	const row = rowOf(context);
	const mark = `${key} ${context.getExecutionId()}`;
	const entries = [key, mark];
	const retention = RETENTION.several;
	const request = { context, entries, retention, isKept: true, hasMark: true };
	try {
		const fresh = await row.record(request);
		// A known mark: n8n 1 restarted this execution, which had claimed the delivery before.
		if (!fresh.has(key)) return !fresh.has(mark);
		let isMarked = false;
		await confirmClaims([key], async () => {
			const missing = await row.record(request);
			isMarked = !missing.has(mark);
			return missing.has(key) ? [key] : [];
		});
		return isMarked;
	} finally {
		row.removeLater([mark]);
	}
}

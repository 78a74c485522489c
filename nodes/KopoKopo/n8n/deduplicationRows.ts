import { createHash, randomUUID } from 'node:crypto';
import type { IExecuteFunctions } from 'n8n-workflow';
import { abortableSleep } from './sleep';

/** Several rows of n8n's deduplication store that share the entries of one kind. */
export interface RowGroup {
	name: string;
	/** Number of rows. Never changes, since an entry is looked for in the row that it was written to. */
	count: number;
}

const OPTIONS = { mode: 'entries' } as const;

/** The node's own scope: any Remove Duplicates node of the workflow trims the workflow's. */
const SCOPE = 'node';

/** Says in the node's own row that the node has entries in rows of a group. */
const GROUPS_MARKER = 'kopoKopoRows';

/** Pauses in ms before n8n's database is asked again after an error, such as SQLITE_BUSY. */
const RETRY_PAUSES_MS = [50, 150, 450, 1350];

/** Whether n8n keeps nothing for this workflow, since it was never saved. */
export function isUnsavedWorkflow(error: unknown): boolean {
	const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown };
	return code === 'ERR_ASSERTION' || /foreign key/i.test(String(message));
}

/** A node of a workflow, as this process tells it from all others. */
export const nodeKey = (context: Pick<IExecuteFunctions, 'getWorkflow' | 'getNode'>): string =>
	`${context.getWorkflow().id ?? ''}:${context.getNode().id}`;

/**
 * Lets n8n's store use a row of its own. The store reads and writes all entries of a row with every call,
 * and its rows are named by the ID of the node; so the ID is another one while the call begins. n8n reads
 * it before the first pause of the call (deduplication-helper.js), and nothing else runs meanwhile.
 */
function inRow<T>(context: IExecuteFunctions, row: string | undefined, call: () => T): T {
	if (row === undefined) return call();
	const { node } = context.getExecuteData();
	const { id } = node;
	node.id = `${id}:${row}`;
	try {
		return call();
	} finally {
		node.id = id;
	}
}

/** Records what a row does not have yet. @returns what it did not have. @throws what n8n's database throws */
export async function recordEntries(
	context: IExecuteFunctions,
	row: string | undefined,
	entries: string[],
	limit?: number,
): Promise<Set<string>> {
	const options = limit === undefined ? OPTIONS : { ...OPTIONS, maxEntries: limit };
	const { new: fresh } = await inRow(
		context,
		row,
		async () => await context.helpers.checkProcessedAndRecord(entries, SCOPE, options),
	);
	return new Set(fresh.map(String));
}

/** Removes entries from a row. @returns whether n8n could */
export async function removeEntries(
	context: IExecuteFunctions,
	row: string | undefined,
	entries: string[],
): Promise<boolean> {
	try {
		await retryDatabase(
			async () =>
				await inRow(
					context,
					row,
					async () => await context.helpers.removeProcessed(entries, SCOPE, OPTIONS),
				),
		);
		return true;
	} catch {
		return false;
	}
}

/**
 * Repeats what n8n's database refuses, a few times and with growing pauses.
 * @param onFailure is called after each attempt that failed
 * @throws the last error, or at once that of a workflow that was never saved
 */
export async function retryDatabase<T>(
	work: () => Promise<T>,
	onFailure: (error: unknown) => void = () => undefined,
): Promise<T> {
	for (let attempt = 0; ; attempt++) {
		const result = await work().then(
			(value) => ({ value }),
			(error: unknown) => ({ error }),
		);
		if ('value' in result) return result.value;
		onFailure(result.error);
		const pauseMs = RETRY_PAUSES_MS[attempt];
		if (pauseMs === undefined || isUnsavedWorkflow(result.error)) throw result.error;
		await abortableSleep(pauseMs);
	}
}

const separateRows = new Map<string, Promise<boolean>>();

/** The row of a group that an entry belongs to; undefined for the node's own row. */
export async function rowOf(
	context: IExecuteFunctions,
	group: RowGroup | undefined,
	entry: string,
): Promise<string | undefined> {
	if (group === undefined || typeof context.getExecuteData !== 'function') return undefined;
	const node = nodeKey(context);
	const known = separateRows.get(node) ?? hasSeparateRows(context);
	separateRows.set(node, known);
	known.catch(() => separateRows.delete(node));
	if (!(await known)) return undefined;
	const hash = createHash('sha256').update(entry).digest().readUInt32BE(0);
	return `${group.name}-${hash % group.count}`;
}

/**
 * Whether this n8n lets a node have several rows.
 * @throws Error if it does not but an earlier version did: the entries of that one would be forgotten
 */
async function hasSeparateRows(context: IExecuteFunctions): Promise<boolean> {
	const probe = randomUUID();
	await retryDatabase(async () => await recordEntries(context, 'probe', [probe]));
	const fresh = await retryDatabase(
		async () => await recordEntries(context, undefined, [probe, GROUPS_MARKER]),
	);
	const isSeparate = fresh.has(probe);
	await removeEntries(context, 'probe', [probe]);
	const isFirst = fresh.has(GROUPS_MARKER);
	await removeEntries(
		context,
		undefined,
		isSeparate || !isFirst ? [probe] : [probe, GROUPS_MARKER],
	);
	if (!isSeparate && !isFirst) {
		throw new Error(
			'This version of n8n does not find what an earlier one has kept. Look for a newer version of this node',
		);
	}
	return isSeparate;
}

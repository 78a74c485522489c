import { createHash, randomUUID } from 'node:crypto';
import type { IExecuteFunctions } from 'n8n-workflow';
import { abortableSleep } from './sleep';

/** Several rows of n8n's deduplication store that share the entries of one kind. */
export interface RowGroup {
	name: string;
	/** Number of rows. It must never change, because it decides which row an entry is in. */
	count: number;
}

const OPTIONS = { mode: 'entries' } as const;

/** The node's own scope: a Remove Duplicates node anywhere in the workflow can delete entries of the workflow's. */
const SCOPE = 'node';

/** An entry of the node's own row which says that the node has entries in the rows of a group, too. */
const GROUPS_MARKER = 'kopoKopoRows';

/** Pauses before the next attempts after an error of n8n's database, such as SQLITE_BUSY, in ms. */
const RETRY_PAUSES_MS = [50, 150, 450, 1350];

/** Whether an error means that n8n stores nothing for this workflow, because it was never saved. */
export function isUnsavedWorkflow(error: unknown): boolean {
	const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown };
	return code === 'ERR_ASSERTION' || /foreign key/i.test(String(message));
}

/** Identifies a node among the nodes of all workflows. */
export const nodeKey = (context: Pick<IExecuteFunctions, 'getWorkflow' | 'getNode'>): string =>
	`${context.getWorkflow().id ?? ''}:${context.getNode().id}`;

/**
 * Runs a call of n8n's store on a row of its own, because every call reads and writes all entries of a row. The
 * store has one row for each ID of a node, so the node gets another ID while the call begins. n8n reads the ID
 * synchronously (deduplication-helper.js), so nothing else sees it.
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

/** Records the entries that a row does not have. @returns those entries. @throws what n8n's database throws */
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
 * Repeats work that fails in n8n's database, up to four times and with growing pauses.
 * @param onFailure is called after each attempt that failed
 * @throws the last error, or the first one if the workflow was never saved
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
 * Whether a node can have several rows in this version of n8n.
 * @throws Error if it cannot, although it could in an earlier version: its entries would not be found
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
			'This version of n8n cannot find what an earlier version stored. Look for a newer version of this node',
		);
	}
	return isSeparate;
}

import { createHash } from 'node:crypto';
import type {
	DeduplicationHelperFunctions,
	DeduplicationItemTypes,
	DeduplicationScope,
	ICheckProcessedContextData,
	ICheckProcessedOptions,
	IDataDeduplicator,
	IDeduplicationOutput,
} from 'n8n-workflow';

/** What a value is stored as. */
const hashOf = (value: DeduplicationItemTypes) =>
	createHash('md5').update(String(value)).digest('base64');

/** The length of a row as n8n writes it: `{"mode":"entries","data":[…]}`. To write the JSON takes long. */
const jsonLength = (hashes: string[]) =>
	'{"mode":"entries","data":[]}'.length +
	hashes.reduce((sum, { length }) => sum + length + '"",'.length, 0) -
	(hashes.length > 0 ? 1 : 0);

/** The primary key of the table processed_data. */
function rowKey(scope: DeduplicationScope, { node, workflow }: ICheckProcessedContextData): string {
	if (!workflow.id) throw new Error('The workflow has no ID');
	return `${workflow.id} ${scope === 'node' ? `n:${node?.id}` : ''}`;
}

function assertEntries({ mode }: ICheckProcessedOptions): void {
	if (mode !== 'entries') throw new Error(`This store does not know the mode ${mode}`);
}

type Operation = 'record' | 'remove';

/**
 * n8n's deduplication store in memory, for the mode `entries` (n8n's deduplication-helper.js): one row of
 * MD5 hashes for each node or workflow. Every operation reads the row, changes its copy and writes all of
 * it back, without a lock.
 */
export class DeduplicationStore implements IDataDeduplicator {
	private readonly rows = new Map<string, string[]>();

	/** How often a row was written. */
	writes = 0;

	/** How many bytes of JSON were written. */
	writtenBytes = 0;

	/** Runs before a row is read. What it throws is what n8n throws when its database fails. */
	beforeRead: (operation: Operation) => void | Promise<void> = () => undefined;

	/** Runs between reading a row and writing it. Others may write it meanwhile. */
	beforeWrite: (operation: Operation) => void | Promise<void> = () => undefined;

	async checkProcessedAndRecord(
		items: DeduplicationItemTypes[],
		scope: DeduplicationScope,
		context: ICheckProcessedContextData,
		options: ICheckProcessedOptions,
	): Promise<IDeduplicationOutput> {
		assertEntries(options);
		const key = rowKey(scope, context);
		const row = await this.read('record', key);
		const hashes = row ?? [];
		// A set of a large row would take longer than the look-up of a few items.
		const known = items.length > 10 ? new Set(hashes) : { has: hashes.includes.bind(hashes) };
		const output: IDeduplicationOutput = { new: [], processed: [] };
		for (const item of items) output[known.has(hashOf(item)) ? 'processed' : 'new'].push(item);
		hashes.push(...output.new.map(hashOf));
		const { maxEntries } = options;
		if (maxEntries) hashes.splice(0, hashes.length - maxEntries);
		await this.write('record', key, hashes, row === undefined);
		return output;
	}

	async removeProcessed(
		items: DeduplicationItemTypes[],
		scope: DeduplicationScope,
		context: ICheckProcessedContextData,
		options: ICheckProcessedOptions,
	): Promise<void> {
		assertEntries(options);
		const key = rowKey(scope, context);
		const row = await this.read('remove', key);
		if (row === undefined) return;
		for (const hash of items.map(hashOf)) {
			const index = row.indexOf(hash);
			if (index !== -1) row.splice(index, 1);
		}
		await this.write('remove', key, row, false);
	}

	async clearAllProcessedItems(
		scope: DeduplicationScope,
		context: ICheckProcessedContextData,
	): Promise<void> {
		this.rows.delete(rowKey(scope, context));
	}

	async getProcessedDataCount(
		scope: DeduplicationScope,
		context: ICheckProcessedContextData,
	): Promise<number> {
		return this.rows.get(rowKey(scope, context))?.length ?? 0;
	}

	/** What `this.helpers` of an execution has for its node. */
	helpersFor(
		nodeId: string,
		workflowId = 'workflow',
	): Pick<
		DeduplicationHelperFunctions,
		'checkProcessedAndRecord' | 'removeProcessed' | 'getProcessedDataCount'
	> {
		const context = contextOf(nodeId, workflowId);
		return {
			getProcessedDataCount: async (scope) => await this.getProcessedDataCount(scope, context),
			checkProcessedAndRecord: async (items, scope, options) =>
				await this.checkProcessedAndRecord(items, scope, context, options),
			removeProcessed: async (items, scope, options) =>
				await this.removeProcessed(items, scope, context, options),
		};
	}

	/** Whether a node's row holds a value. */
	has(value: string, nodeId: string, workflowId = 'workflow'): boolean {
		return this.row(nodeId, workflowId).includes(hashOf(value));
	}

	/** How many values the rows hold: of one node or, without it, of all. */
	size(nodeId?: string, workflowId = 'workflow'): number {
		const rows = nodeId === undefined ? [...this.rows.values()] : [this.row(nodeId, workflowId)];
		return rows.flat().length;
	}

	/** Deletes all rows. */
	clear(): void {
		this.rows.clear();
	}

	private row(nodeId: string, workflowId: string): string[] {
		return this.rows.get(rowKey('node', contextOf(nodeId, workflowId))) ?? [];
	}

	/** @returns a copy */
	private async read(operation: Operation, key: string): Promise<string[] | undefined> {
		await this.beforeRead(operation);
		const row = this.rows.get(key);
		return row && [...row];
	}

	private async write(operation: Operation, key: string, row: string[], isNew: boolean) {
		await this.beforeWrite(operation);
		if (isNew && this.rows.has(key)) throw new Error('UNIQUE constraint failed: processed_data');
		// An update of a row that was deleted meanwhile changes nothing.
		if (isNew || this.rows.has(key)) this.rows.set(key, row);
		this.writes += 1;
		this.writtenBytes += jsonLength(row);
	}
}

const contextOf = (nodeId: string, workflowId: string) =>
	({
		node: { id: nodeId },
		workflow: { id: workflowId, active: true },
	}) as ICheckProcessedContextData;

import { NodeOperationError, type IExecuteFunctions } from 'n8n-workflow';

interface Claim {
	key: string;
	settle(result: { isNew: boolean } | { error: unknown }): void;
}

/**
 * Claims that wait for the store, by workflow and node. n8n's deduplication store reads, changes and
 * writes one row without a lock, so executions of this process take turns, and those that wait together
 * go in one write.
 */
const queues = new Map<string, Claim[]>();

const OPTIONS = { mode: 'entries' } as const;

/** The node's own scope: the workflow's is trimmed by any Remove Duplicates node in it. */
const SCOPE = 'node';

async function flush(context: IExecuteFunctions, place: string, queue: Claim[]): Promise<void> {
	while (queue.length > 0) {
		const claims = queue.splice(0);
		// The store looks only at what it held before, so it would call two equal keys of one write both new.
		const firsts = new Map<string, Claim>();
		for (const claim of claims) if (!firsts.has(claim.key)) firsts.set(claim.key, claim);
		try {
			const { new: fresh } = await context.helpers.checkProcessedAndRecord(
				[...firsts.keys()],
				SCOPE,
				OPTIONS,
			);
			const isNew = new Set(fresh.map(String));
			for (const claim of claims) {
				claim.settle({ isNew: isNew.has(claim.key) && firsts.get(claim.key) === claim });
			}
		} catch (error) {
			for (const claim of claims) claim.settle({ error });
		}
	}
	// In the same breath as the last look at the queue, or a claim that came in between would wait for ever.
	queues.delete(place);
}

/**
 * Claims a key in n8n's database for ever, before anything is sent under it.
 * @returns whether the key was free; a used one must not be sent again
 * @throws NodeOperationError when n8n cannot keep it, as in a workflow that was never saved
 */
export async function claimKey(
	context: IExecuteFunctions,
	key: string,
	itemIndex: number,
): Promise<boolean> {
	const place = `${context.getWorkflow().id ?? ''}:${context.getNode().id}`;
	const result = await new Promise<{ isNew: boolean } | { error: unknown }>((settle) => {
		const queue = queues.get(place);
		if (queue !== undefined) {
			queue.push({ key, settle });
			return;
		}
		const started: Claim[] = [{ key, settle }];
		queues.set(place, started);
		void flush(context, place, started);
	});
	if ('isNew' in result) return result.isNew;
	throw new NodeOperationError(
		context.getNode(),
		"The 'Duplicate Protection Key' could not be kept",
		{
			description: `Nothing was sent for this item. n8n keeps keys with the workflow, so save the workflow first. n8n said: ${
				result.error instanceof Error ? result.error.message : String(result.error)
			}`,
			itemIndex,
		},
	);
}

/** Frees a key after a definite refusal: nothing was done under it. */
export async function freeKey(context: IExecuteFunctions, key: string): Promise<void> {
	await context.helpers.removeProcessed([key], SCOPE, OPTIONS);
}

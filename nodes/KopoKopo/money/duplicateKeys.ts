import { NodeOperationError, type IExecuteFunctions } from 'n8n-workflow';

type Settled = { isNew: boolean } | { error: unknown };

interface Claim {
	key: string;
	settle(result: Settled): void;
}

interface Release {
	key: string;
	settle(isFree: boolean): void;
}

interface Queue {
	claims: Claim[];
	releases: Release[];
}

/**
 * Claims and releases that wait for the store, by workflow and node. n8n's deduplication store reads,
 * changes and writes one row without a lock, so all that this process does to it takes turns (a release
 * beside a claim would write the claim away), and what waits together goes in one write.
 */
const queues = new Map<string, Queue>();

const OPTIONS = { mode: 'entries' } as const;

/** The node's own scope: the workflow's is trimmed by any Remove Duplicates node in it. */
const SCOPE = 'node';

async function record(context: IExecuteFunctions, claims: Claim[]): Promise<void> {
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

async function remove(context: IExecuteFunctions, releases: Release[]): Promise<void> {
	const keys = [...new Set(releases.map(({ key }) => key))];
	let isFree = true;
	try {
		await context.helpers.removeProcessed(keys, SCOPE, OPTIONS);
	} catch {
		isFree = false;
	}
	for (const release of releases) release.settle(isFree);
}

async function flush(context: IExecuteFunctions, place: string, queue: Queue): Promise<void> {
	while (queue.claims.length + queue.releases.length > 0) {
		const releases = queue.releases.splice(0);
		if (releases.length > 0) await remove(context, releases);
		const claims = queue.claims.splice(0);
		if (claims.length > 0) await record(context, claims);
	}
	// In the same breath as the last look at the queue, or what came in between would wait for ever.
	queues.delete(place);
}

function enqueue(context: IExecuteFunctions, add: (queue: Queue) => void): void {
	const place = `${context.getWorkflow().id ?? ''}:${context.getNode().id}`;
	const waiting = queues.get(place);
	if (waiting !== undefined) {
		add(waiting);
		return;
	}
	const queue: Queue = { claims: [], releases: [] };
	add(queue);
	queues.set(place, queue);
	void flush(context, place, queue);
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
	const result = await new Promise<Settled>((settle) => {
		enqueue(context, ({ claims }) => claims.push({ key, settle }));
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

/**
 * Frees a key under which nothing was done, as after a definite refusal.
 * @returns whether n8n could; if not, the key stays used
 */
export async function freeKey(context: IExecuteFunctions, key: string): Promise<boolean> {
	return await new Promise((settle) => {
		enqueue(context, ({ releases }) => releases.push({ key, settle }));
	});
}

import type { IExecuteFunctions } from 'n8n-workflow';
import {
	type Claim,
	claimAmongProcesses,
	type Claimed,
	ClaimError,
	type ClaimOptions,
} from './deduplicationClaims';
import { isUnsavedWorkflow, nodeKey, removeEntries, rowOf } from './deduplicationRows';

export { nodeKey } from './deduplicationRows';

interface WaitingClaim extends Claim {
	settle(result: Claimed | ClaimError): void;
}

interface Release {
	entries: string[];
	settle(isFree: boolean): void;
}

interface Queue {
	claims: WaitingClaim[];
	releases: Release[];
}

/**
 * Claims and releases that wait for a row of the store. n8n reads, changes and writes a row without a lock,
 * so within this process they take turns (a release at the same time as a claim would undo the claim), and
 * those that wait together share one write. claimAmongProcesses() deals with other processes.
 */
const queues = new Map<string, Queue>();

async function resolveClaims(
	context: IExecuteFunctions,
	row: string | undefined,
	claims: WaitingClaim[],
): Promise<void> {
	// Of equal keys that wait together, only the first is claimed. The others are duplicates of it.
	const firsts = new Map<string, WaitingClaim>();
	for (const claim of claims) if (!firsts.has(claim.key)) firsts.set(claim.key, claim);
	const outcomes = await claimAmongProcesses(context, row, [...firsts.values()]);
	for (const claim of claims) {
		const first = firsts.get(claim.key) as WaitingClaim;
		const outcome = outcomes.get(first) ?? new ClaimError('database', true, 'n8n gave no outcome');
		// Entries of its own that the first claim does not record are not recorded at all.
		const isRecorded = (entry: string) => first.alsoRecord?.includes(entry) === true;
		claim.settle(
			first === claim || outcome instanceof ClaimError
				? outcome
				: { isNew: false, known: (claim.alsoRecord ?? []).filter(isRecorded) },
		);
	}
}

async function resolveReleases(
	context: IExecuteFunctions,
	row: string | undefined,
	releases: Release[],
): Promise<void> {
	const entries = new Set(releases.flatMap((release) => release.entries));
	const isFree = await removeEntries(context, row, [...entries]);
	for (const { settle } of releases) settle(isFree);
}

async function flush(
	context: IExecuteFunctions,
	row: string | undefined,
	name: string,
	queue: Queue,
): Promise<void> {
	// Claims and releases that are added in the same tick share the first write.
	await Promise.resolve();
	while (queue.claims.length + queue.releases.length > 0) {
		const releases = queue.releases.splice(0);
		if (releases.length > 0) await resolveReleases(context, row, releases);
		const claims = queue.claims.splice(0);
		if (claims.length > 0) await resolveClaims(context, row, claims);
	}
	// Deleted in the same tick as the last check; anything added in between would never be flushed.
	queues.delete(name);
}

function enqueue(
	context: IExecuteFunctions,
	row: string | undefined,
	add: (queue: Queue) => void,
): void {
	const name = `${nodeKey(context)} ${row ?? ''}`;
	const waiting = queues.get(name);
	if (waiting !== undefined) {
		add(waiting);
		return;
	}
	const queue: Queue = { claims: [], releases: [] };
	add(queue);
	queues.set(name, queue);
	void flush(context, row, name, queue);
}

/**
 * Claims a key in n8n's database, among all executions of this node in all processes of n8n: of those that
 * claim it, whenever they do, one gets it (confirmClaims() says how).
 * @throws ClaimError
 */
export async function claimWith(
	context: IExecuteFunctions,
	key: string,
	options: ClaimOptions,
): Promise<Claimed> {
	const row = await rowOf(context, options.group, options.rowKey ?? key).catch((error: unknown) => {
		throw new ClaimError(isUnsavedWorkflow(error) ? 'unsavedWorkflow' : 'database', false, error);
	});
	const { limit, ...others } = options;
	// In the node's own row, the limit of a group would remove the keys of others.
	const isLimited = limit !== undefined && (row !== undefined || options.group === undefined);
	const result = await new Promise<Claimed | ClaimError>((settle) => {
		enqueue(context, row, ({ claims }) =>
			claims.push({ key, ...others, ...(isLimited && { limit }), settle }),
		);
	});
	if (result instanceof ClaimError) throw result;
	return result;
}

/** As claimWith(). @returns whether the key was free */
export async function claim(
	context: IExecuteFunctions,
	key: string,
	limit?: number,
): Promise<boolean> {
	return (await claimWith(context, key, limit === undefined ? {} : { limit })).isNew;
}

/**
 * Releases a key, and with `also` other entries of its row.
 * @param options `rowKey` is the key whose row they are in, if not this one
 * @returns whether n8n could; if not, it stays used
 */
export async function release(
	context: IExecuteFunctions,
	key: string,
	{
		group,
		rowKey = key,
		also = [],
	}: Pick<ClaimOptions, 'group' | 'rowKey'> & { also?: string[] } = {},
): Promise<boolean> {
	let row: string | undefined;
	try {
		row = await rowOf(context, group, rowKey);
	} catch {
		return false;
	}
	return await new Promise((settle) => {
		enqueue(context, row, ({ releases }) => releases.push({ entries: [key, ...also], settle }));
	});
}

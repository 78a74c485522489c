import { randomUUID } from 'node:crypto';
import type { IExecuteFunctions } from 'n8n-workflow';
import { abortableSleep } from './sleep';

type ClaimOutcome = { isNew: boolean } | { error: unknown };

interface Claim {
	key: string;
	limit: number | undefined;
	settle(result: ClaimOutcome): void;
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
 * beside a claim would write the claim away), and what waits together goes in one write. What other
 * processes do is dealt with in claimAmongWorkers().
 */
const queues = new Map<string, Queue>();

const OPTIONS = { mode: 'entries' } as const;

/** The node's own scope: the workflow's is trimmed by any Remove Duplicates node in it. */
const SCOPE = 'node';

/**
 * How long a claim lies in the store before it counts, in ms. Another worker that read the store before
 * the claim writes over it after; it has to be done with that by then. Far longer than it takes.
 */
const SETTLE_MS = 150;

/** How often a claim may be written away by others, who claim other keys, before it is given up. */
const MAX_ATTEMPTS = 20;

/** Writes down what the store has not yet. @returns what it had not */
async function recordEntries(
	context: IExecuteFunctions,
	entries: string[],
	limit: number | undefined,
): Promise<Set<string>> {
	const options = limit === undefined ? OPTIONS : { ...OPTIONS, maxEntries: limit };
	const ask = async () => await context.helpers.checkProcessedAndRecord(entries, SCOPE, options);
	// The first to write makes the row, and the store fails for whoever makes it at the same time.
	const { new: fresh } = await ask().catch(async () => await ask());
	return new Set(fresh.map(String));
}

/**
 * Claims keys for this process among all that share the store. Each key is written together with a mark
 * of this very claim, and both must still be there later: two workers that both read before either wrote
 * leave only the later one's mark.
 * @returns those that are ours
 * @throws whatever the store throws, or an Error when others never let a claim stay
 */
async function claimAmongWorkers(
	context: IExecuteFunctions,
	keys: string[],
	limit: number | undefined,
): Promise<Set<string>> {
	const claim = randomUUID();
	const markOf = (key: string) => `kopoKopoClaim ${claim} ${key}`;
	const withMarks = (some: string[]) => [...some, ...some.map(markOf)];
	const ours = new Set<string>();
	try {
		const fresh = await recordEntries(context, withMarks(keys), limit);
		let undecided = keys.filter((key) => fresh.has(key));
		for (let tries = 0; undecided.length > 0; tries++) {
			if (tries === MAX_ATTEMPTS) throw new Error('Other executions keep writing over it');
			await abortableSleep(SETTLE_MS);
			const missing = await recordEntries(context, withMarks(undecided), limit);
			for (const key of undecided) {
				if (!missing.has(key) && !missing.has(markOf(key))) ours.add(key);
			}
			// Without the key ours was written away and is there again; without the mark alone it is another's.
			undecided = undecided.filter((key) => missing.has(key));
		}
		return ours;
	} finally {
		await removeEntries(context, keys.map(markOf));
	}
}

async function settleClaims(context: IExecuteFunctions, claims: Claim[]): Promise<void> {
	// Of two equal keys that wait together one is the first.
	const firsts = new Map<string, Claim>();
	for (const claim of claims) if (!firsts.has(claim.key)) firsts.set(claim.key, claim);
	try {
		const ours = await claimAmongWorkers(context, [...firsts.keys()], claims[0]?.limit);
		for (const claim of claims) {
			claim.settle({ isNew: ours.has(claim.key) && firsts.get(claim.key) === claim });
		}
	} catch (error) {
		for (const claim of claims) claim.settle({ error });
	}
}

/** @returns whether n8n could */
async function removeEntries(context: IExecuteFunctions, entries: string[]): Promise<boolean> {
	try {
		await context.helpers.removeProcessed(entries, SCOPE, OPTIONS);
		return true;
	} catch {
		return false;
	}
}

async function settleReleases(context: IExecuteFunctions, releases: Release[]): Promise<void> {
	const isFree = await removeEntries(context, [...new Set(releases.map(({ key }) => key))]);
	for (const { settle } of releases) settle(isFree);
}

async function flush(context: IExecuteFunctions, place: string, queue: Queue): Promise<void> {
	while (queue.claims.length + queue.releases.length > 0) {
		const releases = queue.releases.splice(0);
		if (releases.length > 0) await settleReleases(context, releases);
		const claims = queue.claims.splice(0);
		if (claims.length > 0) await settleClaims(context, claims);
	}
	// In the same breath as the last look at the queue, or what came in between would wait for ever.
	queues.delete(place);
}

/** A node of a workflow, as this process tells it from all others. */
export const nodeKey = (context: Pick<IExecuteFunctions, 'getWorkflow' | 'getNode'>): string =>
	`${context.getWorkflow().id ?? ''}:${context.getNode().id}`;

function enqueue(context: IExecuteFunctions, add: (queue: Queue) => void): void {
	const place = nodeKey(context);
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
 * Claims a key in n8n's database, among all executions of this node in all processes of n8n: of those
 * that claim it, whenever they do, one gets it. That holds for as long as no process takes longer than
 * SETTLE_MS from reading the store to writing it.
 * @param limit how many entries the store keeps of this node, the newest; all when left out
 * @returns whether it was free
 * @throws whatever n8n throws when it cannot keep it, as in a workflow that was never saved
 */
export async function claim(
	context: IExecuteFunctions,
	key: string,
	limit?: number,
): Promise<boolean> {
	const result = await new Promise<ClaimOutcome>((settle) => {
		enqueue(context, ({ claims }) => claims.push({ key, limit, settle }));
	});
	if ('isNew' in result) return result.isNew;
	throw result.error;
}

/** Frees a key. @returns whether n8n could; if not, it stays used */
export async function release(context: IExecuteFunctions, key: string): Promise<boolean> {
	return await new Promise((settle) => {
		enqueue(context, ({ releases }) => releases.push({ key, settle }));
	});
}

import { randomUUID } from 'node:crypto';
import type { IExecuteFunctions } from 'n8n-workflow';
import {
	isUnsavedWorkflow,
	recordEntries,
	removeEntries,
	retryDatabase,
	type RowGroup,
} from './deduplicationRows';
import { abortableSleep } from './sleep';

export interface ClaimOptions {
	/** Number of entries that a row keeps, the newest; all by default. */
	limit?: number;
	/** Entries that are recorded with the key. */
	also?: string[];
	/** Where the key is kept; in the node's own row by default. */
	group?: RowGroup;
	/** What decides about the row of the group; the key itself by default. */
	rowKey?: string;
}

export interface Claimed {
	/** Whether the key was free and now belongs to the caller. */
	isNew: boolean;
	/** Those of `also` that were there before. */
	known: string[];
}

/** n8n's database failed during a claim. Nothing may be done under the key. */
export class ClaimError extends Error {
	constructor(
		readonly reason: 'unsavedWorkflow' | 'database',
		/** Whether the key may have become used although nothing was done under it. */
		readonly mayStayUsed: boolean,
		cause: unknown,
	) {
		super(cause instanceof Error ? cause.message : String(cause), { cause });
	}
}

export interface Claim extends ClaimOptions {
	key: string;
}

/**
 * How long a claim stays in the store before it counts, in ms. Another process that read the row before the
 * claim overwrites it afterwards, and must have done so by then. Far longer than that takes.
 */
const SETTLE_MS = 150;

/** How often other processes, which claim other keys, may overwrite a claim before it is given up. */
const MAX_ATTEMPTS = 20;

/** Marks of one claim: one for each attempt to verify it. */
const MARKS = [0, 1, 2, 3, 4];

/**
 * Claims keys for this process among all that share the store. Each key is written with marks of this very
 * claim, and both must still be there later: of two processes that both read before either wrote, only the
 * later one's marks are left. An attempt that failed may have been carried out all the same and have
 * written its mark again, so that each attempt trusts a mark of its own.
 */
export async function claimAmongProcesses(
	context: IExecuteFunctions,
	row: string | undefined,
	claims: Claim[],
): Promise<Map<Claim, Claimed | ClaimError>> {
	const id = randomUUID();
	const markOf = (key: string, mark: number) => `kopoKopoClaim ${id} ${mark} ${key}`;
	const marksOf = ({ key }: Claim) => MARKS.map((mark) => markOf(key, mark));
	const limit = claims[0]?.limit;
	const outcomes = new Map<Claim, Claimed | ClaimError>();
	const failAll = (some: Claim[], error: unknown, mayStayUsed: boolean) => {
		const reason = isUnsavedWorkflow(error) ? 'unsavedWorkflow' : 'database';
		const isKept = mayStayUsed && reason === 'database';
		for (const claim of some) outcomes.set(claim, new ClaimError(reason, isKept, error));
	};
	try {
		let failures: unknown[] = [];
		const fail = (error: unknown) => failures.push(error);
		const entries = claims.flatMap((claim) => [
			claim.key,
			...(claim.also ?? []),
			...marksOf(claim),
		]);
		const fresh = await retryDatabase(
			async () => await recordEntries(context, row, entries, limit),
			fail,
		);
		const knownOf = ({ also = [] }: Claim) => also.filter((entry) => !fresh.has(entry));
		let undecided: Claim[] = [];
		for (const claim of claims) {
			if (fresh.has(claim.key)) undecided.push(claim);
			else if (failures.length === 0 || fresh.has(markOf(claim.key, 0))) {
				outcomes.set(claim, { isNew: false, known: knownOf(claim) });
			} else failAll([claim], failures[0], true);
		}
		failures = [];
		for (let attempt = 0; undecided.length > 0; attempt++) {
			if (attempt === MAX_ATTEMPTS) throw new Error('Other executions keep overwriting it');
			await abortableSleep(SETTLE_MS);
			const looked = undecided;
			const missing = await retryDatabase(async () => {
				const mark = failures.length;
				const wanted = looked.flatMap(({ key, also = [] }) => [key, ...also, markOf(key, mark)]);
				return await recordEntries(context, row, wanted, limit);
			}, fail);
			const mark = failures.length;
			// Without the key the claim was overwritten and is there again.
			undecided = looked.filter(({ key }) => missing.has(key));
			for (const claim of looked.filter(({ key }) => !missing.has(key))) {
				const isMarked = !missing.has(markOf(claim.key, mark));
				if (isMarked) outcomes.set(claim, { isNew: true, known: knownOf(claim) });
				else if (mark === 0) outcomes.set(claim, { isNew: false, known: knownOf(claim) });
				else failAll([claim], failures[0], true);
			}
		}
	} catch (error) {
		failAll(
			claims.filter((claim) => !outcomes.has(claim)),
			error,
			true,
		);
	} finally {
		await removeEntries(context, row, claims.flatMap(marksOf));
	}
	return outcomes;
}

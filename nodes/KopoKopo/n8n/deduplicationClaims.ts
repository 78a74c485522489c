import { randomUUID } from 'node:crypto';
import type { IExecuteFunctions } from 'n8n-workflow';
import { confirmClaims } from './confirmClaims';
import {
	isUnsavedWorkflow,
	recordEntries,
	removeEntries,
	retryDatabase,
	type RowGroup,
} from './deduplicationRows';

export interface ClaimOptions {
	/** How many of its newest entries a row keeps; all by default. */
	limit?: number;
	/** Entries that are recorded with the key. */
	alsoRecord?: string[];
	/** Where the key is kept; in the node's own row by default. */
	group?: RowGroup;
	/** Determines the row of the group; the key itself by default. */
	rowKey?: string;
}

export interface Claimed {
	/** Whether the key was free and now belongs to the caller. */
	isNew: boolean;
	/** Those of `alsoRecord` that were there before, or that another process has written at the same time. */
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
 * Numbers of the marks of one claim; confirmClaims() explains marks. All are written with the key. A check
 * that fails may have been carried out all the same, and have written the mark that it was looking for. So the
 * check looks for the next mark when it is repeated.
 */
const MARKS = [0, 1, 2, 3, 4];

/**
 * Claims keys for this process among all that share the store, with one write for all. A wrong outcome could pay
 * twice, so errors of the database are retried, and a claim that stays in doubt is an error. Deliveries, which
 * are claimed in webhooks/deliveryStore.ts, do not need that, and must cost fewer writes.
 * @returns the outcome of each claim
 */
export async function claimAmongProcesses(
	context: IExecuteFunctions,
	row: string | undefined,
	claims: Claim[],
): Promise<Map<Claim, Claimed | ClaimError>> {
	const id = randomUUID();
	const markOf = (key: string, mark: number) => `kopoKopoClaim ${id} ${mark} ${key}`;
	const marksOf = ({ key }: Claim) => MARKS.map((mark) => markOf(key, mark));
	const entriesOf = ({ key, alsoRecord = [] }: Claim) => [key, ...alsoRecord];
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
		const fresh = await retryDatabase(
			async () =>
				await recordEntries(
					context,
					row,
					claims.flatMap((claim) => [...entriesOf(claim), ...marksOf(claim)]),
					limit,
				),
			fail,
		);
		// Claims with different keys can have other entries in common. The first one here owns them.
		const unowned = new Set(fresh);
		const owned = new Map(
			claims.map((claim) => [
				claim,
				new Set(entriesOf(claim).filter((entry) => unowned.delete(entry))),
			]),
		);
		const outcomeOf = (claim: Claim): Claimed => {
			const isOwned = (entry: string) => owned.get(claim)?.has(entry) === true;
			const known = claim.alsoRecord?.filter((entry) => !isOwned(entry)) ?? [];
			return { isNew: isOwned(claim.key), known };
		};
		const unconfirmed: Claim[] = [];
		for (const claim of claims) {
			if (outcomeOf(claim).isNew) unconfirmed.push(claim);
			else if (failures.length === 0 || fresh.has(markOf(claim.key, 0))) {
				outcomes.set(claim, outcomeOf(claim));
			} else failAll([claim], failures[0], true);
		}
		failures = [];
		await confirmClaims(unconfirmed, async (checked) => {
			const missing = await retryDatabase(async () => {
				const mark = failures.length;
				const wanted = checked.flatMap((claim) => [...entriesOf(claim), markOf(claim.key, mark)]);
				return await recordEntries(context, row, wanted, limit);
			}, fail);
			const mark = failures.length;
			for (const claim of checked) {
				const isMarked = !missing.has(markOf(claim.key, mark));
				// Without the mark, nothing that the claim wrote is left: another process has written these.
				const others = isMarked ? [] : entriesOf(claim).filter((entry) => !missing.has(entry));
				for (const entry of others) owned.get(claim)?.delete(entry);
				if (missing.has(claim.key)) continue;
				if (isMarked || mark === 0) outcomes.set(claim, outcomeOf(claim));
				else failAll([claim], failures[0], true);
			}
			return checked.filter(({ key }) => missing.has(key));
		});
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

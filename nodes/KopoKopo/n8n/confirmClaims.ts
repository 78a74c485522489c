import { abortableSleep } from './sleep';

/**
 * How long a claim stays in the store before it is checked, in ms. No process may take longer from reading a
 * row to writing it; usually that takes a few milliseconds.
 */
const SETTLE_MS = 150;

/** How often other processes may overwrite a claim before it is given up. */
const MAX_CHECKS = 20;

/**
 * Waits until it is known who owns the keys that this process has claimed in n8n's deduplication store. The
 * store reads, changes and writes a row without a lock. So a key is written together with a mark of its
 * claimant, and what is still there after SETTLE_MS decides:
 * - the key and the mark: the claim is valid;
 * - the key without the mark: another process claimed the key at the same time, and wrote last;
 * - no key: another process, with other keys, read the row before the claim and wrote it afterwards. The claim
 *   is written and checked again. Other entries of the claim that are there belong to that process.
 * @param check looks for the keys and marks of these claims and writes those that are missing; returns the
 * claims whose key was missing
 * @throws Error if other processes keep overwriting a claim, and whatever `check` throws
 */
export async function confirmClaims<Claim>(
	claims: Claim[],
	check: (unconfirmed: Claim[]) => Promise<Claim[]>,
): Promise<void> {
	let unconfirmed = claims;
	for (let checks = 0; unconfirmed.length > 0; checks++) {
		if (checks === MAX_CHECKS) throw new Error('Other executions keep overwriting it');
		await abortableSleep(SETTLE_MS);
		unconfirmed = await check(unconfirmed);
	}
}

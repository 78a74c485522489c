import { NodeOperationError, type IExecuteFunctions } from 'n8n-workflow';
import { ClaimError } from '../n8n/deduplicationClaims';
import { claimWith, release } from '../n8n/deduplicationStore';
import { describeAccount, describeOtherAccount, type Target } from './target';

/** A key has two entries. With 100,000 keys, each row has about 400 of them, so a claim reads and writes 11 KB. */
const KEYS = { name: 'keys', count: 512 };

/**
 * A key belongs to the base URL and not to the client ID, so that a new application does not pay everybody
 * again.
 */
const entryOf = (key: string, { baseUrl }: Target) => `key ${baseUrl} ${key}`;

/** An entry that records which application a key was used with. */
const applicationOf = (key: string, target: Target) =>
	`${entryOf(key, target)} by ${target.clientId}`;

/**
 * Claims a key in n8n's database permanently, before anything is sent under it.
 * @returns undefined if the key was free; otherwise the account it was used with, for the user
 * @throws NodeOperationError if n8n cannot store it, as in a workflow that was never saved
 */
export async function claimDuplicateKey(
	context: IExecuteFunctions,
	key: string,
	target: Target,
	itemIndex: number,
): Promise<string | undefined> {
	const entry = entryOf(key, target);
	const application = applicationOf(key, target);
	try {
		const { isNew, known } = await claimWith(context, entry, {
			alsoRecord: [application],
			group: KEYS,
		});
		if (isNew) return undefined;
		if (known.includes(application)) return describeAccount(target);
		await release(context, application, { group: KEYS, rowKey: entry });
		return describeOtherAccount(target);
	} catch (error) {
		throw new NodeOperationError(
			context.getNode(),
			"The 'Duplicate Protection Key' could not be stored",
			{ description: adviceFor(error, key), itemIndex },
		);
	}
}

function adviceFor(error: unknown, key: string): string {
	const said = `n8n reported: ${error instanceof Error ? error.message : String(error)}`;
	if (!(error instanceof ClaimError)) return `Nothing was sent for this item. ${said}`;
	if (error.reason === 'unsavedWorkflow') {
		return `Nothing was sent for this item. n8n stores keys with the workflow, so save the workflow first. ${said}`;
	}
	const advice = error.mayStayUsed
		? `The key may now count as used. If the node then says that '${key}' was used before and Kopo Kopo has no such request, send it with another key.`
		: 'The key is not used.';
	return `Nothing was sent for this item. n8n's database did not respond, so run it again. ${advice} ${said}`;
}

/**
 * Releases a key under which nothing was carried out, as after a definite rejection.
 * @returns whether n8n has released it; if not, the key stays used
 */
export async function releaseDuplicateKey(
	context: IExecuteFunctions,
	key: string,
	target: Target,
): Promise<boolean> {
	return await release(context, entryOf(key, target), {
		also: [applicationOf(key, target)],
		group: KEYS,
	});
}

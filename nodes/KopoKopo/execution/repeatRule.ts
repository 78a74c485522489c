import { parseResult } from '../domain/result';
import { sendRequest } from '../transport/client';
import type { UnknownReason } from './itemResult';
import {
	areFromRequest,
	claimEntries,
	releaseEntries,
	severalProcessesEntry,
} from './repeatEntries';
import { isWithin, type RecentRequest } from './repeatHistory';
import type { PreparedItem, Run } from './run';
import { describeAccount, targetOf } from './target';

/** How many IDs of earlier requests an error names, the newest. */
const MAX_IDS = 10;

/** Whether a status says that an equal item may be sent again. */
export function isOver({ operation }: Run, body: Parameters<typeof parseResult>[0]): boolean {
	const { isFinal, outcome } = parseResult(body);
	return operation.repeat?.allowedAfter === 'result' ? isFinal : outcome === 'failure';
}

/**
 * Whether these entries of the store, which have neither times nor IDs, come from requests that this process
 * remembers.
 * @param window the time of 'Allow Repeats After', in ms
 */
export const areKnown = (times: string[], window: number, requests: RecentRequest[]): boolean =>
	times.length === 0 ||
	requests.some(
		(request) => request.window === window && areFromRequest(times, window, request.recordedAt),
	);

/**
 * Which of the requests that other executions sent for equal items no longer count, because their time is
 * over or their result allows another one. Kopo Kopo is asked until one of them may still be paid. Of n equal
 * requests, one that was paid is enough to send none of them again: it is not known which of them was meant.
 * @param times the entries in n8n's store
 */
export async function requestsThatAreOver(
	run: Run,
	item: PreparedItem,
	{
		fingerprint,
		requests,
		times,
	}: { fingerprint: string; requests: RecentRequest[]; times: string[] },
): Promise<Set<RecentRequest>> {
	const over = new Set<RecentRequest>();
	for (const request of requests) {
		const isTimeOver = !isWithin(request, item.settings.repeatWindowMs);
		if (!isTimeOver && !(await hasResultThatAllowsRepeat(run, item, request))) return over;
		over.add(request);
	}
	if (times.length === 0) return over;
	const executions = [...new Set(requests.map(({ execution }) => execution))];
	const known = await Promise.all(
		executions.map(async (each) => await isOnlyKnownHere(run, fingerprint, each)),
	);
	return known.every(Boolean) ? over : new Set();
}

async function hasResultThatAllowsRepeat(
	run: Run,
	{ itemIndex, settings: { timeoutMs } }: PreparedItem,
	{ id }: RecentRequest,
): Promise<boolean> {
	const status = id === undefined ? undefined : run.operation.statusOf?.(id);
	if (status === undefined) return false;
	try {
		const { body } = await sendRequest(run.context, status, { itemIndex, timeoutMs });
		return isOver(run, body);
	} catch {
		return false;
	}
}

/** Whether this process knows all equal items that an execution has sent. @throws ClaimError */
async function isOnlyKnownHere(
	{ context }: Run,
	fingerprint: string,
	execution: string,
): Promise<boolean> {
	const entries = [severalProcessesEntry(fingerprint, execution)];
	const taken = await claimEntries(context, fingerprint, entries);
	if (taken.length > 0) return false;
	await releaseEntries(context, fingerprint, entries);
	return true;
}

/** How to look up earlier requests with these IDs, as the beginning of a sentence. */
function whereToLook(ids: string[]): string {
	if (ids.length === 0) return 'Look it up';
	return ids.length === 1
		? `The earlier request has the ID ${ids[0]}: look it up with Get, or`
		: `The earlier requests have the IDs ${ids.join(', ')}: look them up with Get, or`;
}

/**
 * Why an item that equals one of another execution is not sent.
 * @param earlier the equal requests that this process remembers
 */
export function notSentAgain(
	run: Run,
	{ settings: { repeatWindowMs }, request }: PreparedItem,
	earlier: RecentRequest[] = [],
): UnknownReason {
	const ids = earlier.flatMap(({ id }) => id ?? []).slice(-MAX_IDS);
	const minutes = Math.round((repeatWindowMs / 60_000) * 100) / 100;
	const isRequest = run.operation.repeat?.allowedAfter === 'result';
	const name = run.operation.repeat?.name ?? 'payout';
	return {
		message: isRequest
			? `Not sent: an identical payment request that was sent within the last ${minutes} minutes may still be open`
			: `Not sent: this node sent an identical ${name} in an earlier execution within the last ${minutes} minutes`,
		description: `${whereToLook(ids)} in the Kopo Kopo dashboard (${describeAccount(targetOf(run, request.path))}). To send it anyway, give the item a 'Duplicate Protection Key' of its own, or set 'Allow Repeats After (Minutes)' under 'Options' to 0.`,
	};
}

import { InvalidParameterError } from '../domain/errors';
import type { ApiResponse } from '../transport/client';
import { KopoKopoApiError } from '../transport/errors';
import { notCompared } from './payoutClaim';
import { claimDuplicateKey, releaseDuplicateKey } from './duplicateKeys';
import { itemError } from './itemError';
import type { ItemResult, UnknownReason } from './itemResult';
import type { Repeats } from './repeats';
import type { PreparedItem, Run } from './run';
import { requesterFor, resultOf } from './itemResponse';
import type { SentRequest } from './sentRequests';
import { describeAccount, isSameTarget, type Target, targetOf } from './target';

const RESTARTED: UnknownReason = {
	message:
		'Not sent: n8n was interrupted during this execution and has restarted it, and the request may have been sent before',
	description:
		'Look for it in the Kopo Kopo dashboard, and run a new execution if it was not sent.',
};

/**
 * Sends an item that moves money at most once. An item that an earlier attempt has sent gets the stored
 * response, and nothing is sent under a used Duplicate Protection Key.
 * @throws KopoKopoApiError if Kopo Kopo definitely did not carry it out, InvalidParameterError if it was
 * not sent
 */
export async function submitOnce(
	run: Run,
	item: PreparedItem,
	repeats: Repeats,
): Promise<ItemResult> {
	const { context, operation, sentRequests } = run;
	const { itemIndex } = item;
	const duplicateKey = item.settings.duplicateKey;
	const target = targetOf(run, item.request.path);
	const unknown = (reason: UnknownReason): ItemResult => ({ kind: 'unknown', reason, ...item });
	const duplicate = (reason: UnknownReason): ItemResult => ({
		kind: 'unknown',
		reason,
		isDuplicate: true,
		...item,
	});

	const sent = sentRequests.get(itemIndex);
	if (sent !== undefined) {
		const sentTo = sentRequests.targetOf(sent) ?? target;
		if (!isSameTarget(sentTo, target)) return unknown(sentElsewhere(sent, sentTo, target));
		return 'id' in sent ? await resultOf(run, item, { status: 201, ...sent }) : unknown(sent);
	}
	if (duplicateKey === undefined && run.restart.isRestarted) {
		sentRequests.set(itemIndex, RESTARTED, target);
		return unknown(RESTARTED);
	}
	const verdict = await repeats.beforeSending(itemIndex);
	if (verdict !== undefined) {
		if ('error' in verdict) throw notCompared(verdict.error);
		return duplicate(verdict.reason);
	}
	if (duplicateKey !== undefined) {
		const usedWith = await claimDuplicateKey(context, duplicateKey, target, itemIndex);
		if (usedWith !== undefined) return duplicate(usedKey(duplicateKey, usedWith));
	}
	if (context.getExecutionCancelSignal()?.aborted === true) {
		// Cancelled while the key was claimed. The API client would report the outcome as unknown.
		if (duplicateKey !== undefined) await releaseDuplicateKey(context, duplicateKey, target);
		await repeats.release([itemIndex]);
		throw new InvalidParameterError(
			'The execution was stopped before this item was sent',
			'Run it again.',
		);
	}

	const sending = requesterFor(run, item)(item.request, {
		expectsLocation: true,
		idFrom: operation.idFrom,
		ifUnknown: operation.ifUnknown,
	});
	const result = await sending.then(
		(response: ApiResponse) => ({ response }),
		(error: unknown) => ({ error }),
	);
	if ('response' in result) {
		const { id = '', location } = result.response;
		sentRequests.set(itemIndex, { id, ...(location !== undefined && { location }) }, target);
		repeats.ended(itemIndex, id);
		return await resultOf(run, item, result.response);
	}
	const failure =
		result.error instanceof KopoKopoApiError ? result.error.requestFailure : undefined;
	if (failure?.certainty === 'unknown') {
		const reason = { message: failure.message, description: failure.description };
		sentRequests.set(itemIndex, reason, target);
		repeats.ended(itemIndex);
		return unknown(reason);
	}
	await repeats.release([itemIndex]);
	const error = itemError(run, result.error, itemIndex);
	if (duplicateKey !== undefined && !(await releaseDuplicateKey(context, duplicateKey, target))) {
		error.description = `${error.description ?? ''} The Duplicate Protection Key '${duplicateKey}' stays used because n8n could not release it. Send it with another key.`;
	}
	throw error;
}

const usedKey = (key: string, usedWith: string): UnknownReason => ({
	message: `Not sent: the Duplicate Protection Key '${key}' was used before`,
	description: `Look in the Kopo Kopo dashboard for the request that was sent with it (${usedWith}).`,
});

/** For an item that an earlier attempt of this execution sent somewhere else. Nothing is sent for it. */
const sentElsewhere = (sent: SentRequest, sentTo: Target, target: Target): UnknownReason => ({
	message: `Not sent: an earlier attempt of this execution sent this item as POST ${sentTo.path} (${describeAccount(sentTo)}), ${
		'id' in sent ? `and Kopo Kopo gave it the ID ${sent.id}` : 'with an unknown outcome'
	}`,
	description: `With the current settings, it would be sent as POST ${target.path} (${describeAccount(target)}). Look up the earlier request, and start a new execution for the items that still have to be sent.`,
});

import { InvalidParameterError } from '../domain/errors';
import { abortableSleep } from '../n8n/sleep';
import { type AnyParams, readParameters } from '../operations/parameters';
import { unusedCallbackUrl } from '../parsers/url';
import { checkAgentPermission } from './agentPermission';
import type { Batching } from './concurrency';
import { notCompared } from './payoutClaim';
import { itemError } from './itemError';
import type { Repeats } from './repeats';
import type { ItemError, PreparedItem, Run } from './run';
import { parseBatching, parseSettings } from './settings';
import type { StopRule } from './stopRule';

/** An item that cannot be sent as it is. */
export interface InvalidItem {
	kind: 'failed';
	itemIndex: number;
	error: ItemError;
}

/** Everything that is known before the first request. */
export interface Preparation {
	/** In the order of the input. */
	items: Array<PreparedItem | InvalidItem>;
	batching: Batching;
}

export const isInvalid = (item: PreparedItem | InvalidItem): item is InvalidItem => 'kind' in item;

/** How long n8n's event loop may be blocked by reading parameters, in ms. */
const MAX_BLOCKING_MS = 20;

/**
 * Reads and checks every item and every setting, before the first request is sent. Never throws because of
 * an item or a setting: if the node continues on errors, n8n would pass the node's input on as its output.
 */
export async function prepareItems(run: Run, count: number): Promise<Preparation> {
	const [batching, batchingFailure] = attempt(() => parseBatching(run.context));
	const items: Preparation['items'] = [];
	let pausedAt = performance.now();
	for (let itemIndex = 0; itemIndex < count; itemIndex++) {
		const [item, itemFailure] = attempt(() => prepareItem(run, itemIndex));
		const thrown = batchingFailure ?? itemFailure;
		items.push(
			item !== undefined && thrown === undefined
				? item
				: { kind: 'failed', itemIndex, error: itemError(run, thrown?.reason, itemIndex) },
		);
		if (performance.now() - pausedAt > MAX_BLOCKING_MS) {
			await abortableSleep(0);
			pausedAt = performance.now();
		}
	}
	return { items, batching: batching ?? {} };
}

/** What a function returns, or what it throws. */
function attempt<T>(work: () => T): [T, undefined] | [undefined, { reason: unknown }] {
	try {
		return [work(), undefined];
	} catch (reason) {
		return [undefined, { reason }];
	}
}

/** @throws InvalidParameterError, or what n8n throws for an expression that cannot be evaluated */
function prepareItem(run: Run, itemIndex: number): PreparedItem {
	const { context, operation, parseContext, sentRequests } = run;
	const isSent = sentRequests.get(itemIndex) !== undefined;
	if (!isSent) checkAgentPermission(run);
	const params = readParameters(context, operation.fields, itemIndex, parseContext);
	const settings = parseSettings(run, itemIndex);
	// A Duplicate Protection Key says whether the item was sent, also before a restart.
	if (!isSent && settings.duplicateKey === undefined) failIfRestartUnknown(run);
	const request = operation.request(params, callbackUrlOf(run, params));
	return { itemIndex, params, settings, request };
}

/**
 * Where Kopo Kopo sends the result of an item: to the paused execution, or to the Callback URL, which is
 * beside the other fields or in a collection.
 * @throws NodeOperationError if the execution cannot be called back
 */
function callbackUrlOf({ callbackUrl, parseContext }: Run, params: AnyParams): string {
	if (callbackUrl !== undefined) return callbackUrl();
	const collection = params.additionalFields as { callbackUrl?: string } | undefined;
	const entered = (params.callbackUrl as string | undefined) ?? collection?.callbackUrl;
	return entered ?? unusedCallbackUrl(parseContext);
}

/** @throws InvalidParameterError if n8n may have restarted the execution after it had sent the item */
function failIfRestartUnknown({ restart: { error } }: Run): void {
	if (error === undefined) return;
	throw new InvalidParameterError(
		"n8n's database could not be read to check whether n8n has restarted this execution",
		`Run it again. n8n reported: ${error.message}.`,
	);
}

/** Marks items as invalid if n8n's database could not be read to compare them with earlier ones. */
export async function failUnchecked(
	run: Run,
	items: Preparation['items'],
	repeats: Repeats,
	stopsAfter: StopRule,
): Promise<void> {
	let isStopped = false;
	for (const [index, item] of items.entries()) {
		const verdict = isInvalid(item) ? undefined : repeats.verdictOf(item.itemIndex);
		if (verdict === undefined || !('error' in verdict)) continue;
		const reason = notCompared(verdict.error);
		const failed: InvalidItem = {
			kind: 'failed',
			itemIndex: index,
			error: itemError(run, reason, index),
		};
		items[index] = failed;
		isStopped ||= stopsAfter(failed);
	}
	if (isStopped) await repeats.release(items.map((_, index) => index));
}

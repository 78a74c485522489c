import { type IExecuteFunctions, type INodeExecutionData, NodeOperationError } from 'n8n-workflow';
import { resourceParameter } from '../operations/properties';
import { findOperation } from '../resources';
import { allowsHttp, CREDENTIAL_NAME, parseCredential } from '../transport/environment';
import { type Batching, mapConcurrently } from './concurrency';
import type { ItemResult } from './itemResult';
import { presentItems } from './output';
import { pauseForResult, resumeUrl } from './pause';
import { Repeats } from './repeats';
import { checkRestart } from './restartDetection';
import { checkLimits } from './userLimits';
import { failUnchecked, isInvalid, type Preparation, prepareItems } from './prepare';
import type { PreparedItem, Run } from './run';
import { runItem } from './runItem';
import { SentRequests } from './sentRequests';
import { resolveWaitMode, storedWaitMode } from './settings';
import { stoppedError, invalidItemsError } from './stopMessages';
import { type StopRule, stopRule } from './stopRule';
import { pollForResults } from './waiting';

/** The operation that the node's parameters name. @throws NodeOperationError when there is none */
function selectedOperation(context: IExecuteFunctions) {
	const apiVersion = context.getNodeParameter('apiVersion', 0, 'v2') as string;
	const resource = context.getNodeParameter(resourceParameter(apiVersion), 0) as string;
	const name = context.getNodeParameter('operation', 0, '') as string;
	const operation = findOperation(apiVersion, resource, name);
	if (operation !== undefined) {
		return { operation, operationKey: { apiVersion, resource, operation: name } };
	}
	throw new NodeOperationError(
		context.getNode(),
		`The Kopo Kopo node has no operation '${name}' of '${resource}' in ${apiVersion}`,
		{ description: "Choose 'Resource' and 'Operation' again from their lists." },
	);
}

/**
 * Runs the action node: checks every item before it sends the first, and links each result to its input.
 * @throws NodeOperationError | KopoKopoApiError if items are invalid or failed, unless the node continues on
 * errors
 */
export async function execute(context: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	const inputs = context.getInputData();
	if (inputs.length === 0) return [[]];

	const { operation, operationKey } = selectedOperation(context);
	const sentRequests = new SentRequests(context);
	const waitMode = resolveWaitMode(context, operation, sentRequests);
	const credential = parseCredential(await context.getCredentials(CREDENTIAL_NAME));
	const run: Run = {
		context,
		operation,
		operationKey,
		credential,
		apiVersion: context.getNodeParameter('apiVersion', 0, 'v2') as string,
		parseContext: {
			allowHttp: allowsHttp(credential),
			instanceUrl: context.getInstanceBaseUrl(),
			...(operation.statusOf !== undefined && { waitForResult: storedWaitMode(context) }),
		},
		sentRequests,
		waitMode,
		restart: operation.effect === 'sendOnce' ? await checkRestart(context) : { isRestarted: false },
		isTool: context.getNode().type.endsWith('Tool'),
	};
	if (waitMode === 'pauseUntilNotified') run.callbackUrl = () => resumeUrl(run);

	const stopsAfter = stopRule(context);
	const { items, batching } = await prepareItems(run, inputs.length);
	checkLimits(run, items);
	const failIfInvalid = () => {
		const invalid = items.filter(isInvalid);
		if (invalid.some(stopsAfter)) throw invalidItemsError(run, invalid, items.length);
	};
	failIfInvalid();
	const repeats = new Repeats(run);
	await repeats.claim(preparedItems(items));
	await failUnchecked(run, items, repeats, stopsAfter);
	failIfInvalid();
	addHint(run, preparedItems(items));
	const results = await sendItems(run, items, batching, { stopsAfter, repeats });
	await repeats.release(indexesOf(results, (result) => result === undefined));
	if (results.some(stopsAfter)) throw stoppedError(run, results);
	if (waitMode === 'keepChecking') await pollForResults(run, results);
	if (waitMode === 'pauseUntilNotified') await pauseForResult(run, results[0]);
	await repeats.releaseFinal(results);

	const outputs = results.flatMap((result, itemIndex) =>
		result === undefined
			? []
			: presentItems(run, result).map((json) => ({ json, pairedItem: { item: itemIndex } })),
	);
	if (hasEnded(run, results) && !outputs.some(({ json }) => 'error' in json)) sentRequests.clear();
	return [outputs];
}

/** Shows beside the output what was requested, where the items do not. */
function addHint({ context, operation }: Run, items: PreparedItem[]): void {
	const hints = new Set(items.flatMap(({ params }) => operation.hint?.(params) ?? []));
	const [first] = hints;
	if (first === undefined) return;
	const more = hints.size === 1 ? '' : `, and ${hints.size - 1} more`;
	context.addExecutionHints({ message: `${first}${more}`, location: 'outputPane' });
}

/** Sends the items that can be sent. @returns undefined for each item that was not started after a stop */
async function sendItems(
	run: Run,
	items: Preparation['items'],
	batching: Batching,
	{ stopsAfter, repeats }: { stopsAfter: StopRule; repeats: Repeats },
): Promise<Array<ItemResult | undefined>> {
	const toSend = preparedItems(items);
	const results: Array<ItemResult | undefined> = items.map((item) =>
		isInvalid(item) ? item : undefined,
	);
	const sent = await mapConcurrently(
		toSend.length,
		batching,
		async (index) => await runItem(run, toSend[index] as PreparedItem, repeats),
		{ signal: run.context.getExecutionCancelSignal(), stopsAfter },
	);
	toSend.forEach(({ itemIndex }, index) => {
		results[itemIndex] = sent[index];
	});
	return results;
}

const preparedItems = (items: Preparation['items']) =>
	items.filter((item): item is PreparedItem => !isInvalid(item));

const indexesOf = (
	results: Array<ItemResult | undefined>,
	matches: (result: ItemResult | undefined) => boolean,
): number[] => results.flatMap((result, index) => (matches(result) ? [index] : []));

/**
 * Whether the run has ended for every item. A run that was stopped has not, and neither has a paused one,
 * which may still fail when it resumes. A run that has ended is retried by n8n only if an item has a field
 * `error`, which can also come from one of Kopo Kopo's bodies.
 */
const hasEnded = ({ waitMode }: Run, results: Array<ItemResult | undefined>): boolean =>
	waitMode !== 'pauseUntilNotified' && results.every((result) => result !== undefined);

import { type IExecuteFunctions, type INodeExecutionData, NodeOperationError } from 'n8n-workflow';
import { mustReturnErrors } from '../n8n/compat';
import { resourceParameter } from '../operations/properties';
import { findOperation } from '../resources';
import { allowsHttp, CREDENTIAL_NAME, parseCredential } from '../transport/environment';
import { type Batching, mapConcurrently } from './concurrency';
import type { ItemResult } from './itemResult';
import { presentItems } from './output';
import { pauseForResult, resumeUrl } from './pause';
import { isRestartedExecution } from './restartDetection';
import type { Run } from './run';
import { runItem } from './runItem';
import { SentRequests } from './sentRequests';
import { resolveWaitMode } from './settings';
import { pollForResults } from './waiting';

/** The operation that the node's parameters name. @throws NodeOperationError when there is none */
function selectedOperation(context: IExecuteFunctions) {
	const apiVersion = context.getNodeParameter('apiVersion', 0, 'v2') as string;
	const resource = context.getNodeParameter(resourceParameter(apiVersion), 0) as string;
	const name = context.getNodeParameter('operation', 0, '') as string;
	const operation = findOperation(apiVersion, resource, name);
	if (operation !== undefined) return operation;
	throw new NodeOperationError(
		context.getNode(),
		`The Kopo Kopo node has no operation '${name}' of '${resource}' in ${apiVersion}`,
		{ description: "Choose 'Resource' and 'Operation' again from their lists." },
	);
}

/**
 * Runs the action node: every item on its own, linked to its input.
 * @throws NodeOperationError | KopoKopoApiError for the first item that failed, unless the node goes on
 * after errors
 */
export async function execute(context: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	const inputs = context.getInputData();
	if (inputs.length === 0) return [[]];

	const operation = selectedOperation(context);
	const sentRequests = new SentRequests(context);
	const waitMode = resolveWaitMode(context, operation, sentRequests);
	const credential = parseCredential(await context.getCredentials(CREDENTIAL_NAME));
	const run: Run = {
		context,
		operation,
		credential,
		parseContext: {
			allowHttp: allowsHttp(credential),
			instanceUrl: context.getInstanceBaseUrl(),
			timezone: context.getTimezone(),
		},
		sentRequests,
		waitMode,
		isRestarted: operation.effect === 'movesMoney' && (await isRestartedExecution(context)),
		isTool: context.getNode().type.endsWith('Tool'),
	};
	if (waitMode === 'pauseUntilNotified') run.callbackUrl = () => resumeUrl(run);
	const { batch } = context.getNodeParameter('options.batching', 0, {}) as { batch?: Batching };

	const results = await mapConcurrently(
		inputs.length,
		batch ?? {},
		async (itemIndex) => {
			const result = await runItem(run, itemIndex);
			const stops = !context.continueOnFail() && !mustReturnErrors(context);
			if (result.kind === 'failed' && stops) throw result.error;
			return result;
		},
		context.getExecutionCancelSignal(),
	);
	if (waitMode === 'keepChecking') await pollForResults(run, results);
	if (waitMode === 'pauseUntilNotified') await pauseForResult(run, results[0]);

	const outputs = results.flatMap((result, itemIndex) =>
		result === undefined
			? []
			: presentItems(run, result).map((json) => ({ json, pairedItem: { item: itemIndex } })),
	);
	if (isOver(run, results) && !outputs.some(({ json }) => 'error' in json)) sentRequests.clear();
	return [outputs];
}

/**
 * Whether no retry can follow. n8n retries only what has failed, and takes any `error` for a failure, also
 * one in a body of Kopo Kopo's. A run that was stopped, or that is paused and may resume wrongly, is not over.
 */
const isOver = ({ waitMode }: Run, results: Array<ItemResult | undefined>): boolean =>
	waitMode !== 'pauseUntilNotified' &&
	results.every((result) => result !== undefined && result.kind !== 'failed');

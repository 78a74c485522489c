import type { IExecuteFunctions } from 'n8n-workflow';
import { mustReturnErrors } from '../n8n/compat';
import type { ItemResult } from './itemResult';

/** Whether the items after this one are not started, and the node ends with an error. */
export type StopRule = (result: ItemResult | undefined) => boolean;

/**
 * A failed item stops the items after it with 'On Error' set to 'Stop Workflow', unless the errors must reach
 * the model of an AI agent.
 */
export function stopRule(context: IExecuteFunctions): StopRule {
	const stopsOnError = !context.continueOnFail() && !mustReturnErrors(context);
	return (result) => stopsOnError && isFailed(result);
}

/**
 * Whether an item has failed: it was rejected, could not be sent, or its request, which moves no money, has an
 * unknown outcome. An item that moves money and has an unknown outcome has not failed (submitOnce()): the
 * others must not depend on it.
 */
export const isFailed = (
	result: ItemResult | undefined,
): result is Extract<ItemResult, { kind: 'failed' }> => result?.kind === 'failed';

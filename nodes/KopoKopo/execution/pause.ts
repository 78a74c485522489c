import { type IDataObject, type IWebhookFunctions, NodeOperationError } from 'n8n-workflow';
import { parseResult } from '../domain/result';
import { MIN_PAUSE_S } from '../operations/settingsProperties';
import { isCallbackAllowed } from '../parsers/url';
import { requireApiKey } from '../transport/environment';
import { NOTHING_SENT_FOR_ITEM } from './itemError';
import type { ItemResult } from './itemResult';
import { presentItems } from './output';
import { pollUntilFinal } from '../transport/pollUntilFinal';
import type { OperationKey, OutputFormat, Run } from './run';
import { isAwaiting, statusPoll } from './waiting';

/** Where a paused execution keeps what its callback needs, in n8n's context data of the node. */
const PAUSE_KEY = 'kopoKopoPause';

/**
 * The data that the callback needs. It is stored because the node's parameters may contain expressions that
 * fail, or return another value, when the callback arrives.
 */
interface PausedRequest {
	id: string;
	operation: OperationKey;
	output: OutputFormat;
	/** The requested values, which Kopo Kopo does not always return. */
	requested: IDataObject;
}

/**
 * The execution's own resume URL with its token, for this node (n8n expects the node's ID as the last
 * segment).
 * @throws NodeOperationError if this execution cannot pause
 */
export function resumeUrl({ context, parseContext, credential }: Run): string {
	const node = context.getNode();
	if (context.getInputData().length > 1) {
		throw new NodeOperationError(node, 'A pause can only wait for one item at a time', {
			description: `Put a 'Loop Over Items' node before this one with a Batch Size of 1, or set 'Wait for Result' to Keep Checking. ${NOTHING_SENT_FOR_ITEM}`,
		});
	}
	requireApiKey(credential, node);
	const url = new URL(String(context.evaluateExpression('{{ $execution.resumeUrl }}', 0)));
	url.pathname += `/${node.id}`;
	if (!isCallbackAllowed(url.href, parseContext)) {
		throw new NodeOperationError(
			node,
			`Kopo Kopo only calls addresses that begin with https://, and the address of this n8n is ${url.origin}`,
			{
				description: `Set WEBHOOK_URL in n8n's environment to its public https address, or set 'Wait for Result' to Keep Checking. ${NOTHING_SENT_FOR_ITEM}`,
			},
		);
	}
	return url.href;
}

/**
 * Pauses the execution until the callback, unless Kopo Kopo has the result already: n8n rejects a callback
 * that arrives before the execution is paused. When the time is up, n8n passes on the node's input, so the
 * input is replaced with the pending item.
 */
export async function pauseForResult(run: Run, result: ItemResult | undefined): Promise<void> {
	if (!isAwaiting(run, result)) return;
	const { context, operation } = run;
	const { accepted, settings } = result;
	const signal = context.getExecutionCancelSignal();
	const body = await pollUntilFinal(statusPoll(run, result), { timeoutMs: 0, signal });
	accepted.awaited = { body };
	if (parseResult(body).isFinal || signal?.aborted === true) return;

	const paused: PausedRequest = {
		id: accepted.id,
		operation: run.operationKey,
		output: settings.output,
		requested: operation.summary?.(result.params) ?? {},
	};
	context.getContext('node')[PAUSE_KEY] = paused as unknown as IDataObject;
	// The list is replaced, not changed: it may also be what the previous node shows as its output.
	const [pending = {}] = presentItems(run, result);
	context.getExecuteData().data.main = [[{ json: pending, pairedItem: { item: 0 } }]];
	const pauseMs = Math.max(MIN_PAUSE_S * 1000, settings.waitMs);
	await context.putExecutionToWait(new Date(Date.now() + pauseMs));
}

/**
 * What pauseForResult() stored in n8n's context data of the node; undefined if the execution waits for
 * nothing.
 */
export function pausedRequest(context: IWebhookFunctions): PausedRequest | undefined {
	// n8n would take braces in the name of the node for the end of the expression.
	const name = JSON.stringify(context.getNode().name).replace(
		/[{}]/g,
		(brace) => `\\u00${brace.charCodeAt(0).toString(16)}`,
	);
	const stored = context.evaluateExpression(`{{ $node[${name}].context.${PAUSE_KEY} }}`);
	return (stored ?? undefined) as PausedRequest | undefined;
}

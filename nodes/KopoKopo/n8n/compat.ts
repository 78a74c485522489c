import * as n8nWorkflow from 'n8n-workflow';
import type { IExecuteFunctions, IWebhookFunctions, WebhookResponseMode } from 'n8n-workflow';

/**
 * A node cannot ask n8n for its version. isToolExecution() was added some time after 2.0, so an n8n that
 * has it also has everything that came with 2.0.
 */
const isN8n1 = (context: IExecuteFunctions): boolean =>
	typeof context.isToolExecution !== 'function';

/** Whether an AI agent calls this node directly as its tool, instead of n8n running it. */
export function isCalledByAgent(context: IExecuteFunctions): boolean {
	if (!isN8n1(context)) return context.isToolExecution();
	// When n8n 1 itself runs a tool for an agent, it redirects the tool's log output.
	const { type, rewireOutputLogTo } = context.getNode();
	return type.endsWith('Tool') && rewireOutputLogTo === undefined;
}

/**
 * Whether a thrown error would never reach the model of the AI agent that uses this node as a tool: when the
 * agent calls the node directly, and always in n8n 1, where the error ends the execution.
 */
export function mustReturnErrors(context: IExecuteFunctions): boolean {
	return isN8n1(context) ? context.getNode().type.endsWith('Tool') : context.isToolExecution();
}

/**
 * Whether this is a sub-workflow. It must not pause: n8n 1 returns an empty item to its caller, and later
 * versions return one result, although the caller may run the sub-workflow once for each of several items.
 */
export const isSubworkflow = (context: IExecuteFunctions): boolean =>
	context.getMode() === 'integrated';

/**
 * Whether this n8n may run an execution again from the beginning under the same ID, as n8n 1 does in queue
 * mode when a worker is lost.
 */
export const mayRestartExecutions = isN8n1;

/**
 * When a trigger responds to a delivery. It must not respond before n8n has stored the execution, because
 * Kopo Kopo does not repeat a delivery that succeeded. With `onReceived`, n8n 1 responds first, so there the
 * execution responds itself (acknowledgeDelivery()). Newer versions store first; they are recognized by a
 * function that was added after that change.
 */
export const webhookResponseMode: WebhookResponseMode =
	'resolveWebhookDescriptionField' in n8nWorkflow ? 'onReceived' : 'responseNode';

/** Responds to the delivery that started this execution, where n8n leaves that to the node. */
export async function acknowledgeDelivery(context: IExecuteFunctions): Promise<void> {
	if (webhookResponseMode === 'onReceived') return;
	await context.sendResponse({
		statusCode: 200,
		headers: {},
		body: { message: 'Workflow was started' },
	});
}

/**
 * The bytes of a delivery as they arrived. For version 2 of a node, n8n reads the body of some content types only
 * on demand.
 */
export async function rawBodyOf(context: IWebhookFunctions): Promise<Buffer> {
	const request = context.getRequestObject();
	if (request.rawBody === undefined) await request.readRawBody();
	return request.rawBody ?? Buffer.alloc(0);
}

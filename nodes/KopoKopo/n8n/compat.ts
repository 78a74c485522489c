import * as n8nWorkflow from 'n8n-workflow';
import type { IExecuteFunctions, WebhookResponseMode } from 'n8n-workflow';

/**
 * A node cannot ask n8n for its version. isToolExecution() came some time after 2.0, so an n8n that has
 * it also has what came with 2.0.
 */
const isN8n1 = (context: IExecuteFunctions): boolean =>
	typeof context.isToolExecution !== 'function';

/** Whether an agent runs this node itself, as its tool, instead of having n8n run it. */
export function isCalledByAgent(context: IExecuteFunctions): boolean {
	if (!isN8n1(context)) return context.isToolExecution();
	// Of a tool that an older n8n runs for an agent it redirects the log.
	const { type, rewireOutputLogTo } = context.getNode();
	return type.endsWith('Tool') && rewireOutputLogTo === undefined;
}

/**
 * Whether what is thrown here never reaches the model of the agent whose tool this is: where the agent
 * calls it, and in an older n8n, whose execution ends with it.
 */
export function mustReturnErrors(context: IExecuteFunctions): boolean {
	return isN8n1(context) ? context.getNode().type.endsWith('Tool') : context.isToolExecution();
}

/**
 * Whether the caller of this execution would get an empty item of it when it sleeps: n8n hands the result
 * of a sub-workflow that slept on to its caller since 2.0.
 */
export function subworkflowCannotPause(context: IExecuteFunctions): boolean {
	return isN8n1(context) && context.getMode() === 'integrated';
}

/**
 * Whether this n8n may run an execution again from its beginning, under the same id: n8n 1 does in queue
 * mode when a worker is gone.
 */
export const mayRestartExecutions = isN8n1;

/**
 * When a delivery to a trigger is answered: never before n8n has stored its execution, for nobody would send
 * it again. An n8n 1 with `onReceived` answers first, so there the execution answers (acknowledge()). A newer
 * one stores first; it is known by a function that came later than that.
 */
export const webhookResponseMode: WebhookResponseMode =
	'resolveWebhookDescriptionField' in n8nWorkflow ? 'onReceived' : 'responseNode';

/** Answers the delivery that started this execution, where n8n leaves that to it. */
export async function acknowledgeDelivery(context: IExecuteFunctions): Promise<void> {
	if (webhookResponseMode === 'onReceived') return;
	await context.sendResponse({
		statusCode: 200,
		headers: {},
		body: { message: 'Workflow was started' },
	});
}

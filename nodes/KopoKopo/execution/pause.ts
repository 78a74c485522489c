import type {
	INodeExecutionData,
	IWebhookDescription,
	IWebhookFunctions,
	IWebhookResponseData,
} from 'n8n-workflow';
import { asObject } from '../domain/json';
import { parseResult } from '../domain/result';
import { isSimplified, withChosenFields } from '../operations/settingsProperties';
import { findOperation } from '../resources';
import { sendRequest } from '../transport/client';
import { authenticate } from '../webhooks/authenticate';
import { rejectUnsigned, respond } from '../webhooks/respond';
import type { VerifiedBody } from '../webhooks/signature';

/** The address that a sleeping execution is woken at: n8n's resume URL, then the node's id. */
export const resumeWebhooks: IWebhookDescription[] = [
	{
		name: 'default',
		httpMethod: 'POST',
		responseMode: 'onReceived',
		responseData: '',
		path: '={{ $nodeId }}',
		isFullPath: true,
		restartWebhook: true,
	},
];

/** Kopo Kopo gives up on an answer sooner than a person, so the status is asked for only so long, in ms. */
const STATUS_TIMEOUT_MS = 10_000;

/** `data.id` of a result callback. */
function requestIdOf(body: VerifiedBody): unknown {
	try {
		return asObject(asObject(JSON.parse(body.toString('utf8'))).data).id;
	} catch {
		return undefined;
	}
}

/** The id of the request that the execution sleeps for; execute() left it in the node's input. */
function awaitedId(context: IWebhookFunctions): unknown {
	const items = context.evaluateExpression('{{ $input.all() }}') as
		| INodeExecutionData[]
		| undefined;
	return items?.[0]?.json.id;
}

/**
 * A callback to a sleeping execution. Wrongly signed: 401. Right but for another payment (in a loop all
 * rounds share one address), or not final yet: 200. None of these wakes anything. What wakes is not the
 * callback itself but the status, read back from Kopo Kopo.
 * Never throws: n8n would wake the execution with an empty item.
 */
export async function resume(context: IWebhookFunctions): Promise<IWebhookResponseData> {
	try {
		const body = await authenticate(context);
		if (body === undefined) return rejectUnsigned(context);
		const id = awaitedId(context);
		if (typeof id !== 'string' || requestIdOf(body) !== id) {
			return respond(context, 200, 'Not what is waited for here');
		}
		const operation = findOperation(
			String(context.getNodeParameter('apiVersion', 'v2')),
			String(context.getNodeParameter('resource')),
			String(context.getNodeParameter('operation')),
		);
		if (operation?.statusOf === undefined) {
			return respond(context, 200, 'Nothing is waited for here');
		}
		const status = await sendRequest(context, operation.statusOf(id), {
			timeoutMs: STATUS_TIMEOUT_MS,
		});
		const result = parseResult(status.body);
		if (!result.isFinal) return respond(context, 200, 'Not final yet');
		const settings = {
			isTool: context.getNode().type.endsWith('Tool'),
			read: (name: string, fallback: unknown): unknown =>
				context.getNodeParameter(name, fallback as object),
		};
		const item = isSimplified(settings) ? result : { ...status.body };
		const json = withChosenFields(item, settings);
		return {
			webhookResponse: { message: 'Thank you' },
			workflowData: [[{ json, pairedItem: { item: 0 } }]],
		};
	} catch (error) {
		context.logger.error(
			`Kopo Kopo: a callback could not be taken: ${error instanceof Error ? error.message : String(error)}`,
		);
		return respond(context, 503, 'The callback could not be taken');
	}
}

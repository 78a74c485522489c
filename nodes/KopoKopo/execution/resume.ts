import type { IDataObject, IWebhookFunctions, IWebhookResponseData } from 'n8n-workflow';
import { parseResult } from '../domain/result';
import { findOperation } from '../resources';
import { sendRequest } from '../transport/client';
import { authenticate } from '../webhooks/authenticate';
import { requestIdOf } from '../webhooks/parseDelivery';
import { rejectUnsigned, respond } from '../webhooks/respond';
import { resultItem, selectFields } from './output';
import { pausedRequest } from './pause';

/** Timeout of the status request in ms. It is short, because Kopo Kopo waits for the response to its callback. */
const STATUS_TIMEOUT_MS = 10_000;

/**
 * Handles a callback to a paused execution. One with an invalid signature gets a 401. A valid one for
 * another payment (all passes of a loop share one URL), or one whose result is not final yet, gets a 200.
 * None of these resumes the execution. The execution resumes with the status that Kopo Kopo returns, not
 * with the callback. Never throws: n8n would resume the execution with an empty item.
 */
export async function resume(context: IWebhookFunctions): Promise<IWebhookResponseData> {
	try {
		const body = await authenticate(context);
		if (body === undefined) return rejectUnsigned(context);
		const paused = pausedRequest(context);
		if (paused === undefined || requestIdOf(body) !== paused.id) {
			return respond(context, 200, 'This execution is not waiting for this result');
		}
		const { id, output } = paused;
		const { apiVersion, resource, operation: name } = paused.operation;
		const operation = findOperation(apiVersion, resource, name);
		if (operation?.statusOf === undefined) {
			return respond(context, 200, 'This execution is not waiting for a result');
		}
		const status = await sendRequest(context, operation.statusOf(id), {
			timeoutMs: STATUS_TIMEOUT_MS,
		});
		const result = parseResult(status.body);
		// A result that contradicts itself is not final either, but there may be no further callback.
		if (result.outcome === 'pending') return respond(context, 200, 'Not final yet');
		const item: IDataObject = output.simplify
			? resultItem(operation, paused.requested, result)
			: { ...status.body };
		return {
			webhookResponse: { message: 'The execution resumes' },
			workflowData: [[{ json: selectFields(item, output), pairedItem: { item: 0 } }]],
		};
	} catch (error) {
		context.logger.error(
			`Kopo Kopo: a callback could not be handled: ${error instanceof Error ? error.message : String(error)}`,
		);
		return respond(context, 503, 'The callback could not be handled');
	}
}

import type {
	IDataObject,
	IExecuteFunctions,
	INodeExecutionData,
	IWebhookFunctions,
	IWebhookResponseData,
} from 'n8n-workflow';
import { acknowledgeDelivery } from '../n8n/compat';
import { authenticate } from './authenticate';
import { claimDelivery, isFirstExecution, waitForResponse } from './deduplication';
import { isWanted, type Filters } from './filters';
import { parseDelivery } from './parseDelivery';
import { ignoreDelivery, rejectUnsigned, respond } from './respond';

/** The trigger's Options, as n8n stores them: what was not added is missing. */
interface TriggerOptions extends Filters {
	ignoreDuplicates?: boolean;
	includeHeaders?: boolean;
	simplify?: boolean;
}

/**
 * Handles a delivery to the trigger: the signature of the raw bytes first, then everything else. Writes the
 * response itself and never throws, since n8n makes a throw into a 500 and a stored, failed execution.
 */
export async function receiveDelivery(context: IWebhookFunctions): Promise<IWebhookResponseData> {
	try {
		const body = await authenticate(context);
		if (body === undefined) return rejectUnsigned(context);

		const delivery = parseDelivery(body);
		const options = context.getNodeParameter('options', {}) as TriggerOptions;
		if (delivery.kind === 'event') {
			const events = context.getNodeParameter('triggerOn') as string[];
			if (!events.includes(delivery.topic)) {
				return ignoreDelivery('Nobody asked for this event here');
			}
		} else {
			context.logger.warn(`Kopo Kopo Trigger: ${String(delivery.raw.reason)}`);
		}
		if (delivery.item !== undefined && !isWanted(delivery.item, options)) {
			return ignoreDelivery('Left out by a filter');
		}
		// A test listen sees everything, and must not hide anything from production.
		const isLive = context.getMode() !== 'manual';
		if (isLive && options.ignoreDuplicates !== false) {
			const claim = await claimDelivery(context, String(delivery.raw.dedupeKey));
			if (claim === 'duplicate') return ignoreDelivery('Seen before');
			if (claim === 'inProgress') {
				return respond(context, 503, 'The same delivery is still being processed');
			}
		}
		const json = options.simplify === false ? delivery.raw : (delivery.item ?? delivery.raw);
		const headers = options.includeHeaders === true ? { headers: context.getHeaderData() } : {};
		return { workflowData: [[{ json: { ...json, ...headers } as IDataObject }]] };
	} catch (error) {
		// No execution was started, so Kopo Kopo has to send this delivery again.
		context.logger.error(
			`Kopo Kopo Trigger could not process a delivery: ${error instanceof Error ? error.message : String(error)}`,
		);
		return respond(context, 503, 'The workflow could not process this delivery');
	}
}

/**
 * Runs inside the execution that receiveDelivery() started, and passes its items on. Only from here does n8n
 * store static data, since it answers a delivery after it has created the execution.
 */
export async function continueDelivery(
	context: IExecuteFunctions,
): Promise<INodeExecutionData[][]> {
	const ignoresDuplicates = context.getNodeParameter('options.ignoreDuplicates', 0, true) === true;
	const isLive = context.getMode() !== 'manual';
	const continues = !ignoresDuplicates || !isLive || (await isFirstExecution(context));
	await acknowledgeDelivery(context);
	await waitForResponse(context);
	return [continues ? context.getInputData() : []];
}

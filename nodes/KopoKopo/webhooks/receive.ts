import type {
	IDataObject,
	IExecuteFunctions,
	INodeExecutionData,
	IWebhookFunctions,
	IWebhookResponseData,
} from 'n8n-workflow';
import { isCallbackTopic } from '../domain/callbacks';
import { paymentItem } from '../domain/payment';
import { acknowledgeDelivery } from '../n8n/compat';
import { isEmittedByPolling, recordDelivery, recordExecution } from '../n8n/paymentExecutions';
import type { ReadParameter } from '../operations/parameters';
import { authenticate } from './authenticate';
import {
	beginExecution,
	claimDelivery,
	isFirstExecution,
	recordReceipt,
	waitForResponse,
} from './deduplication';
import { type Filters, isOfRemovedTill, isOutcomeWanted, isWanted } from './filters';
import { parseDelivery } from './parseDelivery';
import { describeRemaining } from './remainingSubscriptions';
import { ignoreDelivery, rejectUnsigned, respond } from './respond';
import { isSwitchedOn } from './triggerSwitches';

/** The trigger's Options. Those that were not added are missing, and expressions can give them any value. */
interface TriggerOptions extends Filters {
	ignoreDuplicates?: unknown;
	includeHeaders?: unknown;
	simplify?: unknown;
}

/**
 * Handles a delivery to the trigger: the signature of the raw bytes first, then everything else. Writes the
 * response itself and never throws: n8n would respond with 500 and store a failed execution.
 */
export async function receiveDelivery(context: IWebhookFunctions): Promise<IWebhookResponseData> {
	try {
		const body = await authenticate(context);
		if (body === undefined) return rejectUnsigned(context);

		const delivery = parseDelivery(body);
		const options = context.getNodeParameter('options', {}) as TriggerOptions;
		const { item } = delivery;
		if (delivery.kind === 'event') {
			const events = context.getNodeParameter('triggerOn') as string[];
			if (!events.includes(delivery.topic)) {
				return ignoreDelivery('This trigger does not start on this event');
			}
			const isOfWantedOutcome =
				!isCallbackTopic(delivery.topic) || isOutcomeWanted(delivery.item.outcome, options);
			if (!isOfWantedOutcome) return ignoreDelivery('Excluded by a filter');
		} else {
			context.logger.warn(`Kopo Kopo Trigger: ${String(delivery.raw.reason)}`);
		}
		if (item !== undefined && !isWanted(item, options)) {
			return ignoreDelivery('Excluded by a filter');
		}
		if (item !== undefined && isIgnoredTill(context, delivery.topic, item)) {
			return ignoreDelivery('The settings no longer include this till');
		}
		// Listening for a test event shows every delivery, and must not make production ignore any of them.
		const isLive = context.getMode() !== 'manual';
		const { keys } = delivery;
		const flags: { isAmountChanged?: true } = {};
		if (isLive && isSwitchedOn('ignoreDuplicates', options.ignoreDuplicates)) {
			const claim = await claimDelivery(context, keys);
			if (claim === 'duplicate') return ignoreDelivery('Duplicate delivery');
			if (claim === 'inProgress') {
				return respond(context, 503, 'The same delivery is still being processed');
			}
			// The polling trigger of the workflow makes sure that the payment is processed. It can emit the payment
			// until recordDelivery() is called, so nothing is awaited in between.
			if (isEmittedByPolling(context, keys.dedupeKey)) return ignoreDelivery('Duplicate payment');
			if (recordReceipt(context, keys)) flags.isAmountChanged = true;
		}
		if (isLive) recordDelivery(context, keys.dedupeKey, delivery.topic);
		const isSimplified = item !== undefined && isSwitchedOn('simplify', options.simplify);
		// Once more, which puts the flag in its place among the fields.
		const json = isSimplified ? paymentItem({ ...item, ...flags }) : { ...delivery.raw, ...flags };
		const headers = isSwitchedOn('includeHeaders', options.includeHeaders)
			? { headers: context.getHeaderData() }
			: {};
		return { workflowData: [[{ json: { ...json, ...headers } as IDataObject }]] };
	} catch (error) {
		// No execution was started, so Kopo Kopo has to send this delivery again.
		context.logger.error(
			`Kopo Kopo Trigger could not process a delivery: ${error instanceof Error ? error.message : String(error)}`,
		);
		return respond(context, 503, 'The workflow could not process this delivery');
	}
}

/** Whether an event is ignored because of its till, with a line in the log. */
function isIgnoredTill(
	context: IWebhookFunctions,
	topic: string | null,
	item: IDataObject,
): boolean {
	const read: ReadParameter = (name, missing) => context.getNodeParameter(name, missing);
	if (!isOfRemovedTill(context, topic, item.tillNumber, read)) return false;
	context.logger.info(
		`Kopo Kopo Trigger: ignored an event of till ${String(item.tillNumber)}: '${context.getNode().name}' subscribed to it earlier, but its settings no longer include it`,
	);
	return true;
}

/** Shows in the panel of the execution why it returned nothing, or what Kopo Kopo still sends. */
function addHints(context: IExecuteFunctions, continues: boolean): void {
	const read: ReadParameter = (name, missing) => context.getNodeParameter(name, 0, missing);
	const copy = continues
		? undefined
		: 'An earlier execution has processed this delivery, so the workflow ends here. To process copies as well, turn off the option Ignore Duplicates.';
	for (const message of [copy, describeRemaining(context, read)]) {
		if (message !== undefined) context.addExecutionHints({ message, location: 'outputPane' });
	}
}

/**
 * Runs inside the execution that receiveDelivery() started, and passes its items on once Kopo Kopo has its
 * response.
 */
export async function continueDelivery(
	context: IExecuteFunctions,
): Promise<INodeExecutionData[][]> {
	const ignoresDuplicates = isSwitchedOn(
		'ignoreDuplicates',
		context.getNodeParameter('options.ignoreDuplicates', 0, null),
	);
	const isLive = context.getMode() !== 'manual';
	const execution = ignoresDuplicates && isLive ? beginExecution(context) : undefined;
	await acknowledgeDelivery(context);
	let continues = true;
	if (execution !== undefined) {
		await waitForResponse(context, execution);
		// After a restart, n8n runs the executions that it had stored and not begun, while the polling trigger
		// emits their payments.
		continues =
			(await isFirstExecution(context, execution)) &&
			!isEmittedByPolling(context, execution.dedupeKey);
	}
	if (isLive && continues) recordExecution(context, context.getInputData(), 'delivery');
	addHints(context, continues);
	return [continues ? context.getInputData() : []];
}

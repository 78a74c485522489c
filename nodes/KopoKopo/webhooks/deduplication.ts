import { sleep, type IExecuteFunctions, type IWebhookFunctions } from 'n8n-workflow';
import type { DeliveryKeys } from '../domain/dedupeKey';
import { nodeKey } from '../n8n/deduplicationStore';
import { DeliveryHistory, type BeginResult, type ClaimResult } from './deliveryHistory';
import { claimAcrossProcesses, isRecorded, recordDeliveries } from './deliveryStore';

/** How often, and for how long, a copy checks whether n8n has stored the first delivery. */
const CLAIM_INTERVAL_MS = 20;
const CLAIM_TIMEOUT_MS = 5_000;

/** How long an execution waits for the response to its delivery. */
const RESPONSE_TIMEOUT_MS = 1_000;

/**
 * The deliveries that this process has received, by node. webhook() uses nothing else, because n8n gives
 * webhook() no access to its deduplication store. execute() records deliveries in that store, for other
 * processes and for the time after a restart. Static data cannot serve this purpose: with an execution, n8n
 * stores all of it as it was when the execution began, and so undoes what others have written since.
 */
const histories = new Map<string, DeliveryHistory>();

function historyOf(context: IWebhookFunctions | IExecuteFunctions): DeliveryHistory {
	const key = nodeKey(context);
	const history = histories.get(key) ?? new DeliveryHistory();
	histories.set(key, history);
	return history;
}

/**
 * Claims a delivery for the execution that it starts. A copy of a delivery to which n8n has not responded
 * waits for that response, at most 5,000 ms: if the copy were acknowledged first, and n8n were killed
 * before it stored the execution, Kopo Kopo would not send the delivery again.
 */
export async function claimDelivery(
	context: IWebhookFunctions,
	{ dedupeKey }: DeliveryKeys,
): Promise<ClaimResult> {
	const history = historyOf(context);
	const response = context.getResponseObject();
	let claim = history.claim(dedupeKey, response);
	for (let ms = 0; claim === 'inProgress' && ms < CLAIM_TIMEOUT_MS; ms += CLAIM_INTERVAL_MS) {
		await sleep(CLAIM_INTERVAL_MS);
		claim = history.claim(dedupeKey, response);
	}
	return claim;
}

/**
 * Records the receipt of a delivery, until the process restarts.
 * @returns whether an earlier delivery contained the same receipt with another amount
 */
export function recordReceipt(
	context: IWebhookFunctions,
	{ receiptKey, dedupeKey }: DeliveryKeys,
): boolean {
	return receiptKey !== undefined && historyOf(context).recordReceipt(receiptKey, dedupeKey);
}

/** The execution of a delivery. */
interface DeliveryExecution {
	dedupeKey: string;
	begin: BeginResult;
}

/**
 * Begins the execution of a delivery, in the same tick as execute(), so that copies see it.
 * @returns undefined for an item without a key, and for a retry, which a person has started
 */
export function beginExecution(context: IExecuteFunctions): DeliveryExecution | undefined {
	const dedupeKey = context.getInputData()[0]?.json.dedupeKey;
	if (typeof dedupeKey !== 'string' || context.getMode() === 'retry') return undefined;
	return { dedupeKey, begin: historyOf(context).begin(dedupeKey, context.getExecutionId()) };
}

/**
 * Waits, at most 1,000 ms, until the response to the delivery is sent. Otherwise, n8n could be killed after
 * the workflow has done its work and before Kopo Kopo gets the response, and Kopo Kopo would send the
 * delivery again. Does not wait if another process received the delivery.
 */
export async function waitForResponse(
	context: IExecuteFunctions,
	{ dedupeKey }: DeliveryExecution,
): Promise<void> {
	const closed = historyOf(context).responseClosed(dedupeKey);
	if (closed !== undefined) await Promise.race([closed, sleep(RESPONSE_TIMEOUT_MS)]);
}

/**
 * Whether this execution continues with its delivery. Copies of a delivery start an execution each if they
 * reach different processes, or this process before and after a restart; only the first execution continues.
 * If n8n's deduplication store fails, the execution continues. Called after the response to the delivery.
 */
export async function isFirstExecution(
	context: IExecuteFunctions,
	{ dedupeKey, begin }: DeliveryExecution,
): Promise<boolean> {
	if (begin === 'again' || begin === 'taken') return begin === 'again';
	const history = historyOf(context);
	const keys = [dedupeKey];
	try {
		if (begin === 'foreign') return await claimAcrossProcesses(context, dedupeKey);
		// The sender got no response and will send the delivery again. If n8n is killed during this execution,
		// that copy must start another one, so the delivery is not recorded yet.
		if (!history.isAcknowledged(dedupeKey)) {
			history.addUnrecorded(keys);
			return !(await isRecorded(context, dedupeKey));
		}
		keys.push(...history.takeUnrecorded());
		return (await recordDeliveries(context, keys)).has(dedupeKey);
	} catch (error) {
		history.addUnrecorded(keys);
		context.logger.warn(
			`Kopo Kopo Trigger: the earlier deliveries could not be looked up: ${error instanceof Error ? error.message : String(error)}`,
		);
		return true;
	}
}

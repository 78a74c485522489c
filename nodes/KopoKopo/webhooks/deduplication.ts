import {
	sleep,
	type IDataObject,
	type IExecuteFunctions,
	type IWebhookFunctions,
} from 'n8n-workflow';
import { mayRestartExecutions } from '../n8n/compat';
import { claim as claimEntry, nodeKey } from '../n8n/deduplicationStore';
import { CAPACITY, DeliveryHistory, shortHash, type ClaimResult } from './deliveryHistory';

/** How often, and how long, a copy looks whether n8n took the one before it. */
const CLAIM_INTERVAL_MS = 20;
const CLAIM_TIMEOUT_MS = 5_000;

/** How long an execution waits for the answer to its delivery. */
const RESPONSE_TIMEOUT_MS = 1_000;

const histories = new Map<string, DeliveryHistory>();

type Context = IWebhookFunctions | IExecuteFunctions;

/** Workflow-wide, by the node's id: the node's own static data would be lost with a rename. */
const staticDataKey = (context: Context) => `kopoKopoSeen:${context.getNode().id}`;

function historyOf(context: Context): DeliveryHistory {
	const place = nodeKey(context);
	const memory = histories.get(place) ?? new DeliveryHistory();
	histories.set(place, memory);
	const written = context.getWorkflowStaticData('global')[staticDataKey(context)];
	if (typeof written === 'string') memory.mergePersisted(written);
	return memory;
}

/**
 * What this delivery is to those that came before it. The first is taken for delivered at once, and given
 * up again when n8n answers it with an error: Kopo Kopo will send it once more. A copy that comes in
 * between waits for that answer, at most 5,000 ms: were it acknowledged before n8n has stored the first,
 * and n8n killed then, nobody would ever send it again.
 */
export async function claimDelivery(
	context: IWebhookFunctions,
	dedupeKey: string,
): Promise<ClaimResult> {
	const memory = historyOf(context);
	const hash = shortHash(dedupeKey);
	const response = context.getResponseObject();
	let claim = memory.claim(hash, response);
	for (let ms = 0; claim === 'inProgress' && ms < CLAIM_TIMEOUT_MS; ms += CLAIM_INTERVAL_MS) {
		await sleep(CLAIM_INTERVAL_MS);
		claim = memory.claim(hash, response);
	}
	return claim;
}

/**
 * Whether this execution is the one that goes on for its delivery. There can be several: copies that come to
 * several webhook processors are all taken for the first, and what n8n had stored and not begun when it died
 * it runs at its next start, while Kopo Kopo, which got no answer, sends it again. Never refuses a retry,
 * which somebody asked for. Has n8n store the memory at the end of an execution that goes on.
 */
export async function isFirstExecution(context: IExecuteFunctions): Promise<boolean> {
	const key = dedupeKeyOf(context);
	if (key === undefined || context.getMode() === 'retry') return true;
	const memory = historyOf(context);
	const hash = shortHash(key);
	// n8n gives the workers of queue mode no static data, and what one of them writes replaces all there is,
	// the ids of subscriptions too: there its deduplication store decides.
	if (!memory.isInFlight(hash))
		return memory.adopt(hash) && (await isFirstAcrossProcesses(context, key));
	if (!memory.begin(hash, context.getExecutionId())) return false;
	// Becomes text when it is stored: an execution that began earlier and ends later would otherwise
	// write what it knew at its beginning over what others have written since.
	context.getWorkflowStaticData('global')[staticDataKey(context)] = Object.create({
		toJSON: () => {
			memory.complete(hash);
			return memory.toText();
		},
	}) as IDataObject;
	return true;
}

/**
 * Waits, at most 1,000 ms, until the answer to the delivery that started this execution is out: had the
 * workflow done its work before, and n8n died then, Kopo Kopo would send again what is done. Nothing to wait
 * for where another process took the delivery: there it is n8n's deduplication store that knows it.
 */
export async function waitForResponse(context: IExecuteFunctions): Promise<void> {
	const key = dedupeKeyOf(context);
	if (key === undefined) return;
	const closed = histories.get(nodeKey(context))?.responseClosed(shortHash(key));
	if (closed !== undefined) await Promise.race([closed, sleep(RESPONSE_TIMEOUT_MS)]);
}

/** Of the delivery that started an execution. */
function dedupeKeyOf(context: IExecuteFunctions): string | undefined {
	const key = context.getInputData()[0]?.json.dedupeKey;
	return typeof key === 'string' ? key : undefined;
}

/** Asks n8n's deduplication store, which all its processes share; goes on when it cannot say. */
async function isFirstAcrossProcesses(context: IExecuteFunctions, key: string): Promise<boolean> {
	const own = mayRestartExecutions(context) ? [`${key} ${context.getExecutionId()}`] : [];
	try {
		// What is claimed in the same breath is written together.
		const [isFirst, isNew] = await Promise.all(
			[key, ...own].map(async (each) => await claimEntry(context, each, CAPACITY)),
		);
		return isFirst === true || isNew === false;
	} catch (error) {
		context.logger.warn(
			`Kopo Kopo Trigger: copies of a delivery could not be looked for: ${error instanceof Error ? error.message : String(error)}`,
		);
		return true;
	}
}

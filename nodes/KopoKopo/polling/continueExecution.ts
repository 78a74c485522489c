import { type IExecuteFunctions, type INodeExecutionData, NodeOperationError } from 'n8n-workflow';
import { asTextOrNull } from '../domain/json';
import { hashOfKey } from '../domain/dedupeKey';
import { claim } from '../n8n/deduplicationStore';
import { recordExecution } from '../n8n/paymentExecutions';
import type { ReadParameter } from '../operations/parameters';
import { showRecentPayments } from './poll';
import { knownSessionOf } from './session';
import type { EmittedItem } from './startExecutions';

/** How many payments n8n's deduplication store keeps with Done When = Immediately. */
const MAX_CLAIMS = 10_000;

/** Reads the parameters of the trigger in an execution. */
const readerOf =
	(context: IExecuteFunctions): ReadParameter =>
	(name, missing) =>
		context.getNodeParameter(name, 0, missing);

/**
 * Returns the payments that no execution has processed before. If n8n is killed after it has started an
 * execution and before it has stored that the payments are done, the next poll emits them again.
 */
async function claimPayments(
	context: IExecuteFunctions,
	items: INodeExecutionData[],
): Promise<INodeExecutionData[]> {
	try {
		const isNew = await Promise.all(
			items.map(async ({ json }) => {
				return await claim(context, `poll ${asTextOrNull(json.dedupeKey)}`, MAX_CLAIMS);
			}),
		);
		return items.filter((_, index) => isNew[index]);
	} catch (error) {
		throw new NodeOperationError(context.getNode(), error as Error, {
			message: 'It is not known whether these payments have been processed before',
			description:
				"n8n's database could not be read, so the execution ends here. These payments do not start the workflow again: process them manually.",
		});
	}
}

/**
 * Whether the payment is left to another execution. When n8n starts, it runs the executions that it had stored
 * and not begun. By then a poll or a delivery may have started another execution with the payment.
 */
function isTaken(context: IExecuteFunctions, { json, session: id }: EmittedItem): boolean {
	const session = knownSessionOf(context);
	if (session === undefined || session.id === id) return false;
	const hash = hashOfKey(String(json.dedupeKey));
	const { executions } = session;
	const isProcessed =
		executions.isInFlight(hash) || executions.isCompleted(hash, { doneWhen: 'executionFinishes' });
	return isProcessed || session.hasEmitted(hash);
}

/** The items as the workflow gets them. */
const withoutSession = (emitted: EmittedItem[]): INodeExecutionData[] =>
	emitted.map((item) => {
		const copy = { ...item };
		delete copy.session;
		return copy;
	});

/**
 * Runs in an execution that a poll has started, and returns its payments. In the editor, returns the payments
 * of the last day.
 * @throws KopoKopoApiError, NodeOperationError
 */
export async function continueExecution(
	context: IExecuteFunctions,
): Promise<INodeExecutionData[][]> {
	const read = readerOf(context);
	const mode = context.getMode();
	if (mode === 'manual') return await showRecentPayments(context, read);
	const emitted: EmittedItem[] = context.getInputData();
	// A user retries an execution, and wants its payments to be processed again.
	if (mode === 'retry') return [withoutSession(emitted)];
	const isImmediate = read('doneWhen', 'executionFinishes') === 'immediately';
	const items = withoutSession(
		isImmediate ? emitted : emitted.filter((item) => !isTaken(context, item)),
	);
	recordExecution(context, items, 'poll');
	return [isImmediate ? await claimPayments(context, items) : items];
}

import { type IExecuteFunctions, type INodeExecutionData, NodeOperationError } from 'n8n-workflow';
import { asTextOrNull } from '../domain/json';
import { claim } from '../n8n/deduplicationStore';
import { recordExecution } from '../n8n/paymentExecutions';
import type { ReadParameter } from '../operations/parameters';
import { showRecentPayments } from './poll';

/** How many payments with Done When = Immediately n8n's database remembers. */
const MAX_CLAIMS = 10_000;

/** Reads the parameters of the trigger in an execution. */
const readerOf =
	(context: IExecuteFunctions): ReadParameter =>
	(name, missing) =>
		context.getNodeParameter(name, 0, missing);

/**
 * The payments that no execution has had before. n8n may be killed after it has started an execution and
 * before it has stored that its payments are done; then the next poll gives them again.
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
			message: 'It is not known whether these payments were processed before',
			description:
				"n8n's database could not be read, so the execution ends here. The payments are not given again; process them by hand.",
		});
	}
}

/**
 * Runs inside an execution: passes on the payments that the poll gave to it. In the editor, shows the
 * payments of the last day.
 * @throws KopoKopoApiError, NodeOperationError
 */
export async function continueExecution(
	context: IExecuteFunctions,
): Promise<INodeExecutionData[][]> {
	const read = readerOf(context);
	const mode = context.getMode();
	if (mode === 'manual') return await showRecentPayments(context, read);
	const items = context.getInputData();
	// Somebody asked for the retry of an execution.
	if (mode === 'retry') return [items];
	recordExecution(context);
	const isImmediate = read('doneWhen', 'executionFinishes') === 'immediately';
	return [isImmediate ? await claimPayments(context, items) : items];
}

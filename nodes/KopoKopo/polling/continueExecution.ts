import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import type { ReadParameter } from '../operations/parameters';
import { showRecentPayments } from './poll';

/** Reads the parameters of the trigger in an execution. */
const readerOf =
	(context: IExecuteFunctions): ReadParameter =>
	(name, missing) =>
		context.getNodeParameter(name, 0, missing);

/**
 * Runs inside an execution: passes on the payments that the poll gave to it. In the editor, shows the
 * payments of the last day.
 * @throws KopoKopoApiError, NodeOperationError
 */
export async function continueExecution(
	context: IExecuteFunctions,
): Promise<INodeExecutionData[][]> {
	if (context.getMode() !== 'manual') return [context.getInputData()];
	return await showRecentPayments(context, readerOf(context));
}

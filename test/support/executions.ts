import type { ExecutionStatus, INodeExecutionData, IRunExecutionData } from 'n8n-workflow';

export interface ExecutionSummary {
	id: string;
	workflowId: string;
	status: ExecutionStatus;
	mode: string;
}

/** An execution with its data. */
export interface Execution extends ExecutionSummary {
	data: IRunExecutionData;
}

/** Statuses whose executions have data. */
const WITH_DATA = new Set<ExecutionStatus>(['success', 'error', 'canceled', 'waiting']);
const NOT_RUNNING = new Set<ExecutionStatus>([...WITH_DATA, 'crashed']);

/** Whether an execution has ended or is paused. */
export const isNotRunning = ({ status }: Pick<Execution, 'status'>) => NOT_RUNNING.has(status);

/** Whether an execution has ended; a paused one has not. */
export const hasEnded = (execution: Pick<Execution, 'status'>) =>
	isNotRunning(execution) && execution.status !== 'waiting';

/**
 * Whether the data belongs to the status. n8n 1 stores the final status shortly before the data. In between
 * there is no data, or that of an execution which was paused, with its node still to be run.
 */
export function isComplete(status: ExecutionStatus, data: IRunExecutionData | undefined): boolean {
	if (data === undefined) return !WITH_DATA.has(status);
	if (status === 'success') return (data.executionData?.nodeExecutionStack.length ?? 0) === 0;
	return status !== 'error' || data.resultData.error !== undefined;
}

/** The items that a node gave on one of its outputs in its last run. */
export function itemsOf(execution: Execution, node: string, output = 0): INodeExecutionData[] {
	const lastRun = execution.data.resultData.runData[node]?.at(-1);
	return lastRun?.data?.main?.[output] ?? [];
}

/** The JSON of those items. */
export const jsonOf = (execution: Execution, node: string) =>
	itemsOf(execution, node).map(({ json }) => json);

/** How often a node has run in an execution. */
export const runsOf = ({ data }: Execution, node: string) =>
	data.resultData.runData[node]?.length ?? 0;

/** The message of the error that ended an execution or, with a node's name, of that node's error. */
export function errorOf(execution: Execution, node?: string): string | undefined {
	const { error, runData } = execution.data.resultData;
	return (node ? runData[node]?.at(-1)?.error : error)?.message;
}

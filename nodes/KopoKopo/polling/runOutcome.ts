import type { IRun } from 'n8n-workflow';

/**
 * The outcome of an execution:
 * - `succeeded`: it has ended without an error, or waits;
 * - `failed`: it has ended with an error, was stopped by a user, or exceeded its time limit;
 * - `lost`: it has not run to its end, for example because its worker was killed.
 */
export type RunOutcome = 'succeeded' | 'failed' | 'lost';

/** The outcome if n8n resolves the promise of an execution. */
export function outcomeOfRun(run: IRun | undefined): RunOutcome {
	// n8n has not started the execution, or has not run any of its nodes.
	if (run === undefined) return 'lost';
	// For a lost worker, n8n reports an error of its own, without the node that was executed last.
	const { lastNodeExecuted } = run.data.resultData;
	switch (run.status) {
		case 'success':
		case 'waiting':
			return 'succeeded';
		case 'error':
			return lastNodeExecuted === undefined ? 'lost' : 'failed';
		case 'canceled':
			return 'failed';
		default:
			return 'lost';
	}
}

/** The outcome if n8n rejects the promise, usually because the execution was cancelled. */
export function outcomeOfRejection(error: unknown): RunOutcome {
	const name = error instanceof Error ? error.constructor.name : '';
	// When n8n shuts down, it cancels running executions with another error. Their payments are emitted again.
	const isEnded = /^(Manual|Timeout)ExecutionCancelledError$/.test(name);
	return isEnded ? 'failed' : 'lost';
}

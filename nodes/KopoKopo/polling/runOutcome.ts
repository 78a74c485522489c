import type { IRun } from 'n8n-workflow';

/**
 * What became of an execution:
 * - `succeeded`: it has ended without an error, or waits;
 * - `failed`: it has ended with an error, or somebody stopped it, or its time was over;
 * - `lost`: it has not run to its end, such as when a worker of n8n was lost.
 */
export type RunOutcome = 'succeeded' | 'failed' | 'lost';

/** What the promise that was given to n8n resolves with. */
export function outcomeOfRun(run: IRun | undefined): RunOutcome {
	// n8n has not started it, or has not run any of its nodes.
	if (run === undefined) return 'lost';
	// Where n8n loses a worker it reports an error of its own, and no node was executed last.
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

/** What the promise rejects with: mostly that the execution was cancelled. */
export function outcomeOfRejection(error: unknown): RunOutcome {
	const name = error instanceof Error ? error.constructor.name : '';
	// When n8n shuts down it cancels what runs, and the payments have to come again.
	const isEnded = /^(Manual|Timeout)ExecutionCancelledError$/.test(name);
	return isEnded ? 'failed' : 'lost';
}

import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { mayRestartExecutions, isCalledByAgent } from '../n8n/compat';
import { ClaimError } from '../n8n/deduplicationClaims';
import { claim, release, nodeKey } from '../n8n/deduplicationStore';

/** Whether each run of the node was found to be restarted, in n8n's context data of the node. */
const CONTEXT_KEY = 'kopoKopoRestarted';

/** How many runs of a node each process keeps in the store. The older ones ended long ago. */
const MAX_RECORDED_RUNS = 500;

const recordedRuns = new Map<string, string[]>();

/** Whether n8n runs an execution again from its beginning. */
export interface RestartCheck {
	/** True also if it could not be found out. */
	isRestarted: boolean;
	/** Why it could not be found out: n8n's database failed. */
	error?: ClaimError;
}

/**
 * Records this run of the node in n8n's deduplication store.
 * @returns whether it was recorded before
 * @throws ClaimError if n8n's database fails
 */
async function wasRecorded(context: IExecuteFunctions, run: string): Promise<boolean> {
	const key = nodeKey(context);
	const name = `kopoKopoRun ${context.getExecutionId()} ${run}`;
	const claimed = await claim(context, name).catch((error: unknown) => {
		// The workflow was never saved, so a person runs it, and n8n does not restart it.
		if (error instanceof ClaimError && error.reason === 'unsavedWorkflow') return 'unsaved';
		throw error;
	});
	if (claimed === 'unsaved') return false;
	if (!claimed) return true;
	const names = recordedRuns.get(key) ?? [];
	recordedRuns.set(key, names);
	names.push(name);
	if (names.length > MAX_RECORDED_RUNS) await release(context, names.shift() ?? '');
	return false;
}

/**
 * Whether n8n runs this execution again from its beginning. In queue mode, n8n 1 does so when it loses the
 * worker that ran the execution, and only that worker knew what it had sent. n8n 2 never does. Never throws.
 */
export async function checkRestart(context: IExecuteFunctions): Promise<RestartCheck> {
	if (!mayRestartExecutions(context) || isCalledByAgent(context)) return { isRestarted: false };
	const run = String(context.evaluateExpression('{{ $runIndex }}', 0));
	const data = context.getContext('node');
	const runs = (data[CONTEXT_KEY] ?? {}) as IDataObject;
	// Retry On Fail and a Retry of the execution keep the node's context data, and with it what was found.
	const known = runs[run];
	if (typeof known === 'boolean') return { isRestarted: known };
	try {
		const isRestarted = await wasRecorded(context, run);
		data[CONTEXT_KEY] = { ...runs, [run]: isRestarted };
		return { isRestarted };
	} catch (error) {
		return {
			isRestarted: true,
			error: error instanceof ClaimError ? error : new ClaimError('database', true, error),
		};
	}
}

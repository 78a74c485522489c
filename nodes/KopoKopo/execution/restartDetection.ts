import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { mayRestartExecutions, isCalledByAgent } from '../n8n/compat';
import { claim, release, nodeKey } from '../n8n/deduplicationStore';

const CONTEXT_KEY = 'kopoKopoBegun';

/** How many runs of a node each process keeps in the store. The older ones ended long ago. */
const MAX_RECORDED_RUNS = 500;

const recordedRuns = new Map<string, string[]>();

/** Records this run of the node in n8n's deduplication store. @returns whether it was recorded before */
async function wasRecorded(context: IExecuteFunctions, run: string): Promise<boolean> {
	const key = nodeKey(context);
	const name = `kopoKopoRun ${context.getExecutionId()} ${run}`;
	try {
		if (!(await claim(context, name))) return true;
	} catch {
		// The workflow was never saved, so a person runs it, and n8n does not restart it.
		return false;
	}
	const names = recordedRuns.get(key) ?? [];
	recordedRuns.set(key, names);
	names.push(name);
	if (names.length > MAX_RECORDED_RUNS) await release(context, names.shift() ?? '');
	return false;
}

/**
 * Whether n8n runs this execution again from its beginning. In queue mode, n8n 1 does so when it loses the
 * worker that ran the execution, and only that worker knew what it had sent. n8n 2 never does.
 */
export async function isRestartedExecution(context: IExecuteFunctions): Promise<boolean> {
	if (!mayRestartExecutions(context) || isCalledByAgent(context)) return false;
	const run = String(context.evaluateExpression('{{ $runIndex }}', 0));
	const data = context.getContext('node');
	const runs = (data[CONTEXT_KEY] ?? {}) as IDataObject;
	// Retry On Fail and a Retry of the execution keep the node's context data, so they are no restarts.
	if (runs[run] === true) return false;
	data[CONTEXT_KEY] = { ...runs, [run]: true };
	return await wasRecorded(context, run);
}

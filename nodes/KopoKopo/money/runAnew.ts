import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { beginsAgain, isCalledByAgent } from '../api/olderN8n';
import { claim, free, placeOf } from '../store/claims';

const KEY = 'kopoKopoBegun';

/** How many runs of a node each process leaves in the store; by then the oldest are long over. */
const KEPT = 500;

const begun = new Map<string, string[]>();

/** Writes this run of the node down, in n8n's deduplication store. @returns whether it was there already */
async function wasWrittenDown(context: IExecuteFunctions, run: string): Promise<boolean> {
	const place = placeOf(context);
	const name = `kopoKopoRun ${context.getExecutionId()} ${run}`;
	try {
		if (!(await claim(context, name))) return true;
	} catch {
		// In a workflow that was never saved; a person runs it, and no queue does.
		return false;
	}
	const names = begun.get(place) ?? [];
	begun.set(place, names);
	names.push(name);
	if (names.length > KEPT) await free(context, names.shift() ?? '');
	return false;
}

/**
 * Whether n8n runs this execution once more from its beginning. In n8n 1's queue mode it does when the
 * worker that ran it is gone, and what that one had sent was in its memory only. n8n 2 never does.
 */
export async function isRunAnew(context: IExecuteFunctions): Promise<boolean> {
	if (!beginsAgain(context) || isCalledByAgent(context)) return false;
	const run = String(context.evaluateExpression('{{ $runIndex }}', 0));
	const data = context.getContext('node');
	const runs = (data[KEY] ?? {}) as IDataObject;
	// Its own tries of Retry On Fail, and a Retry of the execution, find what they know.
	if (runs[run] === true) return false;
	data[KEY] = { ...runs, [run]: true };
	return await wasWrittenDown(context, run);
}

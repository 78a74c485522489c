import type { IExecuteFunctions } from 'n8n-workflow';
import { isCalledByAgent, subworkflowCannotPause } from '../n8n/compat';
import type { Operation } from '../operations/defineOperation';
import { DEFAULT_WAIT_S, type WaitMode } from '../operations/settingsProperties';
import type { SentRequests } from './sentRequests';

/** n8n looks for executions to wake once a minute, so a shorter pause would end late. */
export const SHORTEST_PAUSE_S = 70;

/** A year, so that the time it is up is still a date. */
const LONGEST_WAIT_S = 365 * 24 * 60 * 60;

/** Why this execution cannot sleep until the callback, for the user; undefined where it can. */
function obstacleToPause(context: IExecuteFunctions, sent: SentRequests): string | undefined {
	// n8n's supply-data context would go on at once with what the node had before.
	if (isCalledByAgent(context)) return 'an AI agent of this version cannot wait for a pause';
	if (context.getMode() === 'retry' && sent.get(0) !== undefined) {
		return 'the callback goes to the execution that failed';
	}
	if (subworkflowCannotPause(context)) {
		return 'this n8n cannot hand on the result of a sub-workflow that pauses; a newer one can';
	}
	return undefined;
}

/** How this execution waits. Where a pause cannot work it polls, and the output panel says why. */
export function waitModeOf(
	context: IExecuteFunctions,
	operation: Operation,
	sent: SentRequests,
): WaitMode {
	if (operation.statusOf === undefined) return 'no';
	const mode = context.getNodeParameter('waitForResult', 0, 'no') as WaitMode;
	const obstacle = mode === 'pause' ? obstacleToPause(context, sent) : undefined;
	if (obstacle === undefined) return mode;
	context.addExecutionHints({
		message: `Polled instead of paused: ${obstacle}`,
		location: 'outputPane',
	});
	return 'poll';
}

/** How long the user is ready to wait, in seconds. */
export function waitSecondsOf(context: IExecuteFunctions): number {
	const seconds = Number(context.getNodeParameter('waitSeconds', 0, DEFAULT_WAIT_S));
	return Math.min(Math.max(1, seconds || DEFAULT_WAIT_S), LONGEST_WAIT_S);
}

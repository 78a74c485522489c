import type { IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import { isCalledByAgent, losesResultAsleep } from '../api/olderN8n';
import type { SentBefore } from '../money/sentBefore';
import type { Operation } from './operation';

/** How an operation that is answered later is waited for; stored in saved workflows. */
export type WaitMode = 'no' | 'pause' | 'poll';

/** n8n looks for executions to wake once a minute, so a shorter pause would end late. */
export const SHORTEST_PAUSE_S = 70;
const DEFAULT_WAIT_S = 120;
/** A year, so that the time it is up is still a date. */
const LONGEST_WAIT_S = 365 * 24 * 60 * 60;

/** The fields of an operation that is answered later. */
export function waitingFields(byDefault: WaitMode): INodeProperties[] {
	return [
		{
			displayName: 'Wait for Result',
			name: 'waitForResult',
			type: 'options',
			noDataExpression: true,
			options: [
				{
					name: 'No',
					value: 'no',
					description: "Go on at once with outcome pending. The result goes to 'Callback URL'.",
				},
				{
					name: 'Pause Until Callback',
					value: 'pause',
					description:
						'Put the execution to sleep until Kopo Kopo calls back. Costs nothing meanwhile; needs a public https address; one item at a time. A sub-workflow of n8n 1 polls instead.',
				},
				{
					name: 'Poll',
					value: 'poll',
					description: 'Ask Kopo Kopo until the result is there. Works without a public address.',
				},
			],
			default: byDefault,
			description: 'Whether to go on only when it is known what became of the request',
		},
		{
			displayName: 'Wait Up To (Seconds)',
			name: 'waitSeconds',
			type: 'number',
			typeOptions: { minValue: 1 },
			displayOptions: { show: { waitForResult: ['pause', 'poll'] } },
			default: DEFAULT_WAIT_S,
			description:
				'When the time is up, the item goes on with outcome pending. A pause lasts at least 70 seconds.',
		},
	];
}

/** Why this execution cannot sleep until the callback, for the user; undefined where it can. */
function obstacleToPause(context: IExecuteFunctions, sent: SentBefore): string | undefined {
	// n8n's supply-data context would go on at once with what the node had before.
	if (isCalledByAgent(context)) return 'an AI agent of this version cannot wait for a pause';
	if (context.getMode() === 'retry' && sent.recall(0) !== undefined) {
		return 'the callback goes to the execution that failed';
	}
	if (losesResultAsleep(context)) {
		return 'this n8n cannot hand on the result of a sub-workflow that pauses; a newer one can';
	}
	return undefined;
}

/** How this execution waits. Where a pause cannot work it polls, and the output panel says why. */
export function waitModeOf(
	context: IExecuteFunctions,
	operation: Operation,
	sent: SentBefore,
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

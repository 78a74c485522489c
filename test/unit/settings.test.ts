import type { IExecuteFunctions, NodeExecutionHint } from 'n8n-workflow';
import type { SentRequests } from '../../nodes/KopoKopo/execution/sentRequests';
import { resolveWaitMode } from '../../nodes/KopoKopo/execution/settings';
import { findOperation } from '../../nodes/KopoKopo/resources';

describe('the wait mode', () => {
	const operation = findOperation('v2', 'paymentRequest', 'request');
	const hints: string[] = [];
	beforeEach(() => hints.splice(0));

	const modeOf = (more: object, isSent = false) =>
		operation &&
		resolveWaitMode(
			{
				getNodeParameter: () => 'pauseUntilNotified',
				getNode: () => ({ type: 'n8n-nodes-kopokopo.kopoKopo' }),
				getMode: () => 'webhook',
				isToolExecution: () => false,
				addExecutionHints: ({ message }: NodeExecutionHint) => hints.push(message),
				...more,
			} as unknown as IExecuteFunctions,
			operation,
			{ get: () => (isSent ? { id: 'sent-before' } : undefined) } as unknown as SentRequests,
		);

	const old = { isToolExecution: undefined };

	it('is the one of the field', () => {
		expect(modeOf({})).toBe('pauseUntilNotified');
		expect(modeOf({ getMode: () => 'retry' })).toBe('pauseUntilNotified');
		expect(modeOf({ getMode: () => 'integrated' })).toBe('pauseUntilNotified');
		expect(modeOf(old)).toBe('pauseUntilNotified');
		expect(modeOf({ getNodeParameter: () => 'keepChecking' })).toBe('keepChecking');
		expect(
			modeOf({
				...old,
				getMode: () => 'integrated',
				getNodeParameter: () => 'continueImmediately',
			}),
		).toBe('continueImmediately');
		expect(hints).toEqual([]);
	});

	const tool = { type: 'n8n-nodes-kopokopo.kopoKopoTool' };

	it.each([
		['in which an agent calls the tool itself', { isToolExecution: () => true }, false, /AI agent/],
		[
			'in which an agent of n8n 1 calls the tool',
			{ ...old, getNode: () => tool },
			false,
			/AI agent/,
		],
		['that is retried', { getMode: () => 'retry' }, true, /execution that failed/],
		['of a sub-workflow of n8n 1', { ...old, getMode: () => 'integrated' }, false, /sub-workflow/],
	])(
		'is Keep Checking in an execution %s, with a hint for the user',
		(_what, context, isSent, why) => {
			expect(modeOf(context, isSent)).toBe('keepChecking');
			expect(hints).toEqual([expect.stringMatching(/^Kept checking instead of pausing: /)]);
			expect(hints[0]).toMatch(why);
		},
	);
});

import type { IDataObject, IExecuteFunctions, NodeExecutionHint } from 'n8n-workflow';
import type { SentRequests } from '../../nodes/KopoKopo/execution/sentRequests';
import { parseBatching, resolveWaitMode } from '../../nodes/KopoKopo/execution/settings';
import { findOperation } from '../../nodes/KopoKopo/resources';
import type { ActionInstance } from '../support/actionInstance';
import { actionNode, PAYOUT, people, useFakeTimers } from './actionSetup';

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
		expect(modeOf({ getMode: () => 'webhook' }, true)).toBe('pauseUntilNotified');
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
		['of a sub-workflow', { getMode: () => 'integrated' }, false, /sub-workflow/],
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

describe('the settings of an item', () => {
	useFakeTimers();

	let node: ActionInstance;
	beforeEach(() => (node = actionNode(PAYOUT)));

	const withOptions = (options: IDataObject) => ({ parameters: { options } });

	it.each([
		[undefined, 30_000],
		[1, 1],
		['2000', 2000],
		[3_600_000, 3_600_000],
	])('have the timeout %j', async (timeout, expected) => {
		await node.execute(people(1), withOptions({ timeout }));
		expect(node.requests[0]?.timeout).toBe(expected);
	});

	it.each([0, 0.5, -1, 3_600_001, '', ' ', 'soon', NaN])(
		'reject the timeout %j',
		async (timeout) => {
			const error = await node.fail(people(1), withOptions({ timeout }));
			expect(error.message).toMatch(/^'Timeout \(Ms\)' is not a number from 1 to 3600000: /);
			expect(error.description).toBe(
				'Enter a number of milliseconds, such as 30000. Nothing was sent for this item.',
			);
			expect(node.requests).toEqual([]);
		},
	);

	it.each(['soon', -1, 1441, '', NaN, Infinity])(
		'reject the minutes after which repeats are allowed: %j',
		async (allowRepeatsAfter) => {
			const error = await node.fail(people(1), withOptions({ allowRepeatsAfter }));
			expect(error.message).toMatch(
				/^'Allow Repeats After \(Minutes\)' is not a number from 0 to 1440: /,
			);
			expect(error.description).toBe(
				'Enter a number of minutes, such as 10. Nothing was sent for this item.',
			);
		},
	);

	it.each([
		[
			{ batchSize: 'many' },
			"'Items per Batch' is not a number from 1 to 10000: many",
			'Enter a number of items, such as 10.',
		],
		[
			{ batchInterval: 'long' },
			"'Batch Interval (Ms)' is not a number from 0 to 3600000: long",
			'Enter a number of milliseconds, such as 1000.',
		],
		[
			{ batchInterval: 3_600_001 },
			"'Batch Interval (Ms)' is not a number from 0 to 3600000: 3600001",
			'Enter a number of milliseconds, such as 1000.',
		],
	])('reject the batching %j for all items', async (batch, message, remedy) => {
		const { items } = await node.execute(people(2), {
			...withOptions({ batching: { batch } }),
			node: { onError: 'continueRegularOutput' },
		});
		const description = `${remedy} Nothing was sent for this item.`;
		expect(items).toEqual([
			{ error: message, details: { description, outcome: 'failure' } },
			{ error: message, details: { description, outcome: 'failure' } },
		]);
		expect(node.requests).toEqual([]);
	});

	const batchingOf = (batch?: IDataObject) =>
		parseBatching({
			getNodeParameter: (_name: string, _index: number, missing: unknown) =>
				batch === undefined ? missing : { batch },
		} as unknown as IExecuteFunctions);

	it.each([
		[undefined, { batchSize: 10, batchInterval: 0 }],
		[{}, { batchSize: 10, batchInterval: 0 }],
		[
			{ batchSize: '', batchInterval: ' ' },
			{ batchSize: 10, batchInterval: 0 },
		],
		[
			{ batchSize: '5', batchInterval: '100' },
			{ batchSize: 5, batchInterval: 100 },
		],
		[
			{ batchSize: 0, batchInterval: -5 },
			{ batchSize: 10, batchInterval: 0 },
		],
		[
			{ batchSize: -1, batchInterval: 3_600_000 },
			{ batchSize: 1, batchInterval: 3_600_000 },
		],
	])('read the batching %j', (batch, expected) => {
		expect(batchingOf(batch)).toEqual(expected);
	});

	it.each(['Keep Checking', '', null, 7])('reject the way to wait %j', async (waitForResult) => {
		const { items } = await node.execute(people(2), {
			parameters: { waitForResult },
			node: { onError: 'continueRegularOutput' },
		});
		const error = `'Wait for Result' cannot be '${waitForResult ?? ''}'`;
		expect(items).toMatchObject([{ error }, { error }]);
		expect(items[0]?.details).toMatchObject({
			description:
				'Choose one of: continueImmediately, keepChecking, pauseUntilNotified. Nothing was sent for this item.',
		});
		expect(node.requests).toEqual([]);
	});

	it('reject an expression for the way to wait that cannot be evaluated', async () => {
		const { items } = await node.execute(people(2), {
			parameters: {
				waitForResult: () => {
					throw new Error('No such node');
				},
			},
			node: { onError: 'continueRegularOutput' },
		});
		expect(items).toMatchObject([{ error: 'No such node' }, { error: 'No such node' }]);
		expect(node.requests).toEqual([]);
	});

	it('are not read if the operation does not have them', async () => {
		const parameters = {
			resource: 'sendMoney',
			operation: 'get',
			sendMoneyId: 'a',
			waitForResult: 'for ever',
			waitUpTo: 'soon',
			options: {
				duplicateProtectionKey: null,
				allowRepeatsAfter: 'soon',
				maximumAmount: 'much',
			},
		};
		const { items } = await node.execute([{}], { parameters });
		expect(items[0]?.outcome).toBe('pending');
		expect(node.requests).toHaveLength(1);
	});

	it.each([1e12, Infinity])('read a batch of %d as 10,000', (batchSize) => {
		expect(batchingOf({ batchSize }).batchSize).toBe(10_000);
	});

	it('need no valid waiting time if the node does not wait', async () => {
		const { items } = await node.execute(people(1), { parameters: { waitUpTo: 'soon' } });
		expect(items[0]?.outcome).toBe('pending');
	});

	it('reject a value of a switch that is neither true nor false', async () => {
		const error = await node.fail(people(1), { parameters: { simplify: 'perhaps' } });
		expect(error.message).toContain("'Simplify'");
	});
});

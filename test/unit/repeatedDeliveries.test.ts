import type { IExecuteFunctions } from 'n8n-workflow';
import { hashOfKey } from '../../nodes/KopoKopo/domain/dedupeKey';
import { executionsOf } from '../../nodes/KopoKopo/n8n/paymentExecutions';
import { sign } from '../sandbox/deliveries';
import { sandboxCredentialData } from '../support/sandboxCredential';
import {
	type DeliveryOptions,
	type ExecutionOptions,
	itemOf,
	newNodeId,
	startsWorkflow,
	TriggerInstance,
} from '../support/triggerInstance';

const API_KEY = 'the key of a test';
const TOPIC = 'buygoods_transaction_received';
/** A received payment is identified by its receipt and its amount in cents. */
const KEY = 'payment:EVENT-1:10000';

let trigger: TriggerInstance;
let nodeId: string;

beforeEach(() => {
	jest.useFakeTimers();
	trigger = new TriggerInstance(
		sandboxCredentialData({
			url: 'http://127.0.0.1',
			clientId: 'client',
			clientSecret: 'secret',
			apiKey: API_KEY,
		}),
		[TOPIC, 'buygoods_transaction_reversed'],
	);
	nodeId = newNodeId();
});
afterEach(() => jest.useRealTimers());

const event = (id = 'event-1', topic = TOPIC, amount = '100.0') =>
	JSON.stringify({
		topic,
		id,
		created_at: '2026-05-01T10:43:20+03:00',
		event: {
			type: 'Buygoods Transaction',
			resource: { id: `sale-${id}`, amount, status: 'Received', reference: id.toUpperCase() },
		},
	});

/** Delivers an event to the node, the same one unless told. */
const deliver = async (options: DeliveryOptions = {}, body = event()) =>
	await trigger.deliver(
		body,
		{ 'x-kopokopo-signature': sign(body, API_KEY) },
		{ nodeId, ...options },
	);

/** Whether the delivery of an event starts the workflow. */
const starts = async (options: DeliveryOptions = {}, body = event()) =>
	startsWorkflow(await deliver(options, body));

/** Starts execute() for a delivery. @returns the keys of the deliveries that the workflow continues with */
const startExecution = async (options: ExecutionOptions = {}, key = KEY) =>
	await trigger.execute(nodeId, key, options);

/** Runs execute() to its end, including what it waits for. */
async function execute(...parameters: Parameters<typeof startExecution>): Promise<unknown[]> {
	const execution = startExecution(...parameters);
	await jest.runAllTimersAsync();
	return await execution;
}

/** Whether the workflow continues with an event that is delivered after a restart of n8n. */
async function continuesAfterRestart(): Promise<boolean> {
	trigger.restart();
	return (await starts()) && (await execute()).length > 0;
}

/** Whether a promise is still pending after some time, in ms. */
async function isPending(promise: Promise<unknown>, ms: number): Promise<boolean> {
	let isPending = true;
	void promise.finally(() => (isPending = false));
	await jest.advanceTimersByTimeAsync(ms);
	return isPending;
}

describe('a repeated delivery', () => {
	it('starts nothing and is answered 200', async () => {
		expect(await starts()).toBe(true);
		const second = await deliver();
		expect(second).toMatchObject({ status: 200, message: 'Duplicate delivery' });
		expect(startsWorkflow(second)).toBe(false);
	});

	it('starts one workflow when 20 copies arrive at the same time', async () => {
		const copies = Promise.all(Array.from({ length: 20 }, async () => await starts()));
		await jest.runAllTimersAsync();
		expect((await copies).filter(Boolean)).toHaveLength(1);
	});

	it('starts the workflow when n8n could not start it the first time', async () => {
		(await deliver({ isAnswered: false })).sendResponse(500);
		expect(await starts()).toBe(true);
	});

	it('starts nothing when n8n could start it the first time', async () => {
		(await deliver({ isAnswered: false })).sendResponse(200);
		expect(await starts()).toBe(false);
	});

	it('starts the workflow of another node', async () => {
		expect(await starts()).toBe(true);
		expect(await starts({ nodeId: newNodeId() })).toBe(true);
	});

	it('starts the workflow when its event or its topic differs', async () => {
		expect(await starts()).toBe(true);
		expect(await starts({}, event('event-1', 'buygoods_transaction_reversed'))).toBe(true);
		expect(await starts({}, event('event-2'))).toBe(true);
	});

	it('with another amount starts the workflow, and says so', async () => {
		expect(itemOf(await deliver())).not.toHaveProperty('isAmountChanged');
		const changed = event('event-1', TOPIC, '150.0');
		expect(itemOf(await deliver({}, changed))).toMatchObject({
			amount: 150,
			isAmountChanged: true,
		});
		expect(await starts({}, changed)).toBe(false);
	});

	it('starts the workflow each time when Ignore Duplicates is off', async () => {
		const options = { ignoreDuplicates: false };
		expect(await starts({ options })).toBe(true);
		expect(await starts({ options })).toBe(true);
	});

	it('starts every test execution, and none of them hides it from production', async () => {
		expect(await starts({ mode: 'manual' })).toBe(true);
		expect(await starts({ mode: 'manual' })).toBe(true);
		expect(await starts()).toBe(true);
		expect(await starts({ mode: 'manual' })).toBe(true);
	});
});

describe('a copy that arrives before the response to the first delivery', () => {
	const responses = [
		{ status: 200, isStarted: false },
		{ status: 500, isStarted: true },
	];

	it.each(responses)(
		'waits for the response $status, and then starts the workflow: $isStarted',
		async ({ status, isStarted }) => {
			const first = await deliver({ isAnswered: false });
			const copy = deliver();
			expect(await isPending(copy, 100)).toBe(true);
			first.sendResponse(status);
			expect(await isPending(copy, 20)).toBe(false);
			expect((await copy).status).toBe(200);
			expect(startsWorkflow(await copy)).toBe(isStarted);
		},
	);

	it('starts a second execution if the first connection is closed, and one of the two continues', async () => {
		const first = await deliver({ isAnswered: false });
		first.closeConnection();
		expect(await starts()).toBe(true);
		expect(await execute({ executionId: '1' })).toEqual([KEY]);
		expect(await execute({ executionId: '2' })).toEqual([]);
		expect(trigger.hints.join()).toContain('An earlier execution has processed this delivery');
		expect(await starts()).toBe(false);
	});

	it('starts nothing once the execution has begun, even if n8n responds 500', async () => {
		const first = await deliver({ isAnswered: false });
		const execution = startExecution();
		expect(await starts()).toBe(false);
		first.sendResponse(500);
		expect(await execution).toEqual([KEY]);
		expect(await starts()).toBe(false);
	});

	it('starts one workflow of 20 copies when n8n could not start the first', async () => {
		const first = await deliver({ isAnswered: false });
		const copies = Promise.all(Array.from({ length: 20 }, async () => await starts()));
		first.sendResponse(500);
		await jest.runAllTimersAsync();
		expect((await copies).filter(Boolean)).toHaveLength(1);
	});

	it('is answered 503 after five seconds, so that Kopo Kopo sends it again', async () => {
		await deliver({ isAnswered: false });
		const copy = deliver();
		expect(await isPending(copy, 4_999)).toBe(true);
		expect(await isPending(copy, 1)).toBe(false);
		const { status, message, result } = await copy;
		expect({ status, message, result }).toEqual({
			status: 503,
			message: 'The same delivery is still being processed',
			result: { noWebhookResponse: true },
		});
	});
});

// If an execution continued before the response was sent and n8n then stopped, Kopo Kopo would send the
// delivery again, and the work would be done twice.
describe('the execution that a delivery starts', () => {
	it.each([
		['the response is sent', 'sendResponse'],
		['the connection is closed', 'closeConnection'],
	] as const)('continues once %s', async (_when, end) => {
		const first = await deliver({ isAnswered: false });
		const execution = startExecution();
		expect(await isPending(execution, 100)).toBe(true);
		first[end](200);
		expect(await isPending(execution, 0)).toBe(false);
		expect(await execution).toEqual([KEY]);
	});

	it('waits for the response to its own delivery, not to an earlier one that failed', async () => {
		const first = await deliver({ isAnswered: false });
		first.sendResponse(500);
		const second = await deliver({ isAnswered: false });
		expect(startsWorkflow(second)).toBe(true);
		const execution = startExecution();
		expect(await isPending(execution, 100)).toBe(true);
		second.sendResponse(200);
		expect(await isPending(execution, 0)).toBe(false);
	});

	it('continues after a second without a response', async () => {
		await deliver({ isAnswered: false });
		const execution = startExecution();
		expect(await isPending(execution, 990)).toBe(true);
		expect(await isPending(execution, 10)).toBe(false);
		expect(await execution).toEqual([KEY]);
	});

	it('shows nothing in the panel, except what Kopo Kopo still sends', async () => {
		await deliver();
		await execute();
		expect(trigger.hints).toEqual([]);
		trigger.staticData = {
			kopoKopoSubscriptions: {
				earlier: {
					nodeId,
					topic: TOPIC,
					url: 'https://n8n.example.com',
					scope: 'till',
					tillNumber: '112233',
					daraja: false,
					id: 'subscription-1',
				},
			},
		};
		const parameters = { triggerOn: [TOPIC], scope: 'till', tillNumber: '112233' };
		await execute({ parameters, executionId: 'another' });
		expect(trigger.hints).toEqual([expect.stringMatching(/^An earlier execution/)]);
		await execute({ parameters: { triggerOn: [TOPIC] }, executionId: 'another' });
		expect(trigger.hints).toEqual([
			expect.stringMatching(/^An earlier execution/),
			expect.stringMatching(/^An earlier execution/),
			expect.stringContaining('M-Pesa Payment Received (Buy Goods) of till 112233'),
		]);
	});

	it('is recorded for a polling trigger of the workflow, unless it is a copy or a test', async () => {
		const executions = executionsOf({
			getWorkflow: () => ({ id: 'workflow' }),
		} as IExecuteFunctions);
		const { triggers } = executions;
		triggers.set('polling', { hasEmitted: () => false, progress: () => ({ seen: {} }) });
		const isRecorded = async (options: ExecutionOptions) => {
			executions.delivered.delete([hashOfKey(KEY)]);
			await execute(options);
			return executions.delivered.isInFlight(hashOfKey(KEY));
		};
		try {
			expect(await isRecorded({ executionId: 'first' })).toBe(true);
			expect(await isRecorded({ executionId: 'copy' })).toBe(false);
			expect(await isRecorded({ mode: 'manual' })).toBe(false);
		} finally {
			triggers.clear();
			executions.delivered.delete([hashOfKey(KEY)]);
		}
	});

	it('continues when it is retried, run by hand, or Ignore Duplicates is off', async () => {
		await deliver();
		await execute();
		expect(await execute({ mode: 'retry' })).toEqual([KEY]);
		expect(await execute({ mode: 'manual' })).toEqual([KEY]);
		expect(await execute({ options: { ignoreDuplicates: false } })).toEqual([KEY]);
	});

	it('stores nothing when Ignore Duplicates is off', async () => {
		await execute({ options: { ignoreDuplicates: false } });
		expect(trigger.store.size(nodeId)).toBe(0);
	});

	it.each(['this process', 'another process'])(
		'stores the delivery in the deduplication store, not in static data, when %s received it',
		async (receiver) => {
			if (receiver === 'this process') await deliver();
			expect(await execute()).toEqual([KEY]);
			expect(trigger.staticData).toEqual({});
			expect(trigger.store.has(KEY, nodeId)).toBe(true);
		},
	);
});

it.each([true, false])(
	'an execution that n8n runs once more continues, and no other does (stored: %s)',
	async (isAnswered) => {
		const delivery = await deliver({ isAnswered });
		const first = startExecution({ executionId: 'execution' });
		if (!isAnswered) delivery.closeConnection();
		await jest.advanceTimersByTimeAsync(2000);
		expect(await first).toEqual([KEY]);
		expect(await execute({ executionId: 'execution' })).toEqual([KEY]);
		expect(await execute({ executionId: 'another' })).toEqual([]);
	},
);

it('a delivery whose claim other processes keep overwriting is processed, and the log says so', async () => {
	let reads = 0;
	trigger.store.beforeRead = (operation) => {
		if (operation === 'record') reads++;
		trigger.store.clear();
	};
	expect(await execute()).toEqual([KEY]);
	expect(trigger.log).toEqual([
		expect.stringMatching(/could not be looked up: Other executions keep overwriting it$/),
	]);
	expect(reads).toBeGreaterThan(10);
});

describe('after a restart of n8n, a repeated delivery', () => {
	it('does not continue when an execution has stored it', async () => {
		await deliver();
		await execute();
		expect(await continuesAfterRestart()).toBe(false);
	});

	// A crash cuts off the execution of the first delivery.
	it.each([
		['does not continue when its first delivery was acknowledged', true, true, false],
		['continues when no sender received the response', false, true, true],
		['continues when its execution had not begun', true, false, true],
	])('%s', async (_what, isReceived, hasBegun, continues) => {
		const first = await deliver({ isAnswered: false });
		if (!isReceived) first.closeConnection();
		const execution = hasBegun ? startExecution() : undefined;
		first.sendResponse(200);
		if (hasBegun) expect(await execution).toEqual([KEY]);
		expect(await starts()).toBe(!isReceived && !hasBegun);
		expect(await continuesAfterRestart()).toBe(continues);
	});

	// n8n runs what it had stored but not begun; Kopo Kopo repeats the delivery, which was not answered.
	it.each([
		['the execution that n8n had stored', ['17', '42']],
		['the execution of the repeated delivery', ['42', '17']],
	])('continues in one execution when %s runs first', async (_which, [first = '', second = '']) => {
		expect(await starts()).toBe(true);
		expect(await execute({ executionId: first })).toEqual([KEY]);
		expect(await execute({ executionId: second })).toEqual([]);
		expect(await execute({ executionId: second })).toEqual([]);
		expect(await starts()).toBe(false);
	});

	it('starts nothing when n8n has run the stored execution already', async () => {
		expect(await execute({ executionId: '17' })).toEqual([KEY]);
		expect(await starts()).toBe(false);
	});
});

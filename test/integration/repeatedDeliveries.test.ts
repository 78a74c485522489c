import type { IDataObject } from 'n8n-workflow';
import { sign } from '../sandbox/deliveries';
import { sandboxCredentialData } from '../support/sandboxCredential';
import {
	type DeliveryOptions,
	type ExecutionOptions,
	newNodeId,
	persist,
	startsWorkflow,
	TriggerInstance,
} from '../support/triggerInstance';

const API_KEY = 'the key of a test';
const TOPIC = 'buygoods_transaction_received';
const KEY = `${TOPIC}:event-1`;

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

const event = (id = 'event-1', topic = TOPIC) =>
	JSON.stringify({
		topic,
		id,
		created_at: '2026-05-01T10:43:20+03:00',
		event: {
			type: 'Buygoods Transaction',
			resource: { id: 'sale-1', amount: '100.0', status: 'Received', reference: 'OJM6Q1W84K' },
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
const startExecution = async (
	options: ExecutionOptions = {},
	staticData: IDataObject = {},
	key = KEY,
) => await trigger.execute(nodeId, staticData, key, options);

/** Runs execute() to its end, including what it waits for. */
async function execute(...parameters: Parameters<typeof startExecution>): Promise<unknown[]> {
	const execution = startExecution(...parameters);
	await jest.runAllTimersAsync();
	return await execution;
}

/** Runs an execution whose delivery came to this process. @returns the text that n8n stores in the static data */
async function executeAndPersist(
	staticData: IDataObject = {},
	key = KEY,
): Promise<string | undefined> {
	expect(await startExecution({}, staticData, key)).toEqual([key]);
	return persist(staticData)[`kopoKopoSeen:${nodeId}`];
}

/** Whether an event starts the workflow after a restart of n8n, which has stored this text. */
async function startsAfterRestart(persisted = ''): Promise<boolean> {
	// A node that this process has not seen yet stands for the same one in a new process.
	const restarted = newNodeId();
	const staticData = { [`kopoKopoSeen:${restarted}`]: persisted };
	return await starts({ nodeId: restarted, staticData });
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
		expect(second.status).toBe(200);
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

	it.each(responses)(
		'waits for the response $status even if the first connection is closed',
		async ({ status, isStarted }) => {
			const first = await deliver({ isAnswered: false });
			first.closeConnection();
			const copy = starts();
			expect(await isPending(copy, 100)).toBe(true);
			first.sendResponse(status);
			expect(await isPending(copy, 20)).toBe(false);
			expect(await copy).toBe(isStarted);
			expect(await starts()).toBe(false);
		},
	);

	it('starts nothing once the execution has begun, whatever n8n responds', async () => {
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
		expect(await isPending(copy, 4_900)).toBe(true);
		await jest.advanceTimersByTimeAsync(200);
		const { status, result } = await copy;
		expect({ status, result }).toEqual({ status: 503, result: { noWebhookResponse: true } });
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
		first.endResponse(500);
		const second = await deliver({ isAnswered: false });
		expect(startsWorkflow(second)).toBe(true);
		first.closeConnection();
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

	it('continues when it is retried, run by hand, or Ignore Duplicates is off', async () => {
		await deliver();
		await executeAndPersist();
		expect(await execute({ mode: 'retry' })).toEqual([KEY]);
		expect(await execute({ mode: 'manual' })).toEqual([KEY]);
		expect(await execute({ options: { ignoreDuplicates: false } })).toEqual([KEY]);
	});

	it('stores nothing in static data when Ignore Duplicates is off', async () => {
		const staticData: IDataObject = {};
		await execute({ options: { ignoreDuplicates: false } }, staticData);
		expect(persist(staticData)).toEqual({});
	});

	it('stores the delivery in the deduplication store, not in static data, when another process received it', async () => {
		// A worker in queue mode receives no static data, and what it writes replaces all of it.
		const staticData: IDataObject = {};
		expect(await execute({}, staticData)).toEqual([KEY]);
		expect(persist(staticData)).toEqual({});
		expect(trigger.store.has(KEY, nodeId)).toBe(true);
		expect(trigger.store.size(nodeId)).toBe(1);
	});
});

describe('after a restart of n8n, a repeated delivery', () => {
	it('starts nothing when an execution has stored it', async () => {
		await deliver();
		expect(await startsAfterRestart(await executeAndPersist())).toBe(false);
	});

	it('starts nothing when the execution that ended last had begun before it arrived', async () => {
		const staticData: IDataObject = {};
		await deliver({}, event('earlier'));
		await execute({}, staticData, `${TOPIC}:earlier`);
		await deliver();
		await executeAndPersist();
		// n8n stores the static data of the earlier execution only now, when that execution is over.
		const persisted = persist(staticData)[`kopoKopoSeen:${nodeId}`];
		expect(await startsAfterRestart(persisted)).toBe(false);
	});

	// Another execution ends, and is stored, while that of the first delivery is cut off by a crash.
	it.each([
		['starts nothing when its first delivery was acknowledged', true, true, false],
		['starts the workflow when no sender received the response', false, true, true],
		['starts the workflow when its execution had not begun', true, false, true],
	])('%s', async (_what, isReceived, hasBegun, isStarted) => {
		const first = await deliver({ isAnswered: false });
		if (!isReceived) first.closeConnection();
		const execution = hasBegun ? startExecution() : undefined;
		first.sendResponse(200);
		if (hasBegun) expect(await execution).toEqual([KEY]);
		await deliver({}, event('another'));
		const persisted = await executeAndPersist({}, `${TOPIC}:another`);
		expect(await starts()).toBe(false);
		expect(await startsAfterRestart(persisted)).toBe(isStarted);
	});

	it('starts nothing although n8n first runs an execution that it had stored before the crash', async () => {
		// That execution has the static data of its beginning, without what was written since.
		const snapshot = { [`kopoKopoSeen:${nodeId}`]: '' };
		expect(await execute({}, snapshot, 'stored before the crash')).toHaveLength(1);
		expect(persist(snapshot)).toEqual({ [`kopoKopoSeen:${nodeId}`]: '' });
		const restarted = nodeId;
		nodeId = newNodeId();
		await deliver();
		const persisted = await executeAndPersist();
		const staticData = { [`kopoKopoSeen:${restarted}`]: persisted ?? '' };
		expect(await starts({ nodeId: restarted, staticData })).toBe(false);
	});

	// n8n runs what it had stored but not begun; Kopo Kopo repeats the delivery, which was not answered.
	it.each([
		['the execution that n8n had stored', ['17', '42']],
		['the execution of the repeated delivery', ['42', '17']],
	])('continues in one execution when %s runs first', async (_which, [first = '', second = '']) => {
		const staticData: IDataObject = {};
		expect(await starts()).toBe(true);
		expect(await execute({ executionId: first }, staticData)).toEqual([KEY]);
		expect(await execute({ executionId: second })).toEqual([]);
		persist(staticData);
		expect(await execute({ executionId: second })).toEqual([]);
		expect(await starts()).toBe(false);
	});

	it('starts nothing when n8n has run the stored execution already', async () => {
		expect(await execute({ executionId: '17' })).toEqual([KEY]);
		expect(await starts()).toBe(false);
	});
});

it('remembers the last 10,000 deliveries, and stores eight characters for each', async () => {
	const staticData: IDataObject = {};
	let persisted: string | undefined;
	for (let index = 0; index <= 10_000; index++) {
		await deliver({}, event(`event-${index}`));
		persisted = await executeAndPersist(staticData, `${TOPIC}:event-${index}`);
	}
	expect(persisted).toHaveLength(80_000);
	expect(await starts({}, event('event-10000'))).toBe(false);
	expect(await starts({}, event('event-0'))).toBe(true);
});

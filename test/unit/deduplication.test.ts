import { sleep, type IExecuteFunctions, type IWebhookFunctions } from 'n8n-workflow';
import { DeduplicationStore } from '../support/deduplicationStore';
import { loadAnew } from '../support/isolatedModules';

type Deduplication = typeof import('../../nodes/KopoKopo/webhooks/deduplication');

/** The module as a process of n8n has it. A restarted process has another one. */
const startProcess = () =>
	loadAnew(() => jest.requireActual<Deduplication>('../../nodes/KopoKopo/webhooks/deduplication'));

const [processor, worker, otherWorker] = [startProcess(), startProcess(), startProcess()];

let nodes = 0;
let nodeId: string;
let store: DeduplicationStore;
let warnings: string[];

beforeEach(() => {
	// A node of its own for each test, since the module remembers deliveries by node.
	nodeId = `node-${++nodes}`;
	store = new DeduplicationStore();
	warnings = [];
});

const collectGarbage = jest.requireActual<() => void>('./collectGarbage.cjs');

const common = () => ({
	getNode: () => ({ id: nodeId }),
	getWorkflow: () => ({ id: 'workflow' }),
	logger: { warn: (text: string) => warnings.push(text) },
});

/** The response to a delivery. */
class Response {
	statusCode = 200;
	destroyed = false;
	writableFinished = false;
	private readonly listeners: Array<() => void> = [];

	once(_event: 'close', listener: () => void) {
		this.listeners.push(listener);
	}

	send(statusCode = 200) {
		this.statusCode = statusCode;
		this.writableFinished = !this.destroyed;
		this.close();
	}

	close() {
		this.destroyed = true;
		for (const listener of this.listeners.splice(0)) listener();
	}
}

/** Delivers to a process. @returns how it takes the delivery */
const claim = async (by: Deduplication, dedupeKey: string, response = new Response()) =>
	await by.claimDelivery(
		{ ...common(), getResponseObject: () => response } as unknown as IWebhookFunctions,
		{ dedupeKey },
	);

/** Delivers to a process, whose response is sent with status 200. */
async function deliver(by: Deduplication, dedupeKey: string) {
	const response = new Response();
	const result = await claim(by, dedupeKey, response);
	response.send();
	return result;
}

/** Starts an execution in a process. @returns whether the execution continues */
async function execute(by: Deduplication, dedupeKey: string, execution = '1', mode = 'webhook') {
	const context = {
		...common(),
		getExecutionId: () => execution,
		getMode: () => mode,
		getInputData: () => [{ json: { dedupeKey } }],
		helpers: store.helpersFor(nodeId),
	} as unknown as IExecuteFunctions;
	const begun = by.beginExecution(context);
	if (begun === undefined) return true;
	await by.waitForResponse(context, begun);
	return await by.isFirstExecution(context, begun);
}

const DAY_MS = 24 * 60 * 60_000;

describe('one process', () => {
	it('records a delivery once, with one write', async () => {
		expect(await deliver(processor, 'a')).toBe('new');
		expect(await deliver(processor, 'a')).toBe('duplicate');
		expect(await execute(processor, 'a')).toBe(true);
		expect(store.writes).toBe(1);
		expect(store.has('a', nodeId)).toBe(true);
	});

	it('records all deliveries that are executed at the same time', async () => {
		const keys = ['a', 'b', 'c'];
		for (const key of ['earlier', ...keys]) await deliver(processor, key);
		await execute(processor, 'earlier');
		// Long enough for each to read the row before another has written it, if they do not take turns.
		store.beforeWrite = async () => await sleep(5);
		const executions = keys.map(async (key) => await execute(processor, key, key));
		expect(await Promise.all(executions)).toEqual([true, true, true]);
		expect(keys.filter((key) => store.has(key, nodeId))).toEqual(keys);
	});

	it('knows the delivery after a restart', async () => {
		await deliver(processor, 'a');
		await execute(processor, 'a');
		const restarted = startProcess();
		expect(await deliver(restarted, 'a')).toBe('new');
		expect(await execute(restarted, 'a', '2')).toBe(false);
		expect(await deliver(restarted, 'a')).toBe('duplicate');
	});

	it('records nothing before the response is sent', async () => {
		const response = new Response();
		await claim(processor, 'a', response);
		const execution = execute(processor, 'a');
		await sleep(0);
		expect(store.writes).toBe(0);
		response.send();
		expect(await execution).toBe(true);
		expect(store.has('a', nodeId)).toBe(true);
	});

	it('executes a delivery again after a crash if the sender has no response', async () => {
		const response = new Response();
		await claim(processor, 'a', response);
		response.close();
		expect(await execute(processor, 'a')).toBe(true);
		expect(store.has('a', nodeId)).toBe(false);
		const restarted = startProcess();
		expect(await deliver(restarted, 'a')).toBe('new');
		expect(await execute(restarted, 'a', '2')).toBe(true);
	});

	it('does not execute a recorded delivery again after a restart, even if the sender hangs up', async () => {
		await deliver(processor, 'a');
		await execute(processor, 'a');
		const restarted = startProcess();
		const response = new Response();
		expect(await claim(restarted, 'a', response)).toBe('new');
		response.close();
		expect(await execute(restarted, 'a', '2')).toBe(false);
	});

	it.each<[what: string, isKnown: boolean, then: () => Promise<unknown>]>([
		['nobody repeats it', false, async () => await Promise.resolve()],
		['a copy is acknowledged', true, async () => await deliver(processor, 'a')],
		[
			'its execution has ended by all appearances',
			true,
			async () =>
				await Promise.resolve(jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 6e5 + 1)),
		],
	])('records a delivery without a response later: %s, %s', async (_what, isKnown, then) => {
		const response = new Response();
		await claim(processor, 'a', response);
		response.close();
		await execute(processor, 'a');
		await then();
		await deliver(processor, 'b');
		await execute(processor, 'b', '2');
		jest.restoreAllMocks();
		expect(store.has('a', nodeId)).toBe(isKnown);
	});

	it('executes a delivery only once if its sender hung up and repeated it', async () => {
		const response = new Response();
		await claim(processor, 'a', response);
		response.close();
		expect(await deliver(processor, 'a')).toBe('new');
		const both = [await execute(processor, 'a', '1'), await execute(processor, 'a', '2')];
		expect(both).toEqual([true, false]);
	});

	it('executes a delivery whose sender had already closed the connection', async () => {
		const response = new Response();
		response.close();
		expect(await claim(processor, 'a', response)).toBe('new');
		expect(await deliver(processor, 'a')).toBe('new');
	});

	it('keeps no response of senders that closed the connection', async () => {
		const hangUp = async (key: string) => {
			const response = new Response();
			await claim(processor, key, response);
			response.close();
			return new WeakRef(response);
		};
		const responses = await Promise.all(
			Array.from({ length: 50 }, async (_, index) => await hangUp(`hung up ${index}`)),
		);
		await sleep(0);
		collectGarbage();
		expect(responses.filter((response) => response.deref() !== undefined)).toEqual([]);
	});

	it('executes a delivery that n8n could not store when it is sent again', async () => {
		const response = new Response();
		await claim(processor, 'a', response);
		response.send(500);
		expect(await deliver(processor, 'a')).toBe('new');
	});

	it('executes a copy of a delivery of more than a week ago', async () => {
		await deliver(processor, 'a');
		const clock = jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 7 * DAY_MS + 1000);
		await deliver(processor, 'later');
		expect(await deliver(processor, 'a')).toBe('new');
		clock.mockRestore();
	});
});

describe('what is written', () => {
	let now: number;
	let sales: number;

	beforeEach(() => {
		now = Date.now();
		sales = 0;
		jest.spyOn(Date, 'now').mockImplementation(() => now);
	});
	afterEach(() => jest.restoreAllMocks());

	/** Delivers and executes new sales at a steady rate. @returns the bytes of each delivery */
	async function operate(by: Deduplication, count: number, perDay: number, isReceived = true) {
		const bytes: number[] = [];
		for (let index = 0; index < count; index++) {
			now += DAY_MS / perDay;
			const before = store.writtenBytes;
			const sale = `sale ${sales++}`;
			if (isReceived) await deliver(by, sale);
			await execute(by, sale, sale);
			bytes.push(store.writtenBytes - before);
		}
		return bytes;
	}

	it('is at most 16 KB for a delivery at 500 a day, and covers the last day', async () => {
		const bytes = await operate(startProcess(), 1000, 500);
		expect(Math.max(...bytes)).toBeLessThan(16_384);
		const recorded = Array.from({ length: 500 }, (_, index) => `sale ${999 - index}`);
		expect(recorded.filter((key) => !store.has(key, nodeId))).toEqual([]);
	});

	it('covers a burst, and drops it in the course of a day', async () => {
		await operate(startProcess(), 1500, 1e8);
		expect(store.size(nodeId)).toBe(1500);
		const restarted = startProcess();
		expect(await execute(restarted, 'sale 0', 'copy')).toBe(false);
		await operate(restarted, 750, 500);
		expect(store.size(nodeId)).toBeLessThan(1100);
	});

	it('counts the entries once a minute', async () => {
		const count = jest.spyOn(store, 'getProcessedDataCount');
		const counting = startProcess();
		for (const ms of [0, 30_000, 30_000]) {
			now += ms - 1;
			await operate(counting, 1, DAY_MS);
		}
		expect(count).toHaveBeenCalledTimes(1);
		await operate(counting, 1, DAY_MS);
		expect(count).toHaveBeenCalledTimes(2);
	});

	it('is on average at most 16 KB, and never more than 24 KB, at 500 a day if another process executes, too', async () => {
		jest.useFakeTimers({ doNotFake: ['Date'] });
		const operating = operate(startProcess(), 600, 500, false);
		await jest.advanceTimersByTimeAsync(600 * 150);
		jest.useRealTimers();
		const bytes = await operating;
		expect(Math.max(...bytes)).toBeLessThan(1.5 * 16_384);
		expect(bytes.slice(-100).reduce((sum, each) => sum + each, 0) / 100).toBeLessThan(16_384);
	});
});

it('lets one of two executions of a delivery continue, on whichever workers they run', async () => {
	const both = await Promise.all([
		execute(worker, 'a', '1'),
		execute(otherWorker, 'a', '2'),
		execute(worker, 'b', '3'),
	]);
	expect(both).toEqual([true, false, true]);
	expect(await execute(worker, 'a', '4')).toBe(false);
	expect(await execute(otherWorker, 'b', '5')).toBe(false);
});

it('remembers a burst that another process has received', async () => {
	const burst = Array.from({ length: 300 }, (_, index) => `sale ${index}`);
	await Promise.all(burst.map(async (sale) => await execute(worker, sale, sale)));
	await execute(worker, 'another sale', '1');
	expect(await execute(startProcess(), 'sale 0', 'copy')).toBe(false);
});

it('removes the marks of sixteen claims together', async () => {
	const keys = Array.from({ length: 16 }, (_, index) => `sale ${index}`);
	const hasMark = (key: string) => store.has(`${key} execution of ${key}`, nodeId);
	const claimed = async (key: string) => await execute(worker, key, `execution of ${key}`);
	await Promise.all(keys.slice(1).map(claimed));
	await claimed('sale 0');
	expect(keys.filter(hasMark)).toEqual(keys);
	await claimed('another sale');
	expect(keys.filter(hasMark)).toEqual([]);
	expect(keys.filter((key) => !store.has(key, nodeId))).toEqual([]);
});

describe('entries that n8n cannot remove', () => {
	/** Lets the next removals fail. @returns how many were attempted */
	function failRemovals(count: number): () => number {
		let attempts = 0;
		store.beforeRead = (operation) => {
			if (operation !== 'remove') return;
			attempts += 1;
			if (attempts <= count) throw new Error('The database is locked');
		};
		return () => attempts;
	}

	/** Delivers to a process and starts the execution, without a response to the sender. */
	async function executeUnanswered(by: Deduplication, key: string): Promise<boolean> {
		const response = new Response();
		await claim(by, key, response);
		response.close();
		return await execute(by, key);
	}

	beforeEach(() => jest.useFakeTimers({ doNotFake: ['Date'] }));
	afterEach(() => jest.useRealTimers());

	it('do not stay if they are marks, and cost no answer', async () => {
		const by = startProcess();
		const keys = Array.from({ length: 17 }, (_, index) => `sale ${index}`);
		const attempts = failRemovals(2);
		const claimed = async (key: string) => {
			const continues = execute(by, key, `execution of ${key}`);
			await jest.advanceTimersByTimeAsync(200);
			return await continues;
		};
		for (const key of keys) expect(await claimed(key)).toBe(true);
		// The last claim writes twice. Marks are in no hurry.
		await jest.advanceTimersByTimeAsync(2000);
		expect(attempts()).toBe(2);
		expect(warnings).toEqual([]);
		await claimed('another sale');
		const marks = keys.slice(0, 16).map((key) => `${key} execution of ${key}`);
		expect(marks.filter((mark) => store.has(mark, nodeId))).toEqual([]);
	});

	it('do not stay if they are deliveries without a response, so that a copy runs after a crash', async () => {
		const by = startProcess();
		const attempts = failRemovals(3);
		expect(await executeUnanswered(by, 'a')).toBe(true);
		expect(warnings).toEqual([]);
		await jest.advanceTimersByTimeAsync(2000);
		expect(attempts()).toBe(4);
		expect(store.has('a', nodeId)).toBe(false);
		const restarted = startProcess();
		expect(await deliver(restarted, 'a')).toBe('new');
		expect(await execute(restarted, 'a', '2')).toBe(true);
	});

	it('are removed with the next delivery if the database fails for longer', async () => {
		const by = startProcess();
		const attempts = failRemovals(6);
		expect(await executeUnanswered(by, 'a')).toBe(true);
		await jest.advanceTimersByTimeAsync(2000);
		expect(attempts()).toBe(6);
		expect(store.has('a', nodeId)).toBe(true);
		await deliver(by, 'b');
		expect(await execute(by, 'b', '2')).toBe(true);
		expect(store.has('a', nodeId)).toBe(false);
	});

	it('stay if the delivery is acknowledged meanwhile', async () => {
		const by = startProcess();
		failRemovals(6);
		await executeUnanswered(by, 'a');
		await jest.advanceTimersByTimeAsync(2000);
		await deliver(by, 'a');
		await deliver(by, 'b');
		await execute(by, 'b', '2');
		for (const key of ['a', 'b']) expect(store.has(key, nodeId)).toBe(true);
		const restarted = startProcess();
		expect(await deliver(restarted, 'a')).toBe('new');
		expect(await execute(restarted, 'a', '3')).toBe(false);
	});
});

it('lets an execution continue that n8n restarts or a person retries', async () => {
	expect(await execute(worker, 'a', '1')).toBe(true);
	expect(await execute(otherWorker, 'a', '1')).toBe(true);
	expect(await execute(otherWorker, 'a', '9', 'retry')).toBe(true);
	expect(await execute(otherWorker, 'a', '9')).toBe(false);
});

it.each([[[]], [[{ json: {} }]], [[{ json: { dedupeKey: 7 } }]]])(
	'compares no execution with the items %j, which have no key',
	(items) => {
		const context = {
			...common(),
			getExecutionId: () => '1',
			getMode: () => 'webhook',
			getInputData: () => items,
		} as unknown as IExecuteFunctions;
		expect(processor.beginExecution(context)).toBeUndefined();
	},
);

describe('a recording that fails although n8n has carried it out', () => {
	beforeEach(() => {
		const record = store.checkProcessedAndRecord.bind(store);
		jest.spyOn(store, 'checkProcessedAndRecord').mockImplementationOnce(async (...given) => {
			await record(...given);
			throw new Error('The connection was lost');
		});
	});

	it('does not turn a delivery into its own copy', async () => {
		const by = startProcess();
		await deliver(by, 'a');
		expect(await execute(by, 'a')).toBe(true);
		expect(store.has('a', nodeId)).toBe(true);
		expect(await execute(startProcess(), 'a', '2')).toBe(false);
	});

	it('does not keep a delivery that nobody acknowledged', async () => {
		const by = startProcess();
		const response = new Response();
		await claim(by, 'a', response);
		response.close();
		expect(await execute(by, 'a')).toBe(true);
		expect(store.has('a', nodeId)).toBe(false);
	});

	it('does not turn the claim of a worker into that of another', async () => {
		const both = [execute(worker, 'a', '1'), execute(otherWorker, 'a', '2')];
		expect((await Promise.all(both)).filter(Boolean)).toHaveLength(1);
	});
});

it('lets an execution continue when the store fails, and logs a warning', async () => {
	store.beforeRead = () => {
		throw new Error('The database is locked');
	};
	expect(await execute(worker, 'a')).toBe(true);
	expect(warnings.join()).toContain('The database is locked');
});

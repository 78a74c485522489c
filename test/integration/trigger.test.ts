import {
	sleep,
	type IDataObject,
	type IExecuteFunctions,
	type IWebhookFunctions,
	type IWebhookResponseData,
	type WorkflowExecuteMode,
} from 'n8n-workflow';
import { KopoKopoTrigger } from '../../nodes/KopoKopo/KopoKopoTrigger.node';
import { sign } from '../sandbox/deliveries';
import { startSandbox, type Sandbox } from '../sandbox/server';
import { kopoKopoTrigger, sandboxCredential, type StoredCredential } from '../support/nodeContexts';

let sandbox: Sandbox;
let credential: StoredCredential;

beforeEach(async () => {
	sandbox = await startSandbox({ port: 0 });
	credential = sandboxCredential(sandbox);
});
afterEach(async () => await sandbox.close());

const parameters = {
	triggerOn: ['buygoods_transaction_received', 'buygoods_transaction_reversed'],
	registration: 'automatic',
	scope: 'till',
	tillNumber: '112233',
	options: {},
};
const subscribed = () =>
	sandbox.ledger.subscriptions.map(({ eventType, scope, scopeReference }) =>
		[eventType, scope, scopeReference].join(' '),
	);
const isDoubled = () => sandbox.ledger.subscriptionCounts.some(({ count }) => count > 1);

describe('subscribing', () => {
	it('asks for each event once, over activation, deactivation and another activation', async () => {
		const trigger = kopoKopoTrigger(credential, parameters);
		await trigger.activate();
		await trigger.delete();
		await trigger.activate();
		await trigger.create();
		expect(subscribed()).toEqual([
			'buygoods_transaction_received till 112233',
			'buygoods_transaction_reversed till 112233',
		]);
	});

	it('asks for what is new when a setting changes, and for nothing else', async () => {
		await kopoKopoTrigger(credential, parameters).activate();
		await kopoKopoTrigger(credential, {
			...parameters,
			triggerOn: [...parameters.triggerOn, 'settlement_transfer_completed'],
		}).activate();
		expect(subscribed()).toEqual([
			'buygoods_transaction_received till 112233',
			'buygoods_transaction_reversed till 112233',
			'settlement_transfer_completed company ',
		]);
	});

	it('goes on where an attempt stopped, and never asks twice', async () => {
		const trigger = kopoKopoTrigger(credential, parameters);
		sandbox.faults.add({
			kind: 'serverError',
			when: 'after',
			path: '/api/v2/webhook_subscriptions',
			next: 1,
		});
		for (let attempt = 1; attempt <= 5; attempt++) {
			await expect(trigger.activate()).rejects.toThrow(/not known whether Kopo Kopo subscribed/);
			await trigger.delete();
		}
		expect(subscribed()).toEqual(['buygoods_transaction_received till 112233']);
	});

	it('asks again for one that Kopo Kopo says it does not have', async () => {
		const trigger = kopoKopoTrigger(credential, parameters);
		await trigger.activate();
		await sandbox.reset({ keepTokens: true });
		await trigger.activate();
		expect(sandbox.ledger.subscriptions).toHaveLength(2);
		expect(isDoubled()).toBe(false);
	});

	it('tells in the words of Kopo Kopo what it refuses, and for which event', async () => {
		const trigger = kopoKopoTrigger(credential, { ...parameters, tillNumber: 'not a till' });
		await expect(trigger.activate()).rejects.toThrow(
			/'Buygoods Received' could not be subscribed.*Invalid scope reference/,
		);
	});

	it('needs an API key, and says so', async () => {
		credential.data.apiKey = '';
		await expect(kopoKopoTrigger(credential, parameters).activate()).rejects.toThrow(/'API Key'/);
		expect(subscribed()).toEqual([]);
	});

	it('asks for nothing when the address is registered by hand', async () => {
		const trigger = kopoKopoTrigger(credential, { ...parameters, registration: 'manual' });
		await trigger.activate();
		expect(subscribed()).toEqual([]);
	});
});

interface Delivered {
	status: number;
	result: IWebhookResponseData;
	/** What n8n does when the execution could, or could not, be started. */
	answered(statusCode: number): void;
	/** The same, when the last byte of the answer is not out yet; hungUp() ends that. */
	ended(statusCode: number): void;
	/** The sender goes before there is an answer. */
	hungUp(): void;
}

interface Circumstances {
	options?: IDataObject;
	triggerOn?: string[];
	mode?: WorkflowExecuteMode;
	nodeId?: string;
	staticData?: IDataObject;
	/** Whether n8n answers at once, with 200, what the trigger leaves to it. */
	isAnswered?: boolean;
}

/** Hands bytes to webhook() as n8n's web server does, and tells what the caller is answered. */
async function deliver(
	body: string,
	headers: Record<string, string>,
	{
		options = {},
		triggerOn,
		mode = 'webhook',
		nodeId,
		staticData = {},
		isAnswered = true,
	}: Circumstances = {},
): Promise<Delivered> {
	const response = {
		statusCode: 200,
		writableEnded: false,
		writableFinished: false,
		close: () => {},
		status(code: number) {
			response.statusCode = code;
			return { json: () => (response.writableEnded = true) };
		},
		once(_event: 'close', listener: () => void) {
			response.close = listener;
		},
	};
	let isClosed = false;
	const hungUp = () => {
		if (!isClosed) response.close();
		isClosed = true;
	};
	const ended = (statusCode: number) => {
		response.statusCode = statusCode;
		response.writableEnded = true;
		response.writableFinished = !isClosed;
	};
	const answered = (statusCode: number) => {
		ended(statusCode);
		hungUp();
	};
	const stored: Record<string, unknown> = { triggerOn: triggerOn ?? parameters.triggerOn, options };
	const context = {
		getRequestObject: () => ({ rawBody: Buffer.from(body) }),
		getHeaderData: () => headers,
		getCredentials: async () => {
			reads++;
			return await Promise.resolve(credential.data);
		},
		getNodeParameter: (name: string, fallback?: unknown) => stored[name] ?? fallback,
		getResponseObject: () => response,
		getMode: () => mode,
		// A node of its own for every delivery unless told: the process remembers deliveries by node.
		getNode: () => ({ id: nodeId ?? `node-${++nodes}` }),
		getWorkflow: () => ({ id: 'workflow' }),
		getWorkflowStaticData: () => staticData,
		logger: { info: () => {}, warn: () => {}, error: () => {} },
	} as unknown as IWebhookFunctions;
	const result = await new KopoKopoTrigger().webhook.call(context);
	if (isAnswered && !response.writableEnded) answered(200);
	return { status: response.statusCode, result, answered, ended, hungUp };
}

/** n8n's deduplication store. */
const kept = new Set<string>();

/** The part of the trigger that runs inside the execution; resolves with the keys that go on. */
async function run(
	nodeId: string,
	staticData: IDataObject,
	dedupeKey: string,
	{ options = {}, mode = 'webhook', executionId }: Running = {},
): Promise<unknown[]> {
	const items = [{ json: { eventId: 'event-1', dedupeKey } }];
	const context = {
		getInputData: () => items,
		getMode: () => mode,
		getExecutionId: () => executionId ?? `execution-${++executions}`,
		getNode: () => ({ id: nodeId }),
		getWorkflow: () => ({ id: 'workflow' }),
		getNodeParameter: (name: string, _index: number, fallback: unknown) =>
			options[name.replace('options.', '')] ?? fallback,
		getWorkflowStaticData: () => staticData,
		helpers: {
			checkProcessedAndRecord: async (claimed: string[]) => {
				const fresh = claimed.filter((key) => !kept.has(`${nodeId} ${key}`));
				for (const key of fresh) kept.add(`${nodeId} ${key}`);
				return await Promise.resolve({ new: fresh, processed: [] });
			},
			removeProcessed: async (freed: string[]) => {
				for (const key of freed) kept.delete(`${nodeId} ${key}`);
				await Promise.resolve();
			},
		},
		isToolExecution: () => false,
	} as unknown as IExecuteFunctions;
	const [given = []] = await new KopoKopoTrigger().execute.call(context);
	return given.map(({ json }) => json.dedupeKey);
}

interface Running {
	options?: IDataObject;
	mode?: WorkflowExecuteMode;
	executionId?: string;
}

let executions = 0;
const KEY = 'buygoods_transaction_received:event-1';

/** An execution that nothing else is the matter with; resolves with what n8n stores at its end. */
async function execute(
	nodeId: string,
	staticData: IDataObject,
	options: IDataObject = {},
	dedupeKey = KEY,
): Promise<IDataObject> {
	expect(await run(nodeId, staticData, dedupeKey, { options })).toEqual([dedupeKey]);
	return stored(staticData);
}

/** Static data as it comes out of the database again. */
const stored = (staticData: IDataObject) =>
	JSON.parse(JSON.stringify(staticData)) as Record<string, string>;

let nodes = 0;
let reads = 0;
const started = ({ result }: Delivered) => result.workflowData !== undefined;

const signed = (body: string) => ({ 'x-kopokopo-signature': sign(body, sandbox.apiKey) });
const sale = (topic = 'buygoods_transaction_received') =>
	JSON.stringify({
		topic,
		id: 'event-1',
		created_at: '2026-05-01T10:43:20+03:00',
		event: {
			type: 'Buygoods Transaction',
			resource: { id: 'sale-1', amount: '100.0', status: 'Received', reference: 'OJM6Q1W84K' },
		},
	});

describe('a delivery', () => {
	it('that is signed and asked for becomes one item', async () => {
		const { status, result } = await deliver(sale(), signed(sale()));
		expect(status).toBe(200);
		expect(result.workflowData?.[0]?.[0]?.json).toMatchObject({
			eventId: 'event-1',
			topic: 'buygoods_transaction_received',
			dedupeKey: 'buygoods_transaction_received:event-1',
			outcome: 'success',
			amount: 100,
			reference: 'OJM6Q1W84K',
		});
	});

	it('gives the body as it came when Simplify is off', async () => {
		const { result } = await deliver(sale(), signed(sale()), { options: { simplify: false } });
		expect(result.workflowData?.[0]?.[0]?.json).toEqual({
			eventId: 'event-1',
			topic: 'buygoods_transaction_received',
			dedupeKey: 'buygoods_transaction_received:event-1',
			isRecognized: true,
			body: JSON.parse(sale()) as unknown,
		});
	});

	it.each([
		['without a signature', () => ({})],
		['signed with another key', () => ({ 'x-kopokopo-signature': sign(sale(), 'another key') })],
		['with the signature of other bytes', () => signed(`${sale()} `)],
	])('%s is answered 401 and starts nothing', async (_what, headers) => {
		const { status, result } = await deliver(sale(), headers());
		expect(status).toBe(401);
		expect(result).toEqual({ noWebhookResponse: true });
	});

	it('is answered 401 when there is no API key to check it with', async () => {
		const headers = signed(sale());
		credential.data.apiKey = '';
		const { status, result } = await deliver(sale(), headers);
		expect(status).toBe(401);
		expect(result.workflowData).toBeUndefined();
	});

	it('that nobody asked for is answered 200 and starts nothing', async () => {
		const body = sale('card_transaction_received');
		const { status, result } = await deliver(body, signed(body));
		expect(status).toBe(200);
		expect(result.workflowData).toBeUndefined();
		expect(result.noWebhookResponse).toBeUndefined();
	});

	it.each([
		['of a new kind', sale('loan_repaid')],
		['with a changed shape', sale().replace('"100.0"', '{"value":100}')],
		['that is no JSON', 'amount=100'],
	])('that is signed but %s is shown raw and flagged', async (_what, body) => {
		const { result } = await deliver(body, signed(body));
		const json = result.workflowData?.[0]?.[0]?.json;
		expect(json).toMatchObject({ isRecognized: false, reason: expect.any(String) as string });
		expect(json?.dedupeKey).toEqual(expect.any(String));
		expect(json).toHaveProperty('body');
	});

	it('that cannot be taken is answered 503, so that Kopo Kopo sends it again', async () => {
		credential = new Proxy(credential, {
			get() {
				throw new Error('the credential was deleted');
			},
		});
		const { status, result } = await deliver(sale(), signed(sale()));
		expect(status).toBe(503);
		expect(result).toEqual({ noWebhookResponse: true });
	});
});

describe('a delivery that is repeated', () => {
	const again = async (nodeId: string, more: Circumstances = {}) =>
		await deliver(sale(), signed(sale()), { nodeId, ...more });

	it('starts nothing the second time, and is answered 200', async () => {
		expect(started(await again('a'))).toBe(true);
		const second = await again('a');
		expect(second.status).toBe(200);
		expect(started(second)).toBe(false);
	});

	it('counts once when many copies come at the same moment', async () => {
		const copies = await Promise.all(Array.from({ length: 20 }, async () => await again('b')));
		expect(copies.filter(started)).toHaveLength(1);
	});

	it('starts the workflow when n8n could not start it the first time', async () => {
		(await again('c', { isAnswered: false })).answered(500);
		expect(started(await again('c'))).toBe(true);
	});

	describe('before the first is answered', () => {
		const unanswered = { isAnswered: false };
		const answers: Array<[what: string, status: number, copyStarts: boolean]> = [
			['took', 200, false],
			['could not take', 500, true],
		];
		/** A copy, and whether it was answered within five looks. */
		const copyOf = async (nodeId: string) => {
			const copy = again(nodeId);
			const isWaiting = await Promise.race([copy.then(() => false), sleep(100).then(() => true)]);
			return { copy, isWaiting };
		};

		it.each(answers)(
			'waits, and starts the workflow unless n8n %s that one',
			async (_what, status, isStarted) => {
				const nodeId = `waits-${status}`;
				const first = await again(nodeId, unanswered);
				const { copy, isWaiting } = await copyOf(nodeId);
				expect(isWaiting).toBe(true);
				first.answered(status);
				expect((await copy).status).toBe(200);
				expect(started(await copy)).toBe(isStarted);
			},
		);

		it.each(answers)(
			'waits when nobody hears any more that n8n %s it',
			async (_what, status, isStarted) => {
				const nodeId = `unheard-${status}`;
				const first = await again(nodeId, unanswered);
				first.hungUp();
				const { copy, isWaiting } = await copyOf(nodeId);
				expect(isWaiting).toBe(true);
				first.answered(status);
				expect(started(await copy)).toBe(isStarted);
				expect(started(await again(nodeId))).toBe(false);
			},
		);

		it('is known as soon as an execution began, whatever n8n answers', async () => {
			const first = await again('s', unanswered);
			const execution = run('s', {}, KEY);
			expect(started(await again('s'))).toBe(false);
			first.answered(500);
			expect(await execution).toEqual([KEY]);
			expect(started(await again('s'))).toBe(false);
		});

		// Were it done before, and n8n died then, Kopo Kopo would send again what is done.
		it.each([
			['is out', 'answered'],
			['has nobody to hear it', 'hungUp'],
		] as const)('has no work done until the answer %s', async (_what, end) => {
			const first = await again(end, unanswered);
			const execution = run(end, {}, KEY);
			const isWaiting = sleep(100).then(() => 'is waiting');
			expect(await Promise.race([execution, isWaiting])).toBe('is waiting');
			first[end](200);
			const began = Date.now();
			expect(await execution).toEqual([KEY]);
			expect(Date.now() - began).toBeLessThan(500);
		});

		it('waits for its own answer, not for that of the one n8n could not take', async () => {
			const first = await again('own', unanswered);
			first.ended(500);
			const second = await again('own', unanswered);
			expect(started(second)).toBe(true);
			first.hungUp();
			let isDone = false;
			const execution = run('own', {}, KEY).then(() => (isDone = true));
			await sleep(100);
			expect(isDone).toBe(false);
			second.answered(200);
			await execution;
		});

		it('has its work done when there is no answer for long', async () => {
			await again('silent', unanswered);
			expect(await run('silent', {}, KEY)).toEqual([KEY]);
		});

		it('has one start the workflow, of many, when n8n could not take the first', async () => {
			const first = await again('many', unanswered);
			const copies = Array.from({ length: 20 }, async () => await again('many'));
			first.answered(500);
			expect((await Promise.all(copies)).filter(started)).toHaveLength(1);
		});

		it('is answered 503 after a while, so that Kopo Kopo sends it again', async () => {
			await again('never', unanswered);
			const { status, result } = await again('never');
			expect({ status, result }).toEqual({ status: 503, result: { noWebhookResponse: true } });
		});
	});

	it('stays known when n8n did start it', async () => {
		(await again('d', { isAnswered: false })).answered(200);
		expect(started(await again('d'))).toBe(false);
	});

	it('is another one for another node, another event and another topic', async () => {
		expect(started(await again('e'))).toBe(true);
		expect(started(await again('f'))).toBe(true);
		const reversed = sale('buygoods_transaction_reversed');
		expect(started(await deliver(reversed, signed(reversed), { nodeId: 'e' }))).toBe(true);
		const other = sale().replace('event-1', 'event-2');
		expect(started(await deliver(other, signed(other), { nodeId: 'e' }))).toBe(true);
	});

	it('starts the workflow each time when Ignore Duplicates is off', async () => {
		const options = { ignoreDuplicates: false };
		expect(started(await again('g', { options }))).toBe(true);
		expect(started(await again('g', { options }))).toBe(true);
	});

	it('is seen by a test listen, which keeps nothing from production', async () => {
		expect(started(await again('h', { mode: 'manual' }))).toBe(true);
		expect(started(await again('h', { mode: 'manual' }))).toBe(true);
		expect(started(await again('h'))).toBe(true);
		expect(started(await again('h', { mode: 'manual' }))).toBe(true);
	});

	it('is known after a restart from what an execution wrote down', async () => {
		await again('i');
		const [written] = Object.values(await execute('i', {}));
		// Another node stands for the same one in a new process, with the text n8n stored for it.
		expect(started(await again('j', { staticData: { 'kopoKopoSeen:j': written } }))).toBe(false);
	});

	it('is known though an execution ends last that began before it came', async () => {
		const staticData: IDataObject = {};
		const earlier = sale().replace('event-1', 'earlier');
		await deliver(earlier, signed(earlier), { nodeId: 'm' });
		await execute('m', staticData, {}, 'buygoods_transaction_received:earlier');
		await again('m');
		await execute('m', {});
		// Stored only now, when that execution is over.
		const [written] = Object.values(stored(staticData));
		expect(started(await again('n', { staticData: { 'kopoKopoSeen:n': written } }))).toBe(false);
	});

	// Another execution ends, and is stored, while that of the first delivery is cut off by a crash.
	it.each([
		['known after a crash when it was acknowledged', true, true, false],
		['the first after a crash when nobody heard that it was acknowledged', false, true, true],
		['the first after a crash before its execution began', true, false, true],
	])('is %s', async (_what, isHeard, hasBegun, isFirst) => {
		const nodeId = `cut-${isHeard}-${hasBegun}`;
		const first = await again(nodeId, { isAnswered: false });
		if (!isHeard) first.hungUp();
		const execution = hasBegun ? run(nodeId, {}, KEY) : undefined;
		first.answered(200);
		if (hasBegun) expect(await execution).toEqual([KEY]);
		const another = sale().replace('event-1', 'another');
		await deliver(another, signed(another), { nodeId });
		const key = 'buygoods_transaction_received:another';
		const [written] = Object.values(await execute(nodeId, {}, {}, key));
		expect(started(await again(nodeId))).toBe(false);
		const staticData = { [`kopoKopoSeen:new-${nodeId}`]: written };
		expect(started(await again(`new-${nodeId}`, { staticData }))).toBe(isFirst);
	});

	it('is not forgotten when n8n, after a crash, first runs what it had stored', async () => {
		// Such an execution brings the static data of its beginning, from before what was written since.
		const snapshot = { 'kopoKopoSeen:v': '' };
		expect(await run('v', snapshot, 'stored before the crash')).toHaveLength(1);
		expect(stored(snapshot)).toEqual({ 'kopoKopoSeen:v': '' });
		await again('w');
		const [written] = Object.values(await execute('w', {}));
		expect(started(await again('v', { staticData: { 'kopoKopoSeen:v': written } }))).toBe(false);
	});

	it('is kept by n8n, and not in static data, when another process took it', async () => {
		// A worker of queue mode, to which n8n gives no static data, and whose own would replace all there is.
		expect(await execute('worker', {})).toEqual({});
		expect([...kept].filter((key) => key.startsWith('worker '))).toEqual([
			'worker buygoods_transaction_received:event-1',
		]);
	});

	// n8n runs at its start what it had stored and not begun; Kopo Kopo, unanswered, sends it again.
	it.each(['what n8n had stored', 'what was sent again'])(
		'after a crash goes on once, when %s runs first',
		async (first) => {
			const nodeId = `twice-${first}`;
			const staticData: IDataObject = {};
			expect(started(await again(nodeId))).toBe(true);
			const ids = ['17', '42'];
			if (first === 'what was sent again') ids.reverse();
			const [one = '', other = ''] = ids;
			expect(await run(nodeId, staticData, KEY, { executionId: one })).toEqual([KEY]);
			expect(await run(nodeId, {}, KEY, { executionId: other })).toEqual([]);
			stored(staticData);
			expect(await run(nodeId, {}, KEY, { executionId: other })).toEqual([]);
			expect(started(await again(nodeId))).toBe(false);
		},
	);

	it('that n8n had stored when it died is known when it is sent again', async () => {
		expect(await run('stored', {}, KEY, { executionId: '17' })).toEqual([KEY]);
		expect(started(await again('stored'))).toBe(false);
	});

	it('goes on in a retry, which somebody asked for', async () => {
		await again('q');
		await execute('q', {});
		expect(await run('q', {}, KEY, { mode: 'retry' })).toEqual([KEY]);
		expect(await run('q', {}, KEY, { mode: 'manual' })).toEqual([KEY]);
		expect(await run('q', {}, KEY, { options: { ignoreDuplicates: false } })).toEqual([KEY]);
	});

	it('of long ago is forgotten, oldest first, and the memory stays small', async () => {
		const staticData: IDataObject = {};
		const numbered = (index: number) => sale().replace('event-1', `event-${index}`);
		let written: unknown;
		for (let index = 0; index <= 10_000; index++) {
			const body = numbered(index);
			await deliver(body, signed(body), { nodeId: 'k' });
			const key = `buygoods_transaction_received:event-${index}`;
			[written] = Object.values(await execute('k', staticData, {}, key));
		}
		expect(written).toHaveLength(80_000);
		const newest = numbered(10_000);
		expect(started(await deliver(newest, signed(newest), { nodeId: 'k' }))).toBe(false);
		expect(started(await deliver(numbered(0), signed(numbered(0)), { nodeId: 'k' }))).toBe(true);
	});

	it('is not written down when Ignore Duplicates is off', async () => {
		const staticData: IDataObject = {};
		expect(await execute('l', staticData, { ignoreDuplicates: false })).toEqual({});
	});
});

describe('results that are called back', () => {
	const result = (status: string, message?: string) =>
		JSON.stringify({
			data: {
				id: 'link-1',
				type: 'payment_link',
				attributes: {
					status: 'Processed',
					amount: 350,
					payment_link: { status, link: 'https://example.com/l' },
					errors: message === undefined ? null : [message],
				},
			},
		});
	const call = async (body: string, more: Circumstances = {}) =>
		await deliver(body, signed(body), { triggerOn: ['payment_link_result'], ...more });

	it('are events of the catalogue, with the fields that Get would give', async () => {
		const { result: answer } = await call(result('Paid'));
		expect(answer.workflowData?.[0]?.[0]?.json).toMatchObject({
			eventId: 'link-1',
			topic: 'payment_link_result',
			id: 'link-1',
			outcome: 'success',
			isFinal: true,
			amount: 350,
			link: 'https://example.com/l',
		});
	});

	it('start nothing when nobody asked for them', async () => {
		expect(started(await call(result('Paid'), { triggerOn: ['send_money_result'] }))).toBe(false);
	});

	it('are told apart by status and by what was said', async () => {
		const nodeId = 'results';
		expect(started(await call(result('Active', 'No money'), { nodeId }))).toBe(true);
		expect(started(await call(result('Active', 'No money'), { nodeId }))).toBe(false);
		expect(started(await call(result('Active', 'Wrong PIN'), { nodeId }))).toBe(true);
		expect(started(await call(result('Paid'), { nodeId }))).toBe(true);
	});

	it('are understood in the flat form that only one document claims', async () => {
		const body = JSON.stringify({
			event: 'incoming_payment.failed',
			request_id: 'r-1',
			data: {
				id: 'p-1',
				status: 'FAILED',
				amount: 1500,
				failure_reason: 'User Denied Transaction',
			},
		});
		const { result: answer } = await deliver(body, signed(body), {
			triggerOn: ['incoming_payment_result'],
		});
		expect(answer.workflowData?.[0]?.[0]?.json).toMatchObject({
			topic: 'incoming_payment_result',
			outcome: 'failure',
			amount: 1500,
			message: 'User Denied Transaction',
		});
	});
});

describe('filters', () => {
	const saleAt = (till: string, amount: string) =>
		sale().replace('"100.0"', `"${amount}","till_number":"${till}"`);
	const passes = async (body: string, options: IDataObject) =>
		started(await deliver(body, signed(body), { options }));

	it('leave out other tills, with or without their K', async () => {
		const options = { tillFilter: '112233, k445566' };
		expect(await passes(saleAt('112233', '10'), options)).toBe(true);
		expect(await passes(saleAt('K112233', '10'), options)).toBe(true);
		expect(await passes(saleAt('445566', '10'), options)).toBe(true);
		expect(await passes(saleAt('999999', '10'), options)).toBe(false);
		expect(await passes(sale(), options)).toBe(true);
	});

	it('leave out smaller amounts', async () => {
		expect(await passes(saleAt('1', '99.99'), { minimumAmount: 100 })).toBe(false);
		expect(await passes(saleAt('1', '100.0'), { minimumAmount: 100 })).toBe(true);
	});

	it('never leave out what is not recognised', async () => {
		expect(await passes(sale('loan_repaid'), { minimumAmount: 1e9, tillFilter: '1' })).toBe(true);
	});

	it('let headers be added', async () => {
		const headers = signed(sale());
		const { result } = await deliver(sale(), headers, { options: { includeHeaders: true } });
		expect(result.workflowData?.[0]?.[0]?.json.headers).toEqual(headers);
	});
});

describe('the API key', () => {
	const sent = async (headers: Record<string, string>, nodeId: string) => {
		const { status } = await deliver(sale(), headers, {
			nodeId,
			options: { ignoreDuplicates: false },
		});
		return status;
	};

	it('is not even read for what cannot be a signature', async () => {
		const before = reads;
		for (const header of ['', 'abc', `${'0'.repeat(63)}g`, '0'.repeat(65)]) {
			expect(await sent({ 'x-kopokopo-signature': header }, 'key-1')).toBe(401);
		}
		expect(await sent({}, 'key-1')).toBe(401);
		expect(reads).toBe(before);
	});

	it('is read once for a burst of deliveries', async () => {
		const before = reads;
		for (let sale = 0; sale < 5; sale++) await sent(signed('anything else'), 'key-2');
		expect(reads - before).toBeLessThanOrEqual(2);
	});

	it('that was just changed is believed, and the old one soon is not', async () => {
		const start = Date.now();
		const clock = jest.spyOn(Date, 'now').mockReturnValue(start);
		const withOldKey = signed(sale());
		expect(await sent(withOldKey, 'key-3')).toBe(200);
		credential.data.apiKey = 'another key';
		const withNewKey = { 'x-kopokopo-signature': sign(sale(), 'another key') };
		clock.mockReturnValue(start + 2000);
		expect(await sent(withNewKey, 'key-3')).toBe(200);
		expect(await sent(withOldKey, 'key-3')).toBe(401);
		clock.mockRestore();
	});

	it('that was taken away is believed for ten seconds at most', async () => {
		const start = Date.now();
		const clock = jest.spyOn(Date, 'now').mockReturnValue(start);
		const headers = signed(sale());
		expect(await sent(headers, 'key-4')).toBe(200);
		credential.data.apiKey = '';
		clock.mockReturnValue(start + 10_001);
		expect(await sent(headers, 'key-4')).toBe(401);
		clock.mockRestore();
	});
});

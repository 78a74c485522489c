import { randomUUID } from 'node:crypto';
import { remove } from 'fs-extra';
import type { IDataObject, INode, INodeParameters } from 'n8n-workflow';
import { Agent, request } from 'undici';
import type { Delivery } from '../sandbox/deliveries';
import { sign } from '../sandbox/deliveries';
import { type Execution, itemsOf } from '../support/executions';
import { RUN } from '../support/n8nInstallation';
import { type N8n, startN8n } from '../support/n8nProcess';
import { sandboxCredentialData } from '../support/sandboxCredential';
import {
	createTestEnvironment,
	paymentRequests,
	type TestEnvironment,
} from '../support/testEnvironment';
import { waitFor } from '../support/waitFor';
import { chain, FAILURE, KOPO_KOPO, node, START, SUCCESS, TRIGGER } from '../support/workflows';

// Its own n8n, since this one is killed.
const FOLDER = `${RUN}/e2e-waiting`;
const PUBLISHED = { status: 'published', errors: [] };
/** n8n looks for waits that are over once a minute, and the shortest pause is a little more. */
const TIME_IS_UP_WITHIN_MS = 170_000;

let n8n: N8n;
let testEnv: TestEnvironment;
/** Begun first and looked at last, since time-up takes as long as all the others together. */
let ignored: Array<{ run: string; id: string; simplify: boolean }>;

beforeAll(async () => {
	await remove(FOLDER);
	// One at a time: twenty can only sleep side by side when those that sleep take nobody's place.
	n8n = await startN8n({ folder: FOLDER, env: { N8N_CONCURRENCY_PRODUCTION_LIMIT: '1' } });
	testEnv = await createTestEnvironment(n8n.client);
	ignored = await Promise.all(
		[true, false].map(async (simplify) => ({
			...(await pausing({ simplify, waitSeconds: 1 })),
			simplify,
		})),
	);
});

afterAll(async () => {
	await testEnv?.close();
	await n8n?.stop();
});

/** Sums that no two requests share, so that the sandbox's ledger tells whose request is whose. */
let lastAmount = 100;
const ownAmount = () => ++lastAmount;

/** What a request asked the sandbox for, whatever the resource. */
async function asked(amount: number): Promise<{ id: string; callbackUrl: string }> {
	const names = new RegExp(`"(value|amount)":"?${amount}\\b`);
	return await waitFor(`a request for KES ${amount}`, 30_000, async () => {
		const found = testEnv.sandbox.ledger.requests.find(
			({ method, body, resourceId }) =>
				method === 'POST' && resourceId !== null && names.test(JSON.stringify(body)),
		);
		if (!found?.resourceId) return undefined;
		const { _links: links } = found.body as { _links: { callback_url: string } };
		return { id: found.resourceId, callbackUrl: links.callback_url };
	});
}

interface Asking extends INodeParameters {
	simplify?: boolean;
}

/** Runs start -> Kopo Kopo -> next with parameters of its own, until the request is at Kopo Kopo. */
async function asking(parameters: Asking, onError?: INode['onError']) {
	const amount = ownAmount();
	const workflow = await testEnv.savePaymentRequest({
		items: [{ order: amount }],
		parameters: { amount: '={{ $json.order }}', ...parameters },
		...(onError && { onError }),
	});
	const run = await n8n.client.run(workflow, START);
	return { workflow, run, amount, ...(await asked(amount)) };
}

/** The same with Pause, until the execution sleeps. */
async function pausing(parameters: Asking = {}, onError?: INode['onError']) {
	const pause = await asking({ waitForResult: 'pause', ...parameters }, onError);
	await sleeping(pause.run);
	return pause;
}

async function sleeping(run: string): Promise<Execution> {
	const execution = await n8n.client.waitForExecution(run);
	expect(execution.status).toBe('waiting');
	return execution;
}

/** Waits until an execution that slept has ended. */
async function woken(run: string, withinMs = 30_000): Promise<Execution> {
	return await waitFor(`execution ${run} to wake and end`, withinMs, async () => {
		const execution = await n8n.client.readExecution(run);
		return ['waiting', 'running', 'new'].includes(execution.status) ? undefined : execution;
	});
}

/** How often a node has run in an execution. */
const runsOf = ({ data }: Execution, name: string) => data.resultData.runData[name]?.length ?? 0;

/** The result callbacks that went to an address, with the answers they got. */
const callbacksTo = (url: string): Delivery[] =>
	testEnv.sandbox.deliveries.log.filter((delivery) => delivery.url === url);
const answersTo = (url: string) =>
	callbacksTo(url).flatMap(({ attempts }) => attempts.map(({ status }) => status));

const { pay, refuse, fail, transfer, cancel, partly } = {
	pay: (id: string) => testEnv.sandbox.customer.pay(id),
	refuse: (id: string) => testEnv.sandbox.customer.refuse(id),
	fail: (id: string) => testEnv.sandbox.customer.insufficientFunds(id),
	transfer: (id: string) => testEnv.sandbox.bank.transfer(id),
	cancel: (id: string) => testEnv.sandbox.bank.cancel(id),
	partly: (id: string) => testEnv.sandbox.bank.partly(id),
};

const destination = (amount: string) => ({
	phoneNumber: '0712345678',
	amount,
	description: 'Salary',
});
const payout: INodeParameters = {
	resource: 'sendMoney',
	operation: 'toExternalRecipients',
	destinations: { mobileWallet: [destination('={{ $json.order }}')] },
};
const twoPayouts: INodeParameters = {
	...payout,
	destinations: { mobileWallet: [destination('={{ $json.order }}'), destination('10')] },
};

const ENDS: Array<{
	what: string;
	parameters: INodeParameters;
	act: (id: string) => void;
	outcome: string;
	message: unknown;
}> = [
	{ what: 'the customer pays', parameters: {}, act: pay, outcome: 'success', message: null },
	{
		what: 'the customer refuses',
		parameters: {},
		act: refuse,
		outcome: 'failure',
		message: 'Request cancelled by user',
	},
	{
		what: 'the customer has too little',
		parameters: {},
		act: fail,
		outcome: 'failure',
		message: 'The balance is insufficient for the transaction',
	},
	{
		what: 'the bank transfers',
		parameters: payout,
		act: transfer,
		outcome: 'success',
		message: null,
	},
	{
		what: 'the bank cancels',
		parameters: payout,
		act: cancel,
		outcome: 'failure',
		message: expect.stringContaining('insufficient') as unknown,
	},
	{
		what: 'the bank transfers a part',
		parameters: twoPayouts,
		act: partly,
		outcome: 'failure',
		message: expect.stringMatching(/^1 of 2 disbursements were paid/) as unknown,
	},
];

describe('Pause', () => {
	it.each(ENDS)('sleeps until $what, and goes on with that', async (end) => {
		const { run, id, amount, callbackUrl } = await pausing(end.parameters);
		const asleep = await n8n.client.readExecution(run);
		expect(asleep.status).toBe('waiting');
		expect(itemsOf(asleep, START)).toMatchObject([{ json: { order: amount } }]);
		expect(itemsOf(asleep, KOPO_KOPO).map(({ json }) => json)).toEqual([
			expect.objectContaining({ id, outcome: 'pending', isFinal: false }),
		]);
		expect(runsOf(asleep, SUCCESS)).toBe(0);

		end.act(id);
		const execution = await woken(run);
		expect(execution.status).toBe('success');
		expect(itemsOf(execution, START)).toMatchObject([{ json: { order: amount } }]);
		expect(itemsOf(execution, SUCCESS)).toEqual([
			expect.objectContaining({
				json: expect.objectContaining({
					id,
					outcome: end.outcome,
					isFinal: true,
					message: end.message,
				}) as unknown,
				pairedItem: { item: 0 },
			}),
		]);
		expect(runsOf(execution, SUCCESS)).toBe(1);
		await testEnv.sandbox.settled();
		expect(answersTo(callbackUrl)).toEqual([200]);
	});

	it("gives Kopo Kopo's body as it is when Simplify is off", async () => {
		const { run, id } = await pausing({ simplify: false });
		const asleep = await n8n.client.readExecution(run);
		expect(itemsOf(asleep, KOPO_KOPO)[0]?.json).toMatchObject({ id, outcome: 'pending' });
		pay(id);
		const execution = await woken(run);
		expect(itemsOf(execution, SUCCESS).map(({ json }) => json)).toEqual([
			testEnv.sandbox.status(id),
		]);
	});

	it('ends once for a customer who is quicker than n8n falls asleep', async () => {
		testEnv.sandbox.customer.will({ deed: 'pay', times: 1 });
		const { run, id, amount, callbackUrl } = await asking({ waitForResult: 'pause' });
		const execution = await woken(run);
		expect(itemsOf(execution, SUCCESS)[0]?.json).toMatchObject({ id, amount, outcome: 'success' });
		expect(runsOf(execution, SUCCESS)).toBe(1);
		// n8n refuses a callback to an execution that runs or is over; Kopo Kopo repeats it.
		const [callback] = callbacksTo(callbackUrl);
		await waitFor('the callback to be refused', 30_000, () =>
			callback?.attempts.some(({ status }) => status === 409),
		);
		await testEnv.sandbox.deliveries.clear();
		expect((await n8n.client.readExecution(run)).status).toBe('success');
	});

	it('wakes the workflow that called it as a part of its own', async () => {
		const amount = ownAmount();
		const child = await testEnv.savePaymentRequest({
			parameters: { waitForResult: 'pause', amount },
		});
		const { nodes } = await n8n.client.readWorkflow(child);
		await n8n.client.updateWorkflow(child, {
			nodes: nodes.map((own) =>
				own.name === START
					? {
							...own,
							type: 'n8n-nodes-base.executeWorkflowTrigger',
							typeVersion: 1.1,
							parameters: { inputSource: 'passthrough' },
						}
					: own,
			),
		});
		expect(await n8n.client.activate(child)).toEqual(PUBLISHED);
		const call = {
			...node('Call', 'n8n-nodes-base.executeWorkflow', {
				source: 'database',
				workflowId: { __rl: true, mode: 'id', value: child },
			}),
			typeVersion: 1.2,
		};
		const parent = await n8n.client.createWorkflow({
			name: 'Parent',
			nodes: [
				node(START, 'n8n-nodes-base.manualTrigger'),
				call,
				node(SUCCESS, 'n8n-nodes-base.noOp'),
			],
			connections: chain(START, 'Call', SUCCESS),
		});
		const run = await n8n.client.run(parent.id, START);
		const { id } = await asked(amount);
		const [{ id: childRun = '' } = {}] = await n8n.client.listExecutions(child);
		if (!n8n.client.isVersion1) {
			await sleeping(run);
			await sleeping(childRun);
		}
		pay(id);
		const execution = await woken(run);
		expect(itemsOf(execution, SUCCESS)).toMatchObject([{ json: { id, outcome: 'success' } }]);
		// n8n 1 would hand on an empty item of a sub-workflow that slept.
		const { hints } =
			(await n8n.client.readExecution(childRun)).data.resultData.runData[KOPO_KOPO]?.[0] ?? {};
		expect(hints?.map(({ message }) => message) ?? []).toEqual(
			n8n.client.isVersion1 ? [expect.stringMatching(/^Polled instead of paused: this n8n/)] : [],
		);
	});
});

describe('Poll', () => {
	it.each(ENDS.slice(0, 3))('asks until $what', async ({ act, outcome, message }) => {
		const { run, id } = await asking({ waitForResult: 'poll', waitSeconds: 60 });
		act(id);
		const execution = await n8n.client.waitForExecution(run);
		expect(itemsOf(execution, SUCCESS).map(({ json }) => json)).toEqual([
			expect.objectContaining({ id, outcome, isFinal: true, message }),
		]);
	});

	it('goes on with pending, the id and the address when the time is up', async () => {
		const { run, id } = await asking({ waitForResult: 'poll', waitSeconds: 1 });
		const execution = await n8n.client.waitForExecution(run);
		expect(itemsOf(execution, SUCCESS)).toMatchObject([
			{
				json: {
					id,
					outcome: 'pending',
					isFinal: false,
					location: expect.stringContaining(id) as unknown,
				},
			},
		]);
	});

	it('stops at once when the user stops the execution', async () => {
		const { run, id } = await asking({ waitForResult: 'poll', waitSeconds: 3600 });
		await waitFor('a first look', 10_000, () => looksAt(id) > 0);
		await n8n.client.stopExecution(run);
		expect((await n8n.client.waitForExecution(run)).status).toBe('canceled');
		const looks = looksAt(id);
		pay(id);
		// Longer than two of the first pauses.
		await waitFor('four seconds to pass', 10_000, after(4000));
		expect(looksAt(id)).toBe(looks);
	});
});

/** How often the status of a request was asked for. */
const looksAt = (id: string) =>
	testEnv.sandbox.ledger.requests.filter(
		({ method, path }) => method === 'GET' && path.endsWith(`/${id}`),
	).length;

function after(ms: number): () => boolean {
	const end = Date.now() + ms;
	return () => Date.now() >= end;
}

// One connection for each that is under way, as a crowd of senders would have.
const AT_ONCE = 20;
const dispatcher = new Agent({ connections: AT_ONCE, headersTimeout: 60_000 });

afterAll(async () => await dispatcher.destroy());

interface Letter {
	url: string;
	body: string;
	signature?: string;
	type?: string;
	method?: 'POST' | 'GET' | 'PUT';
}

async function post({ url, body, signature, type, method = 'POST' }: Letter): Promise<number> {
	const response = await request(url, {
		method,
		dispatcher,
		headers: {
			'content-type': type ?? 'application/json',
			...(signature !== undefined && { 'x-kopokopo-signature': signature }),
		},
		...(method !== 'GET' && { body }),
	});
	await response.body.dump();
	return response.statusCode;
}

describe('a callback that is not what is waited for', () => {
	const FORGERIES = 1000;
	/** Few, since each of them is megabytes. */
	const LARGE_EVERY = 250;

	/** The ways to write to a sleeping execution without being Kopo Kopo, each with the answer it gets. */
	function forgeries(url: string, genuine: string, foreign: string) {
		const { apiKey } = testEnv.sandbox;
		const good = sign(genuine, apiKey);
		const without = new URL(url);
		without.search = '';
		const otherToken = new URL(url);
		otherToken.searchParams.set('signature', randomUUID().replaceAll('-', ''));
		const spaced = JSON.stringify(JSON.parse(genuine) as unknown, null, 1);
		const cut = genuine.slice(0, -20);
		const known: Array<Omit<Letter, 'url'> & { url?: string; what: string; gets: number }> = [
			{ what: 'without a signature', body: genuine, gets: 401 },
			{ what: 'an empty signature', body: genuine, signature: '', gets: 401 },
			{ what: 'a wrong key', body: genuine, signature: sign(genuine, 'another'), gets: 401 },
			{ what: 'a short signature', body: genuine, signature: good.slice(0, -2), gets: 401 },
			{ what: 'written anew', body: spaced, signature: good, gets: 401 },
			{ what: 'more money', body: genuine.replace('.0"', '9.0"'), signature: good, gets: 401 },
			{ what: 'no body', body: '', signature: good, gets: 401 },
			// n8n reads JSON itself, before the node is asked.
			{ what: 'cut short', body: cut, signature: good, gets: 422 },
			{ what: 'cut short and signed', body: cut, signature: sign(cut, apiKey), gets: 422 },
			{ what: 'no JSON', body: 'PAID', signature: good, type: 'text/plain', gets: 401 },
			{
				what: 'no JSON and signed',
				body: 'PAID',
				signature: sign('PAID', apiKey),
				type: 'text/plain',
				gets: 200,
			},
			{ what: 'another payment', body: foreign, signature: sign(foreign, apiKey), gets: 200 },
			// n8n 1 has no token.
			...(without.href === url
				? []
				: [
						{ what: 'no token', url: without.href, body: genuine, signature: good, gets: 401 },
						{
							what: 'a wrong token',
							url: otherToken.href,
							body: genuine,
							signature: good,
							gets: 401,
						},
					]),
			{ what: 'another method', body: genuine, signature: good, method: 'PUT', gets: 404 },
			{ what: 'a visit', body: '', method: 'GET', gets: 404 },
		];
		const megabytes = (count: number) => `{"data":"${'x'.repeat(count * 1_000_000)}"}`;
		const large = [
			{ what: 'five megabytes', body: megabytes(5), signature: 'f'.repeat(64), gets: 401 },
			// More than n8n takes; it answers for itself.
			{ what: 'seventeen megabytes', body: megabytes(17), signature: good, gets: 500 },
		];
		return { known, large };
	}

	it('wakes nothing, a thousand times; then the true one wakes it, once and for all', async () => {
		const long = { waitSeconds: 3600 };
		const [{ run, id, callbackUrl, amount }, other] = await Promise.all([
			pausing(long),
			pausing(long),
		]);
		// What Kopo Kopo will send once it is paid, but nobody has paid.
		const genuine = JSON.stringify({
			data: {
				id,
				type: 'incoming_payment',
				attributes: {
					status: 'Success',
					event: {
						type: 'Incoming Payment Request',
						resource: { amount: '100.0', status: 'Received', reference: 'FORGED0001' },
						errors: null,
					},
				},
			},
		});
		const foreign = genuine.replace(id, other.id);
		const { known, large } = forgeries(callbackUrl, genuine, foreign);
		const answers = new Map<string, Set<number>>();
		const send = async (index: number) => {
			const kinds = index % LARGE_EVERY === 0 ? large : known;
			const turn = index % LARGE_EVERY === 0 ? index / LARGE_EVERY : index;
			const forgery = kinds[turn % kinds.length];
			if (forgery === undefined) return;
			const status = await post({ url: callbackUrl, ...forgery });
			const key = `${forgery.what}: ${forgery.gets}`;
			answers.set(key, (answers.get(key) ?? new Set<number>()).add(status));
		};
		for (let sent = 0; sent < FORGERIES; sent += AT_ONCE) {
			await Promise.all(
				Array.from({ length: AT_ONCE }, async (_, index) => await send(sent + index)),
			);
		}
		expect(answers.size).toBe(known.length + large.length);
		for (const [what, statuses] of answers) {
			expect(`${what.split(': ')[0]}: ${[...statuses].join()}`).toBe(what);
		}
		const untouched = await sleeping(run);
		expect(runsOf(untouched, KOPO_KOPO)).toBe(1);
		expect(runsOf(untouched, SUCCESS)).toBe(0);

		// Signed with the right key, for the right payment; but Kopo Kopo's own status says otherwise.
		expect(
			await post({
				url: callbackUrl,
				body: genuine,
				signature: sign(genuine, testEnv.sandbox.apiKey),
			}),
		).toBe(200);
		await sleeping(run);

		pay(id);
		const execution = await woken(run);
		expect(itemsOf(execution, SUCCESS)).toMatchObject([
			{ json: { id, amount, outcome: 'success' } },
		]);
		expect(JSON.stringify(execution.data)).not.toContain('FORGED');
		await testEnv.sandbox.settled();
		expect(answersTo(callbackUrl)).toEqual([200]);

		const [{ body, headers, url } = { body: '', headers: {}, url: '' }] = callbacksTo(callbackUrl);
		const signature = (headers as Record<string, string>)['X-KopoKopo-Signature'] ?? '';
		for (let copy = 0; copy < 5; copy++) {
			expect(await post({ url, body, signature })).toBe(409);
		}
		const later = await n8n.client.readExecution(run);
		expect(later.data).toEqual(execution.data);
		expect(await n8n.client.listExecutions(execution.workflowId)).toHaveLength(1);
		await sleeping(other.run);
		await n8n.client.stopExecution(other.run);
	});

	it('is asked for again while the status cannot be read, and then wakes it', async () => {
		const { run, id, callbackUrl } = await pausing();
		// As often as the node asks.
		const front = testEnv.sandbox.weather.add({
			kind: 'serverError',
			status: 503,
			method: 'GET',
			path: `*/${id}`,
			next: 4,
		});
		pay(id);
		await waitFor(
			'the first answer',
			30_000,
			async () =>
				await Promise.resolve(
					answersTo(callbackUrl).some((status) => status !== null) || undefined,
				),
		);
		expect(answersTo(callbackUrl)[0]).toBe(503);
		await sleeping(run);
		const execution = await woken(run);
		await testEnv.sandbox.settled();
		testEnv.sandbox.weather.clear(front);
		expect(itemsOf(execution, SUCCESS)).toMatchObject([{ json: { id, outcome: 'success' } }]);
		expect(answersTo(callbackUrl)).toEqual([503, 200]);
	});

	it('of an earlier round of a loop is let be: ten rows, ten payments, ten results in order', async () => {
		const ROWS = 10;
		const amounts = Array.from({ length: ROWS }, ownAmount);
		const loop = {
			...node('Loop Over Items', 'n8n-nodes-base.splitInBatches', { options: {} }),
			typeVersion: 3,
		};
		const saved = await testEnv.savePaymentRequest({
			items: amounts.map((order) => ({ order })),
			parameters: { waitForResult: 'pause', amount: '={{ $json.order }}' },
		});
		const { nodes } = await n8n.client.readWorkflow(saved);
		const link = (name: string) => ({ node: name, type: 'main' as const, index: 0 });
		await n8n.client.updateWorkflow(saved, {
			nodes: [...nodes, loop],
			connections: {
				[START]: { main: [[link(loop.name)]] },
				[loop.name]: { main: [[link(SUCCESS)], [link(KOPO_KOPO)]] },
				[KOPO_KOPO]: { main: [[link(loop.name)]] },
			},
		});
		const run = await n8n.client.run(saved, START);
		const ids: string[] = [];
		const addresses = new Set<string>();
		for (const amount of amounts) {
			const { id, callbackUrl } = await asked(amount);
			await waitFor(`round ${ids.length + 1} to sleep`, 30_000, async () => {
				const { status, data } = await n8n.client.readExecution(run);
				return (
					(status === 'waiting' && data.resultData.runData[KOPO_KOPO]?.length === ids.length + 1) ||
					undefined
				);
			});
			const [late] = callbacksTo(callbackUrl).slice(-1);
			if (late) {
				const { url, body, headers } = late;
				const signature = headers['X-KopoKopo-Signature'] ?? '';
				expect(await post({ url, body, signature })).toBe(200);
				await sleeping(run);
			}
			ids.push(id);
			addresses.add(callbackUrl);
			pay(id);
		}
		const execution = await woken(run);
		expect(execution.status).toBe('success');
		expect(addresses.size).toBe(1);
		expect(new Set(ids).size).toBe(ROWS);
		expect(
			itemsOf(execution, SUCCESS).map(({ json }) => [json.id, json.amount, json.outcome]),
		).toEqual(ids.map((id, index) => [id, amounts[index], 'success']));
		const asks = paymentRequests(testEnv.sandbox).filter(({ resourceId }) =>
			ids.includes(String(resourceId)),
		);
		expect(asks).toHaveLength(ROWS);
	});
});

describe('what a pause cannot do', () => {
	const refused = async (items: IDataObject[], apiKey: string, onError?: INode['onError']) => {
		const credential = await n8n.client.createCredential(`Key ${apiKey}`, 'kopoKopoApi', {
			...sandboxCredentialData(testEnv.sandbox),
			apiKey,
		});
		const before = paymentRequests(testEnv.sandbox).length;
		const workflow = await testEnv.savePaymentRequest({
			items,
			parameters: { waitForResult: 'pause' },
			credential,
			...(onError && { onError }),
		});
		const execution = await n8n.client.waitForExecution(await n8n.client.run(workflow, START));
		expect(paymentRequests(testEnv.sandbox)).toHaveLength(before);
		expect(runsOf(execution, SUCCESS)).toBe(0);
		return execution;
	};

	it('is to wait for several items: it says so, names Loop Over Items, and sends nothing', async () => {
		const execution = await refused([{}, {}], testEnv.sandbox.apiKey);
		expect(execution.status).toBe('error');
		const { error } = execution.data.resultData;
		expect(error?.message).toMatch(/one item at a time/);
		expect((error as { description?: string } | undefined)?.description).toMatch(/Loop Over Items/);
	});

	it('goes to the error branch, item by item, where there is one', async () => {
		const execution = await refused([{}, {}], testEnv.sandbox.apiKey, 'continueErrorOutput');
		expect(execution.status).toBe('success');
		expect(itemsOf(execution, FAILURE).map(({ json }) => json.error)).toEqual(
			Array.from({ length: 2 }, () => expect.stringMatching(/one item at a time/) as unknown),
		);
	});

	it('is to check a callback without an API key', async () => {
		const execution = await refused([{}], '');
		expect(execution.data.resultData.error?.message).toMatch(/'API Key'/);
	});
});

it('starts the trigger whose address is the Callback URL', async () => {
	const receiving = await testEnv.saveTrigger({
		events: ['incoming_payment_result'],
		registration: 'manual',
	});
	expect(await n8n.client.activate(receiving)).toEqual(PUBLISHED);
	const { nodes } = await n8n.client.readWorkflow(receiving);
	const { webhookId = '' } = nodes.find(({ name }) => name === TRIGGER) ?? {};
	const callbackUrl = `${n8n.url}/webhook/${webhookId}/kopo-kopo`;
	const { id, amount } = await asking({ waitForResult: 'no', callbackUrl });
	refuse(id);
	const [execution] = await n8n.client.waitForExecutions(receiving, 1);
	expect(execution && itemsOf(execution, SUCCESS).map(({ json }) => json)).toEqual([
		expect.objectContaining({
			topic: 'incoming_payment_result',
			eventId: id,
			id,
			outcome: 'failure',
			message: 'Request cancelled by user',
		}),
	]);
	expect(answersTo(callbackUrl)).toEqual([200]);
	expect(amount).toBeGreaterThan(0);
	await n8n.client.deactivate(receiving);
});

it('wakes all twenty that slept when n8n was killed, each once', async () => {
	const SLEEPERS = 20;
	const path = randomUUID();
	const saved = await testEnv.savePaymentRequest({
		parameters: { waitForResult: 'pause', waitSeconds: 3600, amount: '={{ $json.body.order }}' },
	});
	const { nodes } = await n8n.client.readWorkflow(saved);
	await n8n.client.updateWorkflow(saved, {
		nodes: nodes.map((own) =>
			own.name === START
				? {
						...own,
						type: 'n8n-nodes-base.webhook',
						typeVersion: 2.1,
						webhookId: path,
						parameters: { httpMethod: 'POST', path, responseMode: 'onReceived' },
					}
				: own,
		),
	});
	expect(await n8n.client.activate(saved)).toEqual(PUBLISHED);

	const amounts = Array.from({ length: SLEEPERS }, ownAmount);
	await Promise.all(
		amounts.map(async (order) =>
			expect(
				await post({ url: `${n8n.url}/webhook/${path}`, body: JSON.stringify({ order }) }),
			).toBe(200),
		),
	);
	const payments = await Promise.all(amounts.map(asked));
	const asleep = await n8n.client.waitForExecutions(saved, SLEEPERS);
	expect(asleep.map(({ status }) => status)).toEqual(amounts.map(() => 'waiting'));

	await n8n.kill();
	await n8n.start();
	for (const { id } of payments) pay(id);

	const executions = await Promise.all(asleep.map(async ({ id }) => await woken(id, 60_000)));
	await testEnv.sandbox.settled();
	expect(executions.map(({ status }) => status)).toEqual(amounts.map(() => 'success'));
	expect(executions.map((execution) => runsOf(execution, SUCCESS))).toEqual(amounts.map(() => 1));
	const paid = executions.map((execution) => itemsOf(execution, SUCCESS)[0]?.json);
	expect(paid.map((json) => json?.outcome)).toEqual(amounts.map(() => 'success'));
	expect(paid.map((json) => Number(json?.amount)).sort((one, next) => one - next)).toEqual(amounts);
	expect(await n8n.client.listExecutions(saved)).toHaveLength(SLEEPERS);
	await n8n.client.deactivate(saved);
});

it('goes on with pending, the id and the address when nobody answers in time', async () => {
	const executions = await Promise.all(
		ignored.map(async ({ run, id, simplify }) => ({
			run,
			id,
			simplify,
			execution: await woken(run, TIME_IS_UP_WITHIN_MS),
		})),
	);
	for (const { execution, id } of executions) {
		expect(execution.status).toBe('success');
		expect(itemsOf(execution, SUCCESS)).toEqual([
			expect.objectContaining({
				json: expect.objectContaining({
					id,
					outcome: 'pending',
					isFinal: false,
					location: expect.stringContaining(id) as unknown,
				}) as unknown,
				pairedItem: { item: 0 },
			}),
		]);
		expect(itemsOf(execution, START)[0]?.json).toEqual({ order: expect.any(Number) as unknown });
		pay(id);
	}
	await Promise.all(
		executions.map(async ({ id, run, execution }) => {
			await waitFor('the late callback to be refused', 30_000, async () => {
				const late = testEnv.sandbox.deliveries.log.find(({ resourceId }) => resourceId === id);
				return await Promise.resolve(
					late?.attempts.some(({ status }) => status === 409) || undefined,
				);
			});
			expect((await n8n.client.readExecution(run)).data).toEqual(execution.data);
		}),
	);
	await testEnv.sandbox.deliveries.clear();
});

import { randomUUID } from 'node:crypto';
import { remove } from 'fs-extra';
import type { INodeParameters } from 'n8n-workflow';
import type { Delivery } from '../sandbox/deliveries';
import { sign } from '../sandbox/deliveries';
import { type Execution, itemsOf, jsonOf, runsOf } from '../support/executions';
import { RUN } from '../support/n8nInstallation';
import { type N8n, startN8n } from '../support/n8nProcess';
import {
	createTestEnvironment,
	paymentRequests,
	type TestEnvironment,
} from '../support/testEnvironment';
import { waitFor } from '../support/waitFor';
import {
	chain,
	connectTo,
	KOPO_KOPO,
	node,
	PUBLISHED,
	START,
	SUCCESS,
	TRIGGER,
	updateNode,
} from '../support/workflows';
import {
	closeConnections,
	expectedStatuses,
	send,
	sendForgeries,
	type Forgery,
} from './forgedRequests';

// Its own n8n, because this one is killed.
const FOLDER = `${RUN}/e2e-waiting`;
/** n8n checks once a minute which pauses have ended, and the shortest pause takes a little more. */
const PAUSE_TIMEOUT_MS = 170_000;

let n8n: N8n;
let testEnv: TestEnvironment;
/** Requests without a callback. Started first and checked late, because their pauses last longer than the other tests. */
let unanswered: Array<{ run: string; id: string; simplify: boolean }>;

beforeAll(async () => {
	await remove(FOLDER);
	// With this limit, twenty executions can only be paused at once if paused ones do not count.
	n8n = await startN8n({ folder: FOLDER, env: { N8N_CONCURRENCY_PRODUCTION_LIMIT: '1' } });
	testEnv = await createTestEnvironment(n8n.client);
	unanswered = await Promise.all(
		[true, false].map(async (simplify) => ({
			...(await requestAndPause({ simplify, waitUpTo: 1 })),
			simplify,
		})),
	);
});

afterAll(async () => {
	await closeConnections();
	await testEnv?.close();
	await n8n?.stop();
});

/** Gives each request a different amount, by which it is found in the sandbox's ledger. */
let lastAmount = 100;
const nextAmount = () => ++lastAmount;

/** Waits until the request for this amount has reached the sandbox. */
async function requestFor(amount: number): Promise<{ id: string; callbackUrl: string }> {
	const pattern = new RegExp(`"(value|amount)":"?${amount}\\b`);
	return await waitFor(`a request for KES ${amount}`, 30_000, async () => {
		const found = testEnv.sandbox.ledger.requests.find(
			({ method, body, resourceId }) =>
				method === 'POST' && resourceId !== null && pattern.test(JSON.stringify(body)),
		);
		if (!found?.resourceId) return undefined;
		const { _links: links } = found.body as { _links: { callback_url: string } };
		return { id: found.resourceId, callbackUrl: links.callback_url };
	});
}

/** Runs a request with these parameters until it has reached the sandbox. */
async function request(parameters: INodeParameters) {
	const amount = nextAmount();
	const workflow = await testEnv.savePaymentRequest({
		items: [{ order: amount }],
		parameters: { amount: '={{ $json.order }}', ...parameters },
	});
	const run = await n8n.client.run(workflow, START);
	return { run, amount, ...(await requestFor(amount)) };
}

/** Runs a request until its execution is paused. */
async function requestAndPause(parameters: INodeParameters = {}) {
	const paused = await request({ waitForResult: 'pauseUntilNotified', ...parameters });
	await expectPaused(paused.run);
	return paused;
}

async function expectPaused(run: string): Promise<Execution> {
	const execution = await n8n.client.waitForExecution(run);
	expect(execution.status).toBe('waiting');
	return execution;
}

/** The result callbacks that were sent to a URL, and the statuses that they were answered with. */
const callbacksTo = (url: string): Delivery[] =>
	testEnv.sandbox.deliveries.log.filter((delivery) => delivery.url === url);
const statusesOf = (url: string) =>
	callbacksTo(url).flatMap(({ attempts }) => attempts.map(({ status }) => status));

const { pay, refuse, partly } = {
	pay: (id: string) => testEnv.sandbox.customer.pay(id),
	refuse: (id: string) => testEnv.sandbox.customer.refuse(id),
	partly: (id: string) => testEnv.sandbox.bank.transferPartially(id),
};

const destination = (amount: string) => ({
	phoneNumber: '0712345678',
	amount,
	description: 'Salary',
});
const twoPayouts: INodeParameters = {
	resource: 'sendMoney',
	operation: 'toPeopleOrBusinesses',
	destinations: { mpesaNumber: [destination('={{ $json.order }}'), destination('10')] },
};

const RESULTS: Array<{
	what: string;
	parameters: INodeParameters;
	act: (id: string) => void;
	outcome: string;
	message: unknown;
}> = [
	{
		what: 'the customer pays',
		parameters: {},
		act: pay,
		outcome: 'success',
		message: expect.stringMatching(/^Paid KES /) as unknown,
	},
	{
		what: 'the customer declines',
		parameters: {},
		act: refuse,
		outcome: 'failure',
		message: 'Not paid: cancelled by the customer',
	},
	{
		what: 'the bank pays only one of two recipients',
		parameters: twoPayouts,
		act: partly,
		outcome: 'partial',
		message: expect.stringMatching(/^Paid KES .*1 of 2 transfers\. Not paid: /) as unknown,
	},
];

describe('Pause', () => {
	it.each(RESULTS)('resumes with the result when $what', async (end) => {
		const { run, id, amount, callbackUrl } = await requestAndPause(end.parameters);
		const paused = await n8n.client.readExecution(run);
		expect(paused.status).toBe('waiting');
		expect(itemsOf(paused, START)).toMatchObject([{ json: { order: amount } }]);
		expect(jsonOf(paused, KOPO_KOPO)).toEqual([
			expect.objectContaining({ id, outcome: 'pending' }),
		]);
		expect(runsOf(paused, SUCCESS)).toBe(0);

		end.act(id);
		const execution = await n8n.client.waitUntilEnded(run);
		expect(execution.status).toBe('success');
		expect(itemsOf(execution, START)).toMatchObject([{ json: { order: amount } }]);
		expect(itemsOf(execution, SUCCESS)).toEqual([
			expect.objectContaining({
				json: expect.objectContaining({
					id,
					outcome: end.outcome,
					message: end.message,
				}) as unknown,
				pairedItem: { item: 0 },
			}),
		]);
		expect(runsOf(execution, SUCCESS)).toBe(1);
		await testEnv.sandbox.untilIdle();
		expect(statusesOf(callbackUrl)).toEqual([200]);
	});

	it("outputs Kopo Kopo's response body when Simplify is off", async () => {
		const { run, id } = await requestAndPause({ simplify: false });
		const paused = await n8n.client.readExecution(run);
		expect(itemsOf(paused, KOPO_KOPO)[0]?.json).toMatchObject({ id, outcome: 'pending' });
		pay(id);
		const execution = await n8n.client.waitUntilEnded(run);
		expect(jsonOf(execution, SUCCESS)).toEqual([testEnv.sandbox.status(id)]);
	});

	it('ends once when the callback arrives before the execution is paused', async () => {
		testEnv.sandbox.customer.addBehaviour({ action: 'pay', times: 1 });
		const { run, id, amount, callbackUrl } = await request({ waitForResult: 'pauseUntilNotified' });
		const execution = await n8n.client.waitUntilEnded(run);
		expect(itemsOf(execution, SUCCESS)[0]?.json).toMatchObject({ id, amount, outcome: 'success' });
		expect(runsOf(execution, SUCCESS)).toBe(1);
		// n8n rejects callbacks to executions that are running or have ended; Kopo Kopo retries them.
		const [callback] = callbacksTo(callbackUrl);
		await waitFor('the callback to be rejected', 30_000, () =>
			callback?.attempts.some(({ status }) => status === 409),
		);
		await testEnv.sandbox.deliveries.clear();
		expect((await n8n.client.readExecution(run)).status).toBe('success');
	});

	it('returns every result to a workflow that runs a sub-workflow for each item', async () => {
		const amounts = [nextAmount(), nextAmount()];
		const child = await testEnv.savePaymentRequest({
			parameters: { waitForResult: 'pauseUntilNotified', amount: '={{ $json.order }}' },
		});
		await updateNode(n8n.client, child, START, (start) => ({
			...start,
			type: 'n8n-nodes-base.executeWorkflowTrigger',
			typeVersion: 1.1,
			parameters: { inputSource: 'passthrough' },
		}));
		expect(await n8n.client.activate(child)).toEqual(PUBLISHED);
		const call = {
			...node('Call', 'n8n-nodes-base.executeWorkflow', {
				source: 'database',
				workflowId: { __rl: true, mode: 'id', value: child },
				mode: 'each',
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
			pinData: { [START]: amounts.map((order) => ({ json: { order } })) },
		});
		const run = await n8n.client.run(parent.id, START);
		const ids: string[] = [];
		// n8n runs the sub-workflow for one item after the other.
		for (const amount of amounts) {
			const { id } = await requestFor(amount);
			pay(id);
			ids.push(id);
		}
		const execution = await n8n.client.waitUntilEnded(run);
		expect(itemsOf(execution, SUCCESS)).toMatchObject(
			ids.map((id) => ({ json: { id, outcome: 'success' } })),
		);
		const [{ id: childRun = '' } = {}] = await n8n.client.listExecutions(child);
		const { hints } =
			(await n8n.client.readExecution(childRun)).data.resultData.runData[KOPO_KOPO]?.[0] ?? {};
		expect(hints?.map(({ message }) => message)).toEqual([
			expect.stringMatching(/^Kept checking instead of pausing: .*sub-workflow/),
		]);
	});
});

describe('Keep Checking', () => {
	it('outputs the result when the customer pays', async () => {
		const { run, id } = await request({ waitForResult: 'keepChecking', waitUpTo: 60 });
		pay(id);
		const execution = await n8n.client.waitForExecution(run);
		expect(jsonOf(execution, SUCCESS)).toEqual([
			expect.objectContaining({
				id,
				outcome: 'success',
				message: expect.stringMatching(/^Paid KES /) as unknown,
			}),
		]);
	});

	it('stops polling when the user stops the execution', async () => {
		const stopped = await request({ waitForResult: 'keepChecking', waitUpTo: 3600 });
		await waitFor('the first poll', 10_000, () => pollsOf(stopped.id) > 0);
		await n8n.client.stopExecution(stopped.run);
		expect((await n8n.client.waitForExecution(stopped.run)).status).toBe('canceled');
		const polls = pollsOf(stopped.id);
		pay(stopped.id);

		// The pauses between polls grow. An execution that starts later and polls once more must have waited
		// longer than the stopped one would have.
		const other = await request({ waitForResult: 'keepChecking', waitUpTo: 3600 });
		await waitFor('more polls of another request', 60_000, () => pollsOf(other.id) > polls + 1);
		expect(pollsOf(stopped.id)).toBe(polls);
		pay(other.id);
		expect((await n8n.client.waitForExecution(other.run)).status).toBe('success');
	});
});

/** How often the status of a request was polled. */
const pollsOf = (id: string) =>
	testEnv.sandbox.ledger.requests.filter(
		({ method, path }) => method === 'GET' && path.endsWith(`/${id}`),
	).length;

describe('callbacks to a paused execution', () => {
	const FORGERIES = 1000;
	/** Of this many forgeries, one has a large body. */
	const LARGE_EVERY = 250;

	/** Calls of a paused execution that Kopo Kopo would not make. */
	function forgeries(url: string, genuine: string, foreign: string) {
		const { apiKey } = testEnv.sandbox;
		const signature = sign(genuine, apiKey);
		const withoutToken = new URL(url);
		withoutToken.search = '';
		const wrongToken = new URL(url);
		wrongToken.searchParams.set('signature', randomUUID().replaceAll('-', ''));
		const reformatted = JSON.stringify(JSON.parse(genuine) as unknown, null, 1);
		const truncated = genuine.slice(0, -20);
		const otherAmount = genuine.replace('.0"', '9.0"');
		const rejected = { url, body: genuine, expectedStatus: 401 };
		// n8n parses JSON itself, before it calls the node.
		const unreadable = { url, body: truncated, expectedStatus: 422 };
		const noJson = { url, body: 'PAID', contentType: 'text/plain' };
		const known: Forgery[] = [
			{ ...rejected, description: 'no signature' },
			{ ...rejected, description: 'an empty signature', signature: '' },
			{ ...rejected, description: 'a wrong key', signature: sign(genuine, 'another') },
			{ ...rejected, description: 'a short signature', signature: signature.slice(0, -2) },
			{ ...rejected, description: 'a reformatted body', body: reformatted, signature },
			{ ...rejected, description: 'another amount', body: otherAmount, signature },
			{ ...rejected, description: 'no body', body: '', signature },
			{ ...unreadable, description: 'a truncated body', signature },
			{
				...unreadable,
				description: 'a truncated body with its signature',
				signature: sign(truncated, apiKey),
			},
			{ ...noJson, description: 'no JSON', signature, expectedStatus: 401 },
			{
				...noJson,
				description: 'no JSON with its signature',
				signature: sign('PAID', apiKey),
				expectedStatus: 200,
			},
			{
				description: "another payment's callback",
				url,
				body: foreign,
				signature: sign(foreign, apiKey),
				expectedStatus: 200,
			},
			// The resume URLs of n8n 1 have no token.
			...(withoutToken.href === url
				? []
				: [
						{ ...rejected, description: 'no token', url: withoutToken.href, signature },
						{ ...rejected, description: 'a wrong token', url: wrongToken.href, signature },
					]),
			{
				description: 'another method',
				url,
				body: genuine,
				signature,
				method: 'PUT',
				expectedStatus: 404,
			},
			{ description: 'a GET request', url, body: '', method: 'GET', expectedStatus: 404 },
		];
		const megabytes = (count: number) => `{"data":"${'x'.repeat(count * 1_000_000)}"}`;
		const large: Forgery[] = [
			{
				...rejected,
				description: 'five megabytes',
				body: megabytes(5),
				signature: 'f'.repeat(64),
			},
			// More than n8n accepts. The response is n8n's own.
			{
				description: 'seventeen megabytes',
				url,
				body: megabytes(17),
				signature,
				expectedStatus: 500,
			},
		];
		return { known, large };
	}

	it('do not resume it if forged; the first genuine one does, and later copies have no effect', async () => {
		const long = { waitUpTo: 3600 };
		const [{ run, id, callbackUrl, amount }, other] = await Promise.all([
			requestAndPause(long),
			requestAndPause(long),
		]);
		// What Kopo Kopo sends when the payment was made, but it was not made.
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
		const forgeryAt = (index: number) => {
			const isLarge = index % LARGE_EVERY === 0;
			const kinds = isLarge ? large : known;
			return kinds[(isLarge ? index / LARGE_EVERY : index) % kinds.length] as Forgery;
		};
		const statuses = await sendForgeries(FORGERIES, forgeryAt);
		expect(statuses).toEqual(expectedStatuses([...known, ...large]));
		const untouched = await expectPaused(run);
		expect(runsOf(untouched, KOPO_KOPO)).toBe(1);
		expect(runsOf(untouched, SUCCESS)).toBe(0);

		// Correctly signed and for the right payment, but the payment's status is still pending.
		expect(
			await send({
				url: callbackUrl,
				body: genuine,
				signature: sign(genuine, testEnv.sandbox.apiKey),
			}),
		).toBe(200);
		await expectPaused(run);

		pay(id);
		const execution = await n8n.client.waitUntilEnded(run);
		expect(itemsOf(execution, SUCCESS)).toMatchObject([
			{ json: { id, amount, outcome: 'success' } },
		]);
		expect(JSON.stringify(execution.data)).not.toContain('FORGED');
		await testEnv.sandbox.untilIdle();
		expect(statusesOf(callbackUrl)).toEqual([200]);

		const [{ body, headers, url } = { body: '', headers: {}, url: '' }] = callbacksTo(callbackUrl);
		const signature = (headers as Record<string, string>)['X-KopoKopo-Signature'] ?? '';
		for (let copy = 0; copy < 5; copy++) {
			expect(await send({ url, body, signature })).toBe(409);
		}
		const later = await n8n.client.readExecution(run);
		expect(later.data).toEqual(execution.data);
		expect(await n8n.client.listExecutions(execution.workflowId)).toHaveLength(1);
		await expectPaused(other.run);
		await n8n.client.stopExecution(other.run);
	});

	it('are answered with 503 while the status cannot be read; a retry resumes it', async () => {
		const { run, id, callbackUrl } = await requestAndPause();
		// As often as the node requests the status for one callback.
		const rule = testEnv.sandbox.faults.add({
			kind: 'serverError',
			status: 503,
			method: 'GET',
			path: `*/${id}`,
			next: 4,
		});
		pay(id);
		await waitFor(
			'the first response',
			30_000,
			async () =>
				await Promise.resolve(
					statusesOf(callbackUrl).some((status) => status !== null) || undefined,
				),
		);
		expect(statusesOf(callbackUrl)[0]).toBe(503);
		await expectPaused(run);
		const execution = await n8n.client.waitUntilEnded(run);
		await testEnv.sandbox.untilIdle();
		testEnv.sandbox.faults.clear(rule);
		expect(itemsOf(execution, SUCCESS)).toMatchObject([{ json: { id, outcome: 'success' } }]);
		expect(statusesOf(callbackUrl)).toEqual([503, 200]);
	});

	it('do not resume a later run of a loop; ten items give ten results in order', async () => {
		const ROWS = 10;
		const amounts = Array.from({ length: ROWS }, nextAmount);
		const loop = {
			...node('Loop Over Items', 'n8n-nodes-base.splitInBatches', { options: {} }),
			typeVersion: 3,
		};
		const saved = await testEnv.savePaymentRequest({
			items: amounts.map((order) => ({ order })),
			parameters: { waitForResult: 'pauseUntilNotified', amount: '={{ $json.order }}' },
		});
		const { nodes } = await n8n.client.readWorkflow(saved);
		await n8n.client.updateWorkflow(saved, {
			nodes: [...nodes, loop],
			connections: {
				[START]: { main: [[connectTo(loop.name)]] },
				[loop.name]: { main: [[connectTo(SUCCESS)], [connectTo(KOPO_KOPO)]] },
				[KOPO_KOPO]: { main: [[connectTo(loop.name)]] },
			},
		});
		const run = await n8n.client.run(saved, START);
		const ids: string[] = [];
		const callbackUrls = new Set<string>();
		for (const amount of amounts) {
			const { id, callbackUrl } = await requestFor(amount);
			await waitFor(`run ${ids.length + 1} to pause`, 30_000, async () => {
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
				expect(await send({ url, body, signature })).toBe(200);
				await expectPaused(run);
			}
			ids.push(id);
			callbackUrls.add(callbackUrl);
			pay(id);
		}
		const execution = await n8n.client.waitUntilEnded(run);
		expect(execution.status).toBe('success');
		expect(callbackUrls.size).toBe(1);
		expect(new Set(ids).size).toBe(ROWS);
		expect(
			itemsOf(execution, SUCCESS).map(({ json }) => [json.id, json.amount, json.outcome]),
		).toEqual(ids.map((id, index) => [id, amounts[index], 'success']));
		const requests = paymentRequests(testEnv.sandbox).filter(({ resourceId }) =>
			ids.includes(String(resourceId)),
		);
		expect(requests).toHaveLength(ROWS);
	});
});

it('starts the trigger whose URL is the Callback URL', async () => {
	const trigger = await testEnv.saveTrigger({
		triggerOn: ['incoming_payment_result'],
		registration: 'manual',
	});
	expect(await n8n.client.activate(trigger)).toEqual(PUBLISHED);
	const { nodes } = await n8n.client.readWorkflow(trigger);
	const { webhookId = '' } = nodes.find(({ name }) => name === TRIGGER) ?? {};
	const callbackUrl = `${n8n.url}/webhook/${webhookId}/kopo-kopo`;
	const { id, amount } = await request({ waitForResult: 'continueImmediately', callbackUrl });
	refuse(id);
	const [execution] = await n8n.client.waitForExecutions(trigger, 1);
	expect(execution && jsonOf(execution, SUCCESS)).toEqual([
		expect.objectContaining({
			topic: 'incoming_payment_result',
			eventId: id,
			id,
			outcome: 'failure',
			message: 'Not paid: cancelled by the customer',
		}),
	]);
	expect(statusesOf(callbackUrl)).toEqual([200]);
	expect(amount).toBeGreaterThan(0);
	await n8n.client.deactivate(trigger);
});

it('outputs a pending item with ID and location when no callback arrives in time', async () => {
	const executions = await Promise.all(
		unanswered.map(async ({ run, id, simplify }) => ({
			run,
			id,
			simplify,
			execution: await n8n.client.waitUntilEnded(run, PAUSE_TIMEOUT_MS),
		})),
	);
	for (const { execution, id } of executions) {
		expect(execution.status).toBe('success');
		expect(itemsOf(execution, SUCCESS)).toEqual([
			expect.objectContaining({
				json: expect.objectContaining({
					id,
					outcome: 'pending',
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
			await waitFor('the late callback to be rejected', 30_000, async () => {
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

it('resumes each of twenty paused executions once after n8n was killed', async () => {
	const PAUSED = 20;
	const path = randomUUID();
	const saved = await testEnv.savePaymentRequest({
		parameters: {
			waitForResult: 'pauseUntilNotified',
			waitUpTo: 3600,
			amount: '={{ $json.body.order }}',
		},
	});
	await updateNode(n8n.client, saved, START, (start) => ({
		...start,
		type: 'n8n-nodes-base.webhook',
		typeVersion: 2.1,
		webhookId: path,
		parameters: { httpMethod: 'POST', path, responseMode: 'onReceived' },
	}));
	expect(await n8n.client.activate(saved)).toEqual(PUBLISHED);

	const amounts = Array.from({ length: PAUSED }, nextAmount);
	await Promise.all(
		amounts.map(async (order) =>
			expect(
				await send({ url: `${n8n.url}/webhook/${path}`, body: JSON.stringify({ order }) }),
			).toBe(200),
		),
	);
	const payments = await Promise.all(amounts.map(requestFor));
	const paused = await n8n.client.waitForExecutions(saved, PAUSED);
	expect(paused.map(({ status }) => status)).toEqual(amounts.map(() => 'waiting'));

	// Last in this file: an execution that is resumed by its time limit while n8n is killed ends as crashed.
	await n8n.kill();
	await n8n.start();
	for (const { id } of payments) pay(id);

	const executions = await Promise.all(
		paused.map(async ({ id }) => await n8n.client.waitUntilEnded(id, 60_000)),
	);
	await testEnv.sandbox.untilIdle();
	expect(executions.map(({ status }) => status)).toEqual(amounts.map(() => 'success'));
	expect(executions.map((execution) => runsOf(execution, SUCCESS))).toEqual(amounts.map(() => 1));
	const paid = executions.map((execution) => itemsOf(execution, SUCCESS)[0]?.json);
	expect(paid.map((json) => json?.outcome)).toEqual(amounts.map(() => 'success'));
	expect(paid.map((json) => Number(json?.amount)).sort((one, next) => one - next)).toEqual(amounts);
	expect(await n8n.client.listExecutions(saved)).toHaveLength(PAUSED);
	await n8n.client.deactivate(saved);
});

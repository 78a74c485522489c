import type {
	IDataObject,
	IExecuteFunctions,
	INodeParameters,
	IWebhookFunctions,
	NodeExecutionHint,
} from 'n8n-workflow';
import { KopoKopo } from '../../nodes/KopoKopo/KopoKopo.node';
import type { SentRequests } from '../../nodes/KopoKopo/execution/sentRequests';
import { resolveWaitMode } from '../../nodes/KopoKopo/execution/settings';
import { findOperation } from '../../nodes/KopoKopo/resources';
import { sign } from '../sandbox/deliveries';
import { type Sandbox, startSandbox } from '../sandbox/server';
import type { FaultRuleInput } from '../sandbox/faultInjection';
import { waitFor } from '../support/waitFor';
import {
	newExecution,
	runKopoKopo,
	sandboxCredential,
	type StoredCredential,
} from '../support/nodeContexts';

let sandbox: Sandbox;
let credential: StoredCredential;

beforeEach(async () => {
	sandbox = await startSandbox({ port: 0 });
	credential = sandboxCredential(sandbox);
});
afterEach(async () => await sandbox.close());

const asking: INodeParameters = {
	apiVersion: 'v2',
	resource: 'paymentRequest',
	operation: 'request',
	waitForResult: 'keepChecking',
	waitUpTo: 3,
	tillNumber: 'K000001',
	phoneNumber: '0712345678',
	amount: '={{ $json.amount }}',
	additionalFields: {},
	metadata: {},
	callbackUrl: '',
	simplify: true,
	options: {},
};
const customers = (count: number) =>
	Array.from({ length: count }, (_, index) => ({ amount: 100 + index }));
const requests = (method: string) =>
	sandbox.ledger.requests.filter(
		(request) => request.method === method && request.path.startsWith('/api/'),
	);
const PAYMENTS = '/api/v2/incoming_payments';

describe('Poll', () => {
	it('waits for twenty side by side: paid at once, refused later, never answered', async () => {
		sandbox.customer.addBehaviour({ action: 'pay', times: 8 });
		sandbox.customer.addBehaviour({ action: 'refuse', times: 4, afterMs: 1500 });
		const items = customers(20);
		const outputs = await runKopoKopo({ credential, parameters: asking, items });

		expect(outputs.map(({ pairedItem }) => pairedItem)).toEqual(items.map((_, item) => ({ item })));
		const outcomeOf: Record<string, string> = { Success: 'success', Failed: 'failure' };
		const expected = items.map(({ amount }) => {
			const asked = requests('POST').find(({ body }) =>
				JSON.stringify(body).includes(`"value":${amount}`),
			);
			const { data } = sandbox.status(asked?.resourceId ?? '') as {
				data: { id: string; attributes: { status: string } };
			};
			return { id: data.id, outcome: outcomeOf[data.attributes.status] ?? 'pending' };
		});
		expect(outputs.map(({ json: { id, outcome } }) => ({ id, outcome }))).toEqual(expected);
		const count = (outcome: string) => expected.filter((one) => one.outcome === outcome).length;
		expect([count('success'), count('failure'), count('pending')]).toEqual([8, 4, 8]);

		for (const { json } of outputs.filter((output) => output.json.outcome === 'pending')) {
			expect(json).toMatchObject({
				location: expect.stringContaining(String(json.id)) as unknown,
				message: expect.stringContaining('Get') as unknown,
			});
		}
		// Once there is a result nobody asks any more.
		const looks = (id: unknown) =>
			requests('GET').filter(({ path }) => path.endsWith(`/${String(id)}`)).length;
		const paid = outputs.filter(({ json }) => json.outcome === 'success');
		const open = outputs.filter(({ json }) => json.outcome === 'pending');
		for (const { json } of paid) expect(looks(json.id)).toBeLessThan(looks(open[0]?.json.id));
	});

	it('stops at once when the user cancels, and nothing is asked for after that', async () => {
		const user = new AbortController();
		const running = runKopoKopo({
			credential,
			parameters: { ...asking, waitUpTo: 3600 },
			items: customers(20),
			signal: user.signal,
		});
		await waitFor(
			'each to be looked at',
			30_000,
			async () => await Promise.resolve(requests('GET').length >= 20 || undefined),
		);
		user.abort();
		const outputs = await running;
		expect(outputs.map(({ json }) => json.outcome)).toEqual(customers(20).map(() => 'pending'));
		const looks = requests('GET').length;
		const later = Date.now() + 2500;
		await waitFor(
			'two pauses to pass',
			10_000,
			async () => await Promise.resolve(Date.now() > later || undefined),
		);
		expect(requests('GET')).toHaveLength(looks);
	});

	it.each<FaultRuleInput>([
		{ kind: 'serverError', status: 500 },
		{ kind: 'serverError', status: 503 },
		{ kind: 'tooManyRequests', retryAfterSeconds: 0.1 },
		{ kind: 'tooManyRequests', retryAfterSeconds: 3600 },
		{ kind: 'reset' },
		{ kind: 'halfBody' },
		{ kind: 'expiredToken' },
		{ kind: 'redirect', location: 'http://127.0.0.1:1/elsewhere' },
	])('sees the payment through a look that fails: %o', async (order) => {
		sandbox.faults.add({ ...order, method: 'GET', path: `${PAYMENTS}/*`, next: 2 });
		sandbox.customer.addBehaviour({ action: 'pay' });
		const [output] = await runKopoKopo({
			credential,
			parameters: { ...asking, waitUpTo: 30 },
			items: customers(1),
		});
		expect(output?.json).toMatchObject({ outcome: 'success', amount: 100 });
		expect(requests('POST')).toHaveLength(1);
	});

	it('never makes an error of accepted money, even when no look works at all', async () => {
		sandbox.faults.add({ kind: 'serverError', method: 'GET', path: `${PAYMENTS}/*` });
		const outputs = await runKopoKopo({
			credential,
			parameters: { ...asking, waitUpTo: 1 },
			items: customers(2),
		});
		expect(outputs.map(({ json }) => json)).toEqual(
			requests('POST').map(() =>
				expect.objectContaining({
					outcome: 'pending',
					id: expect.any(String) as unknown,
					location: expect.any(String) as unknown,
				}),
			),
		);
		expect(requests('POST')).toHaveLength(2);
	});

	it('asks for nothing when it is not known what became of the request, or it was refused', async () => {
		sandbox.faults.add({ kind: 'reset', when: 'after', method: 'POST', path: PAYMENTS, next: 1 });
		const outputs = await runKopoKopo({
			credential,
			parameters: { ...asking, options: { batching: { batch: { batchSize: 1 } } } },
			items: [{ amount: 100 }, { amount: 'many' }],
			onError: 'continueRegularOutput',
		});
		expect(outputs.map(({ json }) => json)).toEqual([
			expect.objectContaining({ outcome: 'unknown' }),
			expect.objectContaining({ error: expect.any(String) as unknown }),
		]);
		expect(outputs[0]?.json).not.toHaveProperty('id');
		expect(requests('GET')).toHaveLength(0);
	});

	it("gives Kopo Kopo's body as it is when Simplify is off", async () => {
		sandbox.customer.addBehaviour({ action: 'refuse' });
		const [output] = await runKopoKopo({
			credential,
			parameters: { ...asking, simplify: false },
			items: customers(1),
		});
		expect(output?.json).toEqual(sandbox.status(requests('POST')[0]?.resourceId ?? ''));
	});
});

describe('Pause', () => {
	const pausing = { ...asking, waitForResult: 'pauseUntilNotified' };

	it('sleeps as long as was asked for, though no less than n8n needs and no more than a year', async () => {
		const day = 24 * 60 * 60;
		for (const [waitUpTo, seconds] of [
			[1, 70],
			[600, 600],
			[1e15, 365 * day],
			[Infinity, 365 * day],
			['', 120],
			[0, 120],
		] as const) {
			const execution = newExecution();
			const before = Date.now();
			const [output] = await runKopoKopo({
				credential,
				parameters: { ...pausing, waitUpTo },
				items: customers(1),
				execution,
			});
			expect(output?.json).toMatchObject({ outcome: 'pending' });
			const from = before + seconds * 1000;
			const until = Number(new Date(execution.waitTill ?? NaN));
			expect(until).toBeGreaterThanOrEqual(from);
			expect(until).toBeLessThanOrEqual(from + (Date.now() - before));
		}
	});

	it.each(['soon', null, -5])('refuses to wait for %j, and sends nothing', async (waitUpTo) => {
		const sending = runKopoKopo({
			credential,
			parameters: { ...pausing, waitUpTo },
			items: customers(1),
		});
		await expect(sending).rejects.toThrow("'Wait Up To (Seconds)' is not a number above zero");
		expect(sandbox.ledger.requests).toEqual([]);
	});

	it('does not sleep for what is final already, unknown, or was refused', async () => {
		sandbox.customer.addBehaviour({ action: 'pay', times: 1 });
		const run = async (amount: unknown) => {
			const execution = newExecution();
			const [output] = await runKopoKopo({
				credential,
				parameters: pausing,
				items: [{ amount } as IDataObject],
				execution,
				onError: 'continueRegularOutput',
			});
			expect(execution.waitTill).toBeUndefined();
			return output?.json;
		};
		expect(await run(100)).toMatchObject({ outcome: 'success' });
		expect(await run('many')).toMatchObject({ error: expect.any(String) as unknown });
		sandbox.faults.add({ kind: 'reset', when: 'after', method: 'POST', path: PAYMENTS, next: 1 });
		expect(await run(101)).toMatchObject({ outcome: 'unknown' });
	});

	it('does not sleep once the user has cancelled', async () => {
		const execution = newExecution();
		const user = new AbortController();
		sandbox.faults.add({ kind: 'latency', ms: 1000, method: 'GET', path: `${PAYMENTS}/*` });
		const running = runKopoKopo({
			credential,
			parameters: pausing,
			items: customers(1),
			execution,
			signal: user.signal,
		});
		await waitFor(
			'the look',
			30_000,
			async () => await Promise.resolve(requests('GET').length > 0 || undefined),
		);
		user.abort();
		expect((await running)[0]?.json).toMatchObject({ outcome: 'pending' });
		expect(execution.waitTill).toBeUndefined();
	});

	const impossible: Array<{ why: string; change: () => void; count: number; says: RegExp }> = [
		{ why: 'there are several items', change: () => {}, count: 3, says: /one item at a time/ },
		{
			why: 'n8n has no https address',
			change: () => {
				credential.data.environment = 'sandbox';
			},
			count: 1,
			says: /begin with https:/,
		},
		{
			why: 'there is no API key',
			change: () => {
				credential.data.apiKey = '';
			},
			count: 1,
			says: /'API Key'/,
		},
	];

	it.each(impossible)(
		'is refused when $why, and nothing is sent',
		async ({ change, count, says }) => {
			change();
			const run = { credential, parameters: pausing, items: customers(count) };
			await expect(runKopoKopo(run)).rejects.toThrow(says);
			const outputs = await runKopoKopo({ ...run, onError: 'continueRegularOutput' });
			expect(outputs).toEqual(
				customers(count).map((_, item) => ({
					json: {
						error: expect.stringMatching(says) as unknown,
						details: expect.objectContaining({ outcome: 'failure' }) as unknown,
					},
					pairedItem: { item },
				})),
			);
			expect(sandbox.ledger.requests).toEqual([]);
		},
	);
});

describe('how an execution waits', () => {
	const operation = findOperation('v2', 'paymentRequest', 'request');
	const hints: string[] = [];
	beforeEach(() => hints.splice(0));

	const waits = (more: object, isSent = false) =>
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

	it('is as the user wants', () => {
		expect(waits({})).toBe('pauseUntilNotified');
		expect(waits({ getMode: () => 'retry' })).toBe('pauseUntilNotified');
		expect(waits({ getMode: () => 'integrated' })).toBe('pauseUntilNotified');
		expect(waits(old)).toBe('pauseUntilNotified');
		expect(waits({ getNodeParameter: () => 'keepChecking' })).toBe('keepChecking');
		expect(
			waits({ ...old, getMode: () => 'integrated', getNodeParameter: () => 'continueImmediately' }),
		).toBe('continueImmediately');
		expect(hints).toEqual([]);
	});

	const tool = { type: 'n8n-nodes-kopokopo.kopoKopoTool' };

	it.each([
		['of an agent that calls its tool', { isToolExecution: () => true }, false, /AI agent/],
		['of an agent of n8n 1', { ...old, getNode: () => tool }, false, /AI agent/],
		['that is tried again', { getMode: () => 'retry' }, true, /execution that failed/],
		['of a sub-workflow of n8n 1', { ...old, getMode: () => 'integrated' }, false, /sub-workflow/],
	])('is polling in one %s, and the editor says so', (_what, context, isSent, why) => {
		expect(waits(context, isSent)).toBe('keepChecking');
		expect(hints).toEqual([expect.stringMatching(/^Kept checking instead of pausing: /)]);
		expect(hints[0]).toMatch(why);
	});
});

describe('a callback to a sleeping execution', () => {
	const body = JSON.stringify({ data: { id: 'payment-1', type: 'incoming_payment' } });
	let nodes = 0;

	/** webhook() with parts of n8n that fail. */
	async function call(more: object) {
		const answer = { status: 0, text: '' };
		const parameters: Record<string, unknown> = asking;
		const result = await new KopoKopo().webhook.call({
			getRequestObject: () => ({ rawBody: Buffer.from(body) }),
			getHeaderData: () => ({ 'x-kopokopo-signature': sign(body, sandbox.apiKey) }),
			getCredentials: async () => await Promise.resolve(credential.data),
			getNodeParameter: (name: string, fallback: unknown) => parameters[name] ?? fallback,
			evaluateExpression: () => 'payment-1',
			getResponseObject: () => ({
				status(code: number) {
					answer.status = code;
					return { json: ({ message }: { message: string }) => (answer.text = message) };
				},
			}),
			getMode: () => 'webhook',
			getNode: () => ({
				id: `sleeper-${++nodes}`,
				name: 'Kopo Kopo',
				type: 'n8n-nodes-kopokopo.kopoKopo',
			}),
			getWorkflow: () => ({ id: 'workflow' }),
			logger: { info: () => {}, warn: () => {}, error: () => {} },
			helpers: {
				httpRequestWithAuthentication: async () =>
					await Promise.resolve({
						statusCode: 200,
						headers: {},
						body: JSON.parse(body) as unknown,
					}),
			},
			...more,
		} as unknown as IWebhookFunctions);
		return { ...answer, result };
	}

	const fails = () => {
		throw new Error('n8n is ill');
	};

	it.each([
		[
			'the credential cannot be read',
			{ getCredentials: async () => await Promise.reject(new Error('gone')) },
		],
		['the awaited ID cannot be read', { evaluateExpression: fails }],
		['the parameters cannot be read', { getNodeParameter: fails }],
	])('is answered 503 and wakes nothing when %s', async (_what, more) => {
		const { status, result } = await call(more);
		expect(status).toBe(503);
		expect(result).toEqual({ noWebhookResponse: true });
	});

	it.each([
		['an execution that waits for nothing', { evaluateExpression: () => undefined }],
		['another payment', { evaluateExpression: () => 'payment-2' }],
		['a payment that is open still', {}],
	])('is answered 200 and wakes nothing when it reaches %s', async (_what, more) => {
		const { status, result } = await call(more);
		expect(status).toBe(200);
		expect(result).toEqual({ noWebhookResponse: true });
	});
});

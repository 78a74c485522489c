import type { IWebhookFunctions, IWebhookResponseData } from 'n8n-workflow';
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
	events: ['buygoods_transaction_received', 'buygoods_transaction_reversed'],
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
			events: [...parameters.events, 'settlement_transfer_completed'],
		}).activate();
		expect(subscribed()).toEqual([
			'buygoods_transaction_received till 112233',
			'buygoods_transaction_reversed till 112233',
			'settlement_transfer_completed company ',
		]);
	});

	it('goes on where an attempt stopped, and never asks twice', async () => {
		const trigger = kopoKopoTrigger(credential, parameters);
		sandbox.weather.add({
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
}

/** Hands bytes to webhook() as n8n's web server does, and tells what the caller is answered. */
async function deliver(
	body: string,
	headers: Record<string, string>,
	more: Record<string, unknown> = {},
): Promise<Delivered> {
	let status = 200;
	const stored: Record<string, unknown> = { ...parameters, ...more };
	const context = {
		getRequestObject: () => ({ rawBody: Buffer.from(body) }),
		getHeaderData: () => headers,
		getCredentials: async () => await Promise.resolve(credential.data),
		getNodeParameter: (name: string, fallback?: unknown) => stored[name] ?? fallback,
		getResponseObject: () => ({
			status(code: number) {
				status = code;
				return { json: () => undefined };
			},
		}),
		logger: { info: () => {}, warn: () => {}, error: () => {} },
	} as unknown as IWebhookFunctions;
	const result = await new KopoKopoTrigger().webhook.call(context);
	return { status, result };
}

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
		const { result } = await deliver(sale(), signed(sale()), { 'options.simplify': false });
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

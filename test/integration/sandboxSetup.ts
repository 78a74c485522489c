import { readJsonSync } from 'fs-extra';

import type { SandboxConfig } from '../sandbox/config';
import { startSandbox, type Sandbox } from '../sandbox/server';
import { sign } from '../sandbox/deliveries';
import { ownTillsAnd, startTestMerchant, type TestMerchant } from '../support/testMerchant';

export type Json = Record<string, unknown>;

export const INCOMING_PAYMENTS = '/api/v2/incoming_payments';
export const SEND_MONEY = '/api/v2/send_money';

interface Fixture {
	file: string;
	operation: string;
	apiVersion: string;
	method: string;
	path: string;
	status: string;
	body: Json;
	response: { status: number; body: Json };
}

/** A fixture by its path in test/fixtures, without `.json`. */
export function fixture(path: string): Fixture {
	return readJsonSync(`test/fixtures/${path}.json`) as Fixture;
}

/** Every key path with the type of its value. Metadata counts as one value, since it is the caller's own. */
export function shapeOf(value: unknown): string[] {
	const walk = (item: unknown, path: string): string[] => {
		if (Array.isArray(item)) return item.flatMap((one) => walk(one, `${path}[]`));
		if (item === null) return [`${path}: null`];
		if (typeof item !== 'object') return [`${path}: ${typeof item}`];
		return Object.entries(item).flatMap(([key, one]) =>
			walk(key === 'metadata' ? typeof one : one, `${path}.${key}`),
		);
	};
	return [...new Set(walk(value, '$'))].sort();
}

/** The sandbox of the test file and its merchant, once setUpSandbox() has started them. */
export let sandbox: Sandbox;
export let merchant: TestMerchant;

/** What tests do with the sandbox and the merchant. */
export class SandboxSetup {
	/** The body of a request fixture, with the merchant's URL as its callback URL. */
	requestBody(name: string): Json {
		const { body } = fixture(`requests/${name}`);
		return body._links ? { ...body, _links: { callback_url: this.callbackUrl() } } : body;
	}

	/** The merchant's URL for results. */
	callbackUrl(path = '/result'): string {
		return `${merchant.url}${path}`;
	}

	/** The body of an STK push of KES 100. */
	incomingPayment(path?: string): Json {
		return {
			payment_channel: 'M-PESA STK Push',
			till_number: 'K000000',
			subscriber: { first_name: 'Joe', last_name: 'Buyer', phone_number: '+254999999999' },
			amount: { currency: 'KES', value: 100 },
			_links: { callback_url: this.callbackUrl(path) },
		};
	}

	/** The body of a payout of KES 1,200 to a till. */
	payout(): Json {
		return {
			destinations: [{ type: 'till', till_number: '1234567', amount: 1200, description: 'Stock' }],
			currency: 'KES',
			_links: { callback_url: this.callbackUrl() },
		};
	}

	/** Subscribes the merchant to an event of the company, unless `more` says otherwise. */
	async subscribe(event_type: string, more: Json = {}): Promise<string> {
		const body = { event_type, url: this.callbackUrl('/webhook'), scope: 'company', ...more };
		return await merchant.create('/api/v2/webhook_subscriptions', body);
	}

	/** The body that a GET of a resource returns. */
	async get(path: string, id: string): Promise<Json> {
		const { status, json } = await merchant.call('GET', `${path}/${id}`);
		expect(status).toBe(200);
		return json;
	}

	/** Waits for all deliveries, checks the signature of the last one and returns its body. */
	async lastDelivery(): Promise<Json> {
		await sandbox.untilIdle();
		const delivery = merchant.received.at(-1);
		expect(delivery?.signature).toBe(sign(delivery?.body ?? '', sandbox.apiKey));
		return delivery?.json ?? {};
	}
}

/** Starts a sandbox and a merchant before the tests of a file, and empties both before each test. */
export function setUpSandbox(): SandboxSetup {
	beforeAll(async () => {
		sandbox = await startSandbox({
			port: 0,
			webhookRetryDelaysMs: [5, 10],
			processingMs: 1,
			// One of Kopo Kopo's samples prints the field's name in place of a number.
			tills: ownTillsAnd('till_number'),
		});
		merchant = await startTestMerchant(sandbox);
	});

	beforeEach(async () => {
		await sandbox.reset();
		merchant.received.length = 0;
		merchant.statuses.length = 0;
		await merchant.signIn();
	});

	afterAll(async () => {
		await sandbox.close();
		await merchant.close();
	});

	return new SandboxSetup();
}

/** Runs `work` with a sandbox of its own and a merchant that has signed in there, and closes both afterwards. */
export async function withOwnSandbox(
	config: Partial<SandboxConfig>,
	work: (own: { sandbox: Sandbox; merchant: TestMerchant }) => Promise<void>,
): Promise<void> {
	const own = await startSandbox({ port: 0, ...config });
	const caller = await startTestMerchant(own);
	try {
		await caller.signIn();
		await work({ sandbox: own, merchant: caller });
	} finally {
		await own.close();
		await caller.close();
	}
}

import { readJson } from 'fs-extra';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';

import type { SandboxConfig } from '../sandbox/config';
import { startSandbox, type Sandbox } from '../sandbox/server';
import { startTestMerchant, type TestMerchant } from '../support/testMerchant';
import { ROOT } from '../support/n8nInstallation';

/** How long anything on the page may take to appear. */
const TIMEOUT_MS = 10_000;

export interface OpenOptions {
	/** Of the page; with the panel, as in `/phone#bank`. */
	path?: string;
	theme?: 'light' | 'dark';
	/** Of the window, in CSS pixels. */
	width?: number;
	height?: number;
}

/** A sandbox, a merchant that sends it requests, and a browser, for the tests of one file. */
export class PageSetup {
	sandbox!: Sandbox;
	merchant!: TestMerchant;
	/** Errors that the pages logged to the console or threw. */
	readonly errors: string[] = [];
	/** The addresses that the pages requested. */
	readonly requested: string[] = [];
	private browser!: Browser;
	private contexts: BrowserContext[] = [];

	async start(config: Partial<SandboxConfig>): Promise<void> {
		this.sandbox = await startSandbox({ port: 0, webhookRetryDelaysMs: [5], ...config });
		this.merchant = await startTestMerchant(this.sandbox);
		const settings = (await readJson(`${ROOT}/.run/chromium.json`)) as {
			executablePath: string;
			args: string[];
		};
		this.browser = await chromium.launch(settings);
	}

	/** Opens a page in a window of its own, and waits until the sandbox has sent the view. */
	async open({
		path = '/phone',
		theme = 'light',
		width = 1440,
		height = 1000,
	}: OpenOptions = {}): Promise<Page> {
		const page = await this.openWindow({ theme, width, height });
		await page.goto(`${this.sandbox.url}${path}`);
		await page.getByText('Live', { exact: true }).waitFor();
		return page;
	}

	/** Opens an empty window. */
	async openWindow({ theme, width = 1440, height = 1000 }: OpenOptions = {}): Promise<Page> {
		const context = await this.browser.newContext({
			viewport: { width, height },
			colorScheme: theme,
			reducedMotion: 'reduce',
		});
		context.setDefaultTimeout(TIMEOUT_MS);
		this.contexts.push(context);
		const page = await context.newPage();
		page.on('console', (message) => {
			if (message.type() === 'error') this.errors.push(message.text());
		});
		page.on('pageerror', (error) => this.errors.push(String(error.stack ?? error)));
		page.on('request', (request) => this.requested.push(request.url()));
		return page;
	}

	/** Closes the windows and empties the sandbox. */
	async reset(): Promise<void> {
		for (const context of this.contexts.splice(0)) await context.close();
		await this.sandbox.reset();
		this.merchant.received.length = 0;
		this.errors.length = 0;
		this.requested.length = 0;
		await this.merchant.signIn();
	}

	async stop(): Promise<void> {
		await this.browser.close();
		await this.sandbox.close();
		await this.merchant.close();
	}

	/** Asks a phone for a payment to an online payments till; resolves with the request's ID. */
	async requestPayment(
		phone_number: string,
		value: number,
		more: Record<string, unknown> = {},
	): Promise<string> {
		return await this.merchant.create('/api/v2/incoming_payments', {
			payment_channel: 'M-PESA STK Push',
			till_number: 'K000001',
			subscriber: { phone_number },
			amount: { currency: 'KES', value },
			_links: { callback_url: `${this.merchant.url}/result` },
			...more,
		});
	}

	/** Pays wallets; resolves with the request's ID. */
	async sendMoney(...payouts: Array<{ phone_number: string; amount: number }>): Promise<string> {
		return await this.merchant.create('/api/v2/send_money', {
			destinations: payouts.map((payout) => ({
				type: 'mobile_wallet',
				network: 'Safaricom',
				description: 'Salary',
				...payout,
			})),
			_links: { callback_url: `${this.merchant.url}/result` },
		});
	}

	/** Creates a payment link; resolves with its ID and the address of its page. */
	async createLink(more: Record<string, unknown> = {}): Promise<{ id: string; address: string }> {
		const id = await this.merchant.create('/api/v2/payment_links', {
			till_number: 'K000001',
			currency: 'KES',
			amount: 4800,
			note: 'Two sacks of maize flour',
			payment_reference: 'Order 1042',
			_links: { callback_url: `${this.merchant.url}/result` },
			...more,
		});
		const { data } = this.sandbox.status(id) as {
			data: { attributes: { payment_link: { link: string } } };
		};
		return { id, address: new URL(data.attributes.payment_link.link).pathname };
	}

	/** Subscribes the merchant to an event of the company. */
	async subscribe(event_type: string): Promise<void> {
		await this.merchant.create('/api/v2/webhook_subscriptions', {
			event_type,
			url: `${this.merchant.url}/webhook`,
			scope: 'company',
		});
	}

	/** The status of a resource, as text to search in. */
	statusOf(id: string): string {
		return JSON.stringify(this.sandbox.status(id));
	}
}

/** Starts everything before the tests of a file, and empties the sandbox before each test. */
export function setUpPage(config: Partial<SandboxConfig> = {}): PageSetup {
	const setup = new PageSetup();
	beforeAll(async () => await setup.start(config));
	beforeEach(async () => await setup.reset());
	afterAll(async () => await setup.stop());
	return setup;
}

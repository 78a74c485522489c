import { readJson } from 'fs-extra';
import { sleep, type INode } from 'n8n-workflow';
import {
	chromium,
	selectors,
	type Browser,
	type BrowserContext,
	type Locator,
	type Page,
} from 'playwright-core';
import type { N8nClient } from './n8nClient';
import { ROOT } from './n8nInstallation';
import { waitFor } from './waitFor';

/** How long anything in the editor may take to appear. */
const TIMEOUT_MS = 15_000;
/** How long a page may take to load. The first one after n8n's start takes longest. */
const PAGE_TIMEOUT_MS = 60_000;
const POLL_INTERVAL_MS = 50;

export interface EditorOptions {
	theme?: 'light' | 'dark';
	/** Of the window, in CSS pixels. */
	width?: number;
	height?: number;
	/** Pixels of a screenshot for each CSS pixel. */
	scale?: number;
}

/** n8n's editor in a headless Chromium, with the owner logged in. */
export class Editor {
	/** Errors that the page logged to the console or threw. */
	readonly errors: string[] = [];

	private constructor(
		private readonly url: string,
		private readonly browser: Browser,
		private readonly context: BrowserContext,
		private readonly scale: number,
		readonly page: Page,
	) {
		page.on('console', (message) => {
			if (message.type() === 'error') this.errors.push(message.text());
		});
		page.on('pageerror', (error) => this.errors.push(String(error.stack ?? error)));
	}

	static async open(n8n: N8nClient, options: EditorOptions = {}): Promise<Editor> {
		const { theme = 'light', width = 1280, height = 1000, scale = 1 } = options;
		selectors.setTestIdAttribute('data-test-id');
		const settings = (await readJson(`${ROOT}/.run/chromium.json`)) as {
			executablePath: string;
			args: string[];
		};
		const browser = await chromium.launch(settings);
		const context = await browser.newContext({
			viewport: { width, height },
			deviceScaleFactor: scale,
			colorScheme: theme,
			reducedMotion: 'reduce',
		});
		context.setDefaultTimeout(TIMEOUT_MS);
		context.setDefaultNavigationTimeout(PAGE_TIMEOUT_MS);
		const [name = '', value = ''] = n8n.openSession.cookie.split('=');
		await context.addCookies([{ name, value, url: n8n.url }]);
		// The editor requests data about the package from the npm registry and n8n's hosts. No test needs it.
		await context.route(
			(address) => address.protocol.startsWith('http') && address.origin !== n8n.url,
			async (route) => await route.fulfill({ json: {} }),
		);
		return new Editor(n8n.url, browser, context, scale, await context.newPage());
	}

	async close(): Promise<void> {
		await this.context.close();
		await this.browser.close();
	}

	/** Opens an empty window beside the editor, for other pages. Whoever opens it closes its context. */
	async openWindow(viewport: { width: number; height: number }): Promise<Page> {
		const context = await this.browser.newContext({
			viewport,
			deviceScaleFactor: this.scale,
			reducedMotion: 'reduce',
		});
		context.setDefaultTimeout(TIMEOUT_MS);
		return await context.newPage();
	}

	/** Opens a workflow, with all its nodes in view. */
	async openWorkflow(id: string): Promise<void> {
		await this.page.goto(`${this.url}/workflow/${id}`);
		await this.page.getByTestId('canvas-node').first().waitFor({ timeout: PAGE_TIMEOUT_MS });
		await this.page.getByTestId('zoom-to-fit').click();
	}

	/** A node on the canvas. */
	node(name: string): Locator {
		return this.page.locator(`[data-test-id="canvas-node"][data-node-name="${name}"]`);
	}

	async openNode(name: string): Promise<void> {
		await this.node(name).dblclick();
		await this.page.getByTestId('node-parameters').waitFor();
	}

	async closeNode(): Promise<void> {
		await this.page.getByTestId('ndv-close-button').click();
		await this.page.getByTestId('ndv').waitFor({ state: 'hidden' });
	}

	/** The labels of the open node's fields from top to bottom, including those added to collections. */
	async labels(): Promise<string[]> {
		const visible = this.page
			.getByTestId('node-parameters')
			.getByTestId('input-label')
			.filter({ visible: true });
		// The text after the label is that of the switch between a fixed value and an expression.
		return (await visible.allInnerTexts()).map((text) => text.split('\n')[0]?.trim() ?? '');
	}

	/** The input of one of the open node's fields. */
	parameter(name: string): Locator {
		return this.page.getByTestId(`parameter-input-${name}`);
	}

	/** The names of the fields that the editor marks as invalid. */
	async fieldsWithIssues(): Promise<string[]> {
		const marked = this.page.locator(
			'[data-test-id="node-parameters"] .has-issues [data-parameter-path]',
		);
		const names = [];
		for (const field of await marked.all()) {
			names.push(
				(await field.getAttribute('data-parameter-path'))?.replace('parameters.', '') ?? '',
			);
		}
		return names;
	}

	/** The selected option of a field. Waits for it: the editor renders the field before its text. */
	async selected(name: string): Promise<string> {
		const box = this.parameter(name).getByRole('combobox');
		return await waitFor(`a selected option in ${name}`, TIMEOUT_MS, async () => {
			const text = await box.inputValue();
			return text !== '' && text;
		});
	}

	/** The labels of a field's options, whether its menu is open or not. */
	async optionsOf(name: string): Promise<string[]> {
		const options = (await this.menuOf(name)).getByTestId('parameter-input-item');
		// Not innerText, which is empty while the menu is closed.
		return (await options.locator('.option-headline').allTextContents()).map((text) => text.trim());
	}

	/** Selects an option of a field by its label. */
	async select(name: string, label: string): Promise<void> {
		await this.parameter(name).getByRole('combobox').click();
		const option = (await this.menuOf(name))
			.getByTestId('parameter-input-item')
			.filter({ has: this.page.getByText(label, { exact: true }) });
		await option.click();
	}

	private async menuOf(name: string): Promise<Locator> {
		const box = this.parameter(name).getByRole('combobox');
		return this.page.locator(`#${await box.getAttribute('aria-controls')}`);
	}
}

/**
 * Calls `read` until its result is the expected one or `timeoutMs` is over. Resolves with the last result,
 * so that a test can assert it.
 */
export async function readUntil<T>(
	read: () => Promise<T>,
	isExpected: (result: T) => boolean,
	timeoutMs = TIMEOUT_MS,
): Promise<T> {
	const deadline = Date.now() + timeoutMs;
	for (;;) {
		const result = await read();
		if (isExpected(result) || Date.now() > deadline) return result;
		await sleep(POLL_INTERVAL_MS);
	}
}

/** Places nodes side by side. */
export const arrangeInRow = (nodes: INode[]): INode[] =>
	nodes.map((node, index) => ({ ...node, position: [index * 240, 0] }));

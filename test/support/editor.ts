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
import { eventually, type N8nClient } from './n8nClient';
import { ROOT } from './n8nProcess';

/** The longest that anything in the editor may take before a test says that it is not there. */
const PATIENCE_MS = 15_000;
/** The longest that the page may take to come; the first one after a start takes longest. */
const PAGE_MS = 60_000;
const LOOK_AGAIN_MS = 50;

export interface Look {
	theme?: 'light' | 'dark';
	/** Of the window, in its own pixels. */
	width?: number;
	height?: number;
	/** Pixels of a picture for each pixel of the window. */
	scale?: number;
}

/** n8n's own editor, in a Chromium that nobody sees, with the owner logged in. */
export class Editor {
	/** What the page wrote to its console as an error, or threw. */
	readonly complaints: string[] = [];

	private constructor(
		private readonly url: string,
		private readonly browser: Browser,
		private readonly context: BrowserContext,
		readonly page: Page,
	) {
		page.on('console', (message) => {
			if (message.type() === 'error') this.complaints.push(message.text());
		});
		page.on('pageerror', (error) => this.complaints.push(String(error.stack ?? error)));
	}

	static async open(n8n: N8nClient, look: Look = {}): Promise<Editor> {
		const { theme = 'light', width = 1280, height = 1000, scale = 1 } = look;
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
		context.setDefaultTimeout(PATIENCE_MS);
		context.setDefaultNavigationTimeout(PAGE_MS);
		const [name = '', value = ''] = n8n.openSession.cookie.split('=');
		await context.addCookies([{ name, value, url: n8n.url }]);
		// The editor asks the npm registry and n8n's own hosts about the package; what is tested is here.
		await context.route(
			(address) => address.protocol.startsWith('http') && address.origin !== n8n.url,
			async (route) => await route.fulfill({ json: {} }),
		);
		return new Editor(n8n.url, browser, context, await context.newPage());
	}

	async close(): Promise<void> {
		await this.context.close();
		await this.browser.close();
	}

	/** Loads the page of a workflow, with all its nodes in sight. */
	async openWorkflow(id: string): Promise<void> {
		await this.page.goto(`${this.url}/workflow/${id}`);
		await this.page.getByTestId('canvas-node').first().waitFor({ timeout: PAGE_MS });
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

	/** The labels of the open node's fields, from top to bottom; of those added to collections too. */
	async labels(): Promise<string[]> {
		const shown = this.page
			.getByTestId('node-parameters')
			.getByTestId('input-label')
			.filter({ visible: true });
		// Below the label stand the words of the switch between a fixed value and an expression.
		return (await shown.allInnerTexts()).map((text) => text.split('\n')[0]?.trim() ?? '');
	}

	/** The input of one of the open node's fields. */
	parameter(name: string): Locator {
		return this.page.getByTestId(`parameter-input-${name}`);
	}

	/** The fields that the editor marks as not right, by name. */
	async fieldsWithIssues(): Promise<string[]> {
		const marked = this.page.locator(
			'[data-test-id="node-parameters"] .has-issues [data-parameter-path]',
		);
		const names = [];
		for (const one of await marked.all()) {
			names.push((await one.getAttribute('data-parameter-path'))?.replace('parameters.', '') ?? '');
		}
		return names;
	}

	/** What stands in a field with a menu, once there is something: its box is drawn before its text. */
	async chosen(name: string): Promise<string> {
		const box = this.parameter(name).getByRole('combobox');
		return await eventually(`a choice in ${name}`, PATIENCE_MS, async () => {
			const text = await box.inputValue();
			return text === '' ? undefined : text;
		});
	}

	/** The entries of a field's menu, whether it is open or not. */
	async menu(name: string): Promise<string[]> {
		const entries = (await this.menuOf(name)).getByTestId('parameter-input-item');
		// Not innerText: a menu that is closed is not on the page to be seen.
		return (await entries.locator('.option-headline').allTextContents()).map((text) => text.trim());
	}

	/** Picks an entry of a field's menu, by its label. */
	async choose(name: string, label: string): Promise<void> {
		await this.parameter(name).getByRole('combobox').click();
		const entry = (await this.menuOf(name))
			.getByTestId('parameter-input-item')
			.filter({ has: this.page.getByText(label, { exact: true }) });
		await entry.click();
	}

	private async menuOf(name: string): Promise<Locator> {
		const box = this.parameter(name).getByRole('combobox');
		return this.page.locator(`#${await box.getAttribute('aria-controls')}`);
	}
}

/** Reads again and again until the reading is the wanted one, or the time is up; gives the last one. */
export async function settled<T>(
	read: () => Promise<T>,
	isWanted: (reading: T) => boolean,
	withinMs = PATIENCE_MS,
): Promise<T> {
	const deadline = Date.now() + withinMs;
	for (;;) {
		const reading = await read();
		if (isWanted(reading) || Date.now() > deadline) return reading;
		await sleep(LOOK_AGAIN_MS);
	}
}

/** Nodes side by side, in sight of each other. */
export const inARow = (nodes: INode[]): INode[] =>
	nodes.map((one, index) => ({ ...one, position: [index * 240, 0] }));

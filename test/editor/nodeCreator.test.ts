import type { INodePropertyOptions } from 'n8n-workflow';
import { KopoKopo } from '../../nodes/KopoKopo/KopoKopo.node';
import { KopoKopoTrigger } from '../../nodes/KopoKopo/KopoKopoTrigger.node';
import { Editor, readUntil } from '../support/editor';
import type { N8nClient } from '../support/n8nClient';
import { node, POLLING_TRIGGER, START } from '../support/workflows';
import { sharedN8n } from '../support/sharedN8n';
import { operationPaths } from './visibleFields';

let n8n: N8nClient;
let workflow: string;

beforeAll(async () => {
	n8n = await sharedN8n();
	const nodes = [
		{ ...node(START, 'n8n-nodes-base.manualTrigger') },
		{ ...node('Kopo Kopo', 'n8n-nodes-kopokopo.kopoKopo'), position: [240, 0] as [number, number] },
		{
			...node('Kopo Kopo Trigger', 'n8n-nodes-kopokopo.kopoKopoTrigger'),
			position: [0, 240] as [number, number],
		},
		{
			...node(POLLING_TRIGGER, 'n8n-nodes-kopokopo.kopoKopoPollingTrigger'),
			position: [0, 480] as [number, number],
		},
	];
	({ id: workflow } = await n8n.createWorkflow({ name: 'Search', nodes, connections: {} }));
});

describe('the node list', () => {
	let editor: Editor;

	beforeAll(async () => {
		editor = await Editor.open(n8n);
		await editor.openWorkflow(workflow);
		await editor.page.getByTestId('node-creator-plus-button').click();
	});
	afterAll(async () => await editor.close());

	/** The names that the search lists, once they are the expected ones, or after 5 s. */
	const search = async (query: string, isExpected: (listed: string[]) => boolean) => {
		const { page } = editor;
		await page.getByTestId('node-creator-search-bar').fill('');
		await page.getByTestId('node-creator-search-bar').fill(query);
		const names = page.getByTestId('node-creator-item-name');
		return await readUntil(
			async () => (await names.allTextContents()).map((name) => name.trim()),
			isExpected,
			5000,
		);
	};

	it.each([
		'Kopo Kopo',
		'm-pesa',
		'mpesa',
		'lipa',
		'stk',
		'stk push',
		'mobile money',
		'safaricom',
		'till',
		'paybill',
		'receipt',
		'refund',
		'c2b',
		'b2c',
	])('lists Kopo Kopo first for "%s"', async (query) => {
		const found = await search(query, ([first]) => first === 'Kopo Kopo');
		expect(found[0]).toBe('Kopo Kopo');
	});

	it.each(['kopo', 'mpesa', 'payment'])('lists the polling trigger for "%s"', async (query) => {
		const found = await search(query, (listed) => listed.includes(POLLING_TRIGGER));
		expect(found).toContain(POLLING_TRIGGER);
	});

	it('shows the description of the trigger', async () => {
		// The editor lists a node and its trigger as one entry.
		await editor.page.getByTestId('node-creator-search-bar').fill('Kopo Kopo');
		const description = editor.page.getByTestId('node-creator-item-description').first();
		expect(await description.innerText()).toBe(new KopoKopoTrigger().description.description);
	});

	it('lists the operations of v2 as actions, without those of v1, and every event as a trigger', async () => {
		const { page } = editor;
		await page.getByTestId('node-creator-item-name').first().click();
		const actionsOf = (version: string) =>
			operationPaths(new KopoKopo().description)
				.filter(({ apiVersion }) => apiVersion.value === version)
				.map(({ operation }) => operation.action ?? '');
		const actions = actionsOf('v2');
		const legacyActions = actionsOf('v1');
		const names = page.getByTestId('node-creator-item-name');
		const listed = async () => (await names.allTextContents()).map((name) => name.trim());
		const hasActions = (names: string[]) => actions.every((action) => names.includes(action));
		const shown = await readUntil(listed, hasActions, 5000);
		expect(shown).toEqual(expect.arrayContaining(actions));
		expect(shown.filter((name) => actions.includes(name))).toEqual(actions);
		expect(actions[0]).toBe('Request payment');
		expect(legacyActions.length).toBeGreaterThan(20);
		expect(shown.filter((action) => legacyActions.includes(action))).toEqual([]);

		await page.getByTestId('node-creator-category-item').filter({ hasText: 'Triggers' }).click();
		const events = new KopoKopoTrigger().description.properties.find(
			({ name }) => name === 'triggerOn',
		);
		const triggers = ((events?.options ?? []) as INodePropertyOptions[]).map(
			({ action }) => action ?? '',
		);
		const hasTriggers = (names: string[]) => triggers.every((trigger) => names.includes(trigger));
		expect(triggers.length).toBeGreaterThan(10);
		const shownTriggers = await readUntil(listed, hasTriggers, 5000);
		expect(shownTriggers.filter((name) => triggers.includes(name))).toEqual(triggers);
		expect(triggers[0]).toBe('On M-Pesa payment received (Buy Goods)');
		expect(editor.errors).toEqual([]);
	});
});

describe.each([
	{ theme: 'light', file: 'kopokopo.svg' },
	{ theme: 'dark', file: 'kopokopo.dark.svg' },
] as const)('on the $theme canvas', ({ theme, file }) => {
	let editor: Editor;

	beforeAll(async () => {
		editor = await Editor.open(n8n, { theme });
		await editor.openWorkflow(workflow);
	});
	afterAll(async () => await editor.close());

	it.each(['Kopo Kopo', 'Kopo Kopo Trigger', POLLING_TRIGGER])(
		'%s shows its icon',
		async (name) => {
			const icon = editor.node(name).locator('img').first();
			await icon.waitFor();
			expect(await icon.getAttribute('src')).toBe(`/icons/n8n-nodes-kopokopo/dist/icons/${file}`);
			const width = await readUntil(
				async () =>
					await icon.evaluate((image: { naturalWidth?: number }) => image.naturalWidth ?? 0),
				(pixels) => pixels > 0,
			);
			expect(width).toBeGreaterThan(0);
			expect(editor.errors).toEqual([]);
		},
	);
});

import type { INode, INodeParameters } from 'n8n-workflow';
import { KopoKopo } from '../../nodes/KopoKopo/KopoKopo.node';
import { createTestEnvironment, type TestEnvironment } from '../support/testEnvironment';
import { node, START } from '../support/workflows';
import { Editor, arrangeInRow, readUntil } from '../support/editor';
import { sharedN8n } from '../support/sharedN8n';
import { Shown } from './visibleFields';

const AGENT = 'AI Agent';

let testEnv: TestEnvironment;
let editor: Editor;

/** Each node is right but for one thing; its name says which. */
const KOPO_KOPO: INodeParameters = {
	resource: 'incomingPayment',
	operation: 'create',
	waitForResult: 'poll',
	tillNumber: 'K000001',
	phoneNumber: '0712345678',
	amount: '1,500',
};
const NODES: Record<string, INodeParameters> = {
	'A payment': KOPO_KOPO,
	'A wrong phone': { ...KOPO_KOPO, phoneNumber: '07twelve' },
	'A till without its K': { ...KOPO_KOPO, tillNumber: '123456' },
	'A wrong bank branch': {
		resource: 'transferAccount',
		operation: 'createBankAccount',
		accountName: 'Nathan Otieno',
		accountNumber: '0123456789014',
		bankBranchRef: 'no-such-branch',
	},
	'An unknown ID': {
		resource: 'incomingPayment',
		operation: 'get',
		incomingPaymentId: '247b1bd8-f5a0-4b71-a898-f62f67b8ae1c',
	},
};

beforeAll(async () => {
	testEnv = await createTestEnvironment(await sharedN8n());
	const { id, name, type } = testEnv.credential;
	const nodes = Object.entries(NODES).map(
		([title, parameters]): INode => ({
			...node(title, 'n8n-nodes-kopokopo.kopoKopo', parameters),
			credentials: { [type]: { id, name } },
		}),
	);
	const workflow = await testEnv.n8n.createWorkflow({
		name: 'Running',
		nodes: arrangeInRow([
			node(START, 'n8n-nodes-base.manualTrigger'),
			...nodes,
			{ ...node(AGENT, '@n8n/n8n-nodes-langchain.agent'), typeVersion: 3 },
		]),
		// Each hangs on the start alone, so that a run of one is a run of nothing else.
		connections: {
			[START]: { main: [nodes.map((one) => ({ node: one.name, type: 'main', index: 0 }))] },
		},
		// The editor trips over a workflow that has none at all; it never saves one so.
		pinData: {},
	});
	editor = await Editor.open(testEnv.n8n);
	await editor.openWorkflow(workflow.id);
});

afterAll(async () => {
	await editor.close();
	await testEnv.close();
});

/** Opens a node, runs it, and gives what its output then shows. */
async function outputOf(name: string): Promise<string> {
	await editor.openNode(name);
	try {
		await editor.page.getByTestId('node-execute-button').click();
		const output = editor.page.getByTestId('output-panel');
		// The count of items is there before the table is.
		const end = output.locator('td').or(output.getByTestId('node-error-message'));
		await end.first().waitFor({ timeout: 30_000 });
		return await output.innerText();
	} finally {
		await editor.closeNode();
	}
}

describe('what a run shows', () => {
	it('a payment as flat fields, with its outcome', async () => {
		testEnv.sandbox.customer.addBehaviour({ action: 'pay', afterMs: 200, times: 1 });
		const text = await outputOf('A payment');
		// The columns that say whether it was paid stand first, where a narrow panel shows them.
		expect(text).toMatch(/\bid\W+outcome\W+isFinal\W+status\W+amount\W+currency\W+reference/);
		expect(text).toMatch(/\bsuccess\s+true\s+Success\s+1500\s+KES/);
	});

	it.each([
		['A wrong phone', ["'Phone Number'", '07twelve', 'Write a Kenyan number', 'Nothing was sent']],
		['A till without its K', ["'Till Number' needs its K", 'K123456', 'Nothing was sent']],
		[
			'A wrong bank branch',
			['Bank branch ref is not valid', 'Check the values', 'Nothing was carried out'],
		],
		['An unknown ID', ['404', 'Check the ID']],
	])('%s, with what to do about it', async (name, sentences) => {
		const text = await outputOf(name);
		for (const sentence of sentences) expect(text).toContain(sentence);
		// Neither a stack of code nor a wirePhone number for the user to look up.
		expect(text).not.toMatch(/at .*\.js:\d+|undefined|\[object Object\]/);
	});

	it('and nothing of it stands in the console', () => expect(editor.errors).toEqual([]));
});

describe('as a tool of an AI agent', () => {
	it('is found, and asks whether the agent may move money and what it is shown', async () => {
		const { page } = editor;
		await editor
			.node(AGENT)
			.locator('[data-handleid="inputs/ai_tool/0"]')
			.getByTestId('canvas-handle-plus')
			.click();
		await page.getByTestId('node-creator-search-bar').fill('m-pesa');
		await page
			.getByTestId('node-creator-item-name')
			.filter({ hasText: /^\s*Kopo Kopo Tool\s*$/ })
			.first()
			.click();
		await page.getByTestId('node-parameters').waitFor();

		const { description } = new KopoKopo();
		const tool = { ...description, name: `${description.name}Tool` };
		const wanted = new Shown(tool, {}).fields().map(({ displayName }) => displayName);
		expect(wanted).toContain('Allow AI to Move Money');
		expect(wanted).toContain('Output');
		expect(wanted).not.toContain('Simplify');
		const shown = await readUntil(
			async () => await editor.labels(),
			(labels) => wanted.every((label) => labels.includes(label)),
			5000,
		);
		expect(shown).toEqual(expect.arrayContaining(wanted));
		expect(shown).not.toContain('Simplify');

		// The button that leaves a field to the model.
		const leftToModel = (label: string) =>
			page
				.getByTestId('parameter-item')
				.filter({ hasText: label })
				.getByTestId('from-ai-override-button');
		expect(await leftToModel('Phone Number').count()).toBe(1);
		expect(await leftToModel('Allow AI to Move Money').count()).toBe(0);

		await editor.select('output', 'Selected Fields');
		await editor.parameter('outputFields').waitFor();
		expect(editor.errors).toEqual([]);
	});
});

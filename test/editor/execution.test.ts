import type { INode, INodeParameters } from 'n8n-workflow';
import { KopoKopo } from '../../nodes/KopoKopo/KopoKopo.node';
import { createTestEnvironment, type TestEnvironment } from '../support/testEnvironment';
import { node, START } from '../support/workflows';
import { Editor, arrangeInRow, readUntil } from '../support/editor';
import { sharedN8n } from '../support/sharedN8n';
import { VisibleFields } from './visibleFields';

const AGENT = 'AI Agent';

let testEnv: TestEnvironment;
let editor: Editor;

/** The parameters of each node, by name. All but the first have one error, which the name describes. */
const REQUEST: INodeParameters = {
	resource: 'paymentRequest',
	operation: 'request',
	waitForResult: 'keepChecking',
	tillNumber: 'K000001',
	phoneNumber: '0712345678',
	amount: '1,500',
};
const NODES: Record<string, INodeParameters> = {
	'A payment': REQUEST,
	'A wrong phone': { ...REQUEST, phoneNumber: '07twelve' },
	'A till number without K': { ...REQUEST, tillNumber: '123456' },
	'A wrong bank branch': {
		resource: 'transferAccount',
		operation: 'createBankAccount',
		accountName: 'Nathan Otieno',
		accountNumber: '0123456789014',
		bankBranchReference: 'no-such-branch',
	},
	'An unknown ID': {
		resource: 'paymentRequest',
		operation: 'get',
		paymentRequestId: '247b1bd8-f5a0-4b71-a898-f62f67b8ae1c',
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
		// Each is connected only to the start node, so that running one runs no other.
		connections: {
			[START]: { main: [nodes.map((one) => ({ node: one.name, type: 'main', index: 0 }))] },
		},
		// The editor always saves pin data, and fails to open a workflow without any.
		pinData: {},
	});
	editor = await Editor.open(testEnv.n8n);
	await editor.openWorkflow(workflow.id);
});

afterAll(async () => {
	await editor.close();
	await testEnv.close();
});

/** Opens a node, runs it, and resolves with the text of its output. */
async function outputOf(name: string): Promise<string> {
	await editor.openNode(name);
	try {
		await editor.page.getByTestId('node-execute-button').click();
		const output = editor.page.getByTestId('output-panel');
		// The number of items appears before the table.
		const end = output.locator('td').or(output.getByTestId('node-error-message'));
		await end.first().waitFor({ timeout: 30_000 });
		return await output.innerText();
	} finally {
		await editor.closeNode();
	}
}

describe('the output of a run', () => {
	it('shows a payment as flat fields, the outcome among the first', async () => {
		testEnv.sandbox.customer.addBehaviour({ action: 'pay', afterMs: 200, times: 1 });
		const text = await outputOf('A payment');
		// A narrow panel shows only the first columns.
		expect(text).toMatch(
			/\boutcome\W+amount\W+sender\W+phoneNumber\W+reference\W+occurredAt\W+tillNumber\W+message/,
		);
		expect(text).toMatch(/\bsuccess\s+1500\s/);
	});

	it.each([
		[
			'A wrong phone',
			["'Phone Number'", '07twelve', 'Enter a Kenyan mobile number', 'Nothing was sent'],
		],
		['A till number without K', ['begins with K', 'K123456', 'Nothing was carried out']],
		[
			'A wrong bank branch',
			['Bank branch ref is not valid', 'Check the values', 'Nothing was carried out'],
		],
		['An unknown ID', ['404', 'Check the ID']],
	])('shows an error that says what to do: %s', async (name, messages) => {
		const text = await outputOf(name);
		for (const message of messages) expect(text).toContain(message);
		// Neither a stack trace nor an internal value.
		expect(text).not.toMatch(/at .*\.js:\d+|undefined|\[object Object\]/);
	});

	it('logs no error to the console', () => expect(editor.errors).toEqual([]));
});

describe('the tool of an AI agent', () => {
	it('is listed, and has the fields Allow AI to Make Changes and Output', async () => {
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
		const expected = new VisibleFields(tool, {}).fields().map(({ displayName }) => displayName);
		expect(expected).toContain('Allow AI to Make Changes');
		expect(expected).toContain('Output');
		expect(expected).not.toContain('Simplify');
		const shown = await readUntil(
			async () => await editor.labels(),
			(labels) => expected.every((label) => labels.includes(label)),
			5000,
		);
		expect(shown).toEqual(expect.arrayContaining(expected));
		expect(shown).not.toContain('Simplify');

		// The button that lets the model fill in a field.
		const modelButton = (label: string) =>
			page
				.getByTestId('parameter-item')
				.filter({ hasText: label })
				.getByTestId('from-ai-override-button');
		expect(await modelButton('Phone Number').count()).toBe(1);
		expect(await modelButton('Allow AI to Make Changes').count()).toBe(0);

		await editor.select('output', 'Selected Fields');
		await editor.parameter('fields').waitFor();
		expect(editor.errors).toEqual([]);
	});
});

import {
	NodeConnectionTypes,
	type IConnections,
	type INode,
	type INodeParameters,
} from 'n8n-workflow';
import type { TestEnvironment } from '../support/testEnvironment';
import { chain, node, START } from '../support/workflows';
import { arrangeInRow, readUntil, type Editor } from '../support/editor';
import { shootCanvas } from './canvasScreenshots';
import { LOOKING_UP, PAYMENT_REQUEST, RECEIVING } from './screenshotSources';

/** Draws one picture of the node, into the file at `path`. */
type Draw = (editor: Editor, testEnv: TestEnvironment, path: string) => Promise<void>;

const KOPO_KOPO = 'Ask for the payment';
const AGENT = 'AI Agent';

function kopoKopo(
	{ credential }: TestEnvironment,
	name: string,
	parameters: INodeParameters,
): INode {
	const { id, type } = credential;
	const kind = name.endsWith('Trigger') ? 'kopoKopoTrigger' : 'kopoKopo';
	return {
		...node(name, `n8n-nodes-kopokopo.${kind}`, parameters),
		credentials: { [type]: { id, name: credential.name } },
	};
}

/** What comes and goes by itself and lies over what is to be seen. */
const PASSING = '.el-notification, [role="tooltip"], [data-radix-popper-content-wrapper]';

/** A picture of the open node's fields, and of its output beside them. */
async function shootNode({ page }: Editor, path: string, what: 'fields' | 'output'): Promise<void> {
	await page.addStyleTag({ content: `${PASSING} { visibility: hidden !important; }` });
	const [panel, fields, output] = await Promise.all(
		['ndv', 'node-parameters', 'output-panel'].map(
			async (id) => await page.getByTestId(id).boundingBox(),
		),
	);
	if (!panel || !fields || !output) throw new Error('The node is not open');
	const right = what === 'fields' ? output.x : panel.x + panel.width;
	const clip = { x: fields.x, y: panel.y, width: right - fields.x, height: panel.height };
	await page.screenshot({ path, clip, animations: 'disabled' });
}

/** The item as text, which shows all its fields in little room. */
async function showAsJson({ page }: Editor): Promise<void> {
	await page.getByTestId('output-panel').getByTestId('radio-button-json').click();
}

async function openNew(
	editor: Editor,
	{ n8n }: TestEnvironment,
	name: string,
	nodes: INode[],
	connections: IConnections,
): Promise<void> {
	const { id } = await n8n.createWorkflow({ name, nodes, connections, pinData: {} });
	await editor.openWorkflow(id);
}

async function openAsking(editor: Editor, testEnv: TestEnvironment, changed: INodeParameters = {}) {
	const nodes = [
		node(START, 'n8n-nodes-base.manualTrigger'),
		kopoKopo(testEnv, 'Kopo Kopo', { ...PAYMENT_REQUEST, ...changed }),
	];
	await openNew(
		editor,
		testEnv,
		'Ask for a payment',
		arrangeInRow(nodes),
		chain(START, 'Kopo Kopo'),
	);
	await editor.openNode('Kopo Kopo');
}

const workflow: Draw = async (editor, testEnv, path) => {
	const paid = {
		conditions: {
			options: { caseSensitive: true, leftValue: '', typeValidation: 'strict', version: 2 },
			conditions: [
				{
					id: 'paid',
					leftValue: '={{ $json.outcome }}',
					rightValue: 'success',
					operator: { type: 'string', operation: 'equals' },
				},
			],
			combinator: 'and',
		},
		options: {},
	};
	const [start, ask, check] = arrangeInRow([
		node('New order', 'n8n-nodes-base.manualTrigger'),
		kopoKopo(testEnv, KOPO_KOPO, PAYMENT_REQUEST),
		{ ...node('Is it paid?', 'n8n-nodes-base.if', paid), typeVersion: 2.2 },
	]) as [INode, INode, INode];
	const note = { ...node('Note the receipt', 'n8n-nodes-base.set'), typeVersion: 3.4 };
	const remind = { ...node('Say what went wrong', 'n8n-nodes-base.set'), typeVersion: 3.4 };
	const to = (name: string) => [{ node: name, type: NodeConnectionTypes.Main, index: 0 }];
	await openNew(
		editor,
		testEnv,
		'Sell by M-Pesa',
		[start, ask, check, { ...note, position: [720, -100] }, { ...remind, position: [720, 100] }],
		{
			...chain(start.name, ask.name, check.name),
			[check.name]: { main: [to(note.name), to(remind.name)] },
		},
	);
	testEnv.sandbox.customer.addBehaviour({ action: 'pay', afterMs: 100, times: 1 });
	await editor.page.getByTestId('execute-workflow-button').click();
	// Each connection says how many items went over it, the last one a moment after its node is done.
	const passed = editor.page.getByTestId('edge-label').filter({ hasText: '1 item' });
	await readUntil(
		async () => await passed.count(),
		(count) => count === 3,
	);
	await shootCanvas(editor.page, path);
};

const credential: Draw = async (editor, testEnv, path) => {
	const { page } = editor;
	await openAsking(editor, testEnv);
	await page.getByTestId('node-credentials-select').click();
	await page.getByTestId('node-credentials-select-item-new').filter({ visible: true }).click();
	const type = async (name: string, text: string) =>
		await editor.parameter(name).locator('input').fill(text);
	await type('clientId', 'the-client-id-of-your-application');
	await type('clientSecret', 'a-secret-that-nobody-sees-in-a-picture');
	await type('apiKey', 'a-key-that-nobody-sees-either');
	await page.mouse.move(0, 0);
	await page.getByTestId('editCredential-modal').screenshot({ path, animations: 'disabled' });
};

const trigger: Draw = async (editor, testEnv, path) => {
	const { page } = editor;
	const received = {
		...kopoKopo(testEnv, 'Kopo Kopo Trigger', RECEIVING),
		webhookId: '6d0c1f0a-6f0a-4b6c-9a43-0f6f3f6f1d01',
	};
	const nodes = arrangeInRow([received, node('Your next step', 'n8n-nodes-base.noOp')]);
	await openNew(editor, testEnv, 'Payments', nodes, chain(received.name, 'Your next step'));
	await editor.openNode(received.name);
	await page.getByTestId('trigger-execute-button').first().click();
	await page.getByTestId('trigger-listening').first().waitFor();
	testEnv.sandbox.till.buygoods({ amount: 1500, phone: '+254712345678' });
	await page.getByTestId('output-panel').getByText('+254712345678').first().waitFor();
	await showAsJson(editor);
	await shootNode(editor, path, 'output');
};

const paymentRequest: Draw = async (editor, testEnv, path) => {
	await openAsking(editor, testEnv);
	testEnv.sandbox.customer.addBehaviour({ action: 'pay', afterMs: 100, times: 1 });
	await editor.page.getByTestId('node-execute-button').click();
	await editor.page.getByTestId('output-panel').getByText('success').first().waitFor();
	await showAsJson(editor);
	await shootNode(editor, path, 'output');
};

const refusal: Draw = async (editor, testEnv, path) => {
	await openAsking(editor, testEnv, { phoneNumber: '07twelve' });
	await editor.page.getByTestId('node-execute-button').click();
	await editor.page.getByTestId('node-error-message').first().waitFor();
	await shootNode(editor, path, 'output');
};

const aiTool: Draw = async (editor, testEnv, path) => {
	const tool = {
		...kopoKopo(testEnv, 'Kopo Kopo', LOOKING_UP),
		type: 'n8n-nodes-kopokopo.kopoKopoTool',
	};
	const agent = { ...node(AGENT, '@n8n/n8n-nodes-langchain.agent'), typeVersion: 3 };
	await openNew(editor, testEnv, 'Ask about payments', arrangeInRow([agent, tool]), {
		[tool.name]: { ai_tool: [[{ node: AGENT, type: NodeConnectionTypes.AiTool, index: 0 }]] },
	});
	await editor.openNode(tool.name);
	await shootNode(editor, path, 'fields');
};

/** Every picture of the node, by the name of its file. */
export const pictures: Record<string, Draw> = {
	workflow,
	credential,
	trigger,
	'payment-request': paymentRequest,
	error: refusal,
	'ai-tool': aiTool,
};

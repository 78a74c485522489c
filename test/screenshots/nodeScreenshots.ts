import {
	NodeConnectionTypes,
	type IConnections,
	type INode,
	type INodeParameters,
} from 'n8n-workflow';
import type { TestEnvironment } from '../support/testEnvironment';
import { chain, node, START } from '../support/workflows';
import { arrangeInRow, readUntil, type Editor } from '../support/editor';
import { captureCanvas } from './canvasScreenshots';
import { PAYMENT_LOOKUP, PAYMENT_REQUEST, TRIGGER_SETTINGS } from './screenshotSources';

/** Takes one screenshot of the node and writes it to `path`. */
type Capture = (editor: Editor, testEnv: TestEnvironment, path: string) => Promise<void>;

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

/** Temporary elements that could cover the node. */
const OVERLAYS = '.el-notification, [role="tooltip"], [data-radix-popper-content-wrapper]';

/** Takes a screenshot of the open node's fields, with or without its output. */
async function captureNode(
	{ page }: Editor,
	path: string,
	what: 'fields' | 'output',
): Promise<void> {
	await page.addStyleTag({ content: `${OVERLAYS} { visibility: hidden !important; }` });
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

/** Shows the output as JSON, which shows all fields in little space. */
async function showAsJson({ page }: Editor): Promise<void> {
	await page.getByTestId('output-panel').getByTestId('radio-button-json').click();
}

async function openNewWorkflow(
	editor: Editor,
	{ n8n }: TestEnvironment,
	name: string,
	nodes: INode[],
	connections: IConnections,
): Promise<void> {
	const { id } = await n8n.createWorkflow({ name, nodes, connections, pinData: {} });
	await editor.openWorkflow(id);
}

async function openPaymentRequest(
	editor: Editor,
	testEnv: TestEnvironment,
	changes: INodeParameters = {},
) {
	const nodes = [
		node(START, 'n8n-nodes-base.manualTrigger'),
		kopoKopo(testEnv, 'Kopo Kopo', { ...PAYMENT_REQUEST, ...changes }),
	];
	await openNewWorkflow(
		editor,
		testEnv,
		'Ask for a payment',
		arrangeInRow(nodes),
		chain(START, 'Kopo Kopo'),
	);
	await editor.openNode('Kopo Kopo');
}

const workflow: Capture = async (editor, testEnv, path) => {
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
	await openNewWorkflow(
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
	// Each connection shows its number of items, the last one shortly after its node has finished.
	const itemCounts = editor.page.getByTestId('edge-label').filter({ hasText: '1 item' });
	await readUntil(
		async () => await itemCounts.count(),
		(count) => count === 3,
	);
	await captureCanvas(editor.page, path);
};

const credential: Capture = async (editor, testEnv, path) => {
	const { page } = editor;
	await openPaymentRequest(editor, testEnv);
	await page.getByTestId('node-credentials-select').click();
	await page.getByTestId('node-credentials-select-item-new').filter({ visible: true }).click();
	const enter = async (name: string, text: string) =>
		await editor.parameter(name).locator('input').fill(text);
	await enter('clientId', 'the-client-id-of-your-application');
	await enter('clientSecret', 'a-secret-that-is-not-visible');
	await enter('apiKey', 'a-key-that-is-not-visible');
	await page.mouse.move(0, 0);
	await page.getByTestId('editCredential-modal').screenshot({ path, animations: 'disabled' });
};

const trigger: Capture = async (editor, testEnv, path) => {
	const { page } = editor;
	const received = {
		...kopoKopo(testEnv, 'Kopo Kopo Trigger', TRIGGER_SETTINGS),
		webhookId: '6d0c1f0a-6f0a-4b6c-9a43-0f6f3f6f1d01',
	};
	const nodes = arrangeInRow([received, node('Your next step', 'n8n-nodes-base.noOp')]);
	await openNewWorkflow(editor, testEnv, 'Payments', nodes, chain(received.name, 'Your next step'));
	await editor.openNode(received.name);
	await page.getByTestId('trigger-execute-button').first().click();
	await page.getByTestId('trigger-listening').first().waitFor();
	testEnv.sandbox.till.buygoods({ amount: 1500, phone: '+254712345678' });
	await page.getByTestId('output-panel').getByText('+254712345678').first().waitFor();
	await showAsJson(editor);
	await captureNode(editor, path, 'output');
};

const paymentRequest: Capture = async (editor, testEnv, path) => {
	await openPaymentRequest(editor, testEnv);
	testEnv.sandbox.customer.addBehaviour({ action: 'pay', afterMs: 100, times: 1 });
	await editor.page.getByTestId('node-execute-button').click();
	await editor.page.getByTestId('output-panel').getByText('success').first().waitFor();
	await showAsJson(editor);
	await captureNode(editor, path, 'output');
};

const error: Capture = async (editor, testEnv, path) => {
	await openPaymentRequest(editor, testEnv, { phoneNumber: '07twelve' });
	await editor.page.getByTestId('node-execute-button').click();
	await editor.page.getByTestId('node-error-message').first().waitFor();
	await captureNode(editor, path, 'output');
};

const aiTool: Capture = async (editor, testEnv, path) => {
	const tool = {
		...kopoKopo(testEnv, 'Kopo Kopo', PAYMENT_LOOKUP),
		type: 'n8n-nodes-kopokopo.kopoKopoTool',
	};
	const agent = { ...node(AGENT, '@n8n/n8n-nodes-langchain.agent'), typeVersion: 3 };
	await openNewWorkflow(editor, testEnv, 'Ask about payments', arrangeInRow([agent, tool]), {
		[tool.name]: { ai_tool: [[{ node: AGENT, type: NodeConnectionTypes.AiTool, index: 0 }]] },
	});
	await editor.openNode(tool.name);
	await captureNode(editor, path, 'fields');
};

/** Every screenshot of the node, by file name. */
export const nodeScreenshots: Record<string, Capture> = {
	workflow,
	credential,
	trigger,
	'payment-request': paymentRequest,
	error,
	'ai-tool': aiTool,
};

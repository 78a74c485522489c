import { KopoKopoTrigger } from '../../nodes/KopoKopo/KopoKopoTrigger.node';
import { createTestEnvironment, type TestEnvironment } from '../support/testEnvironment';
import { chain, node, SUCCESS, TRIGGER } from '../support/workflows';
import { Editor, arrangeInRow, readUntil } from '../support/editor';
import { sharedN8n } from '../support/sharedN8n';
import { VisibleFields } from './visibleFields';

const { description } = new KopoKopoTrigger();
const parameters = { triggerOn: ['buygoods_transaction_received'], scope: 'company' };

let testEnv: TestEnvironment;
let editor: Editor;

beforeAll(async () => {
	testEnv = await createTestEnvironment(await sharedN8n());
	const { id, name, type } = testEnv.credential;
	const trigger = {
		...node(TRIGGER, 'n8n-nodes-kopokopo.kopoKopoTrigger', parameters),
		webhookId: '6d0c1f0a-6f0a-4b6c-9a43-0f6f3f6f1c01',
		credentials: { [type]: { id, name } },
	};
	const workflow = await testEnv.n8n.createWorkflow({
		name: 'Receiving',
		nodes: arrangeInRow([trigger, node(SUCCESS, 'n8n-nodes-base.noOp')]),
		connections: chain(TRIGGER, SUCCESS),
	});
	editor = await Editor.open(testEnv.n8n);
	await editor.openWorkflow(workflow.id);
	await editor.openNode(TRIGGER);
});

afterAll(async () => {
	await editor.close();
	await testEnv.close();
});

it('shows its fields, its notice and its URLs', async () => {
	const expected = new VisibleFields(description, parameters)
		.fields()
		.map(({ displayName }) => displayName);
	expect(await readUntil(async () => await editor.labels(), isSame(expected), 3000)).toEqual(
		expected,
	);
	const panel = await editor.page.getByTestId('node-parameters').innerText();
	expect(panel).toContain('must be able to reach the Production URL under Webhook URLs');
	expect(panel).toContain('the trigger uses its existing subscriptions');
	// The notice is rendered HTML.
	expect(panel).not.toContain('<br>');

	await editor.page.getByText('Webhook URLs', { exact: true }).click();
	const panelText = async () => await editor.page.getByTestId('ndv').innerText();
	const isOpen = (text: string) => text.includes('/webhook-test/');
	expect(await readUntil(panelText, isOpen)).toContain('/webhook-test/');
});

it('says what to do before it listens for a test event', async () => {
	const header = editor.page.getByTestId('trigger-header');
	expect(await header.innerText()).toBe(
		'Execute this step, then create an event, such as a payment of KES 1 to your till',
	);
	const notice = editor.page.getByTestId('node-parameters').locator('.notice');
	expect(await notice.locator('a').getAttribute('href')).toMatch(/\/docs\/events\.md$/);
});

it('outputs the item of a signed event while it listens for a test event', async () => {
	await editor.page.getByTestId('trigger-execute-button').first().click();
	await editor.page.getByTestId('trigger-listening').first().waitFor();
	await readUntil(
		async () => testEnv.sandbox.ledger.requests.map(({ path }) => path),
		(paths) => paths.includes('/api/v2/webhook_subscriptions'),
	);
	testEnv.sandbox.till.buygoods({ amount: 1500, phone: '+254712345678' });

	const output = editor.page.getByTestId('output-panel');
	await output.getByTestId('ndv-items-count').waitFor();
	const text = await readUntil(
		async () => await output.innerText(),
		(shown) => shown.includes('1500'),
	);
	expect(text).toContain('+254712345678');
	expect(text).toContain('dedupeKey');
	expect(editor.errors).toEqual([]);
});

it('shows a notice that is not higher than 100 pixels', async () => {
	const box = await editor.page.getByTestId('node-parameters').locator('.notice').boundingBox();
	expect(box?.height ?? 0).toBeGreaterThan(20);
	expect(box?.height ?? 0).toBeLessThan(100);
});

const isSame = (expected: string[]) => (shown: string[]) => shown.join() === expected.join();

import getPort from 'get-port';
import { createTestEnvironment, type TestEnvironment } from '../support/testEnvironment';
import { chain, node, START } from '../support/workflows';
import { Editor, readUntil } from '../support/editor';
import { sharedN8n } from '../support/sharedN8n';

let testEnv: TestEnvironment;
let editor: Editor;

beforeAll(async () => {
	testEnv = await createTestEnvironment(await sharedN8n());
	const { id } = await testEnv.n8n.createWorkflow({
		name: 'Without a credential',
		nodes: [
			node(START, 'n8n-nodes-base.manualTrigger'),
			{ ...node('Kopo Kopo', 'n8n-nodes-kopokopo.kopoKopo'), position: [240, 0] },
		],
		connections: chain(START, 'Kopo Kopo'),
	});
	editor = await Editor.open(testEnv.n8n);
	await editor.openWorkflow(id);
	await editor.openNode('Kopo Kopo');
	await editor.page.getByTestId('node-credentials-select').click();
	await editor.page
		.getByTestId('node-credentials-select-item-new')
		.filter({ visible: true })
		.click();
	await editor.parameter('environment').waitFor();
});

afterAll(async () => {
	await editor.close();
	await testEnv.close();
});

async function enter(name: string, text: string) {
	await editor.parameter(name).locator('input').fill(text);
}

/** Saves the credential, which also tests it, and waits for this message in the dialog; resolves with its text. */
async function textAfterSaving(message: RegExp): Promise<string> {
	const { page } = editor;
	await page.getByTestId('credential-save-button').click();
	const more = page.getByText('More details');
	return await readUntil(
		async () => {
			if (await more.isVisible()) await more.click();
			return await page.getByTestId('editCredential-modal').innerText();
		},
		(text) => message.test(text),
	);
}

it('shows the fields of the environment, and addresses only where they are needed', async () => {
	expect(await editor.selected('environment')).toBe('Sandbox');
	expect(await editor.optionsOf('environment')).toEqual([
		'Custom',
		'Production',
		'Production with Other OAuth Address',
		'Sandbox',
	]);
	expect(await editor.parameter('baseUrl').count()).toBe(0);
	expect(await editor.parameter('oauthBaseUrl').count()).toBe(0);
	await editor.select('environment', 'Production with Other OAuth Address');
	await editor.parameter('oauthBaseUrl').waitFor();
	await editor.select('environment', 'Production');
	await editor.parameter('oauthBaseUrl').waitFor({ state: 'detached' });
	await editor.select('environment', 'Custom');
	for (const name of ['baseUrl', 'clientId', 'clientSecret', 'apiKey', 'oauthBaseUrl']) {
		await editor.parameter(name).waitFor();
	}
	expect(await editor.parameter('accessToken').count()).toBe(0);
});

it('reports a wrong client secret, and where to find the right one', async () => {
	const { sandbox } = testEnv;
	await enter('baseUrl', sandbox.url);
	await enter('clientId', sandbox.clientId);
	await enter('clientSecret', 'not the secret');
	await enter('apiKey', sandbox.apiKey);
	const message =
		/did not accept the 'Client ID' and 'Client Secret'.*Copy both again.*dashboard.*Environment/;
	expect(await textAfterSaving(message)).toMatch(message);
});

it('reports a base URL that cannot be reached', async () => {
	const unusedPort = await getPort({ host: '127.0.0.1' });
	await enter('baseUrl', `http://127.0.0.1:${unusedPort}`);
	await enter('clientSecret', testEnv.sandbox.clientSecret);
	const message = /refused the connection|could not be reached/;
	expect(await textAfterSaving(message)).toMatch(message);
});

it('accepts valid values and closes the dialog', async () => {
	const { page } = editor;
	await enter('baseUrl', testEnv.sandbox.url);
	await page.getByTestId('credential-save-button').click();
	await page.getByTestId('editCredential-modal').waitFor({ state: 'hidden' });
	const selected = page.getByTestId('node-credentials-select').getByRole('combobox');
	expect(await selected.inputValue()).toMatch(/^Kopo Kopo account/);
	expect(editor.errors).toEqual([]);
});

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

async function type(name: string, text: string) {
	await editor.parameter(name).locator('input').fill(text);
}

/** Presses Save, which also tests; gives what the dialog then says, once it is this. */
async function saidOnSave(sentence: RegExp): Promise<string> {
	const { page } = editor;
	await page.getByTestId('credential-save-button').click();
	const more = page.getByText('More details');
	return await readUntil(
		async () => {
			if (await more.isVisible()) await more.click();
			return await page.getByTestId('editCredential-modal').innerText();
		},
		(text) => sentence.test(text),
	);
}

it('shows the fields of an environment, and an address only for one of your own', async () => {
	expect(await editor.selected('environment')).toBe('Sandbox');
	expect(await editor.optionsOf('environment')).toEqual(['Custom', 'Production', 'Sandbox']);
	expect(await editor.parameter('baseUrl').count()).toBe(0);
	await editor.select('environment', 'Custom');
	for (const name of ['baseUrl', 'clientId', 'clientSecret', 'apiKey', 'oauthBaseUrl']) {
		await editor.parameter(name).waitFor();
	}
	expect(await editor.parameter('accessToken').count()).toBe(0);
});

it('says of a wrong secret what is wrong and where to find the right one', async () => {
	const { sandbox } = testEnv;
	await type('baseUrl', sandbox.url);
	await type('clientId', sandbox.clientId);
	await type('clientSecret', 'not the secret');
	await type('apiKey', sandbox.apiKey);
	const sentence =
		/did not accept the 'Client ID' and 'Client Secret'.*Copy both again.*dashboard.*Environment/;
	expect(await saidOnSave(sentence)).toMatch(sentence);
});

it('says of an address where nobody is that it cannot be reached', async () => {
	const nobody = await getPort({ host: '127.0.0.1' });
	await type('baseUrl', `http://127.0.0.1:${nobody}`);
	await type('clientSecret', testEnv.sandbox.clientSecret);
	const sentence = /refused the connection|could not be reached/;
	expect(await saidOnSave(sentence)).toMatch(sentence);
});

it('takes what is right, and closes', async () => {
	const { page } = editor;
	await type('baseUrl', testEnv.sandbox.url);
	await page.getByTestId('credential-save-button').click();
	await page.getByTestId('editCredential-modal').waitFor({ state: 'hidden' });
	const chosen = page.getByTestId('node-credentials-select').getByRole('combobox');
	expect(await chosen.inputValue()).toMatch(/^Kopo Kopo account/);
	expect(editor.errors).toEqual([]);
});

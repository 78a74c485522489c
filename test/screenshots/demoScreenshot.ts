import { readJson } from 'fs-extra';
import type { Editor } from '../support/editor';
import type { WorkflowDraft } from '../support/n8nClient';
import type { TestEnvironment } from '../support/testEnvironment';
import { credentialReference } from '../support/workflows';
import { DEMO_WORKFLOW } from './screenshotSources';

/** Of the two windows and the space between them, in CSS pixels. */
const HEIGHT = 760;
const EDITOR_WIDTH = 1000;
const PHONE_WIDTH = 400;
const GAP = 16;

/**
 * Takes a screenshot of the demo while it waits for the customer: the editor, and the phone with the prompt
 * beside it.
 */
export async function captureDemo(
	editor: Editor,
	{ n8n, sandbox, credential }: TestEnvironment,
	path: string,
): Promise<void> {
	const draft = (await readJson(DEMO_WORKFLOW)) as WorkflowDraft;
	const { id } = await n8n.createWorkflow({
		...draft,
		nodes: draft.nodes.map((node) => ({
			...node,
			...(node.type.startsWith('n8n-nodes-kopokopo.') && {
				credentials: credentialReference(credential),
			}),
		})),
	});
	const phone = await editor.openWindow({ width: PHONE_WIDTH, height: HEIGHT });
	await phone.goto(sandbox.pageUrl);
	// While the page is open, customers wait for the person who uses it.
	await phone.getByText('Live', { exact: true }).waitFor();

	await editor.page.setViewportSize({ width: EDITOR_WIDTH, height: HEIGHT });
	await editor.openWorkflow(id);
	await editor.page.getByTestId('execute-workflow-button').click();
	await phone.getByRole('form', { name: 'Payment prompt' }).waitFor();
	await phone.locator('#device').evaluate((device) => device.scrollIntoView({ block: 'center' }));
	await editor.page.mouse.move(0, 0);

	const windows = await Promise.all(
		[editor.page, phone].map(async (page) => await page.screenshot({ animations: 'disabled' })),
	);
	await phone.context().close();
	const both = await editor.openWindow({ width: EDITOR_WIDTH + GAP + PHONE_WIDTH, height: HEIGHT });
	const images = windows.map(
		(png) => `<img height="${HEIGHT}" src="data:image/png;base64,${png.toString('base64')}">`,
	);
	await both.setContent(
		`<body style="margin: 0; display: flex; gap: ${GAP}px; background: #8a8a8a">${images.join('')}</body>`,
		{ waitUntil: 'load' },
	);
	await both.screenshot({ path });
	await both.context().close();
}

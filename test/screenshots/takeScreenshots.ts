import { ensureDir, remove, writeJson } from 'fs-extra';
import { Editor } from '../support/editor';
import { ROOT, RUN } from '../support/n8nInstallation';
import { startN8n } from '../support/n8nProcess';
import { createTestEnvironment } from '../support/testEnvironment';
import { captureExample } from './canvasScreenshots';
import { captureDemo } from './demoScreenshot';
import { nodeScreenshots } from './nodeScreenshots';
import {
	EXAMPLE_PICTURES,
	examples,
	MADE_FROM,
	NODE_PICTURES,
	sourceHashes,
	type NodeDescriptions,
} from './screenshotSources';

/** Wide enough for a node's fields and output, and legible when GitHub scales it down. */
const WINDOW = { width: 1300, height: 860, scale: 1.4 };

interface ScreenshotOptions {
	nodes: NodeDescriptions;
	/** Prints a line for the user. */
	write(line: string): void;
	/** Adds a clean-up. Clean-ups run newest first. */
	onStop(cleanUp: () => Promise<void>): void;
}

/** Takes every screenshot of the README and of the examples in n8n's editor. */
export async function takeScreenshots({ nodes, write, onStop }: ScreenshotOptions): Promise<void> {
	await ensureDir(`${ROOT}/${NODE_PICTURES}`);
	await ensureDir(`${ROOT}/${EXAMPLE_PICTURES}`);
	write('Starting n8n …');
	await remove(`${RUN}/screenshots`);
	const n8n = await startN8n({ folder: `${RUN}/screenshots`, onStop });
	const testEnv = await createTestEnvironment(n8n.client);
	onStop(async () => await testEnv.close());
	testEnv.credential = await n8n.client.createCredential(
		'My Kopo Kopo account',
		testEnv.credential.type,
		testEnv.credentialData,
	);

	// One browser for all, because a new one would load the editor again.
	const editor = await Editor.open(n8n.client, WINDOW);
	onStop(async () => await editor.close());
	for (const [name, capture] of Object.entries(nodeScreenshots)) {
		await capture(editor, testEnv, `${ROOT}/${NODE_PICTURES}/${name}.png`);
		write(`${NODE_PICTURES}/${name}.png`);
	}
	const demo = `${NODE_PICTURES}/demo.png`;
	await captureDemo(editor, testEnv, `${ROOT}/${demo}`);
	write(demo);
	const wide = await Editor.open(n8n.client);
	onStop(async () => await wide.close());
	for (const example of await examples()) {
		await captureExample(wide, n8n.client, example, `${ROOT}/${example.picture}`);
		write(example.picture);
	}
	await writeJson(`${ROOT}/${MADE_FROM}`, await sourceHashes(nodes), { spaces: '\t' });
}

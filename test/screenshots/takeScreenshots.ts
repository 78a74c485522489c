import { ensureDir, remove, writeJson } from 'fs-extra';
import { Editor } from '../support/editor';
import { ROOT, RUN } from '../support/n8nInstallation';
import { startN8n } from '../support/n8nProcess';
import { createTestEnvironment } from '../support/testEnvironment';
import { drawExample } from './canvasScreenshots';
import { pictures } from './nodeScreenshots';
import {
	EXAMPLE_PICTURES,
	examples,
	MADE_FROM,
	NODE_PICTURES,
	sourceHashes,
	type Nodes,
} from './screenshotSources';

/** Wide enough for a panel with its fields and its output, and legible where GitHub makes it smaller. */
const WINDOW = { width: 1300, height: 860, scale: 1.4 };

interface Surroundings {
	nodes: Nodes;
	/** Takes what the person at the terminal is to read, line by line. */
	write(line: string): void;
	/** Takes a clean-up the moment there is something to clean up; they run newest first. */
	onStop(cleanUp: () => Promise<void>): void;
}

/** Makes every picture of the README and of the examples anew, in the real editor. */
export async function takePictures({ nodes, write, onStop }: Surroundings): Promise<void> {
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

	// One browser for all, since a new one would load the whole editor anew for each.
	const editor = await Editor.open(n8n.client, WINDOW);
	onStop(async () => await editor.close());
	for (const [name, draw] of Object.entries(pictures)) {
		await draw(editor, testEnv, `${ROOT}/${NODE_PICTURES}/${name}.png`);
		write(`${NODE_PICTURES}/${name}.png`);
	}
	const wide = await Editor.open(n8n.client);
	onStop(async () => await wide.close());
	for (const example of await examples()) {
		await drawExample(wide, n8n.client, example, `${ROOT}/${example.picture}`);
		write(example.picture);
	}
	await writeJson(`${ROOT}/${MADE_FROM}`, await sourceHashes(nodes), { spaces: '\t' });
}

import { ensureDir, remove, writeJson } from 'fs-extra';
import { setStage } from '../e2e/stage';
import { Editor } from '../support/editor';
import { ROOT, RUN, startN8n } from '../support/n8nProcess';
import { drawExample } from './canvas';
import { pictures } from './pictures';
import {
	EXAMPLE_PICTURES,
	examples,
	MADE_FROM,
	NODE_PICTURES,
	sourceHashes,
	type Nodes,
} from './sources';

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
	const stage = await setStage(n8n.client);
	onStop(async () => await stage.close());
	stage.credential = await n8n.client.createCredential(
		'My Kopo Kopo account',
		stage.credential.type,
		stage.secrets,
	);

	// One browser for all, since a new one would load the whole editor anew for each.
	const editor = await Editor.open(n8n.client, WINDOW);
	onStop(async () => await editor.close());
	for (const [name, draw] of Object.entries(pictures)) {
		await draw(editor, stage, `${ROOT}/${NODE_PICTURES}/${name}.png`);
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

/** `npm run screenshots`: handles signals and the terminal; takeScreenshots.ts does the rest. */

// Imported here because tsx needs the extension: without it, the path would name the codex file beside it.
import { KopoKopo } from '../../nodes/KopoKopo/KopoKopo.node.ts';
import { KopoKopoTrigger } from '../../nodes/KopoKopo/KopoKopoTrigger.node.ts';
import { handleSignals } from '../support/terminal.mjs';
import { takeScreenshots } from './takeScreenshots.ts';

const { isStopping, leave, onStop } = handleSignals();

try {
	await takeScreenshots({
		nodes: { action: new KopoKopo().description, trigger: new KopoKopoTrigger().description },
		write: (line) => process.stdout.write(`${line}\n`),
		onStop,
	});
	await leave(0);
} catch (error) {
	if (!isStopping()) console.error(error);
	await leave(1);
}

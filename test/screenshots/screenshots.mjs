/** `npm run screenshots`: the signals and the terminal; what is shown is in pictures.ts and examples.ts. */

// Here and not where they are used: without its ending the name is that of the codex beside it.
import { KopoKopo } from '../../nodes/KopoKopo/KopoKopo.node.ts';
import { KopoKopoTrigger } from '../../nodes/KopoKopo/KopoKopoTrigger.node.ts';
import { handleSignals } from '../support/terminal.mjs';
import { takePictures } from './takeScreenshots.ts';

const { isStopping, leave, onStop } = handleSignals();

try {
	await takePictures({
		nodes: { action: new KopoKopo().description, trigger: new KopoKopoTrigger().description },
		write: (line) => process.stdout.write(`${line}\n`),
		onStop,
	});
	await leave(0);
} catch (error) {
	if (!isStopping()) console.error(error);
	await leave(1);
}

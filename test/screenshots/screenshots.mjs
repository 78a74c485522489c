/** `npm run screenshots`: the signals and the terminal; what is shown is in pictures.ts and examples.ts. */

// Here and not where they are used: without its ending the name is that of the codex beside it.
import { KopoKopo } from '../../nodes/KopoKopo/KopoKopo.node.ts';
import { KopoKopoTrigger } from '../../nodes/KopoKopo/KopoKopoTrigger.node.ts';
import { takePictures } from './takePictures.ts';

const cleanUps = [];
let stopping;

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
	process.on(signal, () => void leave(signal === 'SIGINT' ? 130 : 143));
}

try {
	await takePictures({
		nodes: { action: new KopoKopo().description, trigger: new KopoKopoTrigger().description },
		write: (line) => process.stdout.write(`${line}\n`),
		onStop: (cleanUp) => cleanUps.unshift(cleanUp),
	});
	await leave(0);
} catch (error) {
	if (!stopping) console.error(error);
	await leave(1);
}

/** Ends whatever runs, the newest first, and then this process. */
async function leave(code) {
	stopping ??= (async () => {
		for (const cleanUp of cleanUps) {
			await cleanUp().catch((error) => console.error(`Not everything ended: ${error}`));
		}
		process.exit(code);
	})();
	await stopping;
}

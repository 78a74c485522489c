/** `npm start`: the arguments, the signals and the terminal; what happens is in demo.ts. */

import { parseArgs } from 'node:util';
import { DemoStopped, runDemo } from './demo.ts';

const USAGE = `npm start -- [--once] [--port 5678] [--sandbox-port 4010]
  --once          stop everything when the payment has come through
  --port          where n8n listens
  --sandbox-port  where the Kopo Kopo sandbox listens`;

const options = readArguments();
const cleanUps = [];
let stopping;

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
	process.on(signal, () => void leave(signal === 'SIGINT' ? 130 : 143));
}

const write = (line) => process.stdout.write(`${line}\n`);
try {
	const places = await runDemo({
		...options,
		write,
		onStop: (cleanUp) => cleanUps.unshift(cleanUp),
	});
	if (options.once) await leave(0);
	else write(['', ...places, 'Ctrl-C ends everything.'].join('\n'));
} catch (error) {
	if (!stopping) console.error(`\n${error instanceof DemoStopped ? error.message : error}`);
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

function readArguments() {
	try {
		const { values } = parseArgs({
			options: {
				once: { type: 'boolean', default: false },
				port: { type: 'string', default: '5678' },
				'sandbox-port': { type: 'string', default: '4010' },
			},
		});
		return {
			once: values.once,
			port: portOf('--port', values.port),
			sandboxPort: portOf('--sandbox-port', values['sandbox-port']),
		};
	} catch (error) {
		console.error(`${error.message}\n\n${USAGE}`);
		return process.exit(1);
	}
}

function portOf(name, text) {
	const port = Number(text);
	if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
	throw new Error(`${name} takes a port number between 1 and 65535.`);
}

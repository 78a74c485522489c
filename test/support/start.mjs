/** `npm start`: handles arguments, signals and the terminal; demo.ts does the rest. */

import { parseArgs } from 'node:util';
import { DemoError, runDemo } from './demo.ts';
import { createProgress } from './progress.mjs';
import { handleSignals } from './terminal.mjs';

const USAGE = `npm start -- [--once] [--port 5678] [--sandbox-port 4010]
  --once          play the customer, print what the workflows received, and stop
  --port          where n8n listens
  --sandbox-port  where the Kopo Kopo sandbox listens`;

const options = readArguments();
const progress = createProgress();
// Stopping n8n takes some seconds.
const { isStopping, leave, onStop } = handleSignals(() => progress.print('\nStopping …'));

try {
	const instructions = await runDemo({
		...options,
		// Some terminals tell no width, which is then 0.
		columns: process.stdout.columns || undefined,
		write: progress.print,
		begin: progress.begin,
		onStop,
	});
	if (options.once) await leave(0);
	else progress.print(['', ...instructions, '', 'Press Ctrl-C to stop everything.'].join('\n'));
} catch (error) {
	if (!isStopping()) console.error(`\n${error instanceof DemoError ? error.message : error}`);
	await leave(1);
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

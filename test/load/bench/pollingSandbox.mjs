/**
 * Starts a sandbox with payments of the last day, and sends its address and credentials to the parent process:
 * `node --import tsx pollingSandbox.mjs <payments> <start of the day, ms since the epoch>`. It runs in a process
 * of its own, so that its time and memory are not measured. It ends with the parent process.
 */

import { startSandbox } from '../../sandbox/server.ts';

const DAY_MS = 24 * 60 * 60_000;
const [payments, startsAt] = process.argv.slice(2).map(Number);

const sandbox = await startSandbox({ port: 0 });
for (let index = 0; index < payments; index += 1) {
	// The last one is a minute before the present, so the first poll lists it.
	const at = new Date(startsAt + (index * (DAY_MS - 60_000)) / payments).toISOString();
	sandbox.till.buygoods({ reference: `BENCH${index}`, at });
}
process.once('disconnect', () => process.exit(0));
const { url, clientId, clientSecret, apiKey } = sandbox;
process.send({ url, clientId, clientSecret, apiKey });

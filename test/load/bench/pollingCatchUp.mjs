/**
 * Lets the polling trigger catch up with payments of the last day and prints time and memory as JSON:
 * `node --expose-gc --import tsx pollingCatchUp.mjs <payments>`. Runs in a process of its own, which contains
 * the sandbox and n8n-core's context of a poll, but no n8n: executions end as soon as they have started.
 */

import { startSandbox } from '../../sandbox/server.ts';
import { sandboxCredential } from '../../support/nodeContexts.ts';
import { PollingTrigger } from '../../support/pollingTrigger.ts';

const DAY_MS = 24 * 60 * 60_000;
/** Polls with nothing new that are measured. */
const EMPTY_POLLS = 5;

const payments = Number(process.argv[2]);
const sandbox = await startSandbox({ port: 0 });
const startedAt = Date.now();
for (let index = 0; index < payments; index += 1) {
	// The last one lies before the present, which the first poll reaches.
	const at = new Date(startedAt - DAY_MS + (index * (DAY_MS - 60_000)) / payments).toISOString();
	sandbox.till.buygoods({ reference: `BENCH${index}`, at });
}
const trigger = new PollingTrigger(sandboxCredential(sandbox), {
	startFrom: 'time',
	startTime: new Date(startedAt - DAY_MS - 60_000).toISOString(),
});

let given = 0;
let peakBytes = 0;
const ending = setInterval(() => {
	peakBytes = Math.max(peakBytes, process.memoryUsage().heapUsed);
	for (const execution of trigger.executions.splice(0)) {
		given += execution.items.length;
		execution.end();
	}
}, 1);

const bytesBefore = heapBytes();
peakBytes = bytesBefore;
const begunAt = performance.now();
await trigger.activate();
let polls = 1;
for (; given < payments; polls += 1) await trigger.poll();
const ms = performance.now() - begunAt;
// One poll records the ends, and drops what no later one can list.
await trigger.poll();
const emptyMs = [];
for (let count = 0; count < EMPTY_POLLS; count += 1) {
	const pollingAt = performance.now();
	await trigger.poll();
	emptyMs.push(performance.now() - pollingAt);
}
clearInterval(ending);
process.stdout.write(
	JSON.stringify({
		ms,
		polls,
		given,
		peakBytes: peakBytes - bytesBefore,
		keptBytes: heapBytes() - bytesBefore,
		storedBytes: trigger.database.length,
		emptyMs,
	}),
);
process.exit(0);

function heapBytes() {
	globalThis.gc();
	globalThis.gc();
	return process.memoryUsage().heapUsed;
}

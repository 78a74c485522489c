/**
 * Lets the polling trigger catch up with payments of the last day and prints time and memory as JSON:
 * `node --expose-gc --import tsx pollingCatchUp.mjs <payments>`. It uses n8n-core's context of a poll, but no
 * n8n: executions end as soon as they have started.
 */

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { PollContext } from 'n8n-core';
// With its extension: without, tsx takes the codex file beside it.
import { KopoKopoPollingTrigger } from '../../../nodes/KopoKopo/KopoKopoPollingTrigger.node.ts';
import { poll } from '../../../nodes/KopoKopo/polling/poll.ts';
import { additionalDataFor, sandboxCredential, workflowWith } from '../../support/nodeContexts.ts';

const DAY_MS = 24 * 60 * 60_000;
const SANDBOX = fileURLToPath(new URL('pollingSandbox.mjs', import.meta.url));
/** What n8n reports about an execution that has ended. */
const ENDED_RUN = {
	status: 'success',
	data: { resultData: { runData: {}, lastNodeExecuted: 'Last Node' } },
};
/** The number of polls without new payments that are measured. */
const EMPTY_POLLS = 5;

const payments = Number(process.argv[2]);
const startsAt = Date.now() - DAY_MS;
const sandboxProcess = fork(SANDBOX, [String(payments), String(startsAt)]);
const [sandbox] = await once(sandboxProcess, 'message');
const parameters = {
	startFrom: 'time',
	startTime: new Date(startsAt - 60_000).toISOString(),
};
const { workflow, node } = workflowWith(new KopoKopoPollingTrigger(), parameters, {}, 'bench', {});
let given = 0;
let peakBytes = 0;
const context = new PollContext(
	workflow,
	node,
	additionalDataFor(sandboxCredential(sandbox)),
	'trigger',
	'activate',
	([items], _response, done) => {
		given += items.length;
		peakBytes = Math.max(peakBytes, process.memoryUsage().heapUsed);
		setImmediate(() => {
			storedBytes();
			done.resolve(ENDED_RUN);
		});
	},
);

const bytesBefore = heapBytes();
peakBytes = bytesBefore;
const begunAt = performance.now();
const cpuBefore = process.cpuUsage();
let polls = 0;
for (; given < payments; polls += 1) await poll(context);
const ms = performance.now() - begunAt;
const cpuMs = cpuMsSince(cpuBefore);
// One poll records the ends, and drops what no later one can list.
await poll(context);
const emptyCpuMs = [];
for (let count = 0; count < EMPTY_POLLS; count += 1) {
	const before = process.cpuUsage();
	await poll(context);
	emptyCpuMs.push(cpuMsSince(before));
}
process.stdout.write(
	JSON.stringify({
		ms,
		cpuMs,
		polls,
		given,
		peakBytes: peakBytes - bytesBefore,
		keptBytes: heapBytes() - bytesBefore,
		storedBytes: storedBytes(),
		emptyCpuMs,
	}),
);
process.exit(0);

/** Processor time, which a busy machine changes less than the time that passes. */
function cpuMsSince(before) {
	const { user, system } = process.cpuUsage(before);
	return (user + system) / 1000;
}

/** Serializes what n8n stores of the workflow, as n8n does when an execution ends. */
function storedBytes() {
	return JSON.stringify(workflow.staticData).length;
}

function heapBytes() {
	globalThis.gc();
	globalThis.gc();
	return process.memoryUsage().heapUsed;
}

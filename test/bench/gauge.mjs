/**
 * Loaded into n8n before its own code: tells the bench how much memory and CPU time n8n took between a
 * start and a stop, over a socket of its own on this machine. Idle, it costs nothing.
 *
 * Every start collects the garbage that others left, or the second of two would pay for the first.
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { GCProfiler, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { isMainThread } from 'node:worker_threads';

const port = Number(process.env.BENCH_GAUGE_PORT);
delete process.env.BENCH_GAUGE_PORT;
if (isMainThread && port > 0) listen();

function listen() {
	setFlagsFromString('--expose-gc');
	const collect = runInNewContext('gc');
	let profiler;
	let cpuAtStart;
	let heapAtStart = 0;
	let residentAtStart = 0;

	const answers = {
		'/start': () => {
			collect();
			collect();
			forgetPeak();
			residentAtStart = process.memoryUsage.rss();
			heapAtStart = readHeap();
			profiler = new GCProfiler();
			profiler.start();
			cpuAtStart = process.cpuUsage();
			return {};
		},
		'/stop': () => {
			const { user, system } = process.cpuUsage(cpuAtStart);
			const { statistics } = profiler.stop();
			// Between two collections the heap only grows, so it is largest right before one.
			const heapPeak = statistics.reduce(
				(peak, { beforeGC: { heapStatistics: heap } }) =>
					Math.max(peak, heap.usedHeapSize + heap.externalMemory),
				Math.max(heapAtStart, readHeap()),
			);
			const cpuMs = (user + system) / 1000;
			return { cpuMs, heapAtStart, heapPeak, residentAtStart, residentPeak: readPeak() };
		},
	};

	const server = createServer((request, response) => {
		const answer = answers[request.url];
		response.statusCode = answer ? 200 : 404;
		response.end(answer ? JSON.stringify(answer()) : '');
	});
	server.listen(port, '127.0.0.1');
	server.unref();
}

/** What JavaScript holds, buffers included, in bytes. */
function readHeap() {
	const { heapUsed, external } = process.memoryUsage();
	return heapUsed + external;
}

/** Only Linux forgets the highest mark that a process has reached. */
function forgetPeak() {
	if (process.platform !== 'linux') return;
	writeFileSync('/proc/self/clear_refs', '5');
}

/** The most memory that the process held at once, in bytes; null where nobody knows. */
function readPeak() {
	if (process.platform !== 'linux') return null;
	const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'));
	return Number(kilobytes) * 1024;
}

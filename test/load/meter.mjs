/**
 * Loaded into n8n before its own code. Reports the memory and CPU time that n8n used between a start and a
 * stop, over HTTP on a port of this machine. It costs nothing while it is not measuring.
 *
 * Every start collects garbage first. Otherwise a measurement would include garbage from the previous one.
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { GCProfiler, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { isMainThread } from 'node:worker_threads';

const port = Number(process.env.METER_PORT);
// Child processes of n8n inherit the environment and must not listen on the same port.
delete process.env.METER_PORT;
if (isMainThread && port > 0) listen();

function listen() {
	setFlagsFromString('--expose-gc');
	const collectGarbage = runInNewContext('gc');
	let profiler;
	let cpuAtStart;
	let heapAtStart = 0;
	let residentAtStart = 0;

	const handlers = {
		'/start': () => {
			collectGarbage();
			collectGarbage();
			resetResidentPeak();
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
			// Between two collections the heap only grows, so it is largest right before a collection.
			const heapPeak = statistics.reduce(
				(peak, { beforeGC: { heapStatistics: heap } }) =>
					Math.max(peak, heap.usedHeapSize + heap.externalMemory),
				Math.max(heapAtStart, readHeap()),
			);
			const cpuMs = (user + system) / 1000;
			return { cpuMs, heapAtStart, heapPeak, residentAtStart, residentPeak: readResidentPeak() };
		},
	};

	const server = createServer((request, response) => {
		const handler = handlers[request.url];
		response.statusCode = handler ? 200 : 404;
		response.end(handler ? JSON.stringify(handler()) : '');
	});
	server.listen(port, '127.0.0.1');
	server.unref();
}

/** Size of the JavaScript heap and of the buffers outside of it, in bytes. */
function readHeap() {
	const { heapUsed, external } = process.memoryUsage();
	return heapUsed + external;
}

/** Only Linux can reset the peak of a running process. */
function resetResidentPeak() {
	if (process.platform !== 'linux') return;
	writeFileSync('/proc/self/clear_refs', '5');
}

/** Peak resident memory of the process in bytes; null on systems other than Linux. */
function readResidentPeak() {
	if (process.platform !== 'linux') return null;
	const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'));
	return Number(kilobytes) * 1024;
}

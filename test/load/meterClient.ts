import getPort from 'get-port';
import { fetch } from 'undici';

const HOST = '127.0.0.1';

/** What n8n used between a start and a stop of the meter; memory in bytes. */
export interface Usage {
	/** CPU time of all threads, which hardly depends on what else the machine does. */
	cpuMs: number;
	/** V8's heap and the buffers outside of it. The peak includes garbage that was not yet collected. */
	heapAtStart: number;
	heapPeak: number;
	residentAtStart: number;
	/** Null if the operating system does not report it. */
	residentPeak: number | null;
}

/** Controls meter.mjs in a running n8n. */
export interface Meter {
	/** Collects n8n's garbage and starts a measurement. */
	start(): Promise<void>;
	stop(): Promise<Usage>;
}

/**
 * Reserves a port for the meter of an n8n that is about to start. That n8n needs the returned variables and
 * NODE_OPTIONS that load the meter (command.mjs).
 */
export async function prepareMeter(): Promise<{ meter: Meter; env: Record<string, string> }> {
	const port = await getPort({ host: HOST });
	const request = async (action: 'start' | 'stop') =>
		await (await fetch(`http://${HOST}:${port}/${action}`)).json();
	return {
		meter: {
			start: async () => void (await request('start')),
			stop: async () => (await request('stop')) as Usage,
		},
		env: { METER_PORT: String(port) },
	};
}

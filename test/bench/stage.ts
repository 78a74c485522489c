import { remove } from 'fs-extra';
import getPort from 'get-port';
import { fetch } from 'undici';
import { startSandbox, type Sandbox } from '../sandbox/server';
import type { N8nClient } from '../support/n8nClient';
import { RUN } from '../support/n8nInstallation';
import { startN8n } from '../support/n8nProcess';
import { waitFor } from '../support/waitFor';

/** What n8n took between a start and a stop; memory in bytes. */
export interface Weight {
	/** Of all its threads: what else the machine does hardly changes it. */
	cpuMs: number;
	/** V8's heap with the buffers outside of it; its peak counts garbage that was not yet collected. */
	heapAtStart: number;
	heapPeak: number;
	residentAtStart: number;
	/** Null where the system does not tell. */
	residentPeak: number | null;
}

/** Weighs n8n from the inside (gauge.mjs). */
export interface Gauge {
	/** Collects n8n's garbage and forgets the peak so far. */
	start(): Promise<void>;
	stop(): Promise<Weight>;
}

/** One n8n and one Kopo Kopo, in which contenders are measured. */
export interface Stage {
	url: string;
	/** This package as it is installed in that n8n. */
	installedPackage: string;
	client: N8nClient;
	sandbox: Sandbox;
	gauge: Gauge;
	/** How many executions of a workflow have one of these statuses. */
	count(workflowId: string, ...statuses: string[]): Promise<number>;
	/** Waits until none of a workflow's executions is under way. */
	idle(workflowId: string): Promise<void>;
	/** Ends both; the end of the bench does it as well. */
	close(): Promise<void>;
}

const IDLE_WITHIN_MS = 120_000;

/** Starts a fresh n8n with this package in it, and a sandbox; both end with the clean-ups. */
export async function setStage(
	env: Record<string, string>,
	onStop: (cleanUp: () => Promise<void>) => void,
): Promise<Stage> {
	const gaugePort = await getPort({ host: '127.0.0.1' });
	const folder = `${RUN}/bench-${gaugePort}`;
	const sandbox = await startSandbox({ port: 0 });
	let stopN8n: (() => Promise<void>) | undefined;
	const close = once(async () => {
		await stopN8n?.();
		await sandbox.close();
		await remove(folder);
	});
	onStop(close);
	const { client, url } = await startN8n({
		folder,
		env: { ...env, BENCH_GAUGE_PORT: String(gaugePort) },
		onStop: (stop) => {
			stopN8n = stop;
		},
	});
	const askGauge = async (what: 'start' | 'stop') => {
		const answer = await fetch(`http://127.0.0.1:${gaugePort}/${what}`);
		return (await answer.json()) as Weight;
	};

	const count = async (workflowId: string, ...status: string[]) => {
		const filter = encodeURIComponent(JSON.stringify({ workflowId, status }));
		const listed = await client.request<{ count: number }>(
			'GET',
			`/rest/executions?filter=${filter}&limit=1`,
		);
		return listed.count;
	};
	return {
		url,
		installedPackage: `${folder}/.n8n/nodes/node_modules/n8n-nodes-kopokopo`,
		client,
		sandbox,
		close,
		gauge: {
			start: async () => void (await askGauge('start')),
			stop: async () => await askGauge('stop'),
		},
		count,
		idle: async (workflowId) => {
			await waitFor('n8n to be idle', IDLE_WITHIN_MS, async () =>
				(await count(workflowId, 'new', 'running')) === 0 ? true : undefined,
			);
		},
	};
}

/** A clean-up that both the bench and its end may call. */
function once(cleanUp: () => Promise<void>): () => Promise<void> {
	let cleaned: Promise<void> | undefined;
	return async () => await (cleaned ??= cleanUp());
}

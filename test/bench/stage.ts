import { remove } from 'fs-extra';
import getPort from 'get-port';
import { fetch } from 'undici';
import { startSandbox, type Sandbox } from '../sandbox/server';
import type { N8nClient } from '../support/n8nClient';
import { eventually } from '../support/n8nClient';
import { RUN, startN8n } from '../support/n8nProcess';

/** Where the bench's n8n lives, and this package as it is installed there. */
export const FOLDER = `${RUN}/bench`;
export const INSTALLED_PACKAGE = `${FOLDER}/.n8n/nodes/node_modules/n8n-nodes-kopokopo`;

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

/** The one n8n and the one Kopo Kopo that everything is measured in. */
export interface Stage {
	url: string;
	client: N8nClient;
	sandbox: Sandbox;
	gauge: Gauge;
	/** How many executions of a workflow have one of these statuses. */
	count(workflowId: string, ...statuses: string[]): Promise<number>;
	/** Waits until none of a workflow's executions is under way. */
	idle(workflowId: string): Promise<void>;
}

const IDLE_WITHIN_MS = 120_000;

/** Starts a fresh n8n with this package in it, and a sandbox; both end with the clean-ups. */
export async function setStage(
	env: Record<string, string>,
	onStop: (cleanUp: () => Promise<void>) => void,
): Promise<Stage> {
	await remove(FOLDER);
	const sandbox = await startSandbox({ port: 0 });
	onStop(async () => await sandbox.close());
	const gaugePort = await getPort({ host: '127.0.0.1' });
	const { client, url } = await startN8n({
		folder: FOLDER,
		env: { ...env, BENCH_GAUGE_PORT: String(gaugePort) },
		onStop,
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
		client,
		sandbox,
		gauge: {
			start: async () => void (await askGauge('start')),
			stop: async () => await askGauge('stop'),
		},
		count,
		idle: async (workflowId) => {
			await eventually('n8n to be idle', IDLE_WITHIN_MS, async () =>
				(await count(workflowId, 'new', 'running')) === 0 ? true : undefined,
			);
		},
	};
}

import { randomUUID } from 'node:crypto';
import { fetch } from 'undici';
import type { IDataObject, INode } from 'n8n-workflow';
import type { Sandbox } from '../../sandbox/server';
import type { Execution } from '../../support/executions';
import type { N8nClient, SavedCredential } from '../../support/n8nClient';
import { sandboxCredentialData } from '../../support/sandboxCredential';
import { waitFor } from '../../support/waitFor';
import { node } from '../../support/workflows';
import { publishWorkflow, webhookNode, withCredential } from '../workflows';
import type { BenchEnvironment } from './benchEnvironment';
import type { Table } from './report';
import { findByName, valueAndRatio, type Cell, type Measurement } from './rounds';

/** The two candidates that the targets compare: both send all requests at once. */
export const ALL_AT_ONCE = 'Kopo Kopo, all at once';
export const HTTP_REQUEST = 'HTTP Request node (all at once)';
/** The default of Batching. */
export const TEN_AT_A_TIME = 'Kopo Kopo, 10 at a time (default)';

/** The name of the measured node in every workflow. */
export const MEASURED_NODE = 'Measured';
const USER_AGENT = 'n8n-bench/1.0 (n8n HTTP Request node)';

const END_TIMEOUT_MS = 300_000;
const MEGABYTE = 1024 * 1024;

/** A published workflow: Webhook, Split Out, measured node. It responds when its execution ends. */
export interface BenchWorkflow {
	name: string;
	workflowId: string;
	url: string;
}

/** What one execution used. */
export interface Sample {
	items: number;
	/** The measured node's own time, as n8n stored it. */
	nodeMs: number;
	/** From the start to the end of the execution, as n8n stored them. */
	executionMs: number;
	/** CPU time of all threads of n8n. */
	cpuMs: number;
	/** Peak resident memory of the n8n process in MB; NaN if the operating system does not report it. */
	residentMb: number;
	/** That peak minus the resident memory before the execution. */
	residentGrowthMb: number;
	/** Growth of V8's heap and buffers to their peak, including garbage that was not yet collected. */
	heapGrowthMb: number;
}

export const nodeMs = (sample: Sample) => sample.nodeMs;
export const residentMb = (sample: Sample) => sample.residentMb;
export const residentGrowthMb = (sample: Sample) => sample.residentGrowthMb;
export const heapGrowthMb = (sample: Sample) => sample.heapGrowthMb;
const executionMs = (sample: Sample) => sample.executionMs;
const cpuMs = (sample: Sample) => sample.cpuMs;

/** The mean of samples with the same number of items. */
export function meanOf(samples: Sample[]): Sample {
	const mean = (of: (sample: Sample) => number) =>
		samples.reduce((sum, sample) => sum + of(sample), 0) / samples.length;
	return {
		items: mean(({ items }) => items),
		nodeMs: mean(nodeMs),
		executionMs: mean(executionMs),
		cpuMs: mean(cpuMs),
		residentMb: mean(residentMb),
		residentGrowthMb: mean(residentGrowthMb),
		heapGrowthMb: mean(heapGrowthMb),
	};
}

/** Publishes a workflow around a node named MEASURED_NODE. */
export async function saveBenchWorkflow(
	{ client }: BenchEnvironment,
	name: string,
	measured: INode,
): Promise<BenchWorkflow> {
	const path = randomUUID();
	const webhook = webhookNode(path, { responseMode: 'lastNode', responseData: 'noData' });
	const items = node('Items', 'n8n-nodes-base.splitOut', { fieldToSplitOut: 'body.items' });
	const workflowId = await publishWorkflow(client, name, [webhook, items, measured]);
	return { name, workflowId, url: `${client.url}/webhook/${path}` };
}

/** Runs a workflow with these items, measures its execution and reads it back. */
export async function runBenchWorkflow(
	{ client, meter }: BenchEnvironment,
	{ workflowId, url }: BenchWorkflow,
	items: IDataObject[],
): Promise<{ sample: Sample; execution: Execution }> {
	await waitUntilReady(client);
	await meter.start();
	const response = await fetch(url, {
		method: 'POST',
		headers: { 'Content-Type': 'application/json' },
		body: JSON.stringify({ items }),
	});
	const text = await response.text();
	if (!response.ok)
		throw new Error(`n8n responded ${response.status} to a workflow's items: ${text}`);
	await waitUntilReady(client);
	const id = await waitFor('the execution to be stored', END_TIMEOUT_MS, async () => {
		const [last] = await client.listExecutions(workflowId, 1);
		return last && last.status !== 'running' && last.status !== 'new' ? last.id : undefined;
	});
	// Before the execution is read, because that uses memory as well.
	const usage = await meter.stop();
	const execution = (await client.waitForExecution(id)) as Execution & {
		startedAt: string;
		stoppedAt: string;
	};
	const { executionTime = NaN } = execution.data.resultData.runData[MEASURED_NODE]?.at(-1) ?? {};
	const residentPeak = usage.residentPeak ?? NaN;
	return {
		execution,
		sample: {
			items: items.length,
			nodeMs: executionTime,
			executionMs: Date.parse(execution.stoppedAt) - Date.parse(execution.startedAt),
			cpuMs: usage.cpuMs,
			residentMb: residentPeak / MEGABYTE,
			residentGrowthMb: (residentPeak - usage.residentAtStart) / MEGABYTE,
			heapGrowthMb: (usage.heapPeak - usage.heapAtStart) / MEGABYTE,
		},
	};
}

/** After a second without a free event loop, n8n reports its database as lost until its next check. */
async function waitUntilReady(client: N8nClient): Promise<void> {
	await waitFor('n8n to be ready', END_TIMEOUT_MS, async () =>
		(await client.isReady()) ? true : undefined,
	);
}

/** The credentials of the candidates: for the Kopo Kopo node, and a token for the HTTP Request node. */
export interface BenchCredentials {
	kopoKopo: SavedCredential;
	header: SavedCredential;
	token: string;
}

/** Saves both credentials in n8n. */
export async function saveBenchCredentials({
	client,
	sandbox,
}: BenchEnvironment): Promise<BenchCredentials> {
	const token = await requestToken(sandbox);
	return {
		kopoKopo: await client.createCredential(
			'Kopo Kopo',
			'kopoKopoApi',
			sandboxCredentialData(sandbox),
		),
		header: await client.createCredential('Token', 'httpHeaderAuth', {
			name: 'Authorization',
			value: `Bearer ${token}`,
		}),
		token,
	};
}

/** The headers of a request to the sandbox that no node sends. */
export const requestHeaders = (more: Record<string, string>) => ({
	'User-Agent': USER_AGENT,
	...more,
});

async function requestToken({ url, clientId, clientSecret }: Sandbox): Promise<string> {
	const response = await fetch(`${url}/oauth/token`, {
		method: 'POST',
		headers: requestHeaders({ 'Content-Type': 'application/x-www-form-urlencoded' }),
		body: new URLSearchParams({
			grant_type: 'client_credentials',
			client_id: clientId,
			client_secret: clientSecret,
		}).toString(),
	});
	const { access_token: token } = (await response.json()) as { access_token: string };
	return token;
}

/** The Kopo Kopo node as the measured node. */
export function kopoKopoNode(
	{ kopoKopo }: BenchCredentials,
	parameters: INode['parameters'],
): INode {
	return withCredential(node(MEASURED_NODE, 'n8n-nodes-kopokopo.kopoKopo', parameters), kopoKopo);
}

/** n8n's HTTP Request node as the measured node, with the token in a header credential. */
export function httpRequestNode(
	{ header }: BenchCredentials,
	parameters: INode['parameters'],
): INode {
	const request = node(MEASURED_NODE, 'n8n-nodes-base.httpRequest', {
		authentication: 'genericCredentialType',
		genericAuthType: 'httpHeaderAuth',
		sendHeaders: true,
		headerParameters: { parameters: [{ name: 'User-Agent', value: USER_AGENT }] },
		...parameters,
	});
	return withCredential({ ...request, typeVersion: 4.5 }, header);
}

/** A table of what the executions of all candidates used, beside the HTTP Request node. */
export function executionTable(title: string, measurements: Array<Measurement<Sample>>): Table {
	const reference = findByName(measurements, HTTP_REQUEST);
	const columns: Array<[name: string, of: (sample: Sample) => number]> = [
		['node ms', nodeMs],
		['execution ms', executionMs],
		['CPU ms', cpuMs],
		['peak MB', residentMb],
		['heap growth MB', heapGrowthMb],
	];
	return {
		title,
		columns: ['', ...columns.flatMap(([name]) => [name, 'ratio'])],
		rows: measurements.map((measurement): Cell[] => [
			measurement.name,
			...columns.flatMap(([, of]) => valueAndRatio(measurement, reference, of)),
		]),
	};
}

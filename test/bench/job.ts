import { randomUUID } from 'node:crypto';
import { fetch } from 'undici';
import type { IDataObject, INode } from 'n8n-workflow';
import type { Sandbox } from '../sandbox/server';
import type { Execution } from '../support/executions';
import type { N8nClient } from '../support/n8nClient';
import { waitFor } from '../support/waitFor';
import { chain, node } from '../support/workflows';
import type { Cell } from './report';
import { ratio, spread, type Measured } from './rounds';
import type { Stage } from './stage';

/** The two that are held against each other: all requests at once in the one and in the other. */
export const AT_ONCE = 'Kopo Kopo, all at once';
export const HTTP_REQUEST = 'HTTP Request node (all at once)';

/** The node whose time counts, in every job. */
export const UNDER_TEST = 'Under test';
/** What the bench calls itself where a node or a request needs a name. */
export const USER_AGENT = 'n8n-bench/1.0 (n8n HTTP Request node)';

const ENDS_WITHIN_MS = 300_000;
const MEGABYTE = 1024 * 1024;

/** A workflow Webhook -> Split Out -> node, whose answer comes when it is over. */
export interface Job {
	name: string;
	workflowId: string;
	url: string;
}

/** What one execution of a job took. */
export interface Sample {
	items: number;
	/** What n8n stored as the node's own time. */
	nodeMs: number;
	/** From n8n's start to n8n's stop of the execution. */
	executionMs: number;
	/** CPU time of n8n, all its threads. */
	cpuMs: number;
	/** The most that the n8n process held, in MB; NaN where nobody can say. */
	residentMb: number;
	/** How much more that is than before the execution. */
	residentGrowthMb: number;
	/** The same of V8's heap and buffers, garbage that was not yet collected included. */
	heapGrowthMb: number;
}

/** One execution as it was measured and as n8n stored it. */
export interface Run {
	sample: Sample;
	execution: Execution;
}

export const nodeMs = (sample: Sample) => sample.nodeMs;
export const executionMs = (sample: Sample) => sample.executionMs;
export const cpuMs = (sample: Sample) => sample.cpuMs;
export const residentMb = (sample: Sample) => sample.residentMb;
export const residentGrowthMb = (sample: Sample) => sample.residentGrowthMb;
export const heapGrowthMb = (sample: Sample) => sample.heapGrowthMb;

/** Saves and publishes the workflow around a node that is named UNDER_TEST. */
export async function saveJob(
	{ client, url }: Stage,
	name: string,
	underTest: INode,
): Promise<Job> {
	const path = randomUUID();
	const webhook: INode = {
		...node('Webhook', 'n8n-nodes-base.webhook', {
			httpMethod: 'POST',
			path,
			responseMode: 'lastNode',
			responseData: 'noData',
		}),
		typeVersion: 2.1,
		webhookId: path,
	};
	const items = node('Items', 'n8n-nodes-base.splitOut', { fieldToSplitOut: 'body.items' });
	const { id } = await client.createWorkflow({
		name,
		nodes: [webhook, items, underTest],
		connections: chain(webhook.name, items.name, underTest.name),
	});
	const { status, errors } = await client.activate(id);
	if (status !== 'published') throw new Error(`${name} is ${status}. ${errors.join(' ')}`);
	return { name, workflowId: id, url: `${url}/webhook/${path}` };
}

/** Runs a job with these items; the gauge stops before the execution is read back. */
export async function runJob(
	{ client, gauge }: Stage,
	{ workflowId, url }: Job,
	items: IDataObject[],
): Promise<Run> {
	await ready(client);
	await gauge.start();
	const called = await fetch(url, {
		method: 'POST',
		headers: { 'Content-Type': 'application/json' },
		body: JSON.stringify({ items }),
	});
	const said = await called.text();
	if (!called.ok) throw new Error(`n8n answered ${called.status} to a job: ${said}`);
	await ready(client);
	const id = await waitFor('the execution to be stored', ENDS_WITHIN_MS, async () => {
		const [last] = await client.listExecutions(workflowId, 1);
		return last && last.status !== 'running' && last.status !== 'new' ? last.id : undefined;
	});
	const weight = await gauge.stop();
	const execution = (await client.waitForExecution(id)) as Execution & {
		startedAt: string;
		stoppedAt: string;
	};
	const { executionTime = NaN } = execution.data.resultData.runData[UNDER_TEST]?.at(-1) ?? {};
	const residentPeak = weight.residentPeak ?? NaN;
	return {
		execution,
		sample: {
			items: items.length,
			nodeMs: executionTime,
			executionMs: Date.parse(execution.stoppedAt) - Date.parse(execution.startedAt),
			cpuMs: weight.cpuMs,
			residentMb: residentPeak / MEGABYTE,
			residentGrowthMb: (residentPeak - weight.residentAtStart) / MEGABYTE,
			heapGrowthMb: (weight.heapPeak - weight.heapAtStart) / MEGABYTE,
		},
	};
}

/** After a second of nothing but work, n8n takes its database for lost until it looks again. */
async function ready(client: N8nClient): Promise<void> {
	await waitFor('n8n to be ready', ENDS_WITHIN_MS, async () =>
		(await client.isReady()) ? true : undefined,
	);
}

/** An access token of the sandbox's, as somebody would paste it into a header credential. */
export async function freshToken({ url, clientId, clientSecret }: Sandbox): Promise<string> {
	const answer = await fetch(`${url}/oauth/token`, {
		method: 'POST',
		headers: { 'User-Agent': USER_AGENT, 'Content-Type': 'application/x-www-form-urlencoded' },
		body: new URLSearchParams({
			grant_type: 'client_credentials',
			client_id: clientId,
			client_secret: clientSecret,
		}).toString(),
	});
	const { access_token: token } = (await answer.json()) as { access_token: string };
	return token;
}

export const isNamed =
	(wanted: string) =>
	({ name }: Measured<Sample>) =>
		name === wanted;

/** A number of each contender's, and how it compares with the reference. */
export function compared(
	ours: Measured<Sample>,
	theirs: Measured<Sample> | undefined,
	of: (sample: Sample) => number,
): [Cell, Cell] {
	if (ours.samples.some((sample) => Number.isNaN(of(sample)))) return ['not measured', '–'];
	return [spread(ours.samples, of), ours === theirs ? '1' : ratio(ours, theirs, of)];
}

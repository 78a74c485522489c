import { randomUUID } from 'node:crypto';
import type { INode } from 'n8n-workflow';
import { chain, node, secretsFor } from '../e2e/stage';
import type { Sandbox } from '../sandbox/server';
import { itemsOf, type Execution } from '../support/n8nClient';
import { fetch } from 'undici';
import type { Report, Table } from './report';
import { ratio, sideBySide, spread, type Contender, type Measured } from './rounds';
import type { Stage } from './stage';

const RESOURCE = '/api/v2/incoming_payments';
const USER_AGENT = 'n8n-bench/1.0 (n8n HTTP Request node)';
const AT_ONCE = 'Kopo Kopo, all at once';
const BY_TEN = 'Kopo Kopo, 10 at a time (default)';
const HTTP_REQUEST = 'HTTP Request node (all at once)';
const UNDER_TEST = 'Under test';

/** The load that the target is about. */
const TARGET = { items: 500, latencyMs: 0 };
const LOADS = [0, 50].flatMap((latencyMs) =>
	[1, 100, 500, 1000].map((items) => ({ items, latencyMs })),
);

type Load = typeof TARGET;

interface Sample {
	/** What n8n stored as the node's own time. */
	nodeMs: number;
	/** From n8n's start to n8n's stop of the execution. */
	executionMs: number;
}

interface Getter {
	name: string;
	workflowId: string;
	url: string;
	/** Where an item of its output holds the id that was asked for. */
	idOf(json: Record<string, unknown>): unknown;
}

/**
 * The same GETs through the Kopo Kopo node and through n8n's own HTTP Request node, in the workflow
 * Webhook -> Split Out -> node, whose answer comes when it is over, so that nobody has to look.
 */
export async function benchAction(stage: Stage, rounds: number): Promise<Report> {
	const token = await freshToken(stage.sandbox);
	const paymentId = await paidRequest(stage.sandbox, token);
	const getters = await saveGetters(stage, token);
	const problems: string[] = [];
	const report: Report = { tables: [], targets: [], problems };

	for (const load of LOADS) {
		stage.sandbox.weather.clear();
		if (load.latencyMs > 0) {
			stage.sandbox.weather.add({ kind: 'latency', method: 'GET', ms: load.latencyMs });
		}
		const measured = await sideBySide(
			rounds,
			getters.map((getter) => contender(stage, getter, load, paymentId, problems)),
		);
		report.tables.push(table(load, measured));
		if (load.items === TARGET.items && load.latencyMs === TARGET.latencyMs) {
			const [ours, theirs] = [AT_ONCE, HTTP_REQUEST].map((name) => measured.find(isNamed(name)));
			report.targets.push({
				what: `time of the node for ${load.items} GETs, ${AT_ONCE} / ${HTTP_REQUEST}`,
				atMost: 1,
				measured: ratio(ours, theirs, ({ nodeMs }) => nodeMs),
			});
		}
	}
	stage.sandbox.weather.clear();
	return report;
}

async function freshToken({ url, clientId, clientSecret }: Sandbox): Promise<string> {
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

/** The id of a payment request that the customer has paid: the longest body there is to read. */
async function paidRequest({ url, customer }: Sandbox, token: string): Promise<string> {
	const answer = await fetch(url + RESOURCE, {
		method: 'POST',
		headers: {
			'User-Agent': USER_AGENT,
			'Content-Type': 'application/json',
			Authorization: `Bearer ${token}`,
		},
		body: JSON.stringify({
			payment_channel: 'M-PESA STK Push',
			till_number: 'K000001',
			subscriber: { phone_number: '+254712345678' },
			amount: { currency: 'KES', value: 1500 },
			_links: { callback_url: 'https://n8n.invalid/bench' },
		}),
	});
	const id = answer.headers.get('location')?.split('/').pop();
	if (!id) throw new Error(`The sandbox answered ${answer.status} to a payment request.`);
	customer.pay(id);
	return id;
}

async function saveGetters({ client, sandbox, url }: Stage, token: string): Promise<Getter[]> {
	const kopoKopo = await client.createCredential('Action', 'kopoKopoApi', secretsFor(sandbox));
	const header = await client.createCredential('Token', 'httpHeaderAuth', {
		name: 'Authorization',
		value: `Bearer ${token}`,
	});
	const save = async (name: string, underTest: INode, idOf: Getter['idOf']): Promise<Getter> => {
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
		return { name, workflowId: id, url: `${url}/webhook/${path}`, idOf };
	};
	const kopoKopoNode = (options: INode['parameters']): INode => ({
		...node(UNDER_TEST, 'n8n-nodes-kopokopo.kopoKopo', {
			resource: 'incomingPayment',
			operation: 'get',
			incomingPaymentId: '={{ $json.id }}',
			options,
		}),
		credentials: { kopoKopoApi: { id: kopoKopo.id, name: kopoKopo.name } },
	});
	const largest = Math.max(...LOADS.map(({ items }) => items));
	const ownId: Getter['idOf'] = ({ id }) => id;

	return [
		await save(
			AT_ONCE,
			kopoKopoNode({ batching: { batch: { batchSize: largest, batchInterval: 0 } } }),
			ownId,
		),
		await save(BY_TEN, kopoKopoNode({}), ownId),
		await save(
			HTTP_REQUEST,
			{
				...node(UNDER_TEST, 'n8n-nodes-base.httpRequest', {
					method: 'GET',
					url: `=${sandbox.url}${RESOURCE}/{{ $json.id }}`,
					authentication: 'genericCredentialType',
					genericAuthType: 'httpHeaderAuth',
					sendHeaders: true,
					headerParameters: { parameters: [{ name: 'User-Agent', value: USER_AGENT }] },
					options: {},
				}),
				typeVersion: 4.5,
				credentials: { httpHeaderAuth: { id: header.id, name: header.name } },
			},
			({ data }) => (data as { id?: unknown } | undefined)?.id,
		),
	];
}

/** One execution, read back, and the check that every item was asked for once and answered. */
function contender(
	{ client, sandbox }: Stage,
	{ name, workflowId, url, idOf }: Getter,
	{ items, latencyMs }: Load,
	paymentId: string,
	problems: string[],
): Contender<Sample> {
	return {
		name,
		run: async () => {
			const asked = sandbox.ledger.requests.length;
			const called = await fetch(url, {
				method: 'POST',
				headers: { 'Content-Type': 'application/json' },
				body: JSON.stringify({
					items: Array.from({ length: items }, () => ({ id: paymentId })),
				}),
			});
			await called.text();
			const [last] = await client.listExecutions(workflowId, 1);
			const execution = (await client.waitForExecution(last?.id ?? '')) as Execution & {
				startedAt: string;
				stoppedAt: string;
			};
			const right = itemsOf(execution, UNDER_TEST).filter(({ json }) => idOf(json) === paymentId);
			const answered = sandbox.ledger.requests
				.slice(asked)
				.filter(({ path, status }) => path === `${RESOURCE}/${paymentId}` && status === 200);
			if (execution.status !== 'success' || right.length !== items || answered.length !== items) {
				problems.push(
					`${name}, ${items} items at ${latencyMs} ms: the execution ended as ${execution.status} with ${right.length} right items, and the sandbox answered ${answered.length} requests`,
				);
			}
			const { executionTime = NaN } = execution.data.resultData.runData[UNDER_TEST]?.at(-1) ?? {};
			return {
				nodeMs: executionTime,
				executionMs: Date.parse(execution.stoppedAt) - Date.parse(execution.startedAt),
			};
		},
	};
}

const isNamed =
	(wanted: string) =>
	({ name }: Measured<Sample>) =>
		name === wanted;

function table({ items, latencyMs }: Load, measured: Array<Measured<Sample>>): Table {
	const theirs = measured.find(isNamed(HTTP_REQUEST));
	const nodeMs = (sample: Sample) => sample.nodeMs;
	const executionMs = (sample: Sample) => sample.executionMs;
	return {
		title: `Action: ${items} GETs, Kopo Kopo answers after ${latencyMs} ms`,
		columns: ['', 'node ms', 'ratio', 'per item ms', 'execution ms', 'ratio'],
		rows: measured.map((ours) => [
			ours.name,
			spread(ours.samples, nodeMs),
			ours === theirs ? '1' : ratio(ours, theirs, nodeMs),
			spread(ours.samples, (sample) => sample.nodeMs / items),
			spread(ours.samples, executionMs),
			ours === theirs ? '1' : ratio(ours, theirs, executionMs),
		]),
	};
}

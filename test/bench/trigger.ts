import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import { readJson } from 'fs-extra';
import { fetch } from 'undici';
import type { IDataObject, INode, INodeParameters, INodeType } from 'n8n-workflow';
import type { WorkflowDraft } from '../support/n8nClient';
import { ROOT } from '../support/n8nInstallation';
import { sandboxCredentialData } from '../support/sandboxCredential';
import { chain, node } from '../support/workflows';
import { printCell, type Report, type Table } from './report';
import { quantile, ratio, sideBySide, spread, type Contender, type Measured } from './rounds';
import type { OpenStage } from './bench';
import type { Stage } from './stage';
import { fire, type Letter, type Volley } from './volley';

const CONNECTIONS = 10;
const DELIVERIES = 100;
const SAMPLE = `${ROOT}/test/fixtures/webhooks/buygoods_transaction_received.k2.json`;
const OURS = 'Kopo Kopo Trigger';
const FORGETFUL = 'Kopo Kopo Trigger, Ignore Duplicates off';
const FULL = 'Kopo Kopo Trigger, 10,000 remembered';
const PLAIN = 'Webhook node';
const GUARDED = 'Webhook node with header auth';
/** As workflows are: what comes next has an expression, for which n8n needs an isolate in any case. */
const OURS_USED = 'Kopo Kopo Trigger, then an expression';
const PLAIN_USED = 'Webhook node, then an expression';
const SECRET = { name: 'X-Bench-Secret', value: 'the-secret-of-the-bench' };

const EXPRESSION: INodeParameters = {
	mode: 'raw',
	jsonOutput: '={{ JSON.stringify({ received: $json }) }}',
};

interface Sample extends Volley {
	/** From the first request until n8n was idle again. */
	secondsUntilIdle: number;
	/** CPU time of n8n for one delivery, its execution included. */
	cpuMs: number;
}

interface Receiver {
	name: string;
	workflowId: string;
	url: string;
	/** The headers that let a body in, or keep it out. */
	headers(body: string, good: boolean): Record<string, string>;
	refusal: number;
}

/**
 * n8n makes a JavaScript isolate for every delivery to a node that is not its own Webhook node, whatever
 * that node does. With this variable it waits until one is needed.
 */
const SETTINGS: Array<{ setting: string; env: Record<string, string> }> = [
	{ setting: 'n8n as it comes', env: {} },
	{
		setting: 'N8N_EXPRESSION_ENGINE_LAZY_ACQUIRE=true',
		env: { N8N_EXPRESSION_ENGINE_LAZY_ACQUIRE: 'true' },
	},
];

/** The same deliveries in an n8n as it comes, and in one that is set up for many of them. */
export async function benchTrigger(open: OpenStage, rounds: number): Promise<Report> {
	const all: Report = { tables: [], targets: [], problems: [] };
	for (const { setting, env } of SETTINGS) {
		const stage = await open(env);
		const { tables, targets, problems } = await measure(stage, rounds);
		await stage.close();
		all.tables.push(...tables.map((table) => ({ ...table, title: `${table.title}, ${setting}` })));
		all.targets.push(
			...targets.map((target) => ({ ...target, what: `${target.what}, ${setting}` })),
		);
		all.problems.push(...problems);
	}
	return all;
}

/**
 * Signed deliveries through the Kopo Kopo Trigger next to the same ones through n8n's own Webhook
 * node, which believes everything, or asks for a secret in a header.
 */
async function measure(stage: Stage, rounds: number): Promise<Report> {
	const receivers = await saveReceivers(stage);
	const { body } = (await readJson(SAMPLE)) as { body: IDataObject };
	const problems: string[] = [];
	const contend = (good: boolean) => (receiver: Receiver) =>
		contender(stage, receiver, body, good, problems);

	const accepted = await sideBySide(rounds, receivers.map(contend(true)));
	const refused = await sideBySide(
		rounds,
		receivers.filter(({ name }) => name === OURS || name === GUARDED).map(contend(false)),
	);
	const bytes = Buffer.byteLength(JSON.stringify(body));
	const good = table(
		`Trigger: ${DELIVERIES} good deliveries of ${bytes} bytes a round`,
		accepted,
		PLAIN,
	);
	for (const [left, right] of [
		[OURS, GUARDED],
		[OURS, FORGETFUL],
		[FULL, OURS],
		[OURS_USED, PLAIN_USED],
	] as const) {
		const compared = comparison(accepted, left, right);
		const compare = (of: (sample: Sample) => number) => printCell(compared(of));
		good.notes?.push(
			`${left} / ${right}: answered/s ${compare(perSecond)}, finished/s ${compare(finishedPerSecond)}, p99 ${compare(p99)}, CPU ${compare(cpuEach)}`,
		);
	}
	const wrong = table(
		`Trigger: ${DELIVERIES} deliveries with a wrong signature or secret`,
		refused,
		GUARDED,
	);
	const refusing = ratio(refused.find(isOurs), accepted.find(isOurs), perSecond);
	wrong.notes?.push(`${OURS}, refused / accepted: ${printCell(refusing)}`);
	return {
		tables: [good, wrong],
		targets: [
			...against(accepted, OURS, PLAIN),
			...against(accepted, OURS_USED, PLAIN_USED),
			{
				what: `deliveries per second, ${OURS}, refused / accepted`,
				atLeast: 2,
				measured: refusing,
			},
		],
		problems,
	};
}

/** How two of the contenders compare, by whatever number. */
function comparison(measured: Array<Measured<Sample>>, left: string, right: string) {
	const [ours, theirs] = [left, right].map((name) => measured.find(isNamed(name)));
	return (of: (sample: Sample) => number) => ratio(ours, theirs, of);
}

/** What the trigger has to reach beside n8n's own node, in the same kind of workflow. */
function against(
	measured: Array<Measured<Sample>>,
	left: string,
	right: string,
): Report['targets'] {
	const compared = comparison(measured, left, right);
	return [
		{
			what: `accepted deliveries per second, ${left} / ${right}`,
			atLeast: 0.95,
			measured: compared(perSecond),
		},
		{
			what: `p99 of the answers, ${left} / ${right}`,
			atMost: 1.1,
			measured: compared(p99),
		},
	];
}

async function saveReceivers(stage: Stage): Promise<Receiver[]> {
	const { client, sandbox, url, installedPackage } = stage;
	const kopoKopo = await client.createCredential('Trigger', 'kopoKopoApi', sandboxCredentialData(sandbox));
	const header = await client.createCredential('Secret', 'httpHeaderAuth', SECRET);
	const receive = async (name: string, trigger: INode, staticData?: IDataObject) => {
		const next = [OURS_USED, PLAIN_USED].includes(name)
			? { ...node('Next', 'n8n-nodes-base.set', EXPRESSION), typeVersion: 3.4 }
			: node('Next', 'n8n-nodes-base.noOp');
		const draft = { name, nodes: [trigger, next], connections: chain(trigger.name, next.name) };
		const { id } = await (staticData === undefined
			? client.createWorkflow(draft)
			: createWithStaticData(stage, { ...draft, staticData }));
		const { status, errors } = await client.activate(id);
		if (status !== 'published') throw new Error(`${name} is ${status}. ${errors.join(' ')}`);
		return { name, workflowId: id };
	};
	const webhook = (path: string, parameters: INode['parameters'] = {}): INode => ({
		...node('Webhook', 'n8n-nodes-base.webhook', {
			httpMethod: 'POST',
			path,
			responseMode: 'onReceived',
			...parameters,
		}),
		typeVersion: 2.1,
		webhookId: randomUUID(),
	});
	const json = { 'content-type': 'application/json' };
	const typeVersion = await newestVersion(installedPackage);
	const trigger = async (
		name: string,
		options: INodeParameters,
		remembered = 0,
	): Promise<Receiver> => {
		const webhookId = randomUUID();
		const installed: INode = {
			...node('Kopo Kopo Trigger', 'n8n-nodes-kopokopo.kopoKopoTrigger', {
				events: ['buygoods_transaction_received'],
				registration: 'manual',
				options,
			}),
			typeVersion,
			webhookId,
			credentials: { kopoKopoApi: { id: kopoKopo.id, name: kopoKopo.name } },
		};
		// What deliveryMemory.ts writes down: eight characters for each delivery.
		const written = randomBytes(6 * remembered).toString('base64');
		const staticData = { global: { [`kopoKopoSeen:${installed.id}`]: written } };
		const { workflowId } = await receive(name, installed, remembered > 0 ? staticData : undefined);
		return {
			name,
			workflowId,
			url: `${url}/webhook/${webhookId}/kopo-kopo`,
			headers: (body, good) => ({
				...json,
				'x-kopokopo-signature': createHmac('sha256', good ? sandbox.apiKey : 'another key')
					.update(body)
					.digest('hex'),
			}),
			refusal: 401,
		};
	};

	const believing = async (name: string, path: string): Promise<Receiver> => ({
		...(await receive(name, webhook(path))),
		url: `${url}/webhook/${path}`,
		headers: () => json,
		refusal: 403,
	});

	return [
		await trigger(OURS, {}),
		await trigger(FORGETFUL, { ignoreDuplicates: false }),
		await trigger(FULL, {}, 10_000),
		await trigger(OURS_USED, {}),
		await believing(PLAIN, 'bench-plain'),
		await believing(PLAIN_USED, 'bench-used'),
		{
			...(await receive(GUARDED, {
				...webhook('bench-guarded', { authentication: 'headerAuth' }),
				credentials: { httpHeaderAuth: { id: header.id, name: header.name } },
			})),
			url: `${url}/webhook/bench-guarded`,
			headers: (_body, good) => ({ ...json, [SECRET.name]: good ? SECRET.value : 'wrong' }),
			refusal: 403,
		},
	];
}

/** Only n8n's public API takes a workflow with what it remembers. */
async function createWithStaticData(
	{ client, url }: Stage,
	draft: WorkflowDraft & { staticData: IDataObject },
): Promise<{ id: string }> {
	const { rawApiKey } = await client.request<{ rawApiKey: string }>('POST', '/rest/api-keys', {
		label: 'Bench',
		expiresAt: null,
		scopes: ['workflow:create'],
	});
	const answer = await fetch(`${url}/api/v1/workflows`, {
		method: 'POST',
		headers: { 'Content-Type': 'application/json', 'X-N8N-API-KEY': rawApiKey },
		body: JSON.stringify({ settings: { executionOrder: 'v1' }, ...draft }),
	});
	if (!answer.ok) throw new Error(`n8n did not take ${draft.name}: ${await answer.text()}`);
	return (await answer.json()) as { id: string };
}

/** The version of the trigger that the editor would add: n8n takes another way for each. */
async function newestVersion(installedPackage: string): Promise<number> {
	const file = `${installedPackage}/dist/nodes/KopoKopo/KopoKopoTrigger.node.js`;
	const { KopoKopoTrigger } = (await import(file)) as { KopoKopoTrigger: new () => INodeType };
	const { version, defaultVersion } = new KopoKopoTrigger().description;
	return defaultVersion ?? Math.max(...[version].flat());
}

/** One volley, every delivery with an id of its own, and the check that n8n did what it answered. */
function contender(
	stage: Stage,
	{ name, workflowId, url, headers, refusal }: Receiver,
	sample: IDataObject,
	good: boolean,
	problems: string[],
): Contender<Sample> {
	return {
		name,
		run: async () => {
			const letters = Array.from({ length: DELIVERIES }, (): Letter => {
				const body = JSON.stringify({ ...sample, id: randomUUID() });
				return { headers: headers(body, good), body };
			});
			const before = await stage.count(workflowId, 'success');
			await stage.gauge.start();
			const began = performance.now();
			const volley = await fire(url, letters, CONNECTIONS);
			await stage.idle(workflowId);
			const secondsUntilIdle = (performance.now() - began) / 1000;
			const { cpuMs } = await stage.gauge.stop();

			const wanted = good ? 200 : refusal;
			const answered = volley.statuses.get(wanted) ?? 0;
			const ran = (await stage.count(workflowId, 'success')) - before;
			const notWell = await stage.count(workflowId, 'error', 'crashed', 'canceled', 'waiting');
			if (answered !== DELIVERIES || ran !== (good ? DELIVERIES : 0) || notWell > 0) {
				problems.push(
					`${name}: of ${DELIVERIES} deliveries ${answered} were answered ${wanted}, ${ran} started a workflow that succeeded, ${notWell} one that did not`,
				);
			}
			return { ...volley, secondsUntilIdle, cpuMs: cpuMs / DELIVERIES };
		},
	};
}

const isNamed =
	(wanted: string) =>
	({ name }: Measured<Sample>) =>
		name === wanted;
const isOurs = isNamed(OURS);
const perSecond = ({ seconds, latencies }: Sample) => latencies.length / seconds;
const p99 = ({ latencies }: Sample) => quantile(latencies, 0.99);
const cpuEach = ({ cpuMs }: Sample) => cpuMs;
const finishedPerSecond = ({ secondsUntilIdle, latencies }: Sample) =>
	latencies.length / secondsUntilIdle;

function table(title: string, measured: Array<Measured<Sample>>, reference: string): Table {
	const theirs = measured.find(isNamed(reference));
	return {
		title,
		columns: ['', 'answered/s', 'ratio', 'p50 ms', 'p99 ms', 'finished/s', 'CPU ms each', 'ratio'],
		rows: measured.map((ours) => [
			ours.name,
			spread(ours.samples, perSecond),
			ours === theirs ? '1' : ratio(ours, theirs, perSecond),
			spread(ours.samples, ({ latencies }) => quantile(latencies, 0.5)),
			spread(ours.samples, p99),
			spread(ours.samples, finishedPerSecond),
			spread(ours.samples, cpuEach),
			ours === theirs ? '1' : ratio(ours, theirs, cpuEach),
		]),
		notes: [
			`${CONNECTIONS} connections, each waiting for its answer. Ratio to "${reference}", round by round.`,
			'finished/s counts until n8n is idle again (to 0.1 s).',
		],
	};
}

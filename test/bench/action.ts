import type { INode } from 'n8n-workflow';
import { fetch } from 'undici';
import type { Sandbox } from '../sandbox/server';
import { itemsOf } from '../support/executions';
import { sandboxCredentialData } from '../support/sandboxCredential';
import { node } from '../support/workflows';
import {
	AT_ONCE,
	compared,
	cpuMs,
	executionMs,
	freshToken,
	heapGrowthMb,
	HTTP_REQUEST,
	isNamed,
	nodeMs,
	residentGrowthMb,
	residentMb,
	runJob,
	saveJob,
	UNDER_TEST,
	USER_AGENT,
	type Job,
	type Sample,
} from './job';
import type { Report, Table } from './report';
import { quantile, ratio, sideBySide, spread, type Contender, type Measured } from './rounds';
import type { Stage } from './stage';

const RESOURCE = '/api/v2/incoming_payments';
const BY_TEN = 'Kopo Kopo, 10 at a time (default)';

/** The loads that the targets are about. */
const TARGETS = [100, 1000, 5000];
const MOST = 5000;
/** What growth is held against. */
const REFERENCE = 1000;
/** The largest load says how the cost grows, for which few rounds do. */
const ROUNDS_OF_MOST = 5;
const LOADS: Load[] = [
	...[1, 100, 1000, MOST].map((items) => ({ items, latencyMs: 0 })),
	...[1, 100, 1000, MOST].map((items) => ({ items, latencyMs: 50 })),
];

interface Load {
	items: number;
	latencyMs: number;
}

interface Getter extends Job {
	/** Where an item of its output holds the id that was asked for. */
	idOf(json: Record<string, unknown>): unknown;
}

/**
 * The same GETs through the Kopo Kopo node and through n8n's own HTTP Request node: time, peak memory
 * and how both grow with the items.
 */
export async function benchAction(stage: Stage, rounds: number): Promise<Report> {
	const problems: string[] = [];
	const contendersOf = await getContenders(stage, problems);
	const report: Report = { tables: [], targets: [], problems };
	const atZero: Array<Array<Measured<Sample>>> = [];

	for (const load of LOADS) {
		stage.sandbox.weather.clear();
		if (load.latencyMs > 0) {
			stage.sandbox.weather.add({ kind: 'latency', method: 'GET', ms: load.latencyMs });
		}
		const measured = await sideBySide(
			load.items === MOST ? Math.min(rounds, ROUNDS_OF_MOST) : rounds,
			contendersOf(load),
		);
		report.tables.push(table(load, measured));
		if (load.latencyMs === 0) atZero.push(measured);
		if (!TARGETS.includes(load.items)) continue;
		const [ours, theirs] = [AT_ONCE, HTTP_REQUEST].map((name) => measured.find(isNamed(name)));
		report.targets.push(
			{
				what: `time of the node for ${load.items} GETs at ${load.latencyMs} ms, ${AT_ONCE} / ${HTTP_REQUEST}`,
				atMost: 1,
				measured: ratio(ours, theirs, nodeMs),
			},
			{
				what: `heap that ${load.items} GETs at ${load.latencyMs} ms add to n8n, ${AT_ONCE} / ${HTTP_REQUEST}`,
				atMost: 1,
				measured: ratio(ours, theirs, heapGrowthMb),
			},
		);
	}
	stage.sandbox.weather.clear();
	report.tables.push(growth(atZero));
	const [most, fewer] = [MOST, REFERENCE].map((items) =>
		atZero.map((measured) => measured.find(isNamed(AT_ONCE))).find(hasItems(items)),
	);
	for (const [what, of] of [
		['time', nodeMs],
		['heap', heapGrowthMb],
	] as const) {
		report.targets.push({
			what: `${what} for each of ${MOST} GETs / of ${REFERENCE}, ${AT_ONCE}`,
			atMost: 1.1,
			measured: ratio(most, fewer, perItem(of)),
		});
	}
	return report;
}

/** The getters for a load, asking for one paid request; what goes wrong is added to the problems. */
export async function getContenders(
	stage: Stage,
	problems: string[],
): Promise<(load: Load) => Array<Contender<Sample>>> {
	const token = await freshToken(stage.sandbox);
	const paymentId = await paidRequest(stage.sandbox, token);
	const getters = await saveGetters(stage, token);
	return (load) => getters.map((getter) => contender(stage, getter, load, paymentId, problems));
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

async function saveGetters(stage: Stage, token: string): Promise<Getter[]> {
	const { client, sandbox } = stage;
	const kopoKopo = await client.createCredential('Action', 'kopoKopoApi', sandboxCredentialData(sandbox));
	const header = await client.createCredential('Token', 'httpHeaderAuth', {
		name: 'Authorization',
		value: `Bearer ${token}`,
	});
	const save = async (name: string, underTest: INode, idOf: Getter['idOf']): Promise<Getter> => ({
		...(await saveJob(stage, name, underTest)),
		idOf,
	});
	const kopoKopoNode = (options: INode['parameters']): INode => ({
		...node(UNDER_TEST, 'n8n-nodes-kopokopo.kopoKopo', {
			resource: 'incomingPayment',
			operation: 'get',
			incomingPaymentId: '={{ $json.id }}',
			options,
		}),
		credentials: { kopoKopoApi: { id: kopoKopo.id, name: kopoKopo.name } },
	});
	const ownId: Getter['idOf'] = ({ id }) => id;

	return [
		await save(
			AT_ONCE,
			kopoKopoNode({ batching: { batch: { batchSize: MOST, batchInterval: 0 } } }),
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

/** One execution, and the check that every item was asked for once and answered. */
function contender(
	stage: Stage,
	getter: Getter,
	{ items, latencyMs }: Load,
	paymentId: string,
	problems: string[],
): Contender<Sample> {
	const { name, idOf } = getter;
	const { ledger } = stage.sandbox;
	return {
		name,
		run: async () => {
			const asked = ledger.requests.length;
			const given = Array.from({ length: items }, () => ({ id: paymentId }));
			const { sample, execution } = await runJob(stage, getter, given);
			const right = itemsOf(execution, UNDER_TEST).filter(({ json }) => idOf(json) === paymentId);
			const answered = ledger.requests
				.slice(asked)
				.filter(({ path, status }) => path === `${RESOURCE}/${paymentId}` && status === 200);
			if (execution.status !== 'success' || right.length !== items || answered.length !== items) {
				problems.push(
					`${name}, ${items} items at ${latencyMs} ms: the execution ended as ${execution.status} with ${right.length} right items, and the sandbox answered ${answered.length} requests`,
				);
			}
			return sample;
		},
	};
}

function table({ items, latencyMs }: Load, measured: Array<Measured<Sample>>): Table {
	const theirs = measured.find(isNamed(HTTP_REQUEST));
	return {
		title: `Action: ${items} ${items === 1 ? 'GET' : 'GETs'}, Kopo Kopo answers after ${latencyMs} ms`,
		columns: [
			['', 'node ms', 'ratio', 'execution ms', 'ratio', 'CPU ms', 'ratio'],
			['peak MB', 'ratio', 'heap MB over start', 'ratio'],
		].flat(),
		rows: measured.map((ours) => [
			ours.name,
			...compared(ours, theirs, nodeMs),
			...compared(ours, theirs, executionMs),
			...compared(ours, theirs, cpuMs),
			...compared(ours, theirs, residentMb),
			...compared(ours, theirs, heapGrowthMb),
		]),
	};
}

const perItem =
	(of: (sample: Sample) => number, factor = 1) =>
	(sample: Sample) =>
		(of(sample) * factor) / sample.items;

const hasItems = (items: number) => (measured: Measured<Sample> | undefined) =>
	measured?.samples[0]?.items === items;

/** What one item costs as they become more: with linear growth a column's numbers stay or fall. */
function growth(loads: Array<Array<Measured<Sample>>>): Table {
	const names = loads[0]?.map(({ name }) => name) ?? [];
	const time = perItem(nodeMs);
	return {
		title: 'Action: what a GET costs as they become more, Kopo Kopo answers at once',
		columns: ['', 'items', 'ms per item', 'of 1,000', 'resident KB per item', 'heap KB per item'],
		rows: names.flatMap((name) => {
			const sizes = loads.flatMap((measured) => measured.find(isNamed(name))?.samples ?? []);
			const medianOf = (samples: Sample[]) => quantile(samples.map(time), 0.5);
			const reference = medianOf(sizes.filter(({ items }) => items === REFERENCE));
			return [...new Set(sizes.map(({ items }) => items))].map((items) => {
				const samples = sizes.filter((sample) => sample.items === items);
				return [
					name,
					String(items),
					spread(samples, time),
					(medianOf(samples) / reference).toFixed(2),
					spread(samples, perItem(residentGrowthMb, 1024)),
					spread(samples, perItem(heapGrowthMb, 1024)),
				];
			});
		}),
		notes: [
			'Memory per item: peak of the execution over what n8n held before it, after a collection; garbage included.',
			`${MOST} items: ${ROUNDS_OF_MOST} rounds.`,
		],
	};
}

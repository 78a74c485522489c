import { fetch } from 'undici';
import type { INode } from 'n8n-workflow';
import type { Sandbox } from '../../sandbox/server';
import { itemsOf } from '../../support/executions';
import { quantile, summarize } from '../statistics';
import type { BenchEnvironment } from './benchEnvironment';
import {
	ALL_AT_ONCE,
	executionTable,
	heapGrowthMb,
	HTTP_REQUEST,
	httpRequestNode,
	kopoKopoNode,
	MEASURED_NODE,
	meanOf,
	nodeMs,
	requestHeaders,
	residentGrowthMb,
	runBenchWorkflow,
	saveBenchCredentials,
	saveBenchWorkflow,
	TEN_AT_A_TIME,
	type BenchWorkflow,
	type Sample,
} from './benchWorkflow';
import type { Report, Table } from './report';
import { findByName, measureInterleaved, ratio, type Candidate, type Measurement } from './rounds';

const RESOURCE = '/api/v2/incoming_payments';

/** One execution with one item takes too few milliseconds to be compared, so a sample is the mean of several. */
const EXECUTIONS_OF_ONE_ITEM = 10;
const MAX_ITEMS = 5000;
/** The number of items with which the cost per item is compared. */
const REFERENCE_ITEMS = 1000;
/** The largest load only shows how the cost grows, so a few rounds are enough. */
const MAX_ROUNDS_OF_LARGEST = 5;
const LOADS: Load[] = [
	...[1, 100, 1000, MAX_ITEMS].map((items) => ({ items, latencyMs: 0 })),
	...[1, 100, 1000, MAX_ITEMS].map((items) => ({ items, latencyMs: 50 })),
];

interface Load {
	items: number;
	/** How long the sandbox waits before it responds. */
	latencyMs: number;
}

interface GetWorkflow extends BenchWorkflow {
	/** The id of the payment in an item of the output. */
	idOf(json: Record<string, unknown>): unknown;
}

/**
 * Measures the same GET requests sent by the Kopo Kopo node and by n8n's HTTP Request node: time, memory, and
 * how both grow with the number of items.
 */
export async function benchAction(environment: BenchEnvironment, rounds: number): Promise<Report> {
	const { sandbox } = environment;
	const problems: string[] = [];
	const candidatesFor = await getCandidates(environment, problems);
	const report: Report = { tables: [], targets: [], problems };
	const withoutLatency: Array<Array<Measurement<Sample>>> = [];

	for (const load of LOADS) {
		const { items, latencyMs } = load;
		sandbox.faults.clear();
		if (latencyMs > 0) sandbox.faults.add({ kind: 'latency', method: 'GET', ms: latencyMs });
		const measurements = await measureInterleaved(
			items === MAX_ITEMS ? Math.min(rounds, MAX_ROUNDS_OF_LARGEST) : rounds,
			candidatesFor(load),
		);
		report.tables.push(
			executionTable(
				`Action: ${items} ${items === 1 ? 'GET' : 'GETs'}, Kopo Kopo responds after ${latencyMs} ms`,
				measurements,
			),
		);
		if (latencyMs === 0) withoutLatency.push(measurements);
		const [ours, theirs] = [ALL_AT_ONCE, HTTP_REQUEST].map((name) =>
			findByName(measurements, name),
		);
		report.targets.push({
			name: `node time for ${items} GETs at ${latencyMs} ms, ${ALL_AT_ONCE} / ${HTTP_REQUEST}`,
			atMost: items === 1 || latencyMs > 0 ? 1 : 0.8,
			measured: ratio(ours, theirs, nodeMs),
		});
		// With one item, garbage of other work in n8n is most of the growth.
		if (items === 1) continue;
		report.targets.push({
			name: `heap growth for ${items} GETs at ${latencyMs} ms, ${ALL_AT_ONCE} / ${HTTP_REQUEST}`,
			atMost: 1,
			measured: ratio(ours, theirs, heapGrowthMb),
		});
	}
	sandbox.faults.clear();
	report.tables.push(costPerItemTable(withoutLatency));
	const [largest, reference] = [MAX_ITEMS, REFERENCE_ITEMS].map((items) =>
		withoutLatency
			.map((measurements) => findByName(measurements, ALL_AT_ONCE))
			.find((measurement) => measurement?.samples[0]?.items === items),
	);
	for (const [what, of] of [
		['node time', nodeMs],
		['heap growth', heapGrowthMb],
	] as const) {
		report.targets.push({
			name: `${what} per GET, ${MAX_ITEMS} / ${REFERENCE_ITEMS} GETs, ${ALL_AT_ONCE}`,
			atMost: 1.1,
			measured: ratio(largest, reference, perItem(of)),
		});
	}
	return report;
}

/** Returns the candidates for a load; all read the same paid payment request. Adds failures to the problems. */
export async function getCandidates(
	environment: BenchEnvironment,
	problems: string[],
): Promise<(load: Load) => Array<Candidate<Sample>>> {
	const credentials = await saveBenchCredentials(environment);
	const paymentId = await createPaidRequest(environment.sandbox, credentials.token);
	const save = async (
		name: string,
		measured: INode,
		idOf: GetWorkflow['idOf'],
	): Promise<GetWorkflow> => ({
		...(await saveBenchWorkflow(environment, name, measured)),
		idOf,
	});
	const kopoKopo = (options: INode['parameters']) =>
		kopoKopoNode(credentials, {
			resource: 'paymentRequest',
			operation: 'get',
			paymentRequestId: '={{ $json.id }}',
			options,
		});
	const idOfItem: GetWorkflow['idOf'] = ({ id }) => id;
	const allAtOnce = { batching: { batch: { batchSize: MAX_ITEMS, batchInterval: 0 } } };
	const workflows = [
		await save(ALL_AT_ONCE, kopoKopo(allAtOnce), idOfItem),
		await save(TEN_AT_A_TIME, kopoKopo({}), idOfItem),
		await save(
			HTTP_REQUEST,
			httpRequestNode(credentials, {
				method: 'GET',
				url: `=${environment.sandbox.url}${RESOURCE}/{{ $json.id }}`,
				options: {},
			}),
			({ data }) => (data as { id?: unknown } | undefined)?.id,
		),
	];
	return (load) =>
		workflows.map((workflow) => candidate(environment, workflow, load, paymentId, problems));
}

/** Creates a payment request and pays it. A paid one has the longest response body. @returns its id */
async function createPaidRequest({ url, customer }: Sandbox, token: string): Promise<string> {
	const response = await fetch(url + RESOURCE, {
		method: 'POST',
		headers: requestHeaders({
			'Content-Type': 'application/json',
			Authorization: `Bearer ${token}`,
		}),
		body: JSON.stringify({
			payment_channel: 'M-PESA STK Push',
			till_number: 'K000001',
			subscriber: { phone_number: '+254712345678' },
			amount: { currency: 'KES', value: 1500 },
			_links: { callback_url: 'https://n8n.invalid/bench' },
		}),
	});
	const id = response.headers.get('location')?.split('/').pop();
	if (!id) throw new Error(`The sandbox responded ${response.status} to a payment request.`);
	customer.pay(id);
	return id;
}

/** A sample of a load. Checks that the payment was requested and returned once for each item. */
function candidate(
	environment: BenchEnvironment,
	workflow: GetWorkflow,
	{ items, latencyMs }: Load,
	paymentId: string,
	problems: string[],
): Candidate<Sample> {
	const { name, idOf } = workflow;
	const { ledger } = environment.sandbox;
	const runOnce = async (): Promise<Sample> => {
		const requestsBefore = ledger.requests.length;
		const input = Array.from({ length: items }, () => ({ id: paymentId }));
		const { sample, execution } = await runBenchWorkflow(environment, workflow, input);
		const correct = itemsOf(execution, MEASURED_NODE).filter(
			({ json }) => idOf(json) === paymentId,
		);
		const answered = ledger.requests
			.slice(requestsBefore)
			.filter(({ path, status }) => path === `${RESOURCE}/${paymentId}` && status === 200);
		const { status } = execution;
		if (status !== 'success' || correct.length !== items || answered.length !== items) {
			problems.push(
				`${name}, ${items} items at ${latencyMs} ms: execution status ${status}, ${correct.length} correct items, ${answered.length} requests answered by the sandbox`,
			);
		}
		return sample;
	};
	return {
		name,
		run: async () => {
			const samples: Sample[] = [];
			const executions = items === 1 ? EXECUTIONS_OF_ONE_ITEM : 1;
			while (samples.length < executions) samples.push(await runOnce());
			return meanOf(samples);
		},
	};
}

const perItem =
	(of: (sample: Sample) => number, factor = 1) =>
	(sample: Sample) =>
		(of(sample) * factor) / sample.items;

/** The cost of one item by the number of items. If the cost grows linearly, no column rises. */
function costPerItemTable(loads: Array<Array<Measurement<Sample>>>): Table {
	const names = loads[0]?.map(({ name }) => name) ?? [];
	const time = perItem(nodeMs);
	return {
		title: 'Action: cost per GET by number of items, Kopo Kopo responds after 0 ms',
		columns: [
			...['', 'items', 'ms per item', `relative to ${REFERENCE_ITEMS} items`],
			...['resident KB per item', 'heap KB per item'],
		],
		rows: names.flatMap((name) => {
			const all = loads.flatMap((measurements) => findByName(measurements, name)?.samples ?? []);
			const medianOf = (samples: Sample[]) => quantile(samples.map(time), 0.5);
			const reference = medianOf(all.filter(({ items }) => items === REFERENCE_ITEMS));
			return [...new Set(all.map(({ items }) => items))].map((items) => {
				const samples = all.filter((sample) => sample.items === items);
				return [
					name,
					String(items),
					summarize(samples, time),
					(medianOf(samples) / reference).toFixed(2),
					summarize(samples, perItem(residentGrowthMb, 1024)),
					summarize(samples, perItem(heapGrowthMb, 1024)),
				];
			});
		}),
		notes: [
			'Memory per item: the peak during the execution minus the memory before it (after a garbage collection), including garbage.',
			`${MAX_ITEMS} items: at most ${MAX_ROUNDS_OF_LARGEST} rounds. One item: each sample is the mean of ${EXECUTIONS_OF_ONE_ITEM} executions.`,
		],
	};
}

import type { IDataObject } from 'n8n-workflow';
import { itemsOf } from '../../support/executions';
import { SEND_MONEY_PATH, sendMoneyParameters } from '../payouts';
import type { BenchEnvironment } from './benchEnvironment';
import {
	ALL_AT_ONCE,
	executionTable,
	heapGrowthMb,
	HTTP_REQUEST,
	httpRequestNode,
	kopoKopoNode,
	MEASURED_NODE,
	nodeMs,
	runBenchWorkflow,
	saveBenchCredentials,
	saveBenchWorkflow,
	TEN_AT_A_TIME,
	type BenchWorkflow,
	type Sample,
} from './benchWorkflow';
import { measurePayoutWrites } from './payoutWrites';
import type { Report } from './report';
import {
	findByName,
	measureInterleaved,
	ratio,
	valueAndRatio,
	type Candidate,
	type Measurement,
} from './rounds';

const PAYOUTS = 1000;
const LATENCY_MS = 50;
const CALLBACK_URL = 'https://n8n.invalid/bench';
const DESCRIPTION = 'Salary for May';

/** The measured settings of Batching, by the number of payouts that are sent at a time. */
const BATCH_SIZES = [
	{ batchSize: PAYOUTS, name: ALL_AT_ONCE },
	{ batchSize: 50, name: 'Kopo Kopo, 50 at a time' },
	{ batchSize: 10, name: TEN_AT_A_TIME },
];
/** How much longer than the bare latency a limited number of concurrent requests may take. */
const TOLERANCE = 1.25;

interface PayoutWorkflow extends BenchWorkflow {
	/** Whether an item of the output contains the id of a payout. */
	hasId(json: Record<string, unknown>): boolean;
}

/**
 * Measures the same payouts made by the Kopo Kopo node and by n8n's HTTP Request node. Only the candidate that
 * sends all requests at once can be compared directly; the others are compared with the time that their batch
 * size allows.
 */
export async function benchPayout(environment: BenchEnvironment, rounds: number): Promise<Report> {
	const problems: string[] = [];
	const measurements = await measureInterleaved(
		rounds,
		await payoutCandidates(environment, problems),
	);
	const writes = await measurePayoutWrites(environment);
	const named = (name: string) => findByName(measurements, name);
	const theirs = named(HTTP_REQUEST);
	const limited = BATCH_SIZES.filter(({ batchSize }) => batchSize < PAYOUTS).map(
		({ batchSize, name }) => ({ name, allowed: allowedTime(batchSize, theirs) }),
	);
	return {
		tables: [
			executionTable(
				`Action: ${PAYOUTS} payouts, Kopo Kopo responds after ${LATENCY_MS} ms`,
				measurements,
			),
			{
				title: `Action: ${PAYOUTS} payouts, time that the batch size allows`,
				columns: ['', 'allowed ms', 'node ms', 'node / allowed'],
				rows: limited.map(({ name, allowed }) => [
					name,
					valueAndRatio(allowed, allowed, nodeMs)[0],
					...valueAndRatio(named(name) ?? { name, samples: [] }, allowed, nodeMs),
				]),
				notes: [
					`allowed: ${TOLERANCE} x (${PAYOUTS} / batch size x ${LATENCY_MS} ms) + n8n's own time for ${PAYOUTS} requests, as the HTTP Request node needed it in the same round.`,
				],
			},
			...writes.tables,
		],
		targets: [
			{
				name: `node time for ${PAYOUTS} payouts, ${ALL_AT_ONCE} / ${HTTP_REQUEST}`,
				atMost: 1.1,
				measured: ratio(named(ALL_AT_ONCE), theirs, nodeMs),
			},
			{
				name: `heap growth for ${PAYOUTS} payouts, ${ALL_AT_ONCE} / ${HTTP_REQUEST}`,
				atMost: 1.1,
				measured: ratio(named(ALL_AT_ONCE), theirs, heapGrowthMb),
			},
			...limited.map(({ name, allowed }) => ({
				name: `node time for ${PAYOUTS} payouts, ${name} / allowed`,
				atMost: 1,
				measured: ratio(named(name), allowed, nodeMs),
			})),
			...writes.targets,
		],
		problems: [...problems, ...writes.problems],
	};
}

/** The candidates; from now on the sandbox delays its responses to payouts. Adds failures to the problems. */
export async function payoutCandidates(
	environment: BenchEnvironment,
	problems: string[],
): Promise<Array<Candidate<Sample>>> {
	const workflows = await savePayoutWorkflows(environment);
	environment.sandbox.faults.add({ kind: 'latency', path: SEND_MONEY_PATH, ms: LATENCY_MS });
	return workflows.map((workflow) => candidate(environment, workflow, problems));
}

/** The time that a batch size allows in each round, as a measurement. */
function allowedTime(
	batchSize: number,
	theirs: Measurement<Sample> | undefined,
): Measurement<Sample> {
	const latencyMs = TOLERANCE * Math.ceil(PAYOUTS / batchSize) * LATENCY_MS;
	const samples = (theirs?.samples ?? []).map((sample) => ({
		...sample,
		nodeMs: latencyMs + sample.nodeMs - LATENCY_MS,
	}));
	return { name: `allowed for ${batchSize} at a time`, samples };
}

async function savePayoutWorkflows(environment: BenchEnvironment): Promise<PayoutWorkflow[]> {
	const credentials = await saveBenchCredentials(environment);
	const kopoKopo = (batchSize: number) =>
		kopoKopoNode(credentials, {
			...sendMoneyParameters({ network: 'Safaricom', description: DESCRIPTION }),
			callbackUrl: CALLBACK_URL,
			waitForResult: 'continueImmediately',
			options: { batching: { batch: { batchSize, batchInterval: 0 } } },
		});
	const httpRequest = httpRequestNode(credentials, {
		method: 'POST',
		url: environment.sandbox.url + SEND_MONEY_PATH,
		sendBody: true,
		specifyBody: 'json',
		jsonBody: `=${bodyFor('{{ $json.phone }}', '{{ $json.amount }}')}`,
		// The id of a payout is in a response header; without this option the node's items are empty.
		options: { response: { response: { fullResponse: true } } },
	});

	const workflows: PayoutWorkflow[] = [];
	for (const { name, batchSize } of BATCH_SIZES) {
		workflows.push({
			...(await saveBenchWorkflow(environment, name, kopoKopo(batchSize))),
			hasId: ({ id, outcome }) => typeof id === 'string' && outcome === 'pending',
		});
	}
	workflows.push({
		...(await saveBenchWorkflow(environment, HTTP_REQUEST, httpRequest)),
		hasId: ({ headers }) =>
			typeof (headers as { location?: unknown } | undefined)?.location === 'string',
	});
	return workflows;
}

/** The body of one payout as text, byte for byte what the Kopo Kopo node sends. */
function bodyFor(phone: string, amount: number | string): string {
	return `{"destinations":[{"type":"mobile_wallet","phone_number":"${phone}","network":"Safaricom","amount":${amount},"description":"${DESCRIPTION}","favourite":false}],"currency":"KES","_links":{"callback_url":"${CALLBACK_URL}"}}`;
}

/** Runs one execution and checks that each phone number was paid once, with the right body. */
function candidate(
	environment: BenchEnvironment,
	workflow: PayoutWorkflow,
	problems: string[],
): Candidate<Sample> {
	const { ledger } = environment.sandbox;
	let round = 0;
	return {
		name: workflow.name,
		run: async () => {
			// Other payees in each round, since the node does not send payouts that equal earlier ones.
			const first = 254_700_000_000 + PAYOUTS * round++;
			const items = Array.from(
				{ length: PAYOUTS },
				(_, index): IDataObject & { phone: string } => ({
					phone: String(first + index),
					amount: 100 + index,
				}),
			);
			const expected = items.map(({ phone, amount }) => bodyFor(phone, Number(amount)));
			const requestsBefore = ledger.requests.length;
			const { sample, execution } = await runBenchWorkflow(environment, workflow, items);
			const withId = itemsOf(execution, MEASURED_NODE).filter(({ json }) => workflow.hasId(json));
			const sent = ledger.requests
				.slice(requestsBefore)
				.filter(({ path, processed }) => path === SEND_MONEY_PATH && processed)
				.map(({ body }) => JSON.stringify(body))
				.sort();
			const isSame = sent.join('\n') === expected.join('\n');
			if (execution.status !== 'success' || withId.length !== PAYOUTS || !isSame) {
				problems.push(
					`${workflow.name}: execution status ${execution.status}, ${withId.length} ids, ${sent.length} payouts accepted by the sandbox${isSame ? '' : `, the first ${sent[0]} instead of ${expected[0]}`}`,
				);
			}
			return sample;
		},
	};
}

import { randomUUID } from 'node:crypto';
import { readJson } from 'fs-extra';
import type { IDataObject } from 'n8n-workflow';
import { ROOT } from '../../support/n8nInstallation';
import { generateLoad, increment } from '../loadGenerator';
import { quantile, summarize } from '../statistics';
import { countExecutions, waitUntilIdle } from '../workflows';
import type { BenchEnvironment, StartEnvironment } from './benchEnvironment';
import {
	mockStripe,
	saveReceivers,
	STRIPE_TRIGGER,
	TRIGGER,
	TRIGGER_AND_EXPRESSION,
	TRIGGER_WITH_DUPLICATES,
	TRIGGER_WITH_HISTORY,
	WEBHOOK,
	WEBHOOK_AND_EXPRESSION,
	WEBHOOK_WITH_AUTH,
	type Receiver,
} from './receivers';
import { printCell, type Report, type Table } from './report';
import {
	findByName,
	measureInterleaved,
	ratio,
	valueAndRatio,
	type Candidate,
	type Measurement,
} from './rounds';

const CONNECTIONS = 10;
const TIMEOUT_MS = 60_000;
const DELIVERIES = 100;
/** The receipt in that file. */
const RECEIPT = 'OJM6Q1W84K';
/** At 500 deliveries a day, when 580 are remembered. */
const MAX_STORED_BYTES = 16_384;
const PAYLOAD_FILE = `${ROOT}/test/fixtures/webhooks/buygoods_transaction_received.k2.json`;

/** One round of deliveries to one receiver. */
interface Sample {
	/** From the first request to the last response. */
	seconds: number;
	/** From the first request until n8n has no running execution of the receiver. */
	secondsUntilIdle: number;
	/** One for each response. */
	latenciesMs: number[];
	/** CPU time of n8n for one delivery, including its execution. */
	cpuMs: number;
}

/**
 * By default n8n creates a JavaScript isolate for every delivery to a node other than its own Webhook node.
 * With this variable it creates one only when an expression needs it.
 */
const SETTINGS: Array<{ setting: string; env: Record<string, string> }> = [
	{ setting: 'n8n with its defaults', env: {} },
	{
		setting: 'N8N_EXPRESSION_ENGINE_LAZY_ACQUIRE=true',
		env: { N8N_EXPRESSION_ENGINE_LAZY_ACQUIRE: 'true' },
	},
];

/** Measures deliveries in an n8n with its defaults, and in one that is configured for many deliveries. */
export async function benchTrigger(start: StartEnvironment, rounds: number): Promise<Report> {
	const all: Report = { tables: [], targets: [], problems: [] };
	for (const { setting, env } of SETTINGS) {
		const stripe = await mockStripe();
		const environment = await start({ ...env, ...stripe.env });
		const { tables, targets, problems } = await measureReceivers(environment, rounds);
		await environment.close();
		await stripe.close();
		all.tables.push(...tables.map((table) => ({ ...table, title: `${table.title}, ${setting}` })));
		all.targets.push(
			...targets.map((target) => ({ ...target, name: `${target.name}, ${setting}` })),
		);
		all.problems.push(...problems);
	}
	return all;
}

/**
 * Measures signed deliveries to the Kopo Kopo Trigger, and the same deliveries to n8n's Webhook node, which
 * accepts every delivery or requires a secret in a header, and to n8n's Stripe Trigger, which verifies a
 * signature as well.
 */
async function measureReceivers(environment: BenchEnvironment, rounds: number): Promise<Report> {
	const receivers = await saveReceivers(environment);
	const { body } = (await readJson(PAYLOAD_FILE)) as { body: IDataObject };
	const problems: string[] = [];
	const measure = async (names: string[], isValid: boolean) =>
		await measureInterleaved(
			rounds,
			receivers
				.filter(({ name }) => names.includes(name))
				.map((receiver) => candidate(environment, receiver, body, isValid, problems)),
		);

	// Before the rounds, whose many deliveries in some minutes are all remembered.
	const storedBytes = await measureStoredBytes(environment, receivers, body);
	const accepted = await measure(
		receivers.map(({ name }) => name),
		true,
	);
	const rejected = await measure([TRIGGER, WEBHOOK_WITH_AUTH, STRIPE_TRIGGER], false);
	const bytes = Buffer.byteLength(JSON.stringify(body));
	const acceptedTable = deliveryTable(
		`Trigger: ${DELIVERIES} valid deliveries of ${bytes} bytes per round`,
		accepted,
		WEBHOOK,
	);
	for (const [left, right] of [
		[TRIGGER, WEBHOOK_WITH_AUTH],
		[TRIGGER, STRIPE_TRIGGER],
		[TRIGGER, TRIGGER_WITH_DUPLICATES],
		[TRIGGER_WITH_HISTORY, TRIGGER],
		[TRIGGER_AND_EXPRESSION, WEBHOOK_AND_EXPRESSION],
	] as const) {
		const ratioOf = compare(accepted, left, right);
		const print = (of: (sample: Sample) => number) => printCell(ratioOf(of));
		acceptedTable.notes?.push(
			`${left} / ${right}: responses/s ${print(responsesPerSecond)}, completed/s ${print(completedPerSecond)}, p99 ${print(p99)}, CPU ${print(cpuMs)}`,
		);
	}
	acceptedTable.notes?.push(
		`${TRIGGER_WITH_HISTORY}: ${storedBytes} bytes written to n8n's deduplication store for a delivery`,
	);
	const rejectedTable = deliveryTable(
		`Trigger: ${DELIVERIES} deliveries with a wrong signature or secret`,
		rejected,
		WEBHOOK_WITH_AUTH,
	);
	const rejectedToAccepted = ratio(
		findByName(rejected, TRIGGER),
		findByName(accepted, TRIGGER),
		responsesPerSecond,
	);
	rejectedTable.notes?.push(`${TRIGGER}, rejected / accepted: ${printCell(rejectedToAccepted)}`);
	return {
		tables: [acceptedTable, rejectedTable],
		targets: [
			...targetsFor(accepted, TRIGGER, WEBHOOK_WITH_AUTH),
			...targetsFor(accepted, TRIGGER, STRIPE_TRIGGER),
			...targetsFor(accepted, TRIGGER_AND_EXPRESSION, WEBHOOK_AND_EXPRESSION),
			{
				name: 'bytes written to the deduplication store for a delivery, 580 remembered',
				atMost: MAX_STORED_BYTES,
				measured: summarize([storedBytes], (value) => value),
			},
			{
				name: `responses per second, ${TRIGGER}, rejected / accepted`,
				atLeast: 2,
				measured: rejectedToAccepted,
			},
		],
		problems,
	};
}

/** Returns a function for the ratio of any number of two candidates. */
function compare(measurements: Array<Measurement<Sample>>, left: string, right: string) {
	const [ours, theirs] = [left, right].map((name) => findByName(measurements, name));
	return (of: (sample: Sample) => number) => ratio(ours, theirs, of);
}

/** The targets for the trigger, compared with n8n's own node in the same kind of workflow. */
function targetsFor(
	measurements: Array<Measurement<Sample>>,
	left: string,
	right: string,
): Report['targets'] {
	const ratioOf = compare(measurements, left, right);
	return [
		{
			name: `accepted deliveries per second, ${left} / ${right}`,
			atLeast: 0.95,
			measured: ratioOf(responsesPerSecond),
		},
		{
			name: `p99 of the response time, ${left} / ${right}`,
			atMost: 1.1,
			measured: ratioOf(p99),
		},
	];
}

/** A sale that n8n has not received before. */
function newSale(payload: IDataObject): string {
	const id = randomUUID();
	return JSON.stringify({ ...payload, id }).replaceAll(RECEIPT, id.toUpperCase());
}

/** How many bytes n8n's deduplication store writes for a delivery to the trigger that remembers others. */
async function measureStoredBytes(
	{ client }: BenchEnvironment,
	receivers: Receiver[],
	payload: IDataObject,
): Promise<number> {
	const receiver = receivers.find(({ name }) => name === TRIGGER_WITH_HISTORY);
	if (receiver?.storedBytes === undefined) return NaN;
	const body = newSale(payload);
	const delivery = { headers: receiver.headers(body, true), body };
	const options = { connections: 1, timeoutMs: TIMEOUT_MS };
	await generateLoad(receiver.url, [delivery], options, () => {});
	await waitUntilIdle(client, receiver.workflowId);
	return await receiver.storedBytes();
}

/**
 * Sends deliveries with different ids and checks that n8n responded with the expected status and ran each
 * accepted one.
 */
function candidate(
	{ client, meter }: BenchEnvironment,
	{ name, workflowId, url, headers, requiredFields, rejectionStatus }: Receiver,
	payload: IDataObject,
	isValid: boolean,
	problems: string[],
): Candidate<Sample> {
	return {
		name,
		run: async () => {
			const deliveries = Array.from({ length: DELIVERIES }, () => {
				const body = newSale({ ...payload, ...requiredFields });
				return { headers: headers(body, isValid), body };
			});
			const latenciesMs: number[] = [];
			const statuses = new Map<number, number>();
			const succeededBefore = await countExecutions(client, workflowId, 'success');
			await meter.start();
			const startedAt = performance.now();
			const seconds = await generateLoad(
				url,
				deliveries,
				{ connections: CONNECTIONS, timeoutMs: TIMEOUT_MS },
				({ status, latencyMs }) => {
					latenciesMs.push(latencyMs);
					increment(statuses, status);
				},
			);
			await waitUntilIdle(client, workflowId);
			const secondsUntilIdle = (performance.now() - startedAt) / 1000;
			const usage = await meter.stop();

			const expectedStatus = isValid ? 200 : rejectionStatus;
			const asExpected = statuses.get(expectedStatus) ?? 0;
			const succeeded = (await countExecutions(client, workflowId, 'success')) - succeededBefore;
			const failed = await countExecutions(
				client,
				workflowId,
				...['error', 'crashed', 'canceled', 'waiting'],
			);
			const expectedToSucceed = isValid ? DELIVERIES : 0;
			if (asExpected !== DELIVERIES || succeeded !== expectedToSucceed || failed > 0) {
				problems.push(
					`${name}: of ${DELIVERIES} deliveries ${asExpected} were answered with ${expectedStatus}; ${succeeded} executions succeeded, ${failed} did not`,
				);
			}
			return { seconds, secondsUntilIdle, latenciesMs, cpuMs: usage.cpuMs / DELIVERIES };
		},
	};
}

const responsesPerSecond = ({ seconds, latenciesMs }: Sample) => latenciesMs.length / seconds;
const completedPerSecond = ({ secondsUntilIdle, latenciesMs }: Sample) =>
	latenciesMs.length / secondsUntilIdle;
const p99 = ({ latenciesMs }: Sample) => quantile(latenciesMs, 0.99);
const cpuMs = (sample: Sample) => sample.cpuMs;

function deliveryTable(
	title: string,
	measurements: Array<Measurement<Sample>>,
	referenceName: string,
): Table {
	const reference = findByName(measurements, referenceName);
	return {
		title,
		columns: [
			...['', 'responses/s', 'ratio', 'p50 ms', 'p99 ms', 'completed/s'],
			...['CPU ms per delivery', 'ratio'],
		],
		rows: measurements.map((measurement) => {
			const { name, samples } = measurement;
			return [
				name,
				...valueAndRatio(measurement, reference, responsesPerSecond),
				summarize(samples, ({ latenciesMs }) => quantile(latenciesMs, 0.5)),
				summarize(samples, p99),
				summarize(samples, completedPerSecond),
				...valueAndRatio(measurement, reference, cpuMs),
			];
		}),
		notes: [
			`${CONNECTIONS} connections, each waiting for its response. Ratios to "${referenceName}", round by round.`,
			'completed/s: deliveries per second until n8n is idle again (accurate to 0.1 s).',
		],
	};
}

import type { IDataObject, INode } from 'n8n-workflow';
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
	residentMb,
	runJob,
	saveJob,
	UNDER_TEST,
	USER_AGENT,
	type Job,
	type Sample,
} from './job';
import type { Report } from './report';
import { ratio, sideBySide, type Contender, type Measured } from './rounds';
import type { Stage } from './stage';

const RESOURCE = '/api/v2/send_money';
const PAYOUTS = 1000;
const LATENCY_MS = 50;
const CALLBACK_URL = 'https://n8n.invalid/bench';
const DESCRIPTION = 'Salary for May';

/** How many payouts are under way at a time, and what that is called. */
const CONCURRENCIES = [
	{ atATime: PAYOUTS, name: AT_ONCE },
	{ atATime: 50, name: 'Kopo Kopo, 50 at a time' },
	{ atATime: 10, name: 'Kopo Kopo, 10 at a time (default)' },
];
/** What may be lost to requests that do not follow each other at once. */
const SLACK = 1.25;

interface Payer extends Job {
	/** Whether an item of its output tells the id of a payout. */
	hasId(json: Record<string, unknown>): boolean;
}

/**
 * The same payouts through the Kopo Kopo node and through n8n's own HTTP Request node. Only the run that
 * fires all at once has an equal there; the others are held against what their concurrency allows.
 */
export async function benchPayout(stage: Stage, rounds: number): Promise<Report> {
	const problems: string[] = [];
	const measured = await sideBySide(rounds, await payoutContenders(stage, problems));

	const named = (name: string) => measured.find(isNamed(name));
	const theirs = named(HTTP_REQUEST);
	const limited = CONCURRENCIES.filter(({ atATime }) => atATime < PAYOUTS).map((limit) => ({
		...limit,
		bound: boundOf(limit.atATime, theirs),
	}));
	return {
		tables: [
			{
				title: `Action: ${PAYOUTS} payouts, Kopo Kopo answers after ${LATENCY_MS} ms`,
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
			},
			{
				title: `Action: ${PAYOUTS} payouts, what their concurrency allows`,
				columns: ['', 'bound ms', 'node ms', 'node / bound'],
				rows: limited.map(({ name, bound }) => {
					const [itself, share] = compared(named(name) ?? { name, samples: [] }, bound, nodeMs);
					return [name, compared(bound, bound, nodeMs)[0], itself, share];
				}),
				notes: [
					`bound: ${SLACK} x (${PAYOUTS} / at a time x ${LATENCY_MS} ms), and n8n's own time for ${PAYOUTS} requests as the HTTP Request node shows it in the same round.`,
				],
			},
		],
		targets: [
			{
				what: `time of the node for ${PAYOUTS} payouts, ${AT_ONCE} / ${HTTP_REQUEST}`,
				atMost: 1.1,
				measured: ratio(named(AT_ONCE), theirs, nodeMs),
			},
			{
				what: `heap that ${PAYOUTS} payouts add to n8n, ${AT_ONCE} / ${HTTP_REQUEST}`,
				atMost: 1.1,
				measured: ratio(named(AT_ONCE), theirs, heapGrowthMb),
			},
			...limited.map(({ name, bound }) => ({
				what: `time of the node for ${PAYOUTS} payouts, ${name} / bound`,
				atMost: 1,
				measured: ratio(named(name), bound, nodeMs),
			})),
		],
		problems,
	};
}

/** The payers, at a Kopo Kopo that takes its time from now on; what goes wrong is added to the problems. */
export async function payoutContenders(
	stage: Stage,
	problems: string[],
): Promise<Array<Contender<Sample>>> {
	const payers = await savePayers(stage);
	stage.sandbox.weather.add({ kind: 'latency', path: RESOURCE, ms: LATENCY_MS });
	return payers.map((payer) => contender(stage, payer, problems));
}

/** The time that this concurrency allows, for each round, as if somebody had taken it. */
function boundOf(atATime: number, theirs: Measured<Sample> | undefined): Measured<Sample> {
	const waiting = SLACK * Math.ceil(PAYOUTS / atATime) * LATENCY_MS;
	const samples = (theirs?.samples ?? []).map((sample) => ({
		...sample,
		nodeMs: waiting + sample.nodeMs - LATENCY_MS,
	}));
	return { name: `bound of ${atATime}`, samples };
}

async function savePayers(stage: Stage): Promise<Payer[]> {
	const { client, sandbox } = stage;
	const kopoKopo = await client.createCredential('Payout', 'kopoKopoApi', sandboxCredentialData(sandbox));
	const header = await client.createCredential('Payout token', 'httpHeaderAuth', {
		name: 'Authorization',
		value: `Bearer ${await freshToken(sandbox)}`,
	});
	const kopoKopoNode = (batchSize: number): INode => ({
		...node(UNDER_TEST, 'n8n-nodes-kopokopo.kopoKopo', {
			resource: 'sendMoney',
			operation: 'toExternalRecipients',
			destinations: {
				mobileWallet: [
					{
						phoneNumber: '={{ $json.phone }}',
						amount: '={{ $json.amount }}',
						network: 'Safaricom',
						description: DESCRIPTION,
					},
				],
			},
			callbackUrl: CALLBACK_URL,
			waitForResult: 'no',
			options: { batching: { batch: { batchSize, batchInterval: 0 } } },
		}),
		credentials: { kopoKopoApi: { id: kopoKopo.id, name: kopoKopo.name } },
	});
	const httpRequestNode: INode = {
		...node(UNDER_TEST, 'n8n-nodes-base.httpRequest', {
			method: 'POST',
			url: sandbox.url + RESOURCE,
			authentication: 'genericCredentialType',
			genericAuthType: 'httpHeaderAuth',
			sendHeaders: true,
			headerParameters: { parameters: [{ name: 'User-Agent', value: USER_AGENT }] },
			sendBody: true,
			specifyBody: 'json',
			jsonBody: `=${bodyFor('{{ $json.phone }}', '{{ $json.amount }}')}`,
			// The id of a payout is in a header; without this the node's items are empty.
			options: { response: { response: { fullResponse: true } } },
		}),
		typeVersion: 4.5,
		credentials: { httpHeaderAuth: { id: header.id, name: header.name } },
	};

	const payers: Payer[] = [];
	for (const { name, atATime } of CONCURRENCIES) {
		payers.push({
			...(await saveJob(stage, name, kopoKopoNode(atATime))),
			hasId: ({ id, outcome }) => typeof id === 'string' && outcome === 'pending',
		});
	}
	payers.push({
		...(await saveJob(stage, HTTP_REQUEST, httpRequestNode)),
		hasId: ({ headers }) =>
			typeof (headers as { location?: unknown } | undefined)?.location === 'string',
	});
	return payers;
}

/** The body of one payout as text, byte for byte what the Kopo Kopo node sends. */
function bodyFor(phone: string, amount: number | string): string {
	return `{"destinations":[{"type":"mobile_wallet","phone_number":"${phone}","network":"Safaricom","amount":${amount},"description":"${DESCRIPTION}"}],"currency":"KES","_links":{"callback_url":"${CALLBACK_URL}"}}`;
}

/** One execution, and the check that every phone was paid once, with the right body. */
function contender(stage: Stage, payer: Payer, problems: string[]): Contender<Sample> {
	const { ledger } = stage.sandbox;
	const items = Array.from({ length: PAYOUTS }, (_, index): IDataObject & { phone: string } => ({
		phone: String(254_700_000_000 + index),
		amount: 100 + index,
	}));
	const wanted = items.map(({ phone, amount }) => bodyFor(phone, Number(amount)));
	return {
		name: payer.name,
		run: async () => {
			const asked = ledger.requests.length;
			const { sample, execution } = await runJob(stage, payer, items);
			const withId = itemsOf(execution, UNDER_TEST).filter(({ json }) => payer.hasId(json));
			const sent = ledger.requests
				.slice(asked)
				.filter(({ path, worked }) => path === RESOURCE && worked)
				.map(({ body }) => JSON.stringify(body))
				.sort();
			const isSame = sent.join('\n') === wanted.join('\n');
			if (execution.status !== 'success' || withId.length !== PAYOUTS || !isSame) {
				problems.push(
					`${payer.name}: the execution ended as ${execution.status} with ${withId.length} ids, and the sandbox took ${sent.length} payouts${isSame ? '' : `, the first ${sent[0]} instead of ${wanted[0]}`}`,
				);
			}
			return sample;
		},
	};
}

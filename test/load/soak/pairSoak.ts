import { randomUUID } from 'node:crypto';
import { remove } from 'fs-extra';
import { sleep, type IConnections, type INode } from 'n8n-workflow';
import { startSandbox } from '../../sandbox/server';
import { RUN } from '../../support/n8nInstallation';
import type { N8nClient, SavedCredential } from '../../support/n8nClient';
import { startN8n } from '../../support/n8nProcess';
import { sandboxCredentialData } from '../../support/sandboxCredential';
import { waitFor } from '../../support/waitFor';
import { connectTo, kopoKopoNode, POLLING_TRIGGER, TRIGGER } from '../../support/workflows';
import { EVENT } from '../deliveries';
import type { Terminal } from '../terminal';
import {
	compare,
	findPairProblems,
	type Kill,
	type PairReport,
	paymentsOf,
	printPairReport,
} from './pairReport';
import { createPaymentTable } from './paymentTable';

export interface PairSoakOptions extends Terminal {
	/** How long payments are made. */
	minutes: number;
	/** Payments per minute, besides the bursts. */
	rate: number;
	/** Twenty workflows with a polling trigger only, instead of one with both triggers. */
	isPollingOnly: boolean;
	/** Whether n8n stores cursors and executions together, with its durable scheduler. */
	isDurable: boolean;
}

const FOLDER = `${RUN}/soak-pair`;
const POLLING_WORKFLOWS = 20;
/** One in so many deliveries never arrives. */
const LOSE_EVERY = 20;
/** A kill follows the poll or the delivery that it is aimed at within this time. */
const AIM_MS = 1_500;
const BURST = 50;
const BETWEEN_FAULTS_MS = 15_000;
/** Parts of the test during which n8n or Kopo Kopo is down. */
const N8N_DOWN = 1 / 6;
const KOPO_KOPO_DOWN = 1 / 15;
const CATCH_UP_TIMEOUT_MS = 400_000;
const DURABLE = {
	N8N_SCHEDULER_ENABLED: 'true',
	N8N_SCHEDULER_POLL_TRIGGERS_ENABLED: 'true',
	N8N_POLLER_DURABLE_CURSORS_ENABLED: 'true',
};

type Fault =
	| 'kill after a poll'
	| 'kill after a delivery'
	| 'kill during a burst'
	| 'n8n down'
	| 'Kopo Kopo down';

const PAIR_FAULTS: Fault[] = [
	'kill after a poll',
	'kill during a burst',
	'Kopo Kopo down',
	'kill after a delivery',
	'kill after a poll',
];
const POLLING_FAULTS: Fault[] = ['kill after a poll'];

/**
 * Makes payments while n8n is killed at the worst moments, n8n and Kopo Kopo are down, and deliveries are lost,
 * and checks that each payment has one row in a table behind the triggers. Prints a table.
 * @returns what went wrong
 */
export async function runPairSoak(options: PairSoakOptions): Promise<string[]> {
	const { minutes, rate, isPollingOnly, isDurable, write, onStop } = options;
	await remove(FOLDER);
	const sandbox = await startSandbox({ port: 0 });
	onStop(async () => await sandbox.close());
	const env = {
		// By default n8n deletes all but the last 10,000 executions.
		EXECUTIONS_DATA_PRUNE: 'false',
		// By default n8n creates a JavaScript isolate for each execution with an expression.
		N8N_EXPRESSION_ENGINE: 'legacy',
		...(isDurable && DURABLE),
	};
	const n8n = await startN8n({ folder: FOLDER, env, onStop });
	const { client } = n8n;
	const table = await createPaymentTable(client);
	onStop(table.close);
	const credential = await client.createCredential(
		'Soak',
		'kopoKopoApi',
		sandboxCredentialData(sandbox),
	);
	const workflowIds: string[] = [];
	for (let index = 0; index < (isPollingOnly ? POLLING_WORKFLOWS : 1); index += 1) {
		const triggers = [
			pollingTrigger(credential),
			...(isPollingOnly ? [] : [webhookTrigger(credential)]),
		];
		workflowIds.push(await publish(client, `Soak ${index}`, triggers, table.nodes()));
	}

	const receipts: string[] = [];
	const kills: Kill[] = [];
	const faults: Record<string, number> = {};
	let deliveriesLost = 0;
	const startedAt = Date.now();
	const endsAt = startedAt + minutes * 60_000;
	const pay = () => {
		if (!isPollingOnly && receipts.length % LOSE_EVERY === LOSE_EVERY - 1) {
			sandbox.deliveries.loseNext();
			deliveriesLost += 1;
		}
		const reference = `SOAK${String(receipts.length).padStart(6, '0')}`;
		receipts.push(sandbox.till.buygoods({ reference }).reference);
	};
	const payBurst = async () => {
		for (let count = 0; count < BURST; count += 1) {
			pay();
			await sleep(1000 / BURST);
		}
	};
	const makePayments = async () => {
		for (let due = 0; Date.now() < endsAt; due += 60_000 / rate) {
			await sleep(Math.max(0, Math.min(startedAt + due, endsAt) - Date.now()));
			pay();
		}
	};

	const killN8n = async (downMs = 0) => {
		const kill: Kill = { at: Date.now(), readyAt: 0 };
		kills.push(kill);
		await n8n.kill();
		await sleep(downMs);
		// On a busy machine n8n may need longer than start() waits.
		await n8n.start().catch(async () => {
			await n8n.kill();
			await n8n.start();
		});
		kill.readyAt = Date.now();
	};
	const aim = async () => await sleep(Math.random() * AIM_MS);
	const countPolls = () => sandbox.ledger.requests.filter(isPoll).length;
	const countDeliveries = () =>
		sandbox.deliveries.log.filter(({ attempts }) => attempts.length > 0).length;
	const nextOf = async (what: string, count: () => number) => {
		const before = count();
		await waitFor(what, 180_000, () => count() > before);
	};
	const inject: Record<Fault, () => Promise<void>> = {
		'kill after a poll': async () => {
			await nextOf('a poll', countPolls);
			await aim();
			await killN8n();
		},
		'kill after a delivery': async () => {
			await nextOf('a delivery', countDeliveries);
			await aim();
			await killN8n();
		},
		'kill during a burst': async () => {
			const paying = payBurst();
			await aim();
			await killN8n();
			await paying;
		},
		'n8n down': async () => await killN8n(minutes * 60_000 * N8N_DOWN),
		'Kopo Kopo down': async () => {
			const fault = sandbox.faults.add({ kind: 'reset' });
			await sleep(minutes * 60_000 * KOPO_KOPO_DOWN);
			sandbox.faults.clear(fault);
		},
	};
	const injectFaults = async () => {
		const sequence = isPollingOnly ? POLLING_FAULTS : PAIR_FAULTS;
		let wasDown = isPollingOnly;
		for (let turn = 0; Date.now() + BETWEEN_FAULTS_MS < endsAt; turn += 1) {
			await sleep(BETWEEN_FAULTS_MS);
			const isHalf = Date.now() > startedAt + (minutes * 60_000) / 2;
			const isDownNow = isHalf && !wasDown;
			wasDown ||= isDownNow;
			const next = sequence[turn % sequence.length] ?? 'kill after a poll';
			const fault = isDownNow ? 'n8n down' : next;
			faults[fault] = (faults[fault] ?? 0) + 1;
			await inject[fault]();
			const seconds = ((Date.now() - startedAt) / 1000).toFixed(0);
			write(`${seconds} s: ${fault}; ${receipts.length} payments, ${table.begun.size} begun`);
		}
	};
	await Promise.all([makePayments(), injectFaults()]);

	const lastPaymentAt = Date.now();
	let rows = await table.countRows();
	const wanted = paymentsOf(workflowIds, receipts);
	await waitFor('every row', CATCH_UP_TIMEOUT_MS, async () => {
		rows = await table.countRows();
		if (wanted.every((payment) => rows.has(payment))) return true;
		await sleep(2000);
		return undefined;
	}).catch(() => undefined);
	const secondsToCatchUp = (Date.now() - lastPaymentAt) / 1000;
	// Another poll, which gives nothing if all is recorded.
	await nextOf('a last poll', countPolls);
	await sleep(10_000);

	const report: PairReport = {
		...(await compare({
			...{ client, workflowIds, receipts, kills },
			begun: table.begun,
			rows: await table.countRows(),
		})),
		...{ deliveriesLost, faults, secondsToCatchUp },
		minutes: (lastPaymentAt - startedAt) / 60_000,
	};
	write(`\n${printPairReport(report)}\n`);
	return findPairProblems(report);
}

const isPoll = ({ method, path }: { method: string; path: string }) =>
	method === 'POST' && path.endsWith('/polling');

const pollingTrigger = (credential: SavedCredential): INode =>
	kopoKopoNode(
		POLLING_TRIGGER,
		'kopoKopoPollingTrigger',
		{ pollTimes: { item: [{ mode: 'everyMinute' }] } },
		credential,
	);

const webhookTrigger = (credential: SavedCredential): INode => ({
	...kopoKopoNode(TRIGGER, 'kopoKopoTrigger', { triggerOn: [EVENT] }, credential),
	webhookId: randomUUID(),
});

/** Publishes a workflow in which each trigger leads to the first of the other nodes. @returns its id */
async function publish(
	client: N8nClient,
	name: string,
	triggers: INode[],
	nodes: INode[],
): Promise<string> {
	const next = (index: number) => ({ main: [[connectTo(nodes[index]?.name ?? '')]] });
	const connections: IConnections = {
		...Object.fromEntries(triggers.map((trigger) => [trigger.name, next(0)])),
		...Object.fromEntries(nodes.slice(0, -1).map((node, index) => [node.name, next(index + 1)])),
	};
	const { id } = await client.createWorkflow({ name, nodes: [...triggers, ...nodes], connections });
	const { status, errors } = await client.activate(id);
	if (status !== 'published') throw new Error(`${name} is ${status}. ${errors.join(' ')}`);
	return id;
}

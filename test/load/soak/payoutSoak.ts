import { remove } from 'fs-extra';
import type { INode, INodeExecutionData } from 'n8n-workflow';
import { startSandbox, type Sandbox } from '../../sandbox/server';
import type { Execution } from '../../support/executions';
import type { N8nClient, SavedCredential } from '../../support/n8nClient';
import { RUN } from '../../support/n8nInstallation';
import { startN8n } from '../../support/n8nProcess';
import { sandboxCredentialData } from '../../support/sandboxCredential';
import { chain, node } from '../../support/workflows';
import { audit, randomFaults, type Audit } from '../payoutAudit';
import { INVALID_PAYEE, payees, SEND_MONEY_PARAMETERS, type Payee } from '../payouts';
import type { Terminal } from '../terminal';
import { withCredential } from '../workflows';
import { alignColumns, formatCounts } from './format';

interface PayoutSoakOptions extends Terminal {
	/** Number of payouts. */
	items: number;
	/** Seed of the random faults. */
	seed: number;
}

type OnError = NonNullable<INode['onError']>;

const FOLDER = `${RUN}/soak-payouts`;
const PAYOUTS_PER_EXECUTION = 500;
const CONCURRENT_EXECUTIONS = 4;
const MAX_LATENCY_MS = 40;
/** How often an execution that stopped at an item is retried with n8n's Retry. */
const MAX_RETRIES = 20;
/** The settings of On Error; each execution has the next one. */
const ON_ERROR_SETTINGS: OnError[] = [
	'continueRegularOutput',
	'continueErrorOutput',
	'stopWorkflow',
];
const START = 'Start';
const KOPO_KOPO = 'Kopo Kopo';

/** The payouts of one execution and its retries. */
interface PayoutExecution {
	onError: OnError;
	people: Payee[];
	/** What the node returned on all outputs. */
	items: INodeExecutionData[];
	retries: number;
	/** Why the execution did not succeed. */
	problem?: string;
}

/**
 * Makes payouts with the node in a real n8n, with random faults, Retry On Fail and every setting of On Error,
 * and compares the node's items with the sandbox's ledger. Prints a table.
 * @returns what went wrong
 */
export async function runPayoutSoak(options: PayoutSoakOptions): Promise<string[]> {
	const { items, seed, write, onStop } = options;
	await remove(FOLDER);
	const sandbox = await startSandbox({ port: 0, seed });
	onStop(async () => await sandbox.close());
	sandbox.bank.addBehaviour({ action: 'transfer' });
	const { client } = await startN8n({ folder: FOLDER, onStop });
	const credential = await client.createCredential(
		'Soak',
		'kopoKopoApi',
		sandboxCredentialData(sandbox),
	);

	const executions = planExecutions(items);
	const queue = [...executions];
	for (const fault of randomFaults(MAX_LATENCY_MS)) sandbox.faults.add(fault);
	const startedAt = Date.now();
	let done = 0;
	const runQueue = async () => {
		for (let next = queue.shift(); next; next = queue.shift()) {
			await runExecution(client, credential, next);
			done += 1;
			write(`${done} of ${executions.length} executions done`);
		}
	};
	await Promise.all(Array.from({ length: CONCURRENT_EXECUTIONS }, runQueue));
	const seconds = (Date.now() - startedAt) / 1000;

	const found = await auditExecutions(sandbox, executions);
	write(`\n${printResult(sandbox, executions, found, seconds, seed)}\n`);
	return [...executions.flatMap(({ problem }) => problem ?? []), ...found.mismatches];
}

/**
 * Divides the payouts among executions. n8n's Retry On Fail runs a node that continues on errors again only if
 * its first item failed, so these executions start with a payee whom the node always rejects.
 */
function planExecutions(items: number): PayoutExecution[] {
	return Array.from({ length: Math.ceil(items / PAYOUTS_PER_EXECUTION) }, (_, index) => {
		const first = index * PAYOUTS_PER_EXECUTION;
		const people = payees(Math.min(PAYOUTS_PER_EXECUTION, items - first), first);
		const onError = ON_ERROR_SETTINGS[index % ON_ERROR_SETTINGS.length] ?? 'stopWorkflow';
		return {
			onError,
			people: onError === 'stopWorkflow' ? people : [INVALID_PAYEE, ...people],
			items: [],
			retries: 0,
		};
	});
}

/** Runs an execution, retries it while it fails, and records its items. */
async function runExecution(
	client: N8nClient,
	credential: SavedCredential,
	planned: PayoutExecution,
): Promise<void> {
	const kopoKopo: INode = {
		...node(KOPO_KOPO, 'n8n-nodes-kopokopo.kopoKopo', {
			...SEND_MONEY_PARAMETERS,
			options: { batching: { batch: { batchSize: 25, batchInterval: 0 } } },
		}),
		retryOnFail: true,
		maxTries: 5,
		waitBetweenTries: 1000,
		onError: planned.onError,
	};
	const { id } = await client.createWorkflow({
		name: `Soak ${planned.people[1]?.phone ?? ''}`,
		nodes: [node(START, 'n8n-nodes-base.manualTrigger'), withCredential(kopoKopo, credential)],
		connections: chain(START, KOPO_KOPO),
		pinData: { [START]: planned.people.map((json) => ({ json })) },
	});
	let execution = await waitForEnd(client, await client.run(id, START));
	while (execution.status === 'error' && planned.retries < MAX_RETRIES) {
		planned.retries += 1;
		execution = await waitForEnd(client, await client.retry(execution.id));
	}
	if (execution.status !== 'success') {
		planned.problem = `Execution ${execution.id} has status ${execution.status}: ${
			execution.data.resultData.error?.message ?? ''
		}`;
	}
	const lastRun = execution.data.resultData.runData[KOPO_KOPO]?.at(-1);
	planned.items = (lastRun?.data?.main ?? []).flatMap((output) => output ?? []);
}

const waitForEnd = async (client: N8nClient, id: string): Promise<Execution> =>
	await client.waitForExecution(id, 600_000);

/** Audits all executions at once; the index of a payee counts through all of them. */
async function auditExecutions(sandbox: Sandbox, executions: PayoutExecution[]): Promise<Audit> {
	const people: Payee[] = [];
	const items: INodeExecutionData[] = [];
	for (const execution of executions) {
		for (const item of execution.items) {
			const { item: index } = item.pairedItem as { item: number };
			items.push({ ...item, pairedItem: { item: people.length + index } });
		}
		people.push(...execution.people);
	}
	return await audit(sandbox, people, items);
}

function printResult(
	{ ledger }: Sandbox,
	executions: PayoutExecution[],
	found: Audit,
	seconds: number,
	seed: number,
): string {
	const byOnError = ON_ERROR_SETTINGS.map((setting) => {
		const own = executions.filter(({ onError }) => onError === setting);
		return `${setting} ${own.length}`;
	}).join(', ');
	const rows: Array<[string, string | number]> = [
		['items', found.items],
		['executions by On Error', byOnError],
		['retries of executions', executions.reduce((sum, { retries }) => sum + retries, 0)],
		['requests', ledger.requests.length],
		['payout requests', found.payoutRequests],
		['faults on payout requests', formatCounts(found.faults)],
		['ambiguous faults on payout requests', found.ambiguous],
		['outcomes', formatCounts(found.outcomes)],
		['paid according to the ledger', ledger.movements.length],
		['paid more than once', found.doublePayments],
		['mismatches', found.mismatches.length],
		['duration', `${seconds.toFixed(0)} s`],
		['seed', seed],
	];
	return alignColumns(rows.map((row) => row.map(String)));
}

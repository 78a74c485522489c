import { remove } from 'fs-extra';
import type { INode, INodeExecutionData } from 'n8n-workflow';
import { startSandbox, type Sandbox } from '../sandbox/server';
import type { Execution } from '../support/executions';
import type { N8nClient, SavedCredential } from '../support/n8nClient';
import { RUN } from '../support/n8nInstallation';
import { startN8n } from '../support/n8nProcess';
import { sandboxCredentialData } from '../support/sandboxCredential';
import { chain, node } from '../support/workflows';
import { audit, NOBODY, PAY, payees, storms, type Audit, type Payee } from './payouts';

export interface SoakOptions {
	/** Payouts in all. */
	items: number;
	/** Which weather. */
	seed: number;
	/** Takes what the person at the terminal is to read. */
	write(text: string): void;
	/** Takes a clean-up the moment there is something to clean up. */
	onStop(cleanUp: () => Promise<void>): void;
}

type OnError = NonNullable<INode['onError']>;

const FOLDER = `${RUN}/soak`;
/** Payouts of one execution, and executions under way at the same time. */
const PER_EXECUTION = 500;
const AT_ONCE = 4;
/** How often n8n's Retry is pressed on an execution that stopped at an item. */
const RETRIES = 20;
/** The settings of On Error, which the executions take in turn. */
const SETTINGS: OnError[] = ['continueRegularOutput', 'continueErrorOutput', 'stopWorkflow'];
const START = 'Start';
const PAYING = 'Kopo Kopo';

/** Some of the payouts, in one execution and its retries. */
interface Share {
	onError: OnError;
	people: Payee[];
	given: INodeExecutionData[];
	/** How often Retry was pressed. */
	retries: number;
	/** Why it came to no end. */
	problem?: string;
}

/**
 * Pays everybody through the node in the real n8n, in random weather, with Retry On Fail and every
 * setting of On Error, and compares what the node said with what the sandbox did. Prints the table and
 * resolves with what went wrong.
 */
export async function runSoak({ items, seed, write, onStop }: SoakOptions): Promise<string[]> {
	await remove(FOLDER);
	const sandbox = await startSandbox({ port: 0, seed });
	onStop(async () => await sandbox.close());
	sandbox.bank.will({ deed: 'transfer' });
	const { client } = await startN8n({ folder: FOLDER, onStop });
	const credential = await client.createCredential('Soak', 'kopoKopoApi', sandboxCredentialData(sandbox));

	const shares = shareOut(items);
	const waiting = [...shares];
	for (const order of storms(40)) sandbox.weather.add(order);
	const began = Date.now();
	let done = 0;
	const takeTurns = async () => {
		for (let share = waiting.shift(); share; share = waiting.shift()) {
			await pay(client, credential, share);
			done += 1;
			write(`${done} of ${shares.length} executions done`);
		}
	};
	await Promise.all(Array.from({ length: AT_ONCE }, takeTurns));
	const seconds = (Date.now() - began) / 1000;

	const found = await auditShares(sandbox, shares);
	write(`\n${report(sandbox, shares, found, seconds, seed)}\n`);
	return [...shares.flatMap(({ problem }) => problem ?? []), ...found.mismatches];
}

/**
 * Everybody in shares. Those that go on after an error begin with somebody who is always refused, since
 * n8n tries them again only when their first item has failed.
 */
function shareOut(items: number): Share[] {
	return Array.from({ length: Math.ceil(items / PER_EXECUTION) }, (_, index) => {
		const first = index * PER_EXECUTION;
		const people = payees(Math.min(PER_EXECUTION, items - first), first);
		const onError = SETTINGS[index % SETTINGS.length] ?? 'stopWorkflow';
		return {
			onError,
			people: onError === 'stopWorkflow' ? people : [NOBODY, ...people],
			given: [],
			retries: 0,
		};
	});
}

async function pay(n8n: N8nClient, credential: SavedCredential, share: Share): Promise<void> {
	const paying: INode = {
		...node(PAYING, 'n8n-nodes-kopokopo.kopoKopo', {
			...PAY,
			options: { batching: { batch: { batchSize: 25, batchInterval: 0 } } },
		}),
		credentials: { kopoKopoApi: { id: credential.id, name: credential.name } },
		retryOnFail: true,
		maxTries: 5,
		waitBetweenTries: 1000,
		onError: share.onError,
	};
	const { id } = await n8n.createWorkflow({
		name: `Soak ${share.people[1]?.phone ?? ''}`,
		nodes: [node(START, 'n8n-nodes-base.manualTrigger'), paying],
		connections: chain(START, PAYING),
		pinData: { [START]: share.people.map((json) => ({ json })) },
	});
	let execution = await ended(n8n, await n8n.run(id, START));
	while (execution.status === 'error' && share.retries < RETRIES) {
		share.retries += 1;
		execution = await ended(n8n, await n8n.retry(execution.id));
	}
	if (execution.status !== 'success') {
		share.problem = `Execution ${execution.id} ended as ${execution.status}: ${
			execution.data.resultData.error?.message ?? ''
		}`;
	}
	const last = execution.data.resultData.runData[PAYING]?.at(-1);
	share.given = (last?.data?.main ?? []).flatMap((output) => output ?? []);
}

const ended = async (n8n: N8nClient, id: string): Promise<Execution> =>
	await n8n.waitForExecution(id, 600_000);

/** One audit over everybody: the items of each share, told apart by where the share begins. */
async function auditShares(sandbox: Sandbox, shares: Share[]): Promise<Audit> {
	const people: Payee[] = [];
	const given: INodeExecutionData[] = [];
	for (const share of shares) {
		for (const item of share.given) {
			const { item: own } = item.pairedItem as { item: number };
			given.push({ ...item, pairedItem: { item: people.length + own } });
		}
		people.push(...share.people);
	}
	return await audit(sandbox, people, given);
}

function report(
	{ ledger }: Sandbox,
	shares: Share[],
	found: Audit,
	seconds: number,
	seed: number,
): string {
	const list = (counts: Record<string, number>) =>
		Object.entries(counts)
			.sort(([, one], [, other]) => other - one)
			.map(([name, times]) => `${name} ${times}`)
			.join(', ');
	const bySetting = SETTINGS.map((setting) => {
		const own = shares.filter(({ onError }) => onError === setting);
		return `${setting} ${own.length}`;
	}).join(', ');
	const rows: Array<[string, string | number]> = [
		['items', found.items],
		['executions by On Error', bySetting],
		['Retry pressed', shares.reduce((sum, { retries }) => sum + retries, 0)],
		['requests', ledger.requests.length],
		['requests for a payout', found.posts],
		['weather on those', list(found.weather)],
		['ambiguous faults on those', found.ambiguous],
		['outcomes', list(found.outcomes)],
		['paid, by the ledger', ledger.movements.length],
		['doubles', found.doubles],
		['mismatches', found.mismatches.length],
		['duration', `${seconds.toFixed(0)} s`],
		['seed', seed],
	];
	const width = Math.max(...rows.map(([name]) => name.length));
	return rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join('\n');
}

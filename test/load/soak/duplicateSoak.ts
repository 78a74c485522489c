import { remove } from 'fs-extra';
import { startSandbox } from '../../sandbox/server';
import { RUN } from '../../support/n8nInstallation';
import { startN8n } from '../../support/n8nProcess';
import { sandboxCredentialData } from '../../support/sandboxCredential';
import {
	countPassed,
	countSucceeded,
	deliver,
	saveReceiver,
	withDuplicates,
	type DeliveryResults,
} from '../deliveries';
import type { Terminal } from '../terminal';
import { alignColumns } from './format';

const FOLDER = `${RUN}/soak-duplicates`;
/** How many deliveries the trigger remembers for a day, and at least some hundred for longer. */
const REMEMBERED = 10_000;

interface DuplicateSoakOptions extends Terminal {
	/** Number of deliveries, duplicates included. */
	deliveries: number;
}

/**
 * Delivers events to the trigger in a real n8n, a third of them duplicates, ten at a time; kills n8n and
 * delivers the last events again. Prints a table.
 * @returns what went wrong
 */
export async function runDuplicateSoak({
	deliveries,
	write,
	onStop,
}: DuplicateSoakOptions): Promise<string[]> {
	await remove(FOLDER);
	const sandbox = await startSandbox({ port: 0 });
	onStop(async () => await sandbox.close());
	// By default n8n deletes all but the last 10,000 executions, which are counted here.
	const env = { EXECUTIONS_DATA_PRUNE: 'false' };
	const n8n = await startN8n({ folder: FOLDER, env, onStop });
	const { client } = n8n;
	const credential = await client.createCredential(
		'Soak',
		'kopoKopoApi',
		sandboxCredentialData(sandbox),
	);
	const events = withDuplicates(deliveries, 'sale');
	const distinct = [...new Set(events)];

	const receiver = await saveReceiver(client, credential);
	const first = await deliver(receiver.url, events, sandbox);
	const executions = await countSucceeded(client, receiver.workflowId);
	write(`${events.length} delivered`);

	await n8n.kill();
	await n8n.start();
	const remembered = distinct.slice(-REMEMBERED);
	const second = await deliver(receiver.url, remembered, sandbox);
	const passed = await countPassed(client, receiver.workflowId);
	const passedTwice = [...passed].filter(([, times]) => times > 1);
	write(`${remembered.length} delivered again after a kill`);

	const withoutCheck = await saveReceiver(client, credential, { ignoreDuplicates: false });
	const sample = events.slice(0, 1000);
	const third = await deliver(withoutCheck.url, sample, sandbox);

	const rows: Array<[string, string | number]> = [
		['deliveries', events.length],
		['events', distinct.length],
		['executions', executions],
		['responses other than 200', countOther(first) + countOther(second) + countOther(third)],
		['rate', rate(events, first)],
		['delivered again after a kill', remembered.length],
		['of those, passed on again', passedTwice.length],
		[`rate of ${sample.length} with Ignore Duplicates off`, rate(sample, third)],
	];
	write(`\n${alignColumns(rows.map((row) => row.map(String)))}\n`);

	const twice = [...first.started].filter(([, times]) => times > 1);
	const never = distinct.filter((event) => !first.started.has(event));
	return [
		...twice.map(([event, times]) => `${event} started ${times} executions`),
		...never.map((event) => `${event} started no execution`),
		...passedTwice.map(([event, times]) => `${event} was passed on ${times} times`),
		...(executions === distinct.length
			? []
			: [`${executions} executions succeeded for ${distinct.length} events`]),
		...(countOther(first) + countOther(second) > 0 ? ['Some responses were not 200'] : []),
	];
}

const rate = (events: string[], { seconds }: DeliveryResults) =>
	`${(events.length / seconds).toFixed(1)} per second`;

/** Number of responses with another status than 200. */
const countOther = ({ statuses }: DeliveryResults) =>
	[...statuses].reduce((sum, [status, times]) => (status === 200 ? sum : sum + times), 0);

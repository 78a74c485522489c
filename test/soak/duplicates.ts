import { remove } from 'fs-extra';
import { startSandbox } from '../sandbox/server';
import { RUN } from '../support/n8nInstallation';
import { startN8n } from '../support/n8nProcess';
import { sandboxCredentialData } from '../support/sandboxCredential';
import { deliver, saveReceiver, succeeded, withCopies, type Answers } from './deliveries';
import type { SoakOptions } from './soak';

const FOLDER = `${RUN}/soak-deliveries`;
const PER_SECOND = (events: string[], { seconds }: Answers) =>
	`${(events.length / seconds).toFixed(1)} a second`;

/**
 * Delivers events to the trigger in the real n8n, a third of them copies, ten at a time; kills n8n and
 * delivers the last ones again. Prints the table and resolves with what went wrong.
 */
export async function runDeliveries(
	deliveries: number,
	{ write, onStop }: Pick<SoakOptions, 'write' | 'onStop'>,
): Promise<string[]> {
	await remove(FOLDER);
	const sandbox = await startSandbox({ port: 0 });
	onStop(async () => await sandbox.close());
	// n8n would throw away all but the last 10,000 executions, which are counted here.
	const env = { EXECUTIONS_DATA_PRUNE: 'false' };
	const n8n = await startN8n({ folder: FOLDER, env, onStop });
	const { client } = n8n;
	const credential = await client.createCredential('Soak', 'kopoKopoApi', sandboxCredentialData(sandbox));
	const events = withCopies(deliveries, 'sale');
	const distinct = [...new Set(events)];

	const receiver = await saveReceiver(client, credential);
	const first = await deliver(receiver.url, events, sandbox);
	const executions = await succeeded(client, receiver.workflowId);
	write(`${events.length} delivered`);

	await n8n.kill();
	await n8n.start();
	// As many as the node says it remembers.
	const known = distinct.slice(-10_000);
	const second = await deliver(receiver.url, known, sandbox);
	const after = await succeeded(client, receiver.workflowId);
	write(`${known.length} delivered again after a kill`);

	const believing = await saveReceiver(client, credential, { ignoreDuplicates: false });
	const sample = events.slice(0, 1000);
	const off = await deliver(believing.url, sample, sandbox);

	const rows: Array<[string, string | number]> = [
		['deliveries', events.length],
		['events', distinct.length],
		['executions', executions],
		['answered other than 200', others(first) + others(second) + others(off)],
		['rate', PER_SECOND(events, first)],
		['delivered again after a kill', known.length],
		['executions of those', after - executions],
		[`rate of ${sample.length} with Ignore Duplicates off`, PER_SECOND(sample, off)],
	];
	const width = Math.max(...rows.map(([name]) => name.length));
	write(`\n${rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join('\n')}\n`);

	const twice = [...first.started].filter(([, times]) => times > 1);
	const never = distinct.filter((event) => !first.started.has(event));
	return [
		...twice.map(([event, times]) => `${event} started ${times} executions`),
		...never.map((event) => `${event} started no execution`),
		...[...second.started.keys()].map((event) => `${event} was forgotten over the kill`),
		...(executions === distinct.length
			? []
			: [`${executions} executions succeeded for ${distinct.length} events`]),
		...(others(first) + others(second) > 0 ? ['Not every delivery was answered 200'] : []),
	];
}

const others = ({ statuses }: Answers) =>
	[...statuses].reduce((sum, [status, times]) => (status === 200 ? sum : sum + times), 0);

import execa from 'execa';
import { appendFile, readJson, remove } from 'fs-extra';
import getPort from 'get-port';
import { deliver } from '../load/deliveries';
import type { Sandbox } from '../sandbox/server';
import { RUN } from '../support/n8nInstallation';
import { type N8n, type N8nOptions, startN8n } from '../support/n8nProcess';
import { waitFor } from '../support/waitFor';

/** Plain JavaScript, since n8n's lint allows no network modules in TypeScript. */
const sendCommands =
	jest.requireActual<(host: string, port: number, commands: string[]) => Promise<number[]>>(
		'./redisConnection.cjs',
	);

/** The folder of PostgreSQL and Redis. bootstrap.mjs starts them and prints the measurements. */
const SERVICES = `${RUN}/queue-services`;

/** Where PostgreSQL and Redis are, as test/support/services.mjs writes it. */
interface Services {
	host: string;
	databasePort: number;
	redisPort: number;
	user: string;
	psql: string;
}

/** n8n in queue mode. Each part is a process. */
export interface Cluster {
	/** Serves the editor, its REST API and also webhooks; runs timers. */
	main: N8n;
	workers: [N8n, N8n];
	/** Its URL is the one that n8n gives to Kopo Kopo. */
	webhook: N8n;
	/** Queries the database; returns each row as text, with columns separated by "|". */
	query(sql: string): Promise<string[]>;
	/** The number of jobs in n8n's queue that are waiting, delayed or running. */
	queuedJobs(): Promise<number>;
	stop(): Promise<void>;
}

/**
 * Starts main, two workers and a webhook processor with their own database. As on different machines, the
 * processes share only PostgreSQL, Redis and the encryption key.
 */
export async function startCluster(
	name: string,
	settings: Record<string, string> = {},
): Promise<Cluster> {
	const services = (await readJson(`${SERVICES}/services.json`)) as Services;
	const database = `queue_${name}`;
	await runQuery(services, 'postgres', `DROP DATABASE IF EXISTS ${database} WITH (FORCE)`);
	await runQuery(services, 'postgres', `CREATE DATABASE ${database}`);
	const env = {
		DB_TYPE: 'postgresdb',
		DB_POSTGRESDB_HOST: services.host,
		DB_POSTGRESDB_PORT: String(services.databasePort),
		DB_POSTGRESDB_DATABASE: database,
		DB_POSTGRESDB_USER: services.user,
		DB_POSTGRESDB_PASSWORD: 'trusted',
		QUEUE_BULL_REDIS_HOST: services.host,
		QUEUE_BULL_REDIS_PORT: String(services.redisPort),
		QUEUE_BULL_PREFIX: name,
		N8N_REDIS_KEY_PREFIX: name,
		EXECUTIONS_MODE: 'queue',
		OFFLOAD_MANUAL_EXECUTIONS_TO_WORKERS: 'true',
		EXECUTIONS_DATA_PRUNE: 'false',
		// As the README recommends for triggers with many deliveries.
		N8N_EXPRESSION_ENGINE_LAZY_ACQUIRE: 'true',
		...settings,
	};
	const running: N8n[] = [];
	const stop = async () => {
		await Promise.all(running.map(async (n8n) => await n8n.stop()));
	};
	// Chosen before the webhook processor starts, because main registers its URL with Kopo Kopo.
	const port = await getPort({ host: services.host });
	const start = async (label: string, part: N8nOptions['part'], own: Partial<N8nOptions> = {}) => {
		const folder = `${RUN}/queue-${name}-${label}`;
		await remove(folder);
		const WEBHOOK_URL = `http://${services.host}:${port}/`;
		const n8n = await startN8n({ folder, part, env: { ...env, WEBHOOK_URL }, ...own });
		running.push(n8n);
		return n8n;
	};
	let isUp = false;
	try {
		// Main creates the tables that the others need.
		const main = await start('main', 'start');
		const [webhook, one, two] = await Promise.all([
			start('webhook', 'webhook', { port }),
			start('worker-1', 'worker'),
			start('worker-2', 'worker'),
		]);
		const queuedJobs = async () => await countJobs(services, name);
		const query = async (sql: string) => await runQuery(services, database, sql);
		isUp = true;
		return { main, webhook, workers: [one, two], query, queuedJobs, stop };
	} finally {
		if (!isUp) await stop();
	}
}

async function runQuery(
	{ psql, host, databasePort, user }: Services,
	database: string,
	sql: string,
) {
	const { stdout } = await execa(
		psql,
		[
			['--host', host, '--port', String(databasePort), '--username', user, '--dbname', database],
			['--no-psqlrc', '--tuples-only', '--no-align', '--command', sql],
		].flat(),
	);
	return stdout === '' ? [] : stdout.split('\n');
}

/** Counts the jobs of Bull, n8n's queue, in the lists where it keeps unfinished ones. */
async function countJobs({ host, redisPort }: Services, prefix: string): Promise<number> {
	const counts = await sendCommands(host, redisPort, [
		`LLEN ${prefix}:jobs:wait`,
		`LLEN ${prefix}:jobs:active`,
		`ZCARD ${prefix}:jobs:delayed`,
	]);
	return counts.reduce((sum, count) => sum + count, 0);
}

/** How many executions of a trigger's workflow reached the next node, which is named Next. */
export async function countPassed({ query }: Cluster, workflowId: string): Promise<number> {
	const [count] = await query(
		`SELECT count(*) FROM execution_entity e JOIN execution_data d ON d."executionId" = e.id
		WHERE e."workflowId" = '${workflowId}' AND d.data LIKE '%"Next":"%'`,
	);
	return Number(count);
}

/**
 * Delivers events to a process that has just started and rejects some at first, and repeats them all until each
 * gets 200, as Kopo Kopo does.
 * @returns the events that started an execution
 */
export async function deliverUntilAccepted(
	url: string,
	events: string[],
	sandbox: Pick<Sandbox, 'apiKey'>,
): Promise<Set<string>> {
	const started = new Set<string>();
	await waitFor('a response of 200 to every delivery', 180_000, async () => {
		const round = await deliver(url, events, sandbox);
		for (const event of round.started.keys()) started.add(event);
		return round.statuses.get(200) === events.length;
	});
	return started;
}

/** Records a measurement, which bootstrap.mjs prints at the end of the run. */
export async function record(description: string, value: string | number): Promise<void> {
	await appendFile(`${SERVICES}/measurements.txt`, `${description}: ${value}\n`);
}

import execa from 'execa';
import { appendFile, readJson, remove } from 'fs-extra';
import getPort from 'get-port';
import { RUN } from '../support/n8nInstallation';
import { type N8n, type N8nOptions, startN8n } from '../support/n8nProcess';

/** The folder of PostgreSQL and Redis; bootstrap.mjs starts them, and prints the figures. */
const SERVICES = `${RUN}/queue-services`;

/** What test/support/services.mjs says about PostgreSQL and Redis. */
interface Services {
	host: string;
	databasePort: number;
	redisPort: number;
	user: string;
	psql: string;
}

/** n8n in queue mode, each part a process of its own. */
export interface Cluster {
	/** Serves the editor and its REST interface, and webhooks as well; holds the timers. */
	main: N8n;
	workers: [N8n, N8n];
	/** The address that n8n gives to Kopo Kopo. */
	webhook: N8n;
	/** One row of text for each row of the answer, columns separated by "|". */
	query(sql: string): Promise<string[]>;
	stop(): Promise<void>;
}

/**
 * Starts main, two workers and a webhook processor on a database of their own. The processes share
 * nothing but PostgreSQL, Redis and the encryption key, as on different machines.
 */
export async function startCluster(
	name: string,
	more: Record<string, string> = {},
): Promise<Cluster> {
	const services = (await readJson(`${SERVICES}/services.json`)) as Services;
	const database = `queue_${name}`;
	await ask(services, 'postgres', `DROP DATABASE IF EXISTS ${database} WITH (FORCE)`);
	await ask(services, 'postgres', `CREATE DATABASE ${database}`);
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
		// As the README recommends for busy triggers.
		N8N_EXPRESSION_ENGINE_LAZY_ACQUIRE: 'true',
		...more,
	};
	const running: N8n[] = [];
	const stop = async () => {
		await Promise.all(running.map(async (n8n) => await n8n.stop()));
	};
	// Known before it runs, since main registers it with Kopo Kopo.
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
		// It makes the tables that the others look for.
		const main = await start('main', 'start');
		const [webhook, one, two] = await Promise.all([
			start('webhook', 'webhook', { port }),
			start('worker-1', 'worker'),
			start('worker-2', 'worker'),
		]);
		const query = async (sql: string) => await ask(services, database, sql);
		isUp = true;
		return { main, webhook, workers: [one, two], query, stop };
	} finally {
		if (!isUp) await stop();
	}
}

async function ask({ psql, host, databasePort, user }: Services, database: string, sql: string) {
	const { stdout } = await execa(
		psql,
		[
			['--host', host, '--port', String(databasePort), '--username', user, '--dbname', database],
			['--no-psqlrc', '--tuples-only', '--no-align', '--command', sql],
		].flat(),
	);
	return stdout === '' ? [] : stdout.split('\n');
}

/** How many executions of a trigger's workflow went on to the node after it, which is named Next. */
export async function goneOn({ query }: Cluster, workflowId: string): Promise<number> {
	const [count] = await query(
		`SELECT count(*) FROM execution_entity e JOIN execution_data d ON d."executionId" = e.id
		WHERE e."workflowId" = '${workflowId}' AND d.data LIKE '%"Next":"%'`,
	);
	return Number(count);
}

/** A figure of this run for a person to read at its end; whether it is good, the tests say. */
export async function note(what: string, figure: string | number): Promise<void> {
	await appendFile(`${SERVICES}/figures.txt`, `${what}: ${figure}\n`);
}

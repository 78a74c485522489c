import execa from 'execa';
import { copy, ensureDir, pathExists, remove, rename } from 'fs-extra';
import getPort from 'get-port';
import { N8nClient } from './n8nClient';
import { N8nConnection } from './n8nConnection';
import {
	installPackage,
	linkModules,
	N8N_VERSION,
	readOwnPackage,
	readRuntime,
	ROOT,
	RUN,
	type PackedPackage,
	type Runtime,
} from './n8nInstallation';
import {
	HOST,
	launchN8n,
	logFileIn,
	readLog,
	type LaunchedN8n,
	type LaunchOptions,
} from './n8nLaunch';

const READ_DATABASE = `${ROOT}/test/support/readDatabase.mjs`;
const LOCK_DATABASE = `${ROOT}/test/support/lockDatabase.mjs`;

export interface N8nOptions extends Omit<LaunchOptions, 'port'> {
	/** The user folder. If it does not exist, it is created with the owner already set up. */
	folder: string;
	/** The version that the test is for by default. */
	version?: string;
	/** Any free port by default. A restart uses the same one again. */
	port?: number;
	/** The node package to install; this project's own, as packed by install.mjs, by default. */
	nodePackage?: PackedPackage | 'none';
	/** Receives the function that ends n8n, before n8n is started. */
	onStop?(end: () => Promise<void>): void;
}

/**
 * An n8n in a child process. Its client is logged in as the owner, except for processes without a REST API
 * such as workers.
 */
export interface N8n {
	readonly url: string;
	readonly folder: string;
	readonly client: N8nClient;
	/** Everything that n8n has printed since its user folder was created. */
	log(): Promise<string>;
	/** Every row of every table of n8n's database as one line: the table's name, a tab, the row. */
	database(): Promise<string>;
	/** Makes n8n's writes to its database wait until the returned function is called. */
	lockDatabase(): Promise<() => Promise<void>>;
	/** Ends n8n as a service manager would (SIGTERM). */
	stop(): Promise<void>;
	/** Ends n8n as a power failure would (SIGKILL). */
	kill(): Promise<void>;
	/** Starts it again, on the same folder and port, after a stop or a kill. */
	start(): Promise<void>;
}

/**
 * Starts n8n on its own user folder: SQLite, reachable from this machine only, sending nothing elsewhere.
 * Resolves when n8n is ready and the client is logged in. Rejects with the last lines of the log when n8n
 * exits before that.
 */
export async function startN8n(options: N8nOptions): Promise<N8n> {
	const { folder, version = N8N_VERSION, nodePackage, part = 'start' } = options;
	const runtime = await readRuntime(version);

	if (!(await pathExists(folder))) await copy(await preparedFolder(runtime), folder);
	await linkModules(folder, runtime);
	if (nodePackage !== 'none') await installPackage(folder, nodePackage ?? (await readOwnPackage()));

	const port = options.port ?? (await getPort({ host: HOST }));
	const url = `http://${HOST}:${port}`;
	const client = new N8nClient(url);
	const databaseFile = `${folder}/.n8n/database.sqlite`;
	let process: LaunchedN8n | undefined;

	const n8n: N8n = {
		url,
		folder,
		client,
		log: async () => await readLog(folder),
		database: async () => {
			const { stdout } = await execa(runtime.node, [READ_DATABASE, databaseFile], {
				maxBuffer: 1e9,
			});
			return stdout;
		},
		lockDatabase: async () => {
			const locking = execa(runtime.node, [LOCK_DATABASE, databaseFile]);
			const locked = new Promise((resolve) => locking.stdout?.once('data', resolve));
			await Promise.race([locked, locking]);
			return async () => {
				locking.stdin?.end();
				await locking;
			};
		},
		stop: async () => await end('SIGTERM'),
		kill: async () => {
			await end('SIGKILL');
			// Because of this file n8n would wait ten seconds at its next start, to slow down crash loops.
			await remove(`${folder}/.n8n/crash.journal`);
		},
		start: async () => {
			if (process) return;
			process = await launchN8n(runtime, { ...options, port });
			await process.waitUntilReady();
			if (part === 'start') await client.logIn();
		},
	};

	async function end(signal: 'SIGTERM' | 'SIGKILL') {
		const ending = process;
		process = undefined;
		await ending?.end(signal);
	}

	options.onStop?.(n8n.stop);
	await n8n.start();
	return n8n;
}

/**
 * A user folder with n8n's tables and its owner, kept for each version: creating them takes longer than the
 * rest of a first start.
 */
async function preparedFolder(runtime: Runtime): Promise<string> {
	const prepared = `${RUN}/n8n-${runtime.version}-home`;
	if (await pathExists(prepared)) return prepared;

	const unfinished = `${prepared}.unfinished`;
	await remove(unfinished);
	await ensureDir(unfinished);
	const port = await getPort({ host: HOST });
	const n8n = await launchN8n(runtime, { folder: unfinished, port });
	try {
		await n8n.waitUntilReady();
		await new N8nConnection(`http://${HOST}:${port}`).createOwner();
	} finally {
		await n8n.end('SIGTERM');
	}
	await remove(logFileIn(unfinished));
	await rename(unfinished, prepared);
	return prepared;
}

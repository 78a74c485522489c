import execa from 'execa';
import {
	closeSync,
	copy,
	ensureDir,
	ensureSymlink,
	openSync,
	pathExists,
	readFile,
	readJson,
	realpathSync,
	remove,
	rename,
	writeFile,
	writeJson,
} from 'fs-extra';
import getPort from 'get-port';
import { sleep } from 'n8n-workflow';
import { N8nClient } from './n8nClient';

/** The checkout; a test and `npm start` both run in it. */
export const ROOT = realpathSync('.');

/** Where install.mjs puts what it installs. */
const INSTALLED = `${ROOT}/.run`;

/**
 * Where everything that runs keeps its files. The name keeps the lint command out, whose settings
 * are fixed: each user folder holds a copy of n8n's editor, which it would read for minutes.
 */
export const RUN = `${INSTALLED}/node_modules`;

const LEASH = `${ROOT}/test/support/leash.cjs`;
const READ_DATABASE = `${ROOT}/test/support/readDatabase.mjs`;
const LOCK_DATABASE = `${ROOT}/test/support/lockDatabase.mjs`;
const HOST = '127.0.0.1';
const READY_WITHIN_MS = 120_000;
/** What n8n prints when it is up. */
const UP = 'Editor is now accessible';
/** n8n gives running executions half a minute; a test that is over has nothing to wait for. */
const STOP_WITHIN_SECONDS = 5;

/** In an end-to-end test the version it is for (jest.config.mjs); nothing anywhere else. */
declare const n8nVersion: string | undefined;

/** The n8n that runs unless another one is named; install.mjs has the same. */
const N8N_VERSION = typeof n8nVersion === 'string' ? n8nVersion : '2.40.7';

/** What install.mjs says about an n8n it installed; paths are absolute or relative to `.run`. */
interface Runtime {
	version: string;
	node: string;
	cli: string;
	disabledModules: string[];
}

/** A packed node package, and a key that changes with its content. */
export interface PackedPackage {
	name: string;
	tarball: string;
	key: string;
}

export interface N8nOptions {
	/** The user folder. One that does not exist is made, with the owner already set up. */
	folder: string;
	/** The one the test is for when left out. */
	version?: string;
	/** What this process does: everything, or a part of n8n's queue mode; `env` says where the others are. */
	part?: 'start' | 'worker' | 'webhook';
	/** Any free port when left out. A restart takes the same one again. */
	port?: number;
	/** The node package to install; this project's own, as packed by install.mjs, when left out. */
	nodePackage?: PackedPackage | 'none';
	/** Whether Code nodes can run; without them n8n is one process and starts faster. */
	codeNodes?: boolean;
	/** Further environment variables, such as limits that a test wants to reach. */
	env?: Record<string, string>;
	/** Takes the function that ends n8n as soon as there is something to end, before it is ready. */
	onStop?(end: () => Promise<void>): void;
}

/**
 * An n8n that runs as a child process, with a client that is logged in as its owner; the client of a
 * process that has no interface of its own, such as a worker, is not.
 */
export interface N8n {
	readonly url: string;
	readonly folder: string;
	readonly client: N8nClient;
	/** Everything n8n printed since the folder was made. */
	log(): Promise<string>;
	/** Every row of every table of n8n's database, one a line, after the table's name and a tab. */
	database(): Promise<string>;
	/** Has n8n wait with everything it wants to write into its database, until the returned function is called. */
	lockDatabase(): Promise<() => Promise<void>>;
	/** Ends n8n as a service manager would (SIGTERM). */
	stop(): Promise<void>;
	/** Ends n8n as a power cut would (SIGKILL). */
	kill(): Promise<void>;
	/** Starts it again, on the same folder and port, after a stop or a kill. */
	start(): Promise<void>;
}

/**
 * Starts n8n on a folder of its own: SQLite, nothing sent anywhere, reachable from this machine
 * only. Resolves when n8n answers and the client is logged in; rejects with the last lines of its
 * log when it ends before that.
 */
export async function startN8n(options: N8nOptions): Promise<N8n> {
	const { folder, version = N8N_VERSION, nodePackage, codeNodes = false, env = {} } = options;
	const { part = 'start' } = options;
	const runtime = await runtimeOf(version);

	if (!(await pathExists(folder))) await copy(await preparedFolder(runtime), folder);
	await lendModules(folder, runtime);
	if (nodePackage !== 'none') await installPackage(folder, nodePackage ?? (await ownPackage()));

	const port = options.port ?? (await getPort({ host: HOST }));
	const url = `http://${HOST}:${port}`;
	const client = new N8nClient(url);
	const logFile = `${folder}/n8n.log`;
	const databaseFile = `${folder}/.n8n/database.sqlite`;
	let child: execa.ExecaChildProcess | undefined;

	const n8n: N8n = {
		url,
		folder,
		client,
		log: async () => ((await pathExists(logFile)) ? await readFile(logFile, 'utf8') : ''),
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
			// With this file n8n would idle for ten seconds at its next start, for crash loops' sake.
			await remove(`${folder}/.n8n/crash.journal`);
		},
		start: async () => {
			if (child) return;
			const brokerPort = await getPort({ host: HOST });
			const before = (await n8n.log()).length;
			child = launch(runtime, part, logFile, {
				...environment({ folder, port, brokerPort, runtime, codeNodes }),
				...env,
			});
			await readiness(child, url, { log: n8n.log, before, part });
			if (part !== 'start') return;
			// The folder brings an owner along, a database of its own does not.
			if (!(await client.hasOwner())) await client.setUpOwner();
			await client.logIn();
		},
	};

	async function end(signal: 'SIGTERM' | 'SIGKILL') {
		const ending = child;
		child = undefined;
		ending?.kill(signal, { forceKillAfterTimeout: (STOP_WITHIN_SECONDS + 10) * 1000 });
		await ending;
	}

	options.onStop?.(n8n.stop);
	await n8n.start();
	return n8n;
}

/**
 * A user folder on which n8n has already made its tables and its owner, kept for each version:
 * that part of a first start takes longer than all the rest.
 */
async function preparedFolder(runtime: Runtime): Promise<string> {
	const prepared = `${RUN}/n8n-${runtime.version}-home`;
	if (await pathExists(prepared)) return prepared;

	const unfinished = `${prepared}.unfinished`;
	await remove(unfinished);
	const port = await getPort({ host: HOST });
	const url = `http://${HOST}:${port}`;
	const logFile = `${unfinished}/n8n.log`;
	await ensureDir(unfinished);
	const brokerPort = await getPort({ host: HOST });
	const child = launch(
		runtime,
		'start',
		logFile,
		environment({ folder: unfinished, port, brokerPort, runtime, codeNodes: false }),
	);
	try {
		const log = async () => await readFile(logFile, 'utf8');
		await readiness(child, url, { log, before: 0, part: 'start' });
		await new N8nClient(url).setUpOwner();
	} finally {
		child.kill('SIGTERM', { forceKillAfterTimeout: (STOP_WITHIN_SECONDS + 10) * 1000 });
		await child;
	}
	await remove(logFile);
	await rename(unfinished, prepared);
	return prepared;
}

/**
 * What a node package requires and does not bring is n8n's own, and n8n offers that after everything Node.js
 * finds on its way up from the package. On that way, here, are the modules this project is developed with.
 */
async function lendModules(folder: string, { cli }: Runtime) {
	const modules = `${folder}/node_modules`;
	await remove(modules);
	await ensureSymlink(cli.replace(/[\\/]n8n[\\/]bin[\\/]n8n$/, ''), modules, 'junction');
}

async function runtimeOf(version: string): Promise<Runtime> {
	const description = `${INSTALLED}/n8n-${version}.json`;
	if (!(await pathExists(description))) {
		throw new Error(`n8n ${version} is not installed; npm test and npm start install it.`);
	}
	const runtime = (await readJson(description)) as Runtime;
	const absolute = (path: string) =>
		/^([A-Za-z]:)?[\\/]/.test(path) ? path : `${INSTALLED}/${path}`;
	return { ...runtime, node: absolute(runtime.node), cli: absolute(runtime.cli) };
}

async function ownPackage(): Promise<PackedPackage> {
	const packed = (await readJson(`${INSTALLED}/packed.json`)) as PackedPackage;
	return { ...packed, tarball: `${INSTALLED}/${packed.tarball}` };
}

/** Installs a package the way n8n's documents tell people to do it by hand, once per content. */
async function installPackage(folder: string, { name, tarball, key }: PackedPackage) {
	const nodes = `${folder}/.n8n/nodes`;
	const stamp = `${nodes}/${name}.installed`;
	if ((await pathExists(stamp)) && (await readFile(stamp, 'utf8')) === key) return;

	await ensureDir(nodes);
	if (!(await pathExists(`${nodes}/package.json`))) {
		await writeJson(`${nodes}/package.json`, { name: 'installed-nodes', private: true });
	}
	// npm keeps a file of the same name and version from the last time; what is inside has changed.
	await remove(`${nodes}/node_modules/${name}`);
	await remove(`${nodes}/package-lock.json`);
	await remove(`${nodes}/node_modules/.package-lock.json`);
	await execa(
		'npm',
		[
			['install', tarball, '--prefix', nodes, '--omit=dev', '--omit=peer', '--legacy-peer-deps'],
			['--ignore-scripts', '--offline', '--no-audit', '--no-fund', '--no-update-notifier'],
		].flat(),
		{ cwd: nodes },
	);
	await writeFile(stamp, key);
}

function launch(
	runtime: Runtime,
	part: NonNullable<N8nOptions['part']>,
	logFile: string,
	env: Record<string, string>,
) {
	const log = openSync(logFile, 'a');
	const child = execa(runtime.node, ['--require', LEASH, runtime.cli, part], {
		env,
		stdio: ['ignore', log, log],
		// How it ended is for the caller to judge: most of the time it was told to.
		reject: false,
	});
	closeSync(log);
	return child;
}

interface Place {
	folder: string;
	port: number;
	brokerPort: number;
	runtime: Runtime;
	codeNodes: boolean;
}

function environment({ folder, port, brokerPort, runtime, codeNodes }: Place) {
	return {
		// Jest's "test" would switch parts of n8n off.
		NODE_ENV: 'production',
		N8N_USER_FOLDER: folder,
		N8N_HOST: HOST,
		N8N_LISTEN_ADDRESS: HOST,
		N8N_PORT: String(port),
		// A worker serves nothing but its health, on a port with a name of its own.
		QUEUE_HEALTH_CHECK_ACTIVE: 'true',
		QUEUE_HEALTH_CHECK_PORT: String(port),
		N8N_WORKER_SERVER_ADDRESS: HOST,
		WEBHOOK_URL: `http://${HOST}:${port}/`,
		DB_TYPE: 'sqlite',
		N8N_SECURE_COOKIE: 'false',
		N8N_GRACEFUL_SHUTDOWN_TIMEOUT: String(STOP_WITHIN_SECONDS),
		N8N_LOG_LEVEL: 'info',

		// The default of n8n 2, not of n8n 1.
		N8N_RUNNERS_ENABLED: 'true',
		N8N_RUNNERS_MODE: codeNodes ? 'internal' : 'external',
		N8N_RUNNERS_AUTH_TOKEN: 'only-reachable-from-this-machine',
		N8N_RUNNERS_BROKER_PORT: String(brokerPort),

		// Whatever n8n would fetch or send for itself.
		N8N_DIAGNOSTICS_ENABLED: 'false',
		N8N_DYNAMIC_BANNERS_ENABLED: 'false',
		N8N_HIRING_BANNER_ENABLED: 'false',
		N8N_LICENSE_AUTO_RENEW_ENABLED: 'false',
		N8N_PERSONALIZATION_ENABLED: 'false',
		N8N_TEMPLATES_ENABLED: 'false',
		N8N_VERIFIED_PACKAGES_ENABLED: 'false',
		N8N_UNVERIFIED_PACKAGES_ENABLED: 'true',
		N8N_VERSION_NOTIFICATIONS_ENABLED: 'false',
		N8N_VERSION_NOTIFICATIONS_WHATS_NEW_ENABLED: 'false',
		N8N_DISABLED_MODULES: runtime.disabledModules.join(','),
	};
}

/** What a process that was just started prints. */
interface Start {
	log(): Promise<string>;
	/** How much of that it had printed before this start. */
	before: number;
	part: NonNullable<N8nOptions['part']>;
}

/**
 * Resolves when n8n says that it is up. It serves before that, while it still marks what a crash has cut
 * off, and it takes a sleeping execution for that, too: one that wakes meanwhile is overwritten (n8n 1).
 */
async function readiness(
	child: execa.ExecaChildProcess,
	url: string,
	{ log, before, part }: Start,
) {
	const lastLines = async () => (await log()).trim().split('\n').slice(-15).join('\n');
	const deadline = Date.now() + READY_WITHIN_MS;
	const client = new N8nClient(url);
	const isMain = part === 'start';
	const hasSaidSo = async () => !isMain || (await log()).slice(before).includes(UP);
	while (!((await hasSaidSo()) && (await client.isReady(isMain)))) {
		if (child.exitCode !== null || child.signalCode !== null) {
			throw new Error(`n8n ended before it was ready. Its last lines:\n${await lastLines()}`);
		}
		if (Date.now() > deadline) {
			child.kill('SIGKILL');
			throw new Error(`n8n was not ready in time. Its last lines:\n${await lastLines()}`);
		}
		await sleep(100);
	}
}

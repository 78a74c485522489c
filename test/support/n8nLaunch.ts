import { closeSync, openSync, pathExists, readFile } from 'fs-extra';
import execa from 'execa';
import getPort from 'get-port';
import { N8nConnection } from './n8nConnection';
import { N8N_ENVIRONMENT, ROOT, type Runtime } from './n8nInstallation';
import { waitFor } from './waitFor';

export const HOST = '127.0.0.1';

const EXIT_WITH_PARENT = `${ROOT}/test/support/exitWithParent.cjs`;
const READY_TIMEOUT_MS = 120_000;
/** What n8n prints when it has started. */
const STARTED_MESSAGE = 'Editor is now accessible';
/** n8n's own default is half a minute; when a test is over, no execution matters any more. */
const STOP_TIMEOUT_SECONDS = 5;

/** The process to start: everything, or one part of n8n's queue mode. */
export type N8nPart = 'start' | 'worker' | 'webhook';

export interface LaunchOptions {
	/** The user folder. */
	folder: string;
	port: number;
	part?: N8nPart;
	/** Whether Code nodes can run. Without them n8n is one process and starts faster. */
	codeNodes?: boolean;
	/** More environment variables, such as limits that a test wants to reach. */
	env?: Record<string, string>;
}

/** A running n8n process. */
export interface LaunchedN8n {
	/** Resolves when n8n is ready. Rejects with its last output when it exits before that. */
	waitUntilReady(): Promise<void>;
	end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>;
}

/** Where n8n's output is written. */
export const logFileIn = (folder: string) => `${folder}/n8n.log`;

/** Everything that n8n has printed since its user folder was created. */
export async function readLog(folder: string): Promise<string> {
	const file = logFileIn(folder);
	return (await pathExists(file)) ? await readFile(file, 'utf8') : '';
}

/** Starts an n8n process; resolves before it is ready. */
export async function launchN8n(runtime: Runtime, options: LaunchOptions): Promise<LaunchedN8n> {
	const { folder, port, part = 'start', env } = options;
	const loggedBefore = (await readLog(folder)).length;
	const brokerPort = await getPort({ host: HOST });
	const log = openSync(logFileIn(folder), 'a');
	const child = execa(runtime.node, ['--require', EXIT_WITH_PARENT, runtime.cli, part], {
		env: { ...environment(runtime, options, brokerPort), ...N8N_ENVIRONMENT, ...env },
		stdio: ['ignore', log, log],
		// Most exits are caused by end(); other ones show while waiting for readiness.
		reject: false,
	});
	closeSync(log);
	const start = { folder, part, loggedBefore, url: `http://${HOST}:${port}` };
	return {
		waitUntilReady: async () => await waitUntilReady(child, start),
		end: async (signal) => {
			child.kill(signal, { forceKillAfterTimeout: (STOP_TIMEOUT_SECONDS + 10) * 1000 });
			await child;
		},
	};
}

interface Start {
	folder: string;
	url: string;
	part: N8nPart;
	/** The length of the log before this start. */
	loggedBefore: number;
}

/**
 * Resolves when n8n reports that it has started. Its API responds earlier, while n8n still marks executions
 * that a crash interrupted. n8n 1 takes paused executions for interrupted, too, and overwrites one that
 * resumes meanwhile.
 */
async function waitUntilReady(
	child: execa.ExecaChildProcess,
	{ folder, url, part, loggedBefore }: Start,
): Promise<void> {
	const lastLines = async () => (await readLog(folder)).trim().split('\n').slice(-15).join('\n');
	const connection = new N8nConnection(url);
	const isMain = part === 'start';
	const isReady = async () => {
		if (child.exitCode !== null || child.signalCode !== null) throw new Error('n8n exited.');
		const log = (await readLog(folder)).slice(loggedBefore);
		return (!isMain || log.includes(STARTED_MESSAGE)) && (await connection.isReady(isMain));
	};
	const failure = await waitFor('n8n to be ready', READY_TIMEOUT_MS, isReady).then(
		() => undefined,
		(error: Error) => error.message,
	);
	if (failure === undefined) return;
	child.kill('SIGKILL');
	throw new Error(`${failure} Its last lines:\n${await lastLines()}`);
}

function environment(
	runtime: Runtime,
	{ folder, port, codeNodes = false }: LaunchOptions,
	brokerPort: number,
) {
	return {
		// Jest's "test" would disable parts of n8n.
		NODE_ENV: 'production',
		N8N_USER_FOLDER: folder,
		N8N_HOST: HOST,
		N8N_LISTEN_ADDRESS: HOST,
		N8N_PORT: String(port),
		// A worker serves only its health check, on a port with its own setting.
		QUEUE_HEALTH_CHECK_ACTIVE: 'true',
		QUEUE_HEALTH_CHECK_PORT: String(port),
		N8N_WORKER_SERVER_ADDRESS: HOST,
		WEBHOOK_URL: `http://${HOST}:${port}/`,
		DB_TYPE: 'sqlite',
		N8N_SECURE_COOKIE: 'false',
		N8N_GRACEFUL_SHUTDOWN_TIMEOUT: String(STOP_TIMEOUT_SECONDS),
		N8N_LOG_LEVEL: 'info',

		// On by default in n8n 2, but not in n8n 1.
		N8N_RUNNERS_ENABLED: 'true',
		N8N_RUNNERS_MODE: codeNodes ? 'internal' : 'external',
		N8N_RUNNERS_AUTH_TOKEN: 'only-reachable-from-this-machine',
		N8N_RUNNERS_BROKER_PORT: String(brokerPort),

		// Everything that n8n would fetch or send on its own.
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

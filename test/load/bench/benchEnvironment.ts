import execa from 'execa';
import { remove } from 'fs-extra';
import getPort from 'get-port';
import { startSandbox, type Sandbox } from '../../sandbox/server';
import type { N8nClient } from '../../support/n8nClient';
import { N8N_VERSION, readRuntime, ROOT, RUN } from '../../support/n8nInstallation';
import { startN8n } from '../../support/n8nProcess';
import { prepareMeter, type Meter } from '../meterClient';
import type { Terminal } from '../terminal';

const SCRIPTS = `${ROOT}/test/load/bench`;

/** A new n8n and a new sandbox in which the candidates are measured. */
export interface BenchEnvironment {
	/** Folder of this package as it is installed in that n8n. */
	installedPackage: string;
	client: N8nClient;
	sandbox: Sandbox;
	meter: Meter;
	/** Runs deduplicationRow.mjs on the database of that n8n. @returns bytes */
	deduplicationRow(...parameters: string[]): Promise<number>;
	/** Runs deduplicationWrites.mjs on the database of that n8n. @returns bytes */
	deduplicationWrites(...parameters: string[]): Promise<number>;
	/** Stops both; also called when the bench ends. */
	close(): Promise<void>;
}

/** Starts an environment whose n8n has these further variables. */
export type StartEnvironment = (env?: Record<string, string>) => Promise<BenchEnvironment>;

/** Starts an n8n with this package installed, and a sandbox. `onStop` receives the function that stops them. */
export async function startBenchEnvironment(
	env: Record<string, string>,
	onStop: Terminal['onStop'],
): Promise<BenchEnvironment> {
	const port = await getPort({ host: '127.0.0.1' });
	const folder = `${RUN}/bench-${port}`;
	const { meter, env: meterEnv } = await prepareMeter();
	const sandbox = await startSandbox({ port: 0 });
	let stopN8n: (() => Promise<void>) | undefined;
	const close = once(async () => {
		await stopN8n?.();
		await sandbox.close();
		await remove(folder);
	});
	onStop(close);
	const { client } = await startN8n({
		folder,
		port,
		env: { ...env, ...meterEnv },
		onStop: (stop) => {
			stopN8n = stop;
		},
	});
	const onDatabase =
		(script: string) =>
		async (...parameters: string[]) => {
			const { node } = await readRuntime(N8N_VERSION);
			const file = `${folder}/.n8n/database.sqlite`;
			const { stdout } = await execa(node, [`${SCRIPTS}/${script}`, file, ...parameters]);
			return Number(stdout);
		};
	return {
		installedPackage: `${folder}/.n8n/nodes/node_modules/n8n-nodes-kopokopo`,
		client,
		sandbox,
		meter,
		deduplicationRow: onDatabase('deduplicationRow.mjs'),
		deduplicationWrites: onDatabase('deduplicationWrites.mjs'),
		close,
	};
}

/** A clean-up that runs once, however often it is called. */
function once(cleanUp: () => Promise<void>): () => Promise<void> {
	let result: Promise<void> | undefined;
	return async () => await (result ??= cleanUp());
}

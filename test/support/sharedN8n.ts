import { pathExists, readJson, remove, writeJson } from 'fs-extra';
import { N8nClient } from './n8nClient';
import type { Session } from './n8nConnection';
import { RUN } from './n8nInstallation';
import { startN8n, type N8n } from './n8nProcess';

const FOLDER = `${RUN}/e2e`;
const CONNECTION_FILE = `${RUN}/e2e.json`;

/** What the tests read: where the shared n8n is, or why it did not start. */
type SharedConnection = { url: string; session: Session } | { error: string };

let running: N8n | undefined;

/** Starts the n8n that test files share; orderedRunner.cjs calls this before the first of them. */
export async function startSharedN8n(version: string): Promise<void> {
	await remove(FOLDER);
	await remove(CONNECTION_FILE);
	const connection = await start(version).catch((error): SharedConnection => {
		// If this rejected, no test of any project would run. Instead, each end-to-end test fails with the reason.
		return { error: String(error) };
	});
	await writeJson(CONNECTION_FILE, connection);
}

async function start(version: string): Promise<SharedConnection> {
	running = await startN8n({ folder: FOLDER, version });
	return { url: running.url, session: running.client.openSession };
}

/** Ends the n8n that startSharedN8n() started. */
export async function stopSharedN8n(): Promise<void> {
	await running?.stop();
	running = undefined;
}

/** A logged-in client of the n8n that end-to-end tests share, with this package installed in it. */
export async function sharedN8n(): Promise<N8nClient> {
	const connection = (
		(await pathExists(CONNECTION_FILE)) ? await readJson(CONNECTION_FILE) : { error: 'Not started' }
	) as SharedConnection;
	if ('error' in connection) throw new Error(`There is no n8n to test with. ${connection.error}`);
	return new N8nClient(connection.url, connection.session);
}

import { pathExists, readJson, remove, writeJson } from 'fs-extra';
import { N8nClient, type Session } from './n8nClient';
import { RUN, startN8n, type N8n } from './n8nProcess';

const FOLDER = `${RUN}/e2e`;
const ADDRESS_FILE = `${RUN}/e2e.json`;

let running: N8n | undefined;

/** orderedRunner.cjs calls this before the first test file that shares this version of n8n. */
export async function startSharedN8n(version: string): Promise<void> {
	await remove(FOLDER);
	await remove(ADDRESS_FILE);
	try {
		running = await startN8n({ folder: FOLDER, version });
		await writeJson(ADDRESS_FILE, { url: running.url, session: running.client.openSession });
	} catch (error) {
		// A throw here would take all other tests down with it; instead each e2e test says why.
		await writeJson(ADDRESS_FILE, { problem: String(error) });
	}
}

/** Ends what startSharedN8n() started. */
export async function stopSharedN8n(): Promise<void> {
	await running?.stop();
	running = undefined;
}

/** A logged-in client of the n8n that all e2e tests share, with this package installed in it. */
export async function sharedN8n(): Promise<N8nClient> {
	const { url, session, problem } = (
		(await pathExists(ADDRESS_FILE)) ? await readJson(ADDRESS_FILE) : { problem: 'Not started' }
	) as { url?: string; session?: Session; problem?: string };
	if (url === undefined) throw new Error(`There is no n8n to test with. ${problem}`);
	return new N8nClient(url, session);
}

/** Everything the shared n8n has printed. */
export const SHARED_N8N_LOG = `${FOLDER}/n8n.log`;

import { pathExists, readJson, remove, writeJson } from 'fs-extra';
import { N8nClient } from './n8nClient';
import { RUN, startN8n, type N8n } from './n8nProcess';

const FOLDER = `${RUN}/e2e`;
const ADDRESS_FILE = `${RUN}/e2e.json`;

let running: N8n | undefined;

/** Jest calls this once before the first e2e file, and not at all when none is to run. */
export default async function startSharedN8n(): Promise<void> {
	await remove(FOLDER);
	await remove(ADDRESS_FILE);
	try {
		running = await startN8n({ folder: FOLDER });
		await writeJson(ADDRESS_FILE, { url: running.url });
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
	const { url, problem } = (
		(await pathExists(ADDRESS_FILE)) ? await readJson(ADDRESS_FILE) : { problem: 'Not started' }
	) as { url?: string; problem?: string };
	if (url === undefined) throw new Error(`There is no n8n to test with. ${problem}`);
	const client = new N8nClient(url);
	await client.logIn();
	return client;
}

/** Everything the shared n8n has printed. */
export const SHARED_N8N_LOG = `${FOLDER}/n8n.log`;

/** `npm run docs`: generates the tables of the pages in docs/ from the code. */

import { readFile, writeFile } from 'node:fs/promises';
// Imported here because tsx needs the extension: without it, the path would name the codex file beside it.
import { KopoKopoApi } from '../../../credentials/KopoKopoApi.credentials.ts';
import { KopoKopo } from '../../../nodes/KopoKopo/KopoKopo.node.ts';
import { KopoKopoPollingTrigger } from '../../../nodes/KopoKopo/KopoKopoPollingTrigger.node.ts';
import { KopoKopoTrigger } from '../../../nodes/KopoKopo/KopoKopoTrigger.node.ts';
import { withCompatibilityTable } from './compatibilityTable.ts';
import { pagesWithTables, withTables } from './pageTables.ts';

const contents = {
	action: new KopoKopo().description,
	trigger: new KopoKopoTrigger().description,
	pollingTrigger: new KopoKopoPollingTrigger().description,
	credential: new KopoKopoApi(),
};

async function update(page, withGenerated) {
	const file = new URL(`../../../${page}`, import.meta.url);
	await writeFile(file, withGenerated(await readFile(file, 'utf8')));
}

for (const page of pagesWithTables) await update(page, (text) => withTables(page, text));
await update('docs/compatibility.md', (page) => withCompatibilityTable(page, contents));

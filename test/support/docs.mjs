/** `npm run docs`: generates the tables of README.md from the code. */

import { readFile, writeFile } from 'node:fs/promises';
import { withTables } from './readmeTables.ts';

const README = new URL('../../README.md', import.meta.url);

await writeFile(README, withTables(await readFile(README, 'utf8')));

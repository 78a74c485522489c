/**
 * `node readDatabase.mjs <file>`: prints every row of every table of n8n's SQLite database as a line of JSON.
 * Binary values become text, decompressed if necessary. Runs on n8n's own Node.js, which has SQLite.
 */

import { DatabaseSync } from 'node:sqlite';
import { brotliDecompressSync, unzipSync } from 'node:zlib';

const database = new DatabaseSync(process.argv[2], { readOnly: true });
const tables = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all();

for (const { name } of tables) {
	for (const row of database.prepare(`SELECT * FROM "${name}"`).iterate()) {
		process.stdout.write(`${name}\t${JSON.stringify(row, (_key, value) => toText(value))}\n`);
	}
}

function toText(value) {
	if (!(value instanceof Uint8Array)) return typeof value === 'bigint' ? String(value) : value;
	for (const decompress of [unzipSync, brotliDecompressSync]) {
		try {
			return decompress(value).toString('utf8');
		} catch {
			// Not compressed in this format.
		}
	}
	return Buffer.from(value).toString('latin1');
}

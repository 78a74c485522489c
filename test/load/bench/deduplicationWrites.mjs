/**
 * `node deduplicationWrites.mjs <file> [<workflow id> <node id> <group> <entries>]`: prints how many bytes n8n
 * has written to its deduplication store in SQLite since the first call, which makes the database count them.
 * With a group of rows of a node, it first stores as many entries in each. Runs on n8n's own Node.js, which
 * has SQLite.
 */

import { createHash } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';

/** As many as the Kopo Kopo node has of each group. */
const ROWS = 512;

const [, , file, workflowId, nodeId, group, entries] = process.argv;
const database = new DatabaseSync(file);
database.exec('PRAGMA busy_timeout = 10000');

if (entries !== undefined) {
	const insert = database.prepare(
		'INSERT INTO processed_data ("workflowId", context, value) VALUES (?, ?, ?)',
	);
	database.exec('BEGIN IMMEDIATE');
	for (let row = 0; row < ROWS; row++) {
		const data = Array.from({ length: Number(entries) }, (_, index) =>
			createHash('md5').update(`${row} ${index}`).digest('base64'),
		);
		const value = JSON.stringify({ mode: 'entries', data });
		insert.run(workflowId, `n:${nodeId}:${group}-${row}`, value);
	}
	database.exec('COMMIT');
}

database.exec('CREATE TABLE IF NOT EXISTS bench_writes (bytes INTEGER)');
for (const change of ['INSERT', 'UPDATE']) {
	database.exec(`
		CREATE TRIGGER IF NOT EXISTS bench_${change} AFTER ${change} ON processed_data
		BEGIN INSERT INTO bench_writes VALUES (length(NEW.value)); END`);
}
process.stdout.write(
	String(database.prepare('SELECT total(bytes) AS sum FROM bench_writes').get().sum),
);

/**
 * `node deduplicationRow.mjs <file> <workflow id> <node id> [entries]`: prints how many bytes n8n's SQLite
 * database holds for a node in its deduplication store, which n8n writes with each delivery. With a number, it
 * first stores as many entries. Runs on n8n's own Node.js, which has SQLite.
 */

import { createHash } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';

const [, , file, workflowId, nodeId, entries] = process.argv;
const database = new DatabaseSync(file);
database.exec('PRAGMA busy_timeout = 10000');
const key = [workflowId, `n:${nodeId}`];

if (entries !== undefined) {
	const data = Array.from({ length: Number(entries) }, (_, index) =>
		createHash('md5').update(`remembered ${index}`).digest('base64'),
	);
	database
		.prepare('INSERT INTO processed_data ("workflowId", context, value) VALUES (?, ?, ?)')
		.run(...key, JSON.stringify({ mode: 'entries', data }));
}
const row = database
	.prepare(
		'SELECT length(value) AS bytes FROM processed_data WHERE "workflowId" = ? AND context = ?',
	)
	.get(...key);
process.stdout.write(String(row?.bytes ?? 0));

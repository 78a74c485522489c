/**
 * `node lockDatabase.mjs <file>`: locks n8n's SQLite database for writing. The lock lasts from the line that it
 * prints until its input ends. Runs on n8n's own Node.js, which has SQLite.
 */

import { DatabaseSync } from 'node:sqlite';

const database = new DatabaseSync(process.argv[2]);
database.exec('PRAGMA busy_timeout = 10000');
database.exec('BEGIN IMMEDIATE');
process.stdout.write('locked\n');
process.stdin.on('end', () => database.close()).resume();

'use strict';

const { mkdirSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');

const RUN = join(__dirname, '..', '..', '.run');

/** Writes the totals of a run to a file, from which bootstrap.mjs prints them. */
module.exports = class TallyReporter {
	onRunComplete(_contexts, results) {
		mkdirSync(RUN, { recursive: true });
		writeFileSync(
			join(RUN, 'tally.json'),
			JSON.stringify({
				passed: results.numPassedTests,
				// A file that fails to load has no tests to count.
				failed: results.numFailedTests + results.numRuntimeErrorTestSuites,
				skipped: results.numPendingTests + results.numTodoTests,
			}),
		);
	}
};

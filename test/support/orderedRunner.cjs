'use strict';

const { default: JestRunner } = require('jest-runner');
const { require: requireTs } = require('tsx/cjs/api');

/**
 * Runs the tests that share nothing first, in parallel; then those that share one n8n, one file after the other,
 * for each version of n8n. Jest's own runner mixes all projects.
 */
module.exports = class OrderedRunner extends JestRunner {
	async runTests(tests, watcher, options) {
		const versionOf = ({ context: { config } }) =>
			config.globals.isN8nShared ? config.globals.n8nVersion : undefined;
		const independent = tests.filter((test) => versionOf(test) === undefined);
		const versions = [...new Set(tests.map(versionOf).filter(Boolean))].sort().reverse();

		if (independent.length > 0) await super.runTests(independent, watcher, options);
		for (const version of versions) {
			const sharing = tests.filter((test) => versionOf(test) === version);
			const { startSharedN8n, stopSharedN8n } = requireTs('./sharedN8n.ts', __filename);
			await startSharedN8n(version);
			try {
				await super.runTests(sharing, watcher, { ...options, serial: true });
			} finally {
				await stopSharedN8n();
			}
		}
	}
};

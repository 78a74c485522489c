'use strict';

const { default: JestRunner } = require('jest-runner');
const { require: requireTs } = require('tsx/cjs/api');

/**
 * Tests that share nothing first, side by side; then those that share one n8n, one file after the other, with
 * each version of n8n in turn. Jest's own runner mixes all projects.
 */
module.exports = class OrderedRunner extends JestRunner {
	async runTests(tests, watcher, options) {
		const versionOf = ({ context: { config } }) =>
			config.globals.isN8nShared ? config.globals.n8nVersion : undefined;
		const own = tests.filter((test) => versionOf(test) === undefined);
		const versions = [...new Set(tests.map(versionOf).filter(Boolean))].sort().reverse();

		if (own.length > 0) await super.runTests(own, watcher, options);
		for (const version of versions) {
			const slow = tests.filter((test) => versionOf(test) === version);
			const { startSharedN8n, stopSharedN8n } = requireTs('./sharedN8n.ts', __filename);
			await startSharedN8n(version);
			try {
				await super.runTests(slow, watcher, { ...options, serial: true });
			} finally {
				await stopSharedN8n();
			}
		}
	}
};

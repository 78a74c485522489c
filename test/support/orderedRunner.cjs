'use strict';

const { default: JestRunner } = require('jest-runner');
const { require: requireTs } = require('tsx/cjs/api');

/**
 * The quick tests first, side by side; then those that share one n8n, one file after the other, with
 * each version of n8n in turn. Jest's own runner mixes all projects.
 */
module.exports = class OrderedRunner extends JestRunner {
	async runTests(tests, watcher, options) {
		const versionOf = (test) => test.context.config.globals.n8nVersion;
		const quick = tests.filter((test) => versionOf(test) === undefined);
		const versions = [...new Set(tests.map(versionOf).filter(Boolean))].sort().reverse();

		if (quick.length > 0) await super.runTests(quick, watcher, options);
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

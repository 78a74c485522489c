'use strict';

const { default: JestRunner } = require('jest-runner');

/**
 * The quick tests first, side by side; then those that share one n8n, one file after the other.
 * Jest's own runner mixes all projects.
 */
module.exports = class OrderedRunner extends JestRunner {
	async runTests(tests, watcher, options) {
		const sharesN8n = (test) => test.context.config.displayName.name === 'e2e';
		const quick = tests.filter((test) => !sharesN8n(test));
		const slow = tests.filter(sharesN8n);

		if (quick.length > 0) await super.runTests(quick, watcher, options);
		if (slow.length > 0) await super.runTests(slow, watcher, { ...options, serial: true });
	}
};

'use strict';

const { readFileSync, writeFileSync } = require('node:fs');
const { dirname, join } = require('node:path');
const { default: JestRunner } = require('jest-runner');

const JEST_PLUGINS = dirname(require.resolve('@stryker-mutator/jest-runner'));
const { state } = require(join(JEST_PLUGINS, 'messaging.cjs'));

/** The test file that killed the last mutant. It is likely to kill the next one, which is near it. */
let lastKiller;

/**
 * Without it, Jest loads every test file that imports the mutated file, directly or not, for each mutant. In
 * the first run, without a mutant, this runner writes down which test files reach which mutants. For a mutant it
 * then loads only those that reach it, and stops at the first that fails.
 */
module.exports = class CoveringRunner extends JestRunner {
	async runTests(tests, watcher, options) {
		const coverageFile = join(tests[0].context.config.rootDir, 'mutantCoverage.json');
		const mutant = process.env.__STRYKER_ACTIVE_MUTANT__;
		if (mutant === undefined) {
			const coverage = {};
			for (const test of tests) {
				const before = hits();
				const start = performance.now();
				await super.runTests([test], watcher, options);
				const mutants = Object.entries(hits())
					.filter(([id, count]) => count > (before[id] ?? 0))
					.map(([id]) => id);
				coverage[test.path] = { mutants, duration: performance.now() - start };
			}
			writeFileSync(coverageFile, JSON.stringify(coverage));
			return;
		}

		let hasFailed = false;
		this.on('test-file-success', ([, { numFailingTests }]) => {
			hasFailed ||= numFailingTests > 0;
		});
		this.on('test-file-failure', () => {
			hasFailed = true;
		});
		const coverage = JSON.parse(readFileSync(coverageFile, 'utf8'));
		const rank = ({ path }) => (path === lastKiller ? 0 : coverage[path].duration);
		const covering = tests
			.filter(({ path }) => coverage[path]?.mutants.includes(mutant))
			.sort((a, b) => rank(a) - rank(b));
		for (const test of covering) {
			await super.runTests([test], watcher, options);
			if (!hasFailed) continue;
			lastKiller = test.path;
			return;
		}
	}
};

/** How often each mutant was reached so far, by tests and while files were loaded. */
function hits() {
	const { static: loading = {}, perTest = {} } = state.instrumenterContext.mutantCoverage ?? {};
	const counts = {};
	for (const reached of [loading, ...Object.values(perTest)]) {
		for (const [id, count] of Object.entries(reached)) counts[id] = (counts[id] ?? 0) + count;
	}
	return counts;
}

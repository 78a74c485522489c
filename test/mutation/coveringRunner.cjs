'use strict';

const { readFileSync, writeFileSync } = require('node:fs');
const { basename, dirname, join } = require('node:path');
const { default: JestRunner } = require('jest-runner');

/** Test files that failed, the latest first; they are likely to fail for the next mutant of the same file. */
let killers = [];

/**
 * Stryker names the tests that reach a mutant, and Jest then still loads every file that imports the mutated
 * one. This runner loads only the files of those tests, and stops at the first file that fails. In the first
 * run, without a mutant, it writes down which tests each file has.
 *
 * For code that runs while a file is loaded, Stryker names no tests: nearly all would do. Then the files count
 * that import the mutated file themselves, if there are any.
 */
module.exports = class CoveringRunner extends JestRunner {
	async runTests(tests, watcher, options) {
		const namesFile = join(tests[0].context.config.rootDir, 'testNames.json');
		const namesOf = {};
		let failed;
		this.on('test-file-success', ([test, { testResults, numFailingTests }]) => {
			namesOf[test.path] = testResults.map(({ fullName }) => fullName);
			if (numFailingTests > 0) failed = test.path;
		});
		this.on('test-file-failure', ([test]) => {
			failed = test.path;
		});

		if (process.env.__STRYKER_ACTIVE_MUTANT__ === undefined) {
			await super.runTests(tests, watcher, options);
			writeFileSync(namesFile, JSON.stringify(namesOf));
			return;
		}
		const covering = coveringTests(tests, this._globalConfig, namesFile);
		for (const test of covering.sort((a, b) => rank(a) - rank(b))) {
			await super.runTests([test], watcher, options);
			if (failed !== undefined) {
				killers = [failed, ...killers.filter((path) => path !== failed)];
				return;
			}
		}
	}
};

function coveringTests(tests, { testNamePattern, nonFlagArgs: [mutatedFile] }, namesFile) {
	if (testNamePattern) {
		const namesOf = JSON.parse(readFileSync(namesFile, 'utf8'));
		const pattern = new RegExp(testNamePattern, 'i');
		return tests.filter(({ path }) => namesOf[path].some((name) => pattern.test(name)));
	}
	const moduleName = `/${basename(dirname(mutatedFile))}/${basename(mutatedFile, '.ts')}'`;
	const direct = tests.filter(({ path }) => readFileSync(path, 'utf8').includes(moduleName));
	return direct.length > 0 ? direct : tests;
}

function rank({ path }) {
	const index = killers.indexOf(path);
	return index < 0 ? killers.length : index;
}

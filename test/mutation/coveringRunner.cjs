'use strict';

const { readdirSync, readFileSync, writeFileSync } = require('node:fs');
const { basename, dirname, join } = require('node:path');
const { default: JestRunner } = require('jest-runner');
const { loadTestFile } = require('./jest-circus-live.cjs');

const JEST_PLUGINS = dirname(require.resolve('@stryker-mutator/jest-runner'));
const { state } = require(join(JEST_PLUGINS, 'messaging.cjs'));

const ACTIVE_MUTANT = '__STRYKER_ACTIVE_MUTANT__';

/** Each loaded file has its own copy of all modules. */
const MAX_LOADED_FILES = 12;

/** More would make each mutant that survives slow. The number can only lower the score. */
const MAX_FILES_PER_MUTANT = 10;

/** The loaded test files by path, the one that was used last at the end. */
const loadedFiles = new Map();

/** The test file that killed the last mutant. It is likely to kill the next one, which is near it. */
let lastKiller;

/**
 * Without it, Jest loads every test file that imports the mutated file, directly or not, for each mutant. In
 * the first run, without a mutant, this runner writes down which test files reach which mutants. For a mutant it
 * then runs only those that reach it, the test file of the mutated file first, and stops at the first that
 * fails. Test files stay loaded for the next mutants, except for a mutant in code that runs while a file is
 * loaded.
 */
module.exports = class CoveringRunner extends JestRunner {
	listeners = { 'test-file-success': [], 'test-file-failure': [] };

	on(event, listener) {
		this.listeners[event]?.push(listener);
		return super.on(event, listener);
	}

	async runTests(tests, watcher, options) {
		const { rootDir } = tests[0].context.config;
		const coverageFile = join(rootDir, 'mutantCoverage.json');
		const mutant = process.env[ACTIVE_MUTANT];
		if (mutant === undefined) {
			const coverage = { files: {}, loading: [], sources: sourcesOfMutants(rootDir) };
			for (const test of tests) {
				const before = hits();
				const start = performance.now();
				await super.runTests([test], watcher, options);
				const mutants = Object.entries(hits())
					.filter(([id, count]) => count > (before[id] ?? 0))
					.map(([id]) => id);
				const imported = importedSources(test.path);
				const duration = performance.now() - start;
				coverage.files[test.path] = { mutants, imported, duration };
			}
			coverage.loading = Object.keys(state.instrumenterContext.mutantCoverage?.static ?? {});
			writeFileSync(coverageFile, JSON.stringify(coverage));
			return;
		}

		let hasFailed = false;
		this.on('test-file-success', ([, { numFailingTests, testExecError }]) => {
			hasFailed ||= numFailingTests > 0 || testExecError !== undefined;
		});
		this.on('test-file-failure', () => {
			hasFailed = true;
		});
		const { files, loading, sources } = JSON.parse(readFileSync(coverageFile, 'utf8'));
		const source = sources[mutant] ?? '';
		const rank = ({ path }) => {
			if (basename(path) === `${basename(source)}.test.ts`) return 0;
			if (path === lastKiller) return 1;
			return files[path].imported.includes(source) ? 2 : 3;
		};
		const covering = tests
			.filter(({ path }) => files[path]?.mutants.includes(mutant))
			.sort((a, b) => rank(a) - rank(b) || files[a.path].duration - files[b.path].duration)
			.slice(0, MAX_FILES_PER_MUTANT);
		for (const test of covering) {
			if (loading.includes(mutant)) await super.runTests([test], watcher, options);
			else await this.runLoaded(test, mutant, watcher, options);
			if (!hasFailed) continue;
			lastKiller = test.path;
			return;
		}
	}

	/** Runs the tests of a file that stays loaded, and reports the result as Jest would. */
	async runLoaded(test, mutant, watcher, options) {
		const start = performance.now();
		const pattern = this._globalConfig.testNamePattern;
		const load = async () => await this.load(test, watcher, options);
		const before = loadedFiles.get(test.path);
		const isFresh = before === undefined;
		let file = before ?? (await load());
		// Used last.
		loadedFiles.delete(test.path);
		loadedFiles.set(test.path, file);
		let result = await run(file, mutant, pattern);
		// An earlier mutant may have left something behind in the modules. It counts only what the tests say of
		// this mutant alone.
		if (!isFresh && failed(result) && failed(await run(file, null, pattern))) {
			unload(test.path);
			file = await load();
			result = await run(file, mutant, pattern);
		}
		while (loadedFiles.size > MAX_LOADED_FILES) unload(loadedFiles.keys().next().value);
		const end = performance.now();
		const perfStats = { ...result.perfStats, start, end, runtime: end - start, slow: false };
		for (const listener of this.listeners['test-file-success']) {
			await listener([test, { ...result, perfStats, leaks: false, skipped: false }]);
		}
	}

	/** Loads a test file without a mutant. */
	async load(test, watcher, options) {
		const mutant = process.env[ACTIVE_MUTANT];
		delete process.env[ACTIVE_MUTANT];
		state.instrumenterContext.activeMutant = null;
		try {
			const file = await loadTestFile(
				test.path,
				state.instrumenterContext,
				async () => await super.runTests([test], watcher, options),
			);
			loadedFiles.set(test.path, file);
			return file;
		} finally {
			process.env[ACTIVE_MUTANT] = mutant;
			delete state.instrumenterContext.activeMutant;
		}
	}
};

/** Runs the tests with a mutant, or with none (null). */
async function run(file, mutant, pattern) {
	const context = state.instrumenterContext;
	context.activeMutant = mutant;
	if (context.hitCount !== undefined) context.hitCount = 0;
	return await file.run(pattern);
}

const failed = ({ numFailingTests, testExecError }) =>
	numFailingTests > 0 || testExecError !== undefined;

function unload(path) {
	loadedFiles.get(path)?.unload();
	loadedFiles.delete(path);
}

/** The mutated files as `folder/name`, by mutant. Stryker has written the mutants into them. */
function sourcesOfMutants(rootDir) {
	const sources = {};
	const folder = join(rootDir, 'nodes', 'KopoKopo');
	for (const path of readdirSync(folder, { recursive: true })) {
		if (!path.endsWith('.ts')) continue;
		const name = `${basename(dirname(path))}/${basename(path, '.ts')}`;
		for (const [, id] of readFileSync(join(folder, path), 'utf8').matchAll(
			/stryMutAct_\w+\("(\d+)"\)/g,
		)) {
			sources[id] = name;
		}
	}
	return sources;
}

/** The files that a test file imports itself, as `folder/name`. */
const importedSources = (path) =>
	[...readFileSync(path, 'utf8').matchAll(/nodes\/KopoKopo\/(\w+\/\w+)'/g)].map(([, name]) => name);

/** How often each mutant was reached so far, by tests and while files were loaded. */
function hits() {
	const { static: loading = {}, perTest = {} } = state.instrumenterContext.mutantCoverage ?? {};
	const counts = {};
	for (const reached of [loading, ...Object.values(perTest)]) {
		for (const [id, count] of Object.entries(reached)) counts[id] = (counts[id] ?? 0) + count;
	}
	return counts;
}

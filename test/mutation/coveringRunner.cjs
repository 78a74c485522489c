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
const MAX_FILES_PER_MUTANT = 24;

/** The loaded test files by path, the one that was used last at the end. */
const loadedFiles = new Map();

/** The test file that killed the last mutant. It is likely to kill the next one, which is near it. */
let lastKiller;

/** How many mutants of a source file each test file has killed, as `source path`. */
const kills = new Map();

/**
 * Without it, Jest loads every test file that imports the mutated file, directly or not, for each mutant. In
 * the first run, without a mutant, this runner writes down which test files reach which mutants. For a mutant it
 * then runs only those that reach it, and stops at the first that fails. Test files stay loaded for the next
 * mutants.
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
			const coverage = { files: {}, sources: sourcesOfMutants(rootDir) };
			const durations = {};
			this.on('test-file-success', ([{ path }, { testResults }]) => {
				durations[path] = testResults.reduce((sum, { duration }) => sum + (duration ?? 0), 0);
			});
			for (const test of tests) {
				const before = hits();
				await super.runTests([test], watcher, options);
				const after = hits();
				coverage.files[test.path] = {
					loading: reached(before.loading, after.loading),
					testing: reached(before.testing, after.testing),
					imported: importedSources(test.path),
					duration: durations[test.path] ?? 0,
				};
			}
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
		const { files, sources } = JSON.parse(readFileSync(coverageFile, 'utf8'));
		if (Object.values(files).some(({ loading }) => loading.includes(mutant))) {
			// Any test may notice it. With `testFiles`, Stryker takes paths for the names of tests here.
			this._globalConfig = { ...this._globalConfig, testNamePattern: undefined };
		}
		const source = sources[mutant] ?? '';
		// The quick ones first, and those that are likely to notice.
		const rank = ({ path }) => {
			const { imported, duration } = files[path];
			const isOwn = basename(path) === `${basename(source)}.test.ts`;
			const likelihood = isOwn || path === lastKiller ? 8 : imported.includes(source) ? 4 : 1;
			const killed = kills.get(`${source} ${path}`) ?? 0;
			return (duration + 100) / (likelihood + killed);
		};
		const runThose = async (when, run) => {
			const covering = tests
				.filter(({ path }) => files[path]?.[when].includes(mutant))
				.sort((a, b) => rank(a) - rank(b))
				.slice(0, MAX_FILES_PER_MUTANT);
			for (const test of covering) {
				await run(test);
				if (!hasFailed) continue;
				lastKiller = test.path;
				kills.set(`${source} ${test.path}`, (kills.get(`${source} ${test.path}`) ?? 0) + 1);
				return;
			}
		};
		await runThose('testing', async (test) => await this.runLoaded(test, mutant, watcher, options));
		if (hasFailed) return;
		// A mutant in code that runs while a file is loaded must be there from the beginning.
		await runThose('loading', async (test) => await super.runTests([test], watcher, options));
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

/** How often each mutant was reached so far, while files were loaded and by tests. */
function hits() {
	const { static: loading = {}, perTest = {} } = state.instrumenterContext.mutantCoverage ?? {};
	const testing = {};
	for (const counts of Object.values(perTest)) {
		for (const [id, count] of Object.entries(counts)) testing[id] = (testing[id] ?? 0) + count;
	}
	return { loading: { ...loading }, testing };
}

/** The mutants that were reached since. */
const reached = (before, after) => Object.keys(after).filter((id) => after[id] > (before[id] ?? 0));

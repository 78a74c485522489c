/** How Stryker runs; run.mjs chooses the files. Stryker takes paths from the root of the repository. */
export default {
	testRunner: 'jest',
	plugins: ['@stryker-mutator/jest-runner', './test/mutation/survivorReporter.mjs'],
	// coveringRunner.cjs chooses the test files, more narrowly than Jest could.
	jest: { configFile: 'test/mutation/jest.config.mjs', enableFindRelatedTests: false },
	coverageAnalysis: 'perTest',
	concurrency: 2,
	// Not all memory of a test file is freed when another is loaded in its place.
	maxTestRunnerReuse: 200,
	// A mutant that times out counts as killed. On a busy machine a short limit would raise the score.
	timeoutMS: 20_000,
	// The run without a mutant loads every test file, which takes minutes on a busy machine.
	dryRunTimeoutMinutes: 20,
	tempDirName: '.run/mutation/sandboxes',
	cleanTempDir: 'always',
	ignorePatterns: ['.run', 'dist', 'test/e2e', 'test/editor', 'test/queue'],
	incrementalFile: '.run/mutation/incremental.json',
	reporters: ['html', 'dots', 'survivors'],
	htmlReporter: { fileName: '.run/mutation/report.html' },
	warnings: { slow: false },
};

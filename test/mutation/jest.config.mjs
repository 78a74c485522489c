import { existsSync } from 'node:fs';
import { join } from 'node:path';
import config from '../jest.config.mjs';

/**
 * Unit tests that Stryker does not run: they read source files or documents, which Stryker changes in every
 * mutant, or try thousands of random inputs. Without them a score can only be lower.
 */
const EXCLUDED = [
	'defaults',
	'dependencies',
	'description',
	'docs',
	'errorsFuzz',
	'exampleWorkflows',
	'mutationSurvivors',
	'parseDeliveryFuzz',
	'phoneFuzz',
	'regularExpressions',
	'resultFuzz',
	'screenshots',
	'sendMoneyResultFuzz',
	'triggerInterleavings',
].map((name) => join('test', 'unit', `${name}.test.ts`));

// A renamed file would otherwise come back into the run unnoticed.
const missing = EXCLUDED.filter((path) => !existsSync(join(config.rootDir, path)));
if (missing.length > 0) throw new Error(`test/mutation/jest.config.mjs: no ${missing.join(', ')}`);

const { displayName, ...unit } = config.projects.find((project) => project.displayName === 'unit');

/** The unit tests, as Stryker runs them for each mutant. */
export default {
	...unit,
	// Jest looks through these folders for each mutant.
	roots: ['nodes', 'credentials', 'test/unit'].map((folder) => join(config.rootDir, folder)),
	runner: join(config.rootDir, 'test', 'mutation', 'coveringRunner.cjs'),
	testRunner: join(config.rootDir, 'test', 'mutation', 'jest-circus-live.cjs'),
	testPathIgnorePatterns: EXCLUDED,
	// With a mutant, some tests would wait for ever. The changed code is several times slower than the original.
	testTimeout: 20_000,
};

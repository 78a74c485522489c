import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const rootDir = join(dirname(fileURLToPath(import.meta.url)), '..');

const project = (displayName, more = {}) => ({
	displayName,
	rootDir,
	// Named one by one, since `.run` holds a whole n8n that Jest must not crawl.
	roots: ['nodes', 'credentials', 'test'].map((folder) => join(rootDir, folder)),
	testMatch: [join(rootDir, 'test', displayName, '**', '*.test.ts')],
	testEnvironment: 'node',
	runner: join(rootDir, 'test', 'support', 'orderedRunner.cjs'),
	transform: {
		'\\.ts$': [
			'@swc/jest',
			{ jsc: { parser: { syntax: 'typescript' }, target: 'es2022' }, module: { type: 'commonjs' } },
		],
	},
	...more,
});

export default {
	rootDir,
	maxWorkers: 2,
	// Jest has one for all projects; a test with the real n8n may wait for a minute.
	testTimeout: 180_000,
	projects: [
		project('unit'),
		project('integration'),
		project('e2e', {
			globalSetup: join(rootDir, 'test', 'support', 'sharedN8n.ts'),
			globalTeardown: join(rootDir, 'test', 'support', 'sharedN8nEnd.ts'),
		}),
	],
	reporters: ['default', join(rootDir, 'test', 'support', 'tallyReporter.cjs')],
};

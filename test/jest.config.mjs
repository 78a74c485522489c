import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { N8N_VERSION, OLDEST_N8N_VERSION } from './support/install.mjs';

const rootDir = join(dirname(fileURLToPath(import.meta.url)), '..');

const project = (name, more = {}) => ({
	displayName: name,
	rootDir,
	// Named one by one, since `.run` holds a whole n8n that Jest must not crawl.
	roots: ['nodes', 'credentials', 'test'].map((folder) => join(rootDir, folder)),
	testMatch: [join(rootDir, 'test', name, '**', '*.test.ts')],
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

/** The name of the end-to-end tests on a version of n8n, as `--selectProjects` takes it. */
export const e2eProject = (version) => (version === N8N_VERSION ? 'e2e' : `e2e-${version}`);

/** The name of the tests of queue mode on a version of n8n; `npm run test:queue` selects one. */
export const queueProject = (version) => (version === N8N_VERSION ? 'queue' : `queue-${version}`);

/** orderedRunner.cjs runs this n8n while the project's tests run, which read the version as well. */
const e2e = (version) =>
	project('e2e', {
		displayName: e2eProject(version),
		globals: { n8nVersion: version, isN8nShared: true },
	});

/** Each file starts processes of its own. */
const queue = (version) =>
	project('queue', { displayName: queueProject(version), globals: { n8nVersion: version } });

/** Only for `npm run test:editor`, since not every machine has a browser. */
const editor = project('editor', { globals: { n8nVersion: N8N_VERSION, isN8nShared: true } });

export default {
	rootDir,
	maxWorkers: 2,
	// Jest has one for all projects; a test with the real n8n may wait for a minute.
	testTimeout: 180_000,
	// The end-to-end tests run in Jest's own process: a set-up that fails half-way leaves a server open there,
	// and then the run would have its result and never end.
	forceExit: true,
	projects: [
		project('unit'),
		project('integration'),
		e2e(N8N_VERSION),
		e2e(OLDEST_N8N_VERSION),
		queue(N8N_VERSION),
		queue(OLDEST_N8N_VERSION),
		editor,
	],
	reporters: ['default', join(rootDir, 'test', 'support', 'tallyReporter.cjs')],
};

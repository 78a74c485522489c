import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { N8N_VERSION, OLDEST_N8N_VERSION } from './support/install.mjs';

const rootDir = join(dirname(fileURLToPath(import.meta.url)), '..');

const project = (name, more = {}) => ({
	displayName: name,
	rootDir,
	// Only these folders: `.run` contains n8n installations, which Jest must not crawl.
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

/** The name for `--selectProjects` of the end-to-end tests on a version of n8n. */
export const e2eProject = (version) => (version === N8N_VERSION ? 'e2e' : `e2e-${version}`);

/** The name for `--selectProjects` of the queue mode tests on a version of n8n. */
export const queueProject = (version) => (version === N8N_VERSION ? 'queue' : `queue-${version}`);

/** Set by `npm test -- --n8n <version>`: a version that the tests are not known to pass on. */
const otherVersion = process.env.N8N_TEST_VERSION;

/** orderedRunner.cjs starts this version of n8n for the project; its tests read the version too. */
const e2e = (version) =>
	project('e2e', {
		displayName: e2eProject(version),
		globals: { n8nVersion: version, isN8nShared: true },
	});

/** Each test file starts its own n8n processes. */
const queue = (version) =>
	project('queue', { displayName: queueProject(version), globals: { n8nVersion: version } });

/**
 * The triggers with n8n's durable scheduler, which stores the state of polls and executions together. Each of
 * these files starts its own n8n. Only runs with `npm run test:scheduler`.
 */
const scheduler = project('e2e', {
	displayName: 'scheduler',
	testMatch: ['pollingTrigger', 'triggerActivation'].map((file) =>
		join(rootDir, 'test', 'e2e', `${file}.test.ts`),
	),
	globals: {
		n8nVersion: N8N_VERSION,
		n8nEnvironment: {
			N8N_SCHEDULER_ENABLED: 'true',
			N8N_SCHEDULER_POLL_TRIGGERS_ENABLED: 'true',
			N8N_POLLER_DURABLE_CURSORS_ENABLED: 'true',
		},
	},
});

/** Only runs with `npm run test:editor`, because not every machine has a browser. */
const editor = project('editor', { globals: { n8nVersion: N8N_VERSION, isN8nShared: true } });

/** Only runs with `npm run test:page`, for the same reason. It needs no n8n. */
const page = project('page');

/** Only runs with `npm run test:release`: a rehearsal of the release with a registry on this machine. */
const release = project('release', { globals: { n8nVersion: N8N_VERSION } });

export default {
	rootDir,
	maxWorkers: 2,
	// Jest has one timeout for all projects, and a test in a real n8n can take more than a minute.
	testTimeout: 180_000,
	// The end-to-end tests run in Jest's own process. If their setup fails, a server can stay open there, and
	// Jest would never exit.
	forceExit: true,
	projects: [
		project('unit', {
			setupFilesAfterEnv: [join(rootDir, 'test', 'support', 'propertySeed.cjs')],
		}),
		project('integration'),
		e2e(N8N_VERSION),
		e2e(OLDEST_N8N_VERSION),
		...(otherVersion ? [e2e(otherVersion)] : []),
		scheduler,
		queue(N8N_VERSION),
		queue(OLDEST_N8N_VERSION),
		editor,
		page,
		release,
	],
	reporters: ['default', join(rootDir, 'test', 'support', 'tallyReporter.cjs')],
};

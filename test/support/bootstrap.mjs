/**
 * `node test/support/bootstrap.mjs <command> [arguments]`: what `npm start`, `npm test`, `npm run test:editor`
 * and the others call. Needs only git, Node.js and npm: it installs what is missing (install.mjs), then runs
 * the command.
 */

const OLDEST_NODE = [20, 19];

/** The exit code of a command that could not run. For verify, 1 means that Kopo Kopo differs from its documentation. */
const COULD_NOT_RUN = process.argv[2] === 'verify' ? 2 : 1;

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1])) {
	console.error(
		`This needs Node.js ${OLDEST_NODE.join('.')} or newer; this is ${process.versions.node}.`,
	);
	process.exit(COULD_NOT_RUN);
}

// Imported after the check above, because an old Node.js cannot parse these files.
const { spawn } = await import('node:child_process');
const { mkdir, readFile, readdir, rm } = await import('node:fs/promises');
const { join } = await import('node:path');
const {
	N8N_VERSION,
	OLDEST_N8N_VERSION,
	isTestedVersion,
	installDevDependencies,
	installN8n,
	installPeers,
	installRegistry,
	packPackage,
	recipeFor,
} = await import('./install.mjs');
const { ROOT, SetupError, inParallel, stopSteps } = await import('./installationSteps.mjs');
const { describeChromium } = await import('./chromium.mjs');
const { e2eProject, queueProject } = await import('../jest.config.mjs');
const { findServices } = await import('./services.mjs');

const TALLY_FILE = join(ROOT, '.run', 'tally.json');
/** The folder of PostgreSQL and Redis for queue mode, and of the measurements that test/queue records. */
const SERVICES = join(ROOT, '.run', 'node_modules', 'queue-services');

const COMMANDS = {
	start: async (args) => {
		await install([N8N_VERSION]);
		return await node(['--import', 'tsx', 'test/support/start.mjs', ...args]);
	},
	test: async (args) => {
		const { versions, jestArgs } = await selectTests(args);
		await install(versions);
		return await jest(jestArgs);
	},
	editor: async (args) => {
		await describeChromium();
		await install([N8N_VERSION]);
		return await jest([...args, '--selectProjects=editor']);
	},
	page: async (args) => {
		await describeChromium();
		await installDevDependencies();
		return await jest([...args, '--selectProjects=page']);
	},
	queue: async (args) => {
		const { missing } = findServices();
		if (missing.length > 0) {
			throw new SetupError(
				`The tests of queue mode need PostgreSQL and Redis, but this machine has no ${missing.join(', no ')}. On Debian and Ubuntu, install them with "apt-get install postgresql redis-server".`,
			);
		}
		const { version = N8N_VERSION, others } = takeVersion(args);
		if (!isTestedVersion(version)) {
			throw new SetupError(`In queue mode, --n8n takes ${N8N_VERSION} or ${OLDEST_N8N_VERSION}.`);
		}
		await install([version]);
		const stopServices = await startServices();
		try {
			const selected = `--selectProjects=${queueProject(version)}`;
			return await jest([...others, '--runInBand', selected], printMeasurements);
		} finally {
			await stopServices();
		}
	},
	scheduler: async (args) => {
		await install([N8N_VERSION]);
		return await jest([...args, '--runInBand', '--selectProjects=scheduler']);
	},
	release: async (args) => {
		await install([N8N_VERSION]);
		await installRegistry();
		return await jest([...args, '--runInBand', '--selectProjects=release']);
	},
	mutation: async (args) => {
		await installDevDependencies();
		return await node(['--import', 'tsx', 'test/mutation/run.mjs', ...args]);
	},
	screenshots: async (args) => {
		await describeChromium();
		await install([N8N_VERSION]);
		return await node(['--import', 'tsx', 'test/screenshots/screenshots.mjs', ...args]);
	},
	bench: async (args) => {
		await install([N8N_VERSION]);
		await installPeers();
		return await node(['--import', 'tsx', 'test/load/bench/bench.mjs', ...args]);
	},
	soak: async (args) => {
		await install([N8N_VERSION]);
		return await node(['--import', 'tsx', 'test/load/soak/soak.mjs', ...args]);
	},
	verify: async (args) => {
		await installDevDependencies();
		return await node(['--import', 'tsx', 'test/verify/verify.mjs', ...args]);
	},
};

// npm runs this in a shell, and a shell that is stopped may not stop what it runs: without this, n8n would run
// on after `kill` of npm.
if (process.env.npm_lifecycle_event !== undefined) await import('./exitWithParent.cjs');

let running;
let stopping = false;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
	process.on(signal, () => {
		stopping = true;
		stopSteps();
		// A terminal sends Ctrl-C to the command as well. The command cleans up, and this process waits for it.
		if (signal !== 'SIGINT' || !process.stdin.isTTY) running?.kill(signal);
	});
}

const [name, ...args] = process.argv.slice(2);
const command = COMMANDS[name];
if (!command) {
	console.error(`Use one of these commands: ${Object.keys(COMMANDS).join(', ')}.`);
	process.exit(1);
}
try {
	process.exitCode = await command(args);
} catch (error) {
	process.exitCode = COULD_NOT_RUN;
	if (stopping) console.error('Stopped. The next run repeats what was not finished.');
	else if (!(error instanceof SetupError)) throw error;
	else console.error([`\n${error.message}`, error.details].filter(Boolean).join('\n'));
}

/** Installs what every command needs, and these versions of n8n. */
async function install(versions) {
	await mkdir(join(ROOT, '.run'), { recursive: true });
	await inParallel([
		async () => {
			await installDevDependencies();
			await packPackage();
		},
		async () => {
			for (const version of versions) await installN8n(version);
		},
	]);
}

/**
 * The n8n versions that a test run needs, and its arguments for Jest. The option `--n8n <version>` is not one
 * of Jest's: it selects only the end-to-end tests on that version, which may be any. Without it, the end-to-end tests run on the
 * newest and on the oldest n8n.
 */
async function selectTests(args) {
	const { version, others } = takeVersion(args);
	if (version === undefined) {
		const isChosen = args.some((argument) => argument.startsWith('--selectProjects'));
		const projects = [
			'unit',
			'integration',
			e2eProject(N8N_VERSION),
			e2eProject(OLDEST_N8N_VERSION),
		];
		return {
			versions: await versionsFor(args),
			jestArgs: isChosen
				? args
				: [...args, ...projects.map((project) => `--selectProjects=${project}`)],
		};
	}
	return { versions: [version], jestArgs: [...others, `--selectProjects=${e2eProject(version)}`] };
}

/** The version that `--n8n` names, if given, and the other arguments. */
function takeVersion(args) {
	const index = args.findIndex((argument) => argument.split('=')[0] === '--n8n');
	if (index < 0) return { others: args };
	const [option, joined] = args[index].split('=');
	const version = joined ?? args[index + 1];
	if (!/^\d+\.\d+\.\d+$/.test(version ?? '')) {
		throw new SetupError(`${option} takes a version of n8n, such as ${N8N_VERSION}.`);
	}
	// Before minutes are spent on installing anything else.
	recipeFor(version);
	if (!isTestedVersion(version)) {
		console.warn(
			`n8n ${version} is untested: the tests are known to pass on ${OLDEST_N8N_VERSION} and ${N8N_VERSION}.`,
		);
		// Adds a project for it (jest.config.mjs).
		process.env.N8N_TEST_VERSION = version;
	}
	return { version, others: args.toSpliced(index, joined === undefined ? 2 : 1) };
}

/** Starts PostgreSQL and Redis; resolves, once both accept connections, with a function that stops them. */
async function startServices() {
	const services = spawn(
		process.execPath,
		['--require', './test/support/exitWithParent.cjs', 'test/support/services.mjs', SERVICES],
		{ cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] },
	);
	const ended = new Promise((resolve) => services.on('close', resolve));
	const isReady = new Promise((resolve) => services.stdout.on('data', () => resolve(true)));
	if ((await Promise.race([isReady, ended])) !== true) {
		throw new SetupError('PostgreSQL and Redis did not start; their output is above.');
	}
	return async () => {
		services.kill('SIGTERM');
		await ended;
	};
}

/** Prints what the tests of queue mode measured. */
async function printMeasurements() {
	console.log(`\n${await readFile(join(SERVICES, 'measurements.txt'), 'utf8').catch(() => '')}`);
}

/** Runs Jest and prints one line with the totals; `beforeTotals` can print above it. */
async function jest(jestArgs, beforeTotals = () => undefined) {
	await rm(TALLY_FILE, { force: true });
	const code = await node([
		'node_modules/jest/bin/jest.js',
		'--config=test/jest.config.mjs',
		...jestArgs,
	]);
	await beforeTotals();
	return await printTotals(code);
}

/** The n8n versions that a test run needs: all, unless its patterns or projects exclude some. */
async function versionsFor(args) {
	const all = [N8N_VERSION, OLDEST_N8N_VERSION];
	const words = args.flatMap((argument) => argument.split('='));
	if (words.includes('--selectProjects')) {
		return all.filter((version) => words.includes(e2eProject(version)));
	}
	if (args.length === 0 || args.some((argument) => argument.startsWith('-'))) return all;
	const files = (await readdir(join(ROOT, 'test', 'e2e'))).filter((file) =>
		file.endsWith('.test.ts'),
	);
	const paths = files.map((file) => join(ROOT, 'test', 'e2e', file));
	const isSelected = (path) => args.some((pattern) => new RegExp(pattern, 'i').test(path));
	return paths.some(isSelected) ? all : [];
}

/** Prints the totals of a test run. A run without any test, or without a report, counts as failed. */
async function printTotals(jestCode) {
	const tally = await readFile(TALLY_FILE, 'utf8').then(JSON.parse, () => ({}));
	const { passed = 0, skipped = 0 } = tally;
	const nothingRan = passed + (tally.failed ?? 0) === 0;
	// Jest also fails for reasons that it does not count, such as a failed set-up.
	const failed = tally.failed || (jestCode !== 0 || nothingRan ? 1 : 0);
	if (nothingRan) console.error('No test ran.');
	console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
	return failed > 0 ? 1 : 0;
}

function node(nodeArgs) {
	return new Promise((resolve, reject) => {
		running = spawn(process.execPath, nodeArgs, { cwd: ROOT, stdio: 'inherit' });
		running.on('error', reject);
		running.on('close', (code) => resolve(code ?? COULD_NOT_RUN));
	});
}

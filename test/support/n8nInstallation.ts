import execa from 'execa';
import {
	ensureDir,
	ensureSymlink,
	pathExists,
	readFile,
	readJson,
	realpathSync,
	remove,
	writeFile,
	writeJson,
} from 'fs-extra';
import versions from './n8nVersions.json';

/** The checkout. Tests and `npm start` both run in it. */
export const ROOT = realpathSync('.');

/** Where install.mjs puts what it installs. */
const INSTALLED = `${ROOT}/.run`;

/**
 * Where everything that runs keeps its files. The name makes the lint command skip it, whose settings are
 * fixed: each user folder holds a copy of n8n's editor, which would take minutes to lint.
 */
export const RUN = `${INSTALLED}/node_modules`;

/** In an end-to-end test the n8n version that it is for (jest.config.mjs); undefined anywhere else. */
declare const n8nVersion: string | undefined;

/** In some end-to-end tests, environment variables for n8n (jest.config.mjs). */
declare const n8nEnvironment: Record<string, string> | undefined;

/** The n8n to run by default: the newest tested version. */
export const N8N_VERSION = typeof n8nVersion === 'string' ? n8nVersion : versions.newest;

/** Environment variables that every n8n of the test gets. */
export const N8N_ENVIRONMENT = typeof n8nEnvironment === 'object' ? n8nEnvironment : {};

/** An installed n8n, as install.mjs describes it. There, paths may be relative to `.run`. */
export interface Runtime {
	version: string;
	node: string;
	cli: string;
	disabledModules: string[];
}

/** A packed node package, with a key that changes with its content. */
export interface PackedPackage {
	name: string;
	tarball: string;
	key: string;
}

/** Where an installed n8n is, with absolute paths. */
export async function readRuntime(version: string): Promise<Runtime> {
	const description = `${INSTALLED}/n8n-${version}.json`;
	if (!(await pathExists(description))) {
		throw new Error(`n8n ${version} is not installed; npm test and npm start install it.`);
	}
	const runtime = (await readJson(description)) as Runtime;
	const absolute = (path: string) =>
		/^([A-Za-z]:)?[\\/]/.test(path) ? path : `${INSTALLED}/${path}`;
	return { ...runtime, node: absolute(runtime.node), cli: absolute(runtime.cli) };
}

/** This project's package, as packed by install.mjs. */
export async function readOwnPackage(): Promise<PackedPackage> {
	const packed = (await readJson(`${INSTALLED}/packed.json`)) as PackedPackage;
	return { ...packed, tarball: `${INSTALLED}/${packed.tarball}` };
}

/**
 * Makes n8n's own modules resolvable from a user folder before any others. A node package requires modules
 * that n8n provides. Without the link, Node.js would first find this project's development modules, which
 * are in a parent folder.
 */
export async function linkModules(folder: string, { cli }: Runtime): Promise<void> {
	const modules = `${folder}/node_modules`;
	await remove(modules);
	await ensureSymlink(cli.replace(/[\\/]n8n[\\/]bin[\\/]n8n$/, ''), modules, 'junction');
}

/** Installs a package as n8n's documentation describes for manual installation, once per content. */
export async function installPackage(
	folder: string,
	{ name, tarball, key }: PackedPackage,
): Promise<void> {
	const nodes = `${folder}/.n8n/nodes`;
	const stamp = `${nodes}/${name}.installed`;
	if ((await pathExists(stamp)) && (await readFile(stamp, 'utf8')) === key) return;

	await ensureDir(nodes);
	if (!(await pathExists(`${nodes}/package.json`))) {
		await writeJson(`${nodes}/package.json`, { name: 'installed-nodes', private: true });
	}
	// npm would keep an installed package of the same name and version, although its content has changed.
	await remove(`${nodes}/node_modules/${name}`);
	await remove(`${nodes}/package-lock.json`);
	await remove(`${nodes}/node_modules/.package-lock.json`);
	await execa(
		'npm',
		[
			['install', tarball, '--prefix', nodes, '--omit=dev', '--omit=peer', '--legacy-peer-deps'],
			['--ignore-scripts', '--offline', '--no-audit', '--no-fund', '--no-update-notifier'],
		].flat(),
		{ cwd: nodes },
	);
	await writeFile(stamp, key);
}

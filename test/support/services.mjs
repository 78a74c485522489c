/**
 * `node test/support/services.mjs <folder>`: runs PostgreSQL and Redis for n8n's queue mode until it is stopped.
 * Both use any free port, accept connections from this machine only, and keep their files in the folder, which
 * is emptied first. `<folder>/services.json` says where they are. Started by bootstrap.mjs.
 */

import { execFileSync, spawn } from 'node:child_process';
import { accessSync, chmodSync, chownSync, constants, existsSync, readdirSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';

const HOST = '127.0.0.1';
const READY_TIMEOUT_MS = 30_000;
/** Debian installs PostgreSQL here, one folder for each version, which is not on the PATH. */
const DEBIAN_POSTGRES = '/usr/lib/postgresql';

/** Finds the programs on this machine. @returns their paths by name, and the names of the missing ones */
export function findServices() {
	const debian = existsSync(DEBIAN_POSTGRES)
		? readdirSync(DEBIAN_POSTGRES)
				.sort((one, next) => Number(next) - Number(one))
				.map((version) => join(DEBIAN_POSTGRES, version, 'bin'))
		: [];
	const folders = [...(process.env.PATH ?? '').split(delimiter), ...debian];
	const found = {};
	const missing = [];
	for (const name of ['initdb', 'postgres', 'psql', 'redis-server']) {
		const program = folders.map((folder) => join(folder, name)).find(isExecutable);
		if (program === undefined) missing.push(name);
		else found[name] = program;
	}
	return { found, missing };
}

function isExecutable(path) {
	try {
		accessSync(path, constants.X_OK);
		return true;
	} catch {
		return false;
	}
}

/** The user to run PostgreSQL as if this process is root, which PostgreSQL refuses. */
function databaseUser() {
	if (process.getuid?.() !== 0) return {};
	for (const name of ['postgres', 'nobody']) {
		try {
			const id = (flag) => Number(execFileSync('id', [flag, name], { stdio: 'pipe' }));
			return { uid: id('-u'), gid: id('-g') };
		} catch {
			// This user does not exist.
		}
	}
	throw new Error(
		'PostgreSQL does not run as root, and there is no user named postgres or nobody.',
	);
}

/** Creates a folder that the database user can access: in `folder` if possible, otherwise a temporary one. */
async function databaseFolder(folder, user) {
	const own = join(folder, 'postgres');
	await mkdir(own, { recursive: true });
	if (user.uid === undefined) return own;
	chownSync(own, user.uid, user.gid);
	try {
		execFileSync('ls', [own], { ...user, cwd: '/', stdio: 'pipe' });
		return own;
	} catch {
		const other = await mkdtemp(join(tmpdir(), 'kopokopo-postgres-'));
		chownSync(other, user.uid, user.gid);
		return other;
	}
}

async function freePort() {
	const server = createServer();
	await new Promise((resolve) => server.listen(0, HOST, resolve));
	const { port } = server.address();
	await new Promise((resolve) => server.close(resolve));
	return port;
}

async function waitUntilReachable(name, port, child) {
	const deadline = Date.now() + READY_TIMEOUT_MS;
	for (;;) {
		const isReachable = await new Promise((resolve) => {
			const socket = connect(port, HOST, () => resolve(true)).on('error', () => resolve(false));
			socket.on('connect', () => socket.destroy());
		});
		if (isReachable) return;
		if (child.exitCode !== null) throw new Error(`${name} ended with code ${child.exitCode}.`);
		if (Date.now() > deadline) throw new Error(`${name} was not ready in time.`);
		await new Promise((resolve) => setTimeout(resolve, 100));
	}
}

async function run(folder) {
	const { found, missing } = findServices();
	if (missing.length > 0) throw new Error(`Not installed: ${missing.join(', ')}.`);
	await rm(folder, { recursive: true, force: true });
	await mkdir(folder, { recursive: true });
	const user = databaseUser();
	const data = await databaseFolder(folder, user);
	chmodSync(data, 0o700);
	execFileSync(
		found.initdb,
		['--pgdata', data, '--username', 'n8n', '--auth', 'trust', '--encoding', 'UTF8', '--locale=C'],
		{ ...user, cwd: '/', stdio: ['ignore', 'ignore', 'inherit'] },
	);

	const [databasePort, redisPort] = [await freePort(), await freePort()];
	const start = (program, args, options = {}) =>
		spawn(program, args, { cwd: '/', stdio: ['ignore', 'ignore', 'inherit'], ...options });
	const database = start(
		found.postgres,
		[
			['-D', data, '-p', String(databasePort)],
			['-c', `listen_addresses=${HOST}`, '-c', 'unix_socket_directories='],
			['-c', 'max_connections=200', '-c', 'log_min_messages=fatal'],
		].flat(),
		user,
	);
	const redis = start(
		found['redis-server'],
		[
			['--port', String(redisPort), '--bind', HOST, '--dir', folder],
			['--save', '', '--appendonly', 'no', '--loglevel', 'warning'],
		].flat(),
	);

	let isEnding = false;
	const end = async (code) => {
		if (isEnding) return;
		isEnding = true;
		const children = [database, redis].filter(({ exitCode }) => exitCode === null);
		const ended = children.map((child) => new Promise((resolve) => child.on('close', resolve)));
		database.kill('SIGINT');
		redis.kill('SIGTERM');
		await Promise.all(ended);
		if (!data.startsWith(folder)) await rm(data, { recursive: true, force: true });
		process.exit(code);
	};
	for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => void end(0));
	for (const child of [database, redis]) child.on('close', () => void end(1));

	try {
		await waitUntilReachable('PostgreSQL', databasePort, database);
		await waitUntilReachable('Redis', redisPort, redis);
	} catch (error) {
		console.error(error.message);
		await end(1);
	}
	const services = { host: HOST, databasePort, redisPort, user: 'n8n', psql: found.psql };
	await writeFile(join(folder, 'services.json'), JSON.stringify(services));
	process.stdout.write('ready\n');
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
	await run(process.argv[2]);
}

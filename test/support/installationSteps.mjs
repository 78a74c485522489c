/**
 * Runs the steps of an installation: processes whose output goes to log files. Uses only Node.js' own modules,
 * like install.mjs.
 */

import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createProgress } from './progress.mjs';

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
export const RUN = join(ROOT, '.run');
const LOGS = join(RUN, 'logs');

/** An error that is shown to the user as one sentence, with details below it. */
export class SetupError extends Error {
	constructor(sentence, details = '') {
		super(sentence);
		this.details = details;
	}
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

/** Runs npm as a step. */
export function npm(what, slug, args, cwd, env = {}, verb = 'Installing') {
	// Under `npm test` this is the path of npm itself, which needs no shell, not even on Windows.
	const script = process.env.npm_execpath;
	// Without an explicit level, `npm test --silent` would hide why this npm failed.
	const quiet = ['--loglevel=notice', '--no-audit', '--no-fund', '--prefix', cwd];
	return script
		? run(what, slug, process.execPath, [script, ...args, ...quiet], { cwd, env, verb })
		: run(what, slug, 'npm', [...args, ...quiet], { cwd, env, verb });
}

const progress = createProgress();

/**
 * Runs one step and writes its output to `.run/logs/<slug>.log`. `verb` and `what` make the texts, as in
 * "Installing n8n".
 */
function run(what, slug, command, args, { cwd, env, verb }) {
	return mkdir(LOGS, { recursive: true }).then(
		() =>
			new Promise((resolve, reject) => {
				const logFile = join(LOGS, `${slug}.log`);
				const log = createWriteStream(logFile);
				const end = progress.begin(`${verb.toLowerCase()} ${what}`);
				let output = '';

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
				const finish = (isDone, settle) => {
					end(isDone);
					runningSteps.delete(child);
					log.end(settle);
				};
				child.on('error', (error) =>
					finish(false, () =>
						reject(
							error.code === 'ENOENT'
								? new SetupError(`${command} was not found: install Node.js together with npm.`)
								: new SetupError(`${verb} ${what} did not start: ${error.message}.`),
						),
					),
				);
				child.on('close', (code, signal) =>
					finish(code === 0, () => {
						if (code === 0) resolve();
						else reject(stepError(verb, what, code ?? signal, output, logFile));
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

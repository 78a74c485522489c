/**
 * `npm run verify`: compares the real Kopo Kopo API with what docs/kopokopo-api.md assumes (options.ts has the
 * usage). JavaScript, because n8n's linter forbids `process`, and so the command line, in TypeScript.
 */
import { existsSync } from 'node:fs';
import { mkdir, open, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { clearLine, cursorTo } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { isCancel, password } from '@clack/prompts';

import {
	CannotRunError,
	exitCodeFor,
	HELP,
	jsonReport,
	OPTION_TYPES,
	readOptions,
	runCheck,
	SECRETS,
	table,
	UsageError,
} from './index.ts';

/** The check could not run: the arguments are wrong, no token was issued, or it was stopped. */
const COULD_NOT_RUN = 2;

const stopped = new AbortController();
let hasStopped = false;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
	process.on(signal, () => {
		// The second time, without a table.
		if (hasStopped) process.exit(COULD_NOT_RUN);
		hasStopped = true;
		stopped.abort();
	});
}

// Stays if the terminal ends its input (Ctrl+D), because a prompt then never returns.
process.exitCode = COULD_NOT_RUN;
process.on('uncaughtException', ({ name, code }) => {
	console.error(`The check failed: ${code ?? name}`);
	process.exit(COULD_NOT_RUN);
});

try {
	process.exitCode = await main(process.argv.slice(2));
} catch (error) {
	endProgress();
	if (error instanceof UsageError) {
		console.error(`${error.message}\n\nnpm run verify -- --help lists the options.`);
	} else if (error instanceof CannotRunError) console.error(error.message);
	// Not the whole error, whose fields could contain a secret.
	else console.error(`The check failed: ${error.message}`);
	process.exitCode = COULD_NOT_RUN;
}

async function main(args) {
	const { values, positionals } = parse(args);
	if (values.help) {
		console.log(HELP);
		return 0;
	}
	const { report, settings } = readOptions(values, positionals);
	if (report !== '-') await prepareReport(report);
	const secrets = await readSecrets();
	const complete = { ...settings, ...secrets };
	const results = await runCheck(complete, {
		progress: showProgress,
		signal: stopped.signal,
		sleep: async (ms) => {
			await sleep(ms, undefined, { signal: stopped.signal }).catch(() => undefined);
		},
	});
	endProgress();
	const json = jsonReport(results, complete, new Date());
	if (report === '-') {
		console.error(table(results));
		process.stdout.write(json);
	} else {
		console.log(table(results));
		await writeFile(report, json).catch((error) => reportUnwritable(report, error));
		console.log(
			`\nThe report for an issue is in ${report}. It contains no secrets, names, phone numbers or IDs.`,
		);
	}
	return stopped.signal.aborted ? COULD_NOT_RUN : exitCodeFor(results);
}

function parse(args) {
	try {
		return parseArgs({ args, options: OPTION_TYPES, allowPositionals: true });
	} catch (error) {
		// Without Node.js' advice about positional arguments, of which there are none.
		throw new UsageError(error.message.replace(/\. To specify.*/s, '.'));
	}
}

/** Finds out before the check, which takes minutes, whether the report can be written after it. */
async function prepareReport(report) {
	const isNew = !existsSync(report);
	try {
		await makeFolder(dirname(report));
		const file = await open(report, 'a');
		await file.close();
		if (isNew) await rm(report);
	} catch (error) {
		reportUnwritable(report, error);
	}
}

/** Creates a folder and those above it. `recursive` of Node.js never ends where a system forbids folders, as in /proc. */
async function makeFolder(folder) {
	if (existsSync(folder)) return;
	if (!existsSync(dirname(folder))) await makeFolder(dirname(folder));
	await mkdir(folder);
}

function reportUnwritable(report, { code }) {
	throw new CannotRunError(`The report cannot be written to ${report} (${code}).`);
}

/** The secrets from the environment, and those that are missing there from the terminal, without echo. */
async function readSecrets() {
	const secrets = {};
	const missing = [];
	for (const [name, { variable }] of Object.entries(SECRETS)) {
		secrets[name] = process.env[variable]?.trim();
		if (!secrets[name]) missing.push(name);
	}
	if (missing.length > 0 && !(process.stdin.isTTY && process.stdout.isTTY)) {
		const variables = missing.map((name) => SECRETS[name].variable);
		throw new UsageError(
			`Not set: ${variables.join(', ')}. Set them in the environment, or start the check in a terminal, where it asks for them.`,
		);
	}
	for (const name of missing) secrets[name] = await ask(SECRETS[name].label);
	return secrets;
}

async function ask(label) {
	// A terminal without a window has no width, and the prompt would break after every character.
	if (!process.stdout.columns) process.stdout.columns = 80;
	const answer = await password({
		message: `${label} (not shown)`,
		// Not even the length.
		mask: '',
		validate: (value) => (value?.trim() ? undefined : 'Enter a value'),
	});
	if (isCancel(answer)) throw new CannotRunError('Stopped.');
	return answer.trim();
}

/** One line that changes in a terminal, one line for each step elsewhere. */
function showProgress(text) {
	if (!process.stderr.isTTY) {
		console.error(text);
		return;
	}
	clearLine(process.stderr, 0);
	cursorTo(process.stderr, 0);
	process.stderr.write(text.slice(0, Math.max(20, (process.stderr.columns ?? 80) - 1)));
}

function endProgress() {
	if (!process.stderr.isTTY) return;
	clearLine(process.stderr, 0);
	cursorTo(process.stderr, 0);
}

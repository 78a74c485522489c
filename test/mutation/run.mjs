/**
 * `npm run test:mutation [-- <folder or file>... [options]]`: changes the code of the folders
 * below in thousands of places ("mutants") and runs the unit tests on each. A mutant that no test notices has
 * survived. Fails when a folder's score is below its minimum, or when the survivors are not those that
 * survivors.json lists with a reason.
 *
 * `--incremental` keeps results of earlier runs for code and tests that have not changed. `--update` writes
 * the survivors into survivors.json; a person then gives each a reason, or writes the test that is missing.
 * `--tests=<path>,<path>` runs only these test files, which is faster and can only lower the score.
 * `--concurrency=<number>` is the number of processes.
 */

import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Stryker } from '@stryker-mutator/core';
import {
	compareSurvivors,
	describeSurvivor,
	mutationScore,
	survivorsOf,
	timedOutOf,
	updatedList,
} from './survivors.ts';

/** The lowest accepted mutation score of each folder, in percent. */
const MINIMUM_SCORES = { domain: 90, parsers: 90, execution: 80, webhooks: 80 };

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const LIST = new URL('survivors.json', import.meta.url);
const NODES = 'nodes/KopoKopo';

const args = process.argv.slice(2);
const chosen = args.filter((argument) => !argument.startsWith('--'));
const valueOf = (option) =>
	args.find((argument) => argument.startsWith(`--${option}=`))?.slice(option.length + 3);
const concurrency = valueOf('concurrency');
const tests = valueOf('tests');
const all = Object.keys(MINIMUM_SCORES).flatMap((folder) =>
	readdirSync(join(ROOT, NODES, folder)).map((name) => `${NODES}/${folder}/${name}`),
);
const files = all.filter(
	(file) =>
		chosen.length === 0 ||
		chosen.some((path) => `${file}/`.includes(`/${path.replace(/\/$/, '')}/`) || file === path),
);
if (files.length === 0) {
	console.error(`No file of ${Object.keys(MINIMUM_SCORES).join(', ')} is in ${chosen.join(', ')}.`);
	process.exit(1);
}

const results = await new Stryker({
	configFile: 'test/mutation/stryker.config.mjs',
	mutate: files,
	incremental: args.includes('--incremental'),
	...(concurrency && { concurrency: Number(concurrency) }),
	...(tests && { testFiles: tests.split(',') }),
}).runMutationTest();
const mutants = results
	.map((result) => ({ ...result, file: relative(ROOT, result.fileName).replaceAll('\\', '/') }))
	.filter(({ file }) => files.includes(file));

const textOf = (file) => readFileSync(join(ROOT, file), 'utf8');
const survivors = survivorsOf(mutants, textOf);
const timedOut = timedOutOf(mutants, textOf);
const listed = JSON.parse(readFileSync(LIST, 'utf8'));
const { unexplained, outdated } = compareSurvivors(survivors, listed, files, timedOut);
let hasFailed = false;

console.log();
for (const file of files) {
	printScore(
		file.slice(NODES.length + 1),
		mutants.filter((mutant) => mutant.file === file),
	);
}
console.log();
for (const [folder, minimum] of Object.entries(MINIMUM_SCORES)) {
	const isIn = (file) => file.startsWith(`${NODES}/${folder}/`);
	// A few files of a folder say nothing about the folder's score.
	if (!all.filter(isIn).every((file) => files.includes(file))) continue;
	const score = printScore(
		folder,
		mutants.filter(({ file }) => isIn(file)),
	);
	if (score === null || score >= minimum) continue;
	hasFailed = true;
	console.error(`The score of ${folder} is below ${minimum} %.`);
}

if (args.includes('--update')) {
	const updated = updatedList(survivors, listed, files, timedOut);
	writeFileSync(LIST, `${JSON.stringify(updated, null, '\t')}\n`);
} else {
	report('These mutants survived and have no reason in test/mutation/survivors.json:', unexplained);
	report('test/mutation/survivors.json lists mutants that did not survive:', outdated);
}
process.exitCode = hasFailed ? 1 : 0;

function printScore(name, list) {
	const { score, detected, total } = mutationScore(list);
	// A file with nothing but types has no mutants.
	if (score !== null)
		console.log(`${name}: ${score.toFixed(1)} % (${detected} of ${total} mutants)`);
	return score;
}

function report(title, entries) {
	if (entries.length === 0) return;
	hasFailed = true;
	console.error(`\n${title}\n${entries.map((entry) => `  ${describeSurvivor(entry)}`).join('\n')}`);
}

/** `npm run bench`: the arguments, the signals and the terminal; what is measured is in bench.ts. */

import { arch, cpus, platform } from 'node:os';
import { relative } from 'node:path';
import { parseArgs } from 'node:util';
import { handleSignals } from '../support/terminal.mjs';
import { PARTS, RESULT_FILE, runBench } from './bench.ts';

const NAMES = Object.keys(PARTS);
const USAGE = `npm run bench -- [--rounds 5] [--only ${NAMES.join('|')}]… [--profile]
  --rounds   rounds that count, at least 1 (the median of 5 is what the targets are about)
  --only     a part of the bench; may be given several times
  --profile  let n8n write a CPU profile into .run/bench-profile
n8n gets this shell's variables.`;

const options = readArguments();
const { isStopping, leave, onStop } = handleSignals();

const began = Date.now();
try {
	const problems = await runBench({
		...options,
		machine: {
			cpu: cpus()[0]?.model ?? '',
			cores: cpus().length,
			platform: platform(),
			arch: arch(),
			...Object.fromEntries(
				Object.entries(process.env).filter(([name]) => name.startsWith('N8N_EXPRESSION_ENGINE')),
			),
		},
		write: (text) => process.stdout.write(`${text}\n`),
		onStop,
	});
	for (const problem of problems) console.error(`Broken: ${problem}`);
	const seconds = ((Date.now() - began) / 1000).toFixed(0);
	console.log(`Done in ${seconds} s; the numbers are in ${relative(process.cwd(), RESULT_FILE)}.`);
	await leave(problems.length > 0 ? 1 : 0);
} catch (error) {
	if (!isStopping()) console.error(error);
	await leave(1);
}

function readArguments() {
	try {
		const { values } = parseArgs({
			options: {
				rounds: { type: 'string', default: '5' },
				only: { type: 'string', multiple: true, default: NAMES },
				profile: { type: 'boolean', default: false },
			},
		});
		const rounds = Number(values.rounds);
		if (!Number.isInteger(rounds) || rounds < 1 || rounds > 100) {
			throw new Error('--rounds takes a whole number from 1 to 100.');
		}
		const unknown = values.only.find((name) => !NAMES.includes(name));
		if (unknown !== undefined) throw new Error(`--only takes ${NAMES.join(', ')}.`);
		return { rounds, parts: values.only, env: { NODE_OPTIONS: nodeOptions(values.profile) } };
	} catch (error) {
		console.error(`${error.message}\n\n${USAGE}`);
		return process.exit(1);
	}
}

/** n8n's own Node.js gets the gauge, and with --profile a profiler. */
function nodeOptions(isProfiling) {
	const gauge = `--import=${new URL('gauge.mjs', import.meta.url)}`;
	const profiler = '--cpu-prof --cpu-prof-interval=500 --cpu-prof-dir=.run/bench-profile';
	return [process.env.NODE_OPTIONS, gauge, isProfiling && profiler].filter(Boolean).join(' ');
}

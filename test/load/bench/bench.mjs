/** `npm run bench`: reads the arguments and runs the benchmarks of runBench.ts. */

import { arch, cpus, platform } from 'node:os';
import { relative } from 'node:path';
import { parseArgs } from 'node:util';
import { nodeOptionsWithMeter, numberOption, readArguments, runCommand } from '../command.mjs';
import { PARTS, RESULT_FILE, runBench } from './runBench.ts';

const NAMES = Object.keys(PARTS);
const USAGE = `npm run bench -- [--rounds 5] [--only ${NAMES.join('|')}]… [--profile]
  --rounds   number of measured rounds, from 1 to 100 (the targets apply to the median of 5)
  --only     runs only this part; may be given several times
  --profile  writes CPU profiles of n8n to .run/bench-profile
n8n inherits the environment variables of this shell.`;

const options = readArguments(() => {
	const { values } = parseArgs({
		options: {
			rounds: { type: 'string', default: '5' },
			only: { type: 'string', multiple: true, default: NAMES },
			profile: { type: 'boolean', default: false },
		},
	});
	const rounds = numberOption(values, 'rounds', { min: 1, max: 100 });
	const unknown = values.only.find((name) => !NAMES.includes(name));
	if (unknown !== undefined) throw new Error(`--only takes ${NAMES.join(', ')}.`);
	const profiler = '--cpu-prof --cpu-prof-interval=500 --cpu-prof-dir=.run/bench-profile';
	const nodeOptions = nodeOptionsWithMeter(values.profile && profiler);
	return { rounds, parts: values.only, env: { NODE_OPTIONS: nodeOptions } };
}, USAGE);

const machine = {
	cpu: cpus()[0]?.model ?? '',
	cores: cpus().length,
	platform: platform(),
	arch: arch(),
	...Object.fromEntries(
		Object.entries(process.env).filter(([name]) => name.startsWith('N8N_EXPRESSION_ENGINE')),
	),
};

await runCommand(async (terminal) => {
	const startedAt = Date.now();
	const problems = await runBench({ ...options, ...terminal, machine });
	const seconds = ((Date.now() - startedAt) / 1000).toFixed(0);
	terminal.write(`Done in ${seconds} s. Results: ${relative(process.cwd(), RESULT_FILE)}`);
	return problems;
});

import { writeJson } from 'fs-extra';
import { ROOT } from '../../support/n8nInstallation';
import type { Terminal } from '../terminal';
import { benchAction } from './action';
import {
	startBenchEnvironment,
	type BenchEnvironment,
	type StartEnvironment,
} from './benchEnvironment';
import { benchMemory } from './memory';
import { benchMicro } from './micro';
import { benchPayout } from './payout';
import { benchPolling } from './polling';
import { isMet, printTable, printTarget, type Report } from './report';
import { benchTrigger } from './trigger';

export interface BenchOptions extends Terminal {
	/** Number of measured rounds; one more runs first as a warm-up. */
	rounds: number;
	/** Names of the parts to run. */
	parts: string[];
	/** Further environment variables for n8n. */
	env: Record<string, string>;
	/** Describes the machine in the result file. */
	machine: Record<string, string | number | undefined>;
}

type Part = (start: StartEnvironment, rounds: number) => Promise<Report>;

/** The parts of the bench, in the order in which they run. Each runs in an n8n of its own. */
export const PARTS: Record<string, Part> = {
	trigger: benchTrigger,
	action: inOneEnvironment(benchAction),
	payout: inOneEnvironment(benchPayout),
	memory: benchMemory,
	polling: benchPolling,
	micro: inOneEnvironment(benchMicro),
};

function inOneEnvironment(
	part: (environment: BenchEnvironment, rounds: number) => Promise<Report>,
): Part {
	return async (start, rounds) => {
		const environment = await start();
		const report = await part(environment, rounds);
		await environment.close();
		return report;
	};
}

/** Where the results are written. */
export const RESULT_FILE = `${ROOT}/.run/bench.json`;

/**
 * Runs the parts, prints their tables and targets, and writes the results to a file.
 * @returns the problems, such as a lost delivery; a missed target is not a problem
 */
export async function runBench(options: BenchOptions): Promise<string[]> {
	const { rounds, parts, env, machine, write, onStop } = options;
	const start: StartEnvironment = async (more = {}) =>
		await startBenchEnvironment({ ...env, ...more }, onStop);
	const results: Record<string, Report & { seconds: number }> = {};
	for (const [name, part] of Object.entries(PARTS)) {
		if (!parts.includes(name)) continue;
		const startedAt = Date.now();
		const report = await part(start, rounds);
		const seconds = (Date.now() - startedAt) / 1000;
		results[name] = { seconds, ...report };
		write(`${report.tables.map(printTable).join('\n\n')}\n${name}: ${seconds.toFixed(0)} s\n`);
	}
	const all = Object.values(results);
	const targets = all.flatMap((result) => result.targets);
	for (const target of targets) write(printTarget(target));

	await writeJson(
		RESULT_FILE,
		{
			at: new Date().toISOString(),
			machine,
			rounds,
			targets: targets.map((target) => ({ ...target, isMet: isMet(target) })),
			parts: results,
		},
		{ spaces: '\t' },
	);
	return all.flatMap(({ problems }) => problems);
}

import { writeJson } from 'fs-extra';
import { ROOT } from '../support/n8nInstallation';
import { benchAction } from './action';
import { benchMemory } from './memory';
import { benchMicro } from './micro';
import { benchPayout } from './payout';
import { isMet, printTable, printTarget, type Report } from './report';
import { setStage, type Stage } from './stage';
import { benchTrigger } from './trigger';

export interface BenchOptions {
	/** Rounds that count; one more goes before them to warm up. */
	rounds: number;
	/** The parts to run. */
	parts: string[];
	/** Further environment variables for n8n. */
	env: Record<string, string>;
	/** What the numbers were measured on, for the file. */
	machine: Record<string, string | number | undefined>;
	/** Takes what the person at the terminal is to read. */
	write(text: string): void;
	/** Takes a clean-up the moment there is something to clean up. */
	onStop(cleanUp: () => Promise<void>): void;
}

/** Starts an n8n of its own for whoever asks, with these variables besides the bench's. */
export type OpenStage = (env?: Record<string, string>) => Promise<Stage>;

type Part = (open: OpenStage, rounds: number) => Promise<Report>;

/** Each part in an n8n of its own, in the order in which they run. */
export const PARTS: Record<string, Part> = {
	trigger: benchTrigger,
	action: inOneStage(benchAction),
	payout: inOneStage(benchPayout),
	memory: benchMemory,
	micro: inOneStage(benchMicro),
};

function inOneStage(part: (stage: Stage, rounds: number) => Promise<Report>): Part {
	return async (open, rounds) => {
		const stage = await open();
		const report = await part(stage, rounds);
		await stage.close();
		return report;
	};
}

/** Where the numbers go. */
export const RESULT_FILE = `${ROOT}/.run/bench.json`;

/**
 * Measures part after part, prints it and writes it to a file. Resolves with what went wrong:
 * a missed target is no such thing, a lost delivery is.
 */
export async function runBench(options: BenchOptions): Promise<string[]> {
	const { rounds, parts, env, machine, write, onStop } = options;
	const open: OpenStage = async (further = {}) => await setStage({ ...env, ...further }, onStop);
	const results: Record<string, Report & { seconds: number }> = {};
	for (const [name, part] of Object.entries(PARTS)) {
		if (!parts.includes(name)) continue;
		const began = Date.now();
		const report = await part(open, rounds);
		const seconds = (Date.now() - began) / 1000;
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

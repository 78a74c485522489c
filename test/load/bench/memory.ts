import { getCandidates } from './action';
import type { BenchEnvironment, StartEnvironment } from './benchEnvironment';
import {
	ALL_AT_ONCE,
	HTTP_REQUEST,
	residentGrowthMb,
	residentMb,
	type Sample,
} from './benchWorkflow';
import { payoutCandidates } from './payout';
import type { Report } from './report';
import { findByName, measureInterleaved, ratio, valueAndRatio, type Candidate } from './rounds';

const GETS = 5000;

interface Load {
	title: string;
	/** Upper limit for the ratio of the Kopo Kopo node's memory to the HTTP Request node's. */
	atMost: number;
	candidates(environment: BenchEnvironment, problems: string[]): Promise<Array<Candidate<Sample>>>;
}

const LOADS: Load[] = [
	{
		title: `${GETS} GETs, Kopo Kopo responds after 0 ms`,
		atMost: 1,
		candidates: async (environment, problems) =>
			(await getCandidates(environment, problems))({ items: GETS, latencyMs: 0 }),
	},
	{
		title: '1000 payouts, Kopo Kopo responds after 50 ms',
		atMost: 1.1,
		candidates: payoutCandidates,
	},
];

/**
 * Measures the peak memory of one execution in an n8n that has just started. V8 keeps memory that it once
 * needed, so in an n8n that has run before, the peak would be that of its largest execution.
 */
export async function benchMemory(start: StartEnvironment, rounds: number): Promise<Report> {
	const report: Report = { tables: [], targets: [], problems: [] };
	for (const { title, atMost, candidates } of LOADS) {
		const runOnce = async (name: string) => {
			const environment = await start();
			const all = await candidates(environment, report.problems);
			const candidate = all.find((each) => each.name === name);
			if (candidate === undefined) throw new Error(`${title} has no candidate ${name}.`);
			const sample = await candidate.run();
			await environment.close();
			return sample;
		};
		const measurements = await measureInterleaved(
			rounds,
			[ALL_AT_ONCE, HTTP_REQUEST].map((name) => ({
				name,
				run: async () => await runOnce(name),
			})),
		);
		const theirs = findByName(measurements, HTTP_REQUEST);
		report.tables.push({
			title: `Memory: ${title}, each in an n8n of its own`,
			columns: ['', 'peak MB', 'ratio', 'growth MB', 'ratio'],
			rows: measurements.map((measurement) => [
				measurement.name,
				...valueAndRatio(measurement, theirs, residentMb),
				...valueAndRatio(measurement, theirs, residentGrowthMb),
			]),
			notes: ['Peak resident memory of the n8n process.'],
		});
		report.targets.push({
			name: `peak memory of n8n, ${title}, ${ALL_AT_ONCE} / ${HTTP_REQUEST}`,
			atMost,
			measured: ratio(findByName(measurements, ALL_AT_ONCE), theirs, residentMb),
		});
	}
	return report;
}

import type { OpenStage } from './bench';
import { getContenders } from './action';
import { payoutContenders } from './payout';
import {
	AT_ONCE,
	compared,
	HTTP_REQUEST,
	isNamed,
	residentGrowthMb,
	residentMb,
	type Sample,
} from './job';
import type { Report } from './report';
import { ratio, sideBySide, type Contender } from './rounds';
import type { Stage } from './stage';

const GETS = 5000;

interface Load {
	title: string;
	/** The most that our memory may be of the HTTP Request node's. */
	atMost: number;
	contenders(stage: Stage, problems: string[]): Promise<Array<Contender<Sample>>>;
}

const LOADS: Load[] = [
	{
		title: `${GETS} GETs, Kopo Kopo answers at once`,
		atMost: 1,
		contenders: async (stage, problems) =>
			(await getContenders(stage, problems))({ items: GETS, latencyMs: 0 }),
	},
	{
		title: '1000 payouts, Kopo Kopo answers after 50 ms',
		atMost: 1.1,
		contenders: payoutContenders,
	},
];

/**
 * Peak memory of one execution in an n8n that was just started. In one that has run before, the peak
 * would be what its largest execution left behind: V8 does not give memory back.
 */
export async function benchMemory(open: OpenStage, rounds: number): Promise<Report> {
	const report: Report = { tables: [], targets: [], problems: [] };
	for (const { title, atMost, contenders } of LOADS) {
		const measured = await sideBySide(
			rounds,
			[AT_ONCE, HTTP_REQUEST].map((name) => ({
				name,
				run: async () => {
					const stage = await open();
					const saved = await contenders(stage, report.problems);
					const one = saved.find((contender) => contender.name === name);
					if (one === undefined) throw new Error(`${name} does not take part in ${title}.`);
					const sample = await one.run();
					await stage.close();
					return sample;
				},
			})),
		);
		const theirs = measured.find(isNamed(HTTP_REQUEST));
		report.tables.push({
			title: `Memory: ${title}, each in an n8n of its own`,
			columns: ['', 'peak MB', 'ratio', 'MB over start', 'ratio'],
			rows: measured.map((ours) => [
				ours.name,
				...compared(ours, theirs, residentMb),
				...compared(ours, theirs, residentGrowthMb),
			]),
			notes: ['What the n8n process held in memory at most (resident).'],
		});
		report.targets.push({
			what: `peak memory of n8n, ${title}, ${AT_ONCE} / ${HTTP_REQUEST}`,
			atMost,
			measured: ratio(measured.find(isNamed(AT_ONCE)), theirs, residentMb),
		});
	}
	return report;
}

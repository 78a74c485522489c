import execa from 'execa';
import { N8N_VERSION, readRuntime, ROOT } from '../../support/n8nInstallation';
import { summarize } from '../statistics';
import type { StartEnvironment } from './benchEnvironment';
import type { Report } from './report';

/** The output of pollingCatchUp.mjs. */
interface CatchUp {
	/** Until every payment was given to an execution. */
	ms: number;
	/** Processor time until then. */
	cpuMs: number;
	/** How many polls that took. */
	polls: number;
	given: number;
	/** Growth of the heap, at most and in the end. */
	peakBytes: number;
	keptBytes: number;
	/** What n8n stores of the trigger. */
	storedBytes: number;
	/** Processor time of polls with nothing new. */
	emptyCpuMs: number[];
}

const SIZES = [1_000, 10_000, 100_000];
const SCRIPT = `${ROOT}/test/load/bench/pollingCatchUp.mjs`;
/** For each payment, with 100,000 of them compared to 10,000. */
const MAX_GROWTH = 1.5;

interface Sample {
	payments: number;
	result: CatchUp;
}

/** Measures how the polling trigger catches up with the payments of a day, outside of n8n, on n8n's Node.js. */
export async function benchPolling(_start: StartEnvironment, rounds: number): Promise<Report> {
	const { node } = await readRuntime(N8N_VERSION);
	const samples: Sample[] = [];
	for (let round = 0; round < rounds; round += 1) {
		for (const payments of SIZES) {
			const nodeArguments = ['--expose-gc', '--import', 'tsx', SCRIPT, String(payments)];
			const { stdout } = await execa(node, nodeArguments);
			samples.push({ payments, result: JSON.parse(stdout) as CatchUp });
		}
	}
	const ofSize = (size: number) => samples.filter(({ payments }) => payments === size);
	const msPerPayment = ({ payments, result }: Sample) => result.cpuMs / payments;
	const [, middle = 0, largest = 0] = SIZES;
	const growths = ofSize(largest).map((sample, round) => {
		const smaller = ofSize(middle)[round];
		return smaller === undefined ? Infinity : msPerPayment(sample) / msPerPayment(smaller);
	});
	return {
		tables: [
			{
				title: 'Polling: catching up with the payments of a day',
				columns: [
					...['payments', 'ms', 'CPU ms', 'polls', 'MB at most', 'MB kept', 'KB stored by n8n'],
					'CPU ms of an empty poll',
				],
				rows: SIZES.map((size) => {
					const column = (of: (result: CatchUp) => number) =>
						summarize(ofSize(size), ({ result }) => of(result));
					return [
						String(size),
						column(({ ms }) => ms),
						column(({ cpuMs }) => cpuMs),
						column(({ polls }) => polls),
						column(({ peakBytes }) => peakBytes / 1024 ** 2),
						column(({ keptBytes }) => keptBytes / 1024 ** 2),
						column(({ storedBytes }) => storedBytes / 1024),
						summarize(
							ofSize(size).flatMap(({ result }) => result.emptyCpuMs),
							(ms) => ms,
						),
					];
				}),
				notes: [
					'Executions end as soon as they have started. The sandbox runs in another process and is not',
					'included. Each poll starts as soon as the last one has ended.',
				],
			},
		],
		targets: [
			{
				name: 'CPU time for each of 100,000 payments / for each of 10,000',
				atMost: MAX_GROWTH,
				measured: summarize(growths, (growth) => growth),
			},
		],
		problems: samples
			.filter(({ payments, result }) => result.given !== payments)
			.map(({ payments, result }) => `${result.given} of ${payments} payments were given`),
	};
}

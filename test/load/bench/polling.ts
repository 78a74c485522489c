import execa from 'execa';
import { N8N_VERSION, readRuntime, ROOT } from '../../support/n8nInstallation';
import { summarize } from '../statistics';
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

const SIZES = [1_000, 10_000, 30_000];
const SCRIPT = `${ROOT}/test/load/bench/pollingCatchUp.mjs`;
/** For each payment, with 30,000 of them compared to 10,000. */
const MAX_GROWTH = 1.5;

/** Measures how the polling trigger catches up with the payments of a day, outside of n8n, on n8n's Node.js. */
export async function benchPolling(): Promise<Report> {
	const { node } = await readRuntime(N8N_VERSION);
	const results: Array<{ payments: number; result: CatchUp }> = [];
	for (const payments of SIZES) {
		const nodeArguments = ['--expose-gc', '--import', 'tsx', SCRIPT, String(payments)];
		const { stdout } = await execa(node, nodeArguments);
		results.push({ payments, result: JSON.parse(stdout) as CatchUp });
	}
	const megabytes = (bytes: number) => (bytes / 1024 ** 2).toFixed(1);
	const msPerPayment = ({ payments, result }: (typeof results)[number]) => result.cpuMs / payments;
	const [, middle, largest] = results;
	const growth =
		middle === undefined || largest === undefined
			? 0
			: msPerPayment(largest) / msPerPayment(middle);
	return {
		tables: [
			{
				title: 'Polling: catching up with the payments of a day',
				columns: [
					...['payments', 'ms', 'CPU ms', 'polls', 'MB at most', 'MB kept', 'KB stored by n8n'],
					'CPU ms of an empty poll',
				],
				rows: results.map(({ payments, result }) => [
					String(payments),
					result.ms.toFixed(0),
					result.cpuMs.toFixed(0),
					String(result.polls),
					megabytes(result.peakBytes),
					megabytes(result.keptBytes),
					(result.storedBytes / 1024).toFixed(0),
					summarize(result.emptyCpuMs, (ms) => ms),
				]),
				notes: [
					'Executions end as soon as they have started. The sandbox runs in the same process, and its',
					'part of the time and memory is included.',
				],
			},
		],
		targets: [
			{
				name: 'CPU time for each of 30,000 payments / for each of 10,000',
				atMost: MAX_GROWTH,
				measured: summarize([growth], (value) => value),
			},
		],
		problems: results
			.filter(({ payments, result }) => result.given !== payments)
			.map(({ payments, result }) => `${result.given} of ${payments} payments were given`),
	};
}

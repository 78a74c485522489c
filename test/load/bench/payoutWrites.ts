import { itemsOf } from '../../support/executions';
import { payees, SEND_MONEY_PARAMETERS } from '../payouts';
import { summarize } from '../statistics';
import type { BenchEnvironment } from './benchEnvironment';
import {
	kopoKopoNode,
	MEASURED_NODE,
	runBenchWorkflow,
	saveBenchCredentials,
	saveBenchWorkflow,
} from './benchWorkflow';
import type { Report } from './report';

/** The payouts of one measured execution. */
const COUNTS = [1, 100];

const MAX_BYTES = 64 * 1024;

/** What a node can remember, full: 100,000 keys of two entries, and the newest 500 entries of each row. */
const MEMORIES = [
	{ name: 'with a Duplicate Protection Key, 100,000 remembered', group: 'keys', entries: 391 },
	{ name: 'without a key, as many payouts remembered as possible', group: 'repeats', entries: 500 },
];

/**
 * Measures how many bytes n8n's deduplication store writes for a payout of a node that remembers many. Runs
 * after all rounds, since counting the bytes takes n8n a little time.
 */
export async function measurePayoutWrites(environment: BenchEnvironment): Promise<Report> {
	const credentials = await saveBenchCredentials(environment);
	const report: Report = { tables: [], targets: [], problems: [] };
	const rows: string[][] = [];
	let first = 1000;
	for (const { name, group, entries } of MEMORIES) {
		const options = group === 'keys' ? { duplicateProtectionKey: '={{ $json.phone }}' } : {};
		const node = kopoKopoNode(credentials, { ...SEND_MONEY_PARAMETERS, options });
		const workflow = await saveBenchWorkflow(environment, `Payouts ${name}`, node);
		const { workflowId } = workflow;
		const run = async (count: number) => {
			const { execution } = await runBenchWorkflow(environment, workflow, payees(count, first));
			first += count;
			const sent = itemsOf(execution, MEASURED_NODE).filter(({ json }) => json.id !== undefined);
			if (sent.length !== count) {
				report.problems.push(`Payouts ${name}: ${sent.length} of ${count} were sent`);
			}
		};
		await environment.deduplicationWrites(workflowId, node.id, group, String(entries));
		// The first execution also finds out whether this n8n lets a node have several rows.
		await run(1);
		for (const count of COUNTS) {
			const before = await environment.deduplicationWrites();
			await run(count);
			const bytes = ((await environment.deduplicationWrites()) - before) / count;
			const what = `${name}, ${count} per execution`;
			rows.push([what, bytes.toFixed(0)]);
			report.targets.push({
				name: `bytes written to the deduplication store for a payout ${what}`,
				atMost: MAX_BYTES,
				measured: summarize([bytes], (value) => value),
			});
		}
	}
	report.tables.push({
		title: "Action: bytes written to n8n's deduplication store for a payout",
		columns: ['', 'bytes'],
		rows,
	});
	return report;
}

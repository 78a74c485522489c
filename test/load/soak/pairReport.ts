import type { N8nClient } from '../../support/n8nClient';
import { alignColumns, formatCounts } from './format';
import type { Beginning } from './paymentTable';

/** When n8n was ended, and why; ms since the epoch. */
export interface Kill {
	at: number;
	/** When n8n was ready again. */
	readyAt: number;
}

/** Why an execution began with a payment that another one had begun with before. */
type Reason = 'cut' | 'unrecorded' | 'unexplained';

export interface PairReport {
	workflows: number;
	/** Payments that were made. */
	payments: number;
	/** How many rows there should be: one for each payment and workflow. */
	expected: number;
	rows: number;
	missing: string[];
	/** Payments with more than one row. */
	doubled: string[];
	/** How often an execution began with a payment again. */
	begunAgain: Record<Reason, number>;
	/** Payments that began again for no known reason, with all executions that began with them. */
	unexplained: string[];
	deliveriesLost: number;
	executions: Record<string, number>;
	faults: Record<string, number>;
	/** How long n8n was down each time, in seconds. */
	secondsDown: number[];
	minutes: number;
	/** From the last payment until all rows were there, in seconds. */
	secondsToCatchUp: number;
}

interface Observations {
	client: N8nClient;
	workflowIds: string[];
	receipts: string[];
	begun: Map<string, Beginning[]>;
	rows: Map<string, number>;
	kills: Kill[];
}

/**
 * The end of an execution is recorded by the next poll. A poll takes up to 45 seconds, and there is one each
 * minute.
 */
const UNRECORDED_MS = 105_000;

/** Compares the payments that were made with the rows and with the executions that began. */
export async function compare({
	client,
	workflowIds,
	receipts,
	begun,
	rows,
	kills,
}: Observations): Promise<
	Pick<
		PairReport,
		| 'workflows'
		| 'payments'
		| 'expected'
		| 'rows'
		| 'missing'
		| 'doubled'
		| 'begunAgain'
		| 'unexplained'
		| 'executions'
		| 'secondsDown'
	>
> {
	const statuses = new Map<string, string>();
	const modes = new Map<string, string>();
	const executions: Record<string, number> = {};
	for (const workflowId of workflowIds) {
		for (const { id, status, mode } of await client.listAllExecutions(workflowId)) {
			statuses.set(id, status);
			modes.set(id, mode);
			executions[status] = (executions[status] ?? 0) + 1;
		}
	}
	const reasonFor = (earlier: Beginning, again: Beginning): Reason => {
		// A kill may come before n8n has stored the execution.
		const status = statuses.get(earlier.executionId) ?? 'crashed';
		if (status === 'crashed') return 'cut';
		const isUnrecorded = kills.some(
			({ at }) => at >= earlier.at && at <= again.at && at <= earlier.at + UNRECORDED_MS,
		);
		return isUnrecorded ? 'unrecorded' : 'unexplained';
	};
	const startedAt = Math.min(...[...begun.values()].flat().map(({ at }) => at));
	// In seconds after the first payment.
	const describe = ({ executionId, at }: Beginning) =>
		`${((at - startedAt) / 1000).toFixed(1)} s by ${executionId} (${modes.get(executionId) ?? 'not stored'}, ${statuses.get(executionId) ?? 'not stored'})`;
	const begunAgain: Record<Reason, number> = { cut: 0, unrecorded: 0, unexplained: 0 };
	const unexplained: string[] = [];
	for (const [payment, beginnings] of begun) {
		for (const [index, again] of beginnings.entries()) {
			const earlier = beginnings[index - 1];
			if (earlier === undefined) continue;
			const reason = reasonFor(earlier, again);
			begunAgain[reason] += 1;
			if (reason === 'unexplained') {
				unexplained.push(`${payment} began at ${beginnings.map(describe).join(', ')}`);
			}
		}
	}
	const wanted = paymentsOf(workflowIds, receipts);
	return {
		workflows: workflowIds.length,
		payments: receipts.length,
		expected: wanted.length,
		rows: [...rows.values()].reduce((sum, count) => sum + count, 0),
		missing: wanted.filter((payment) => !rows.has(payment)),
		doubled: [...rows].filter(([, count]) => count > 1).map(([payment]) => payment),
		begunAgain,
		unexplained,
		executions,
		secondsDown: kills.map(({ at, readyAt }) => (readyAt - at) / 1000),
	};
}

/** The names of all payments that should have a row. */
export const paymentsOf = (workflowIds: string[], receipts: string[]): string[] =>
	workflowIds.flatMap((id) => receipts.map((receipt) => `${id}/${receipt}`));

const NAMED = 10;

/** What must not happen; empty if the soak test passed. */
export function findPairProblems({ missing, doubled, unexplained }: PairReport): string[] {
	const problem = (payments: string[], what: string) =>
		payments.length === 0
			? []
			: [`${payments.length} payments ${what}: ${payments.slice(0, NAMED).join('; ')}`];
	return [
		...problem(missing, 'have no row'),
		...problem(doubled, 'have more than one row'),
		...problem(unexplained, 'began again although no kill had cut or hidden their execution'),
	];
}

/** The report as a table. */
export function printPairReport(report: PairReport): string {
	const { begunAgain, secondsDown } = report;
	const rows: Array<[string, string | number]> = [
		['workflows', report.workflows],
		['payments made', report.payments],
		['rows expected', report.expected],
		['rows', report.rows],
		['missing', report.missing.length],
		['double rows', report.doubled.length],
		['begun again', begunAgain.cut + begunAgain.unrecorded + begunAgain.unexplained],
		['of these, a kill had cut the execution', begunAgain.cut],
		['of these, a kill came before its end was recorded', begunAgain.unrecorded],
		['of these, unexplained', begunAgain.unexplained],
		['deliveries lost for good', report.deliveriesLost],
		['executions', formatCounts(report.executions)],
		['faults', formatCounts(report.faults)],
		['n8n unavailable', secondsDown.map((seconds) => `${seconds.toFixed(0)} s`).join(', ')],
		['minutes', report.minutes.toFixed(1)],
		['seconds until every row was there', report.secondsToCatchUp.toFixed(0)],
	];
	return alignColumns(rows.map((row) => row.map(String)));
}

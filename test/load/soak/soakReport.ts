import type { N8nClient } from '../../support/n8nClient';
import { quantile } from '../statistics';
import type { DeliveryStatistics } from './deliverySender';
import { EVENT_IDS, type ReceiverName } from './eventGenerator';
import { alignColumns, formatCounts } from './format';

/** A restart of n8n; times in ms since the epoch. */
export interface Restart {
	kind: 'kill' | 'stop';
	at: number;
	/** When n8n was ready again. */
	readyAt: number;
}

/** Size of n8n's JavaScript heap after a garbage collection, while nothing is sent and n8n does not restart. */
export interface HeapGrowth {
	bytesAtStart: number;
	bytesAtEnd: number;
	seconds: number;
}

/** An event that was lost or executed twice. */
interface FailedEvent {
	eventId: string;
	/** Whether n8n marked its execution as crashed. */
	isCrashed: boolean;
	/** Whether n8n responded 200 to it without processing it, as it does for all requests while it starts. */
	wasAcceptedDuringStartup: boolean;
	/** From the acknowledgement to the next restart of n8n; null if there was none. */
	secondsToRestart: number | null;
	restart: Restart['kind'] | null;
}

/** What happened to the events of one receiver. */
interface ReceiverResult {
	events: number;
	acknowledged: number;
	/** Events that the workflow executed at least once. */
	executed: number;
	/** Acknowledged but not executed. */
	lost: number;
	/** Lost events that were executed when their crashed execution was retried. */
	recovered: number;
	executedTwice: number;
	/** Executions that n8n marked as crashed, because they ran when it was killed. */
	crashed: number;
	/** From the acknowledgement to the execution. If n8n is killed in between, it loses the event. */
	delayMs: { median: number; p99: number; mean: number };
	failedEvents: FailedEvent[];
}

export interface SoakReport extends Settings {
	minutes: number;
	receivers: Record<ReceiverName, ReceiverResult>;
	sent: number;
	retries: number;
	duplicatesIgnored: number;
	forgedAccepted: number;
	/** Number of responses by status; `none` if the connection ended without a response. */
	statuses: Record<string, number>;
	restarts: Array<{ kind: Restart['kind']; seconds: number }>;
}

/** What the report contains besides the results. */
interface Settings {
	rate: number;
	/** Whether deliveries reached n8n only while it was ready. */
	isBehindLoadBalancer: boolean;
	/** How long new events were sent at the rate; none are sent while too many are pending. */
	secondsActive: number;
	subscriptions: number;
	/** Subscriptions that n8n created again after the sandbox had been reset. */
	subscriptionsAfterRestarts: number;
	/** Number of faults by kind. */
	faults: Record<string, number>;
	heap: HeapGrowth;
}

/** What was observed, from which the report is made. */
interface Observations extends Settings {
	client: N8nClient;
	startedAt: number;
	endedAt: number;
	workflowIds: Record<ReceiverName, string>;
	/** The ids of all events. */
	events: Record<ReceiverName, string[]>;
	/** When the workflows executed each event. */
	executed: Map<string, number[]>;
	statistics: DeliveryStatistics;
	restarts: Restart[];
}

/** Compares what n8n acknowledged with what the workflows executed. Retries crashed executions of lost events. */
export async function createReport({
	client,
	startedAt,
	endedAt,
	workflowIds,
	events,
	executed,
	statistics,
	restarts,
	...settings
}: Observations): Promise<SoakReport> {
	const { acknowledged, acceptedDuringStartup, sent, retries, statuses } = statistics;
	const resultOf = async (receiver: ReceiverName): Promise<ReceiverResult> => {
		const crashed = await readCrashedExecutions(client, workflowIds[receiver]);
		const failedEvent = (eventId: string): FailedEvent => {
			const acknowledgedAt = acknowledged.get(eventId) ?? 0;
			const next = restarts.find(({ at }) => at >= acknowledgedAt);
			return {
				eventId,
				isCrashed: crashed.executionOf.has(eventId),
				wasAcceptedDuringStartup: acceptedDuringStartup.has(eventId),
				secondsToRestart: next === undefined ? null : (next.at - acknowledgedAt) / 1000,
				restart: next?.kind ?? null,
			};
		};
		const own = events[receiver];
		const acknowledgedEvents = own.filter((event) => acknowledged.has(event));
		const executedEvents = own.filter((event) => executed.has(event));
		const lost = acknowledgedEvents.filter((event) => !executed.has(event));
		const twice = executedEvents.filter((event) => (executed.get(event)?.length ?? 0) > 1);
		return {
			events: own.length,
			acknowledged: acknowledgedEvents.length,
			executed: executedEvents.length,
			lost: lost.length,
			recovered: await retryExecutions(client, lost, crashed.executionOf, executed),
			executedTwice: twice.length,
			crashed: crashed.count,
			delayMs: summarizeDelays(
				executedEvents.map((event) => {
					const [first = 0] = executed.get(event) ?? [];
					return Math.max(0, first - (acknowledged.get(event) ?? first));
				}),
			),
			failedEvents: [...lost, ...twice].map(failedEvent),
		};
	};
	return {
		...settings,
		minutes: (endedAt - startedAt) / 60_000,
		receivers: { trigger: await resultOf('trigger'), webhook: await resultOf('webhook') },
		sent,
		retries,
		duplicatesIgnored: statistics.duplicatesIgnored,
		forgedAccepted: statistics.forgedAccepted,
		statuses,
		restarts: restarts.map(({ kind, at, readyAt }) => ({ kind, seconds: (readyAt - at) / 1000 })),
	};
}

function summarizeDelays(ms: number[]): ReceiverResult['delayMs'] {
	const mean = ms.reduce((sum, each) => sum + each, 0) / ms.length;
	return { median: quantile(ms, 0.5), p99: quantile(ms, 0.99), mean };
}

/** Reads the executions of a workflow that n8n marked as crashed, and finds their events. */
async function readCrashedExecutions(client: N8nClient, workflowId: string) {
	const crashed = await client.listAllExecutions(workflowId, 'crashed');
	const ids = crashed.map(({ id }) => id);
	const executionOf = new Map<string, string>();
	for (const id of ids) {
		const stored = await client.request<{ data?: string }>('GET', `/rest/executions/${id}`);
		for (const [event] of (stored.data ?? '').matchAll(EVENT_IDS)) executionOf.set(event, id);
	}
	return { executionOf, count: ids.length };
}

/** Retries the crashed executions of events. @returns how many of the events have been executed then */
async function retryExecutions(
	client: N8nClient,
	events: string[],
	executionOf: Map<string, string>,
	executed: Map<string, number[]>,
): Promise<number> {
	for (const event of events) {
		const id = executionOf.get(event);
		if (id !== undefined) await client.waitForExecution(await client.retry(id));
	}
	return events.filter((event) => executed.has(event)).length;
}

/** What must not happen; empty if the soak test passed. */
export function findProblems(report: SoakReport): string[] {
	const { receivers, forgedAccepted, subscriptions, subscriptionsAfterRestarts, heap } = report;
	const { lost, executedTwice } = receivers.trigger;
	const growth = heap.bytesAtEnd / heap.bytesAtStart - 1;
	return [
		...(lost > 0 ? [`${lost} acknowledged events were lost`] : []),
		...(executedTwice > 0 ? [`${executedTwice} events were executed twice`] : []),
		...(forgedAccepted > 0 ? [`${forgedAccepted} forged deliveries were accepted`] : []),
		...(subscriptions !== 1 || subscriptionsAfterRestarts > 0
			? [`${subscriptions + subscriptionsAfterRestarts} subscriptions for one event`]
			: []),
		...(growth > 0.1 ? [`The heap grew by ${(growth * 100).toFixed(1)} %`] : []),
	];
}

/** The report as a table. */
export function printReport(report: SoakReport): string {
	const { receivers, heap, minutes } = report;
	const both = (of: (result: ReceiverResult) => number | string) => [
		String(of(receivers.trigger)),
		String(of(receivers.webhook)),
	];
	const megabytes = (bytes: number) => `${(bytes / 1024 ** 2).toFixed(1)} MB`;
	const growth = ((heap.bytesAtEnd / heap.bytesAtStart - 1) * 100).toFixed(1);
	const minutesActive = (report.secondsActive / 60).toFixed(1);
	const averageRate = (receivers.trigger.events / minutes / 60).toFixed(1);
	const countFailed = (isCounted: (event: FailedEvent) => boolean) =>
		both(({ failedEvents }) => failedEvents.filter(isCounted).length);
	return alignColumns([
		['', 'Kopo Kopo Trigger', 'Webhook node'],
		['events', ...both(({ events }) => events)],
		['acknowledged', ...both(({ acknowledged }) => acknowledged)],
		['executed', ...both(({ executed }) => executed)],
		['duplicates ignored', String(report.duplicatesIgnored), '-'],
		['lost (acknowledged, not executed)', ...both(({ lost }) => lost)],
		['of these, executed after a retry', ...both(({ recovered }) => recovered)],
		['executed twice', ...both(({ executedTwice }) => executedTwice)],
		[
			'lost or executed twice, not explained by n8n',
			...countFailed((event) => !event.isCrashed && !event.wasAcceptedDuringStartup),
		],
		[
			'lost to "n8n is starting up"',
			...countFailed(({ wasAcceptedDuringStartup }) => wasAcceptedDuringStartup),
		],
		['crashed executions', ...both(({ crashed }) => crashed)],
		[
			'ms from acknowledged to executed',
			...both(
				({ delayMs: { median, p99, mean } }) =>
					`${median.toFixed(0)}, p99 ${p99.toFixed(0)}, mean ${mean.toFixed(1)}`,
			),
		],
		['minutes', minutes.toFixed(1)],
		[
			'events per second',
			`${report.rate} for ${minutesActive} minutes, paused otherwise; ${averageRate} on average`,
		],
		['requests sent', String(report.sent)],
		['of these, retries', String(report.retries)],
		['responses', formatCounts(report.statuses)],
		['forged deliveries accepted', String(report.forgedAccepted)],
		['faults', formatCounts(report.faults)],
		[
			'n8n unavailable',
			report.restarts.map(({ kind, seconds }) => `${kind} ${seconds.toFixed(0)} s`).join(', '),
		],
		[
			'subscriptions',
			`${report.subscriptions}, ${report.subscriptionsAfterRestarts} more after restarts`,
		],
		[
			'heap of n8n',
			`${megabytes(heap.bytesAtStart)}, ${megabytes(heap.bytesAtEnd)} after ${heap.seconds.toFixed(0)} s (${growth} %)`,
		],
	]);
}

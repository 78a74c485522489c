import { quantile } from '../bench/rounds';
import type { N8nClient } from '../support/n8nClient';
import type { Tally } from './sender';

/** An end of n8n, ms since the epoch. */
export interface Death {
	kind: 'kill' | 'stop';
	at: number;
	/** When n8n answered again. */
	backAt: number;
}

/** What n8n's JavaScript holds after a collection of garbage, in one process, while nothing is sent. */
export interface Heap {
	bytesAtStart: number;
	bytesAtEnd: number;
	overSeconds: number;
}

/** One event that did not end as it should. */
interface Case {
	eventId: string;
	/** Whether its execution is one of those that n8n itself calls crashed. */
	isCut: boolean;
	/** Whether n8n took it with its 200 for everything that comes while it starts. */
	isEarly: boolean;
	/** Seconds from the acknowledgement to the next end of n8n, and which. */
	diedAfter: number | null;
	death: Death['kind'] | null;
}

/** What became of all events to one receiver. */
interface Outcome {
	events: number;
	acknowledged: number;
	/** Events that the workflow reported at least once. */
	executed: number;
	/** Acknowledged and never executed. */
	lost: number;
	/** How many of the lost were executed when Retry was pressed on their crashed execution. */
	retried: number;
	/** Executed more than once. */
	twice: number;
	/** Executions that n8n calls crashed: they ran when it was killed. */
	crashed: number;
	/** How long after the acknowledgement the workflow reported: a kill in between cuts the event off. */
	exposedMs: { median: number; p99: number; mean: number };
	cases: Case[];
}

export interface Account {
	minutes: number;
	rate: number;
	/** Whether n8n was reached only while it was ready. */
	isGated: boolean;
	/** How long new events were sent, at the rate: not while too many were still to be taken. */
	secondsOffering: number;
	/** The Kopo Kopo Trigger. */
	ours: Outcome;
	/** n8n's own Webhook node, beside it. */
	theirs: Outcome;
	sent: number;
	repeats: number;
	ignored: number;
	forgedAccepted: number;
	/** Answers by status; `none` where the connection ended without one. */
	statuses: Record<string, number>;
	faults: Record<string, number>;
	/** How long n8n was away, in seconds, each time. */
	away: Array<{ kind: Death['kind']; seconds: number }>;
	subscriptions: number;
	subscribedAgain: number;
	heap: Heap;
}

interface Evidence {
	client: N8nClient;
	/** Ids of the workflows. */
	receivers: { ours: string; theirs: string };
	/** When each event was handed to the sender. */
	offered: { ours: Map<string, number>; theirs: Map<string, number> };
	/** When the workflows reported each event. */
	executed: Map<string, number[]>;
	tally: Tally;
	deaths: Death[];
}

/** Compares what was acknowledged with what the workflows did. */
export async function account({
	client,
	receivers,
	offered,
	executed,
	tally,
	deaths,
}: Evidence): Promise<
	Omit<
		Account,
		| 'minutes'
		| 'rate'
		| 'isGated'
		| 'secondsOffering'
		| 'faults'
		| 'heap'
		| 'subscriptions'
		| 'subscribedAgain'
	>
> {
	const outcomeOf = async (workflowId: string, events: string[]): Promise<Outcome> => {
		const cut = await crashedEvents(client, workflowId);
		const caseOf = (eventId: string): Case => {
			const at = tally.acknowledged.get(eventId) ?? 0;
			const next = deaths.find((death) => death.at >= at);
			return {
				eventId,
				isCut: cut.executionOf.has(eventId),
				isEarly: tally.early.has(eventId),
				diedAfter: next === undefined ? null : (next.at - at) / 1000,
				death: next?.kind ?? null,
			};
		};
		const acknowledged = events.filter((event) => tally.acknowledged.has(event));
		const done = events.filter((event) => executed.has(event));
		const lost = acknowledged.filter((event) => !executed.has(event));
		const twice = done.filter((event) => (executed.get(event)?.length ?? 0) > 1);
		return {
			events: events.length,
			acknowledged: acknowledged.length,
			executed: done.length,
			lost: lost.length,
			retried: await retry(client, lost, cut.executionOf, executed),
			twice: twice.length,
			crashed: cut.count,
			exposedMs: exposure(
				done.map((event) => {
					const [first = 0] = executed.get(event) ?? [];
					return Math.max(0, first - (tally.acknowledged.get(event) ?? first));
				}),
			),
			cases: [...lost, ...twice].map(caseOf),
		};
	};
	return {
		ours: await outcomeOf(receivers.ours, [...offered.ours.keys()]),
		theirs: await outcomeOf(receivers.theirs, [...offered.theirs.keys()]),
		sent: tally.sent,
		repeats: tally.repeats,
		ignored: tally.ignored,
		forgedAccepted: tally.forgedAccepted,
		statuses: tally.statuses,
		away: deaths.map(({ kind, at, backAt }) => ({ kind, seconds: (backAt - at) / 1000 })),
	};
}

function exposure(ms: number[]): Outcome['exposedMs'] {
	const mean = ms.reduce((sum, each) => sum + each, 0) / ms.length;
	return { median: quantile(ms, 0.5), p99: quantile(ms, 0.99), mean };
}

/** The events of the executions that n8n calls crashed, read from what n8n stored of them. */
async function crashedEvents(client: N8nClient, workflowId: string) {
	const filter = encodeURIComponent(JSON.stringify({ workflowId, status: ['crashed'] }));
	const ids: string[] = [];
	let page: Array<{ id: string }>;
	do {
		const before = ids.length === 0 ? '' : `&lastId=${ids.at(-1)}`;
		({ results: page } = await client.request<{ results: typeof page }>(
			'GET',
			`/rest/executions?filter=${filter}&limit=100${before}`,
		));
		ids.push(...page.map(({ id }) => id));
	} while (page.length > 0);
	const executionOf = new Map<string, string>();
	for (const id of ids) {
		const stored = await client.request<{ data?: string }>('GET', `/rest/executions/${id}`);
		for (const [event] of (stored.data ?? '').matchAll(/(?<=")(?:sale|plain)-\d+(?=")/g)) {
			executionOf.set(event, id);
		}
	}
	return { executionOf, count: ids.length };
}

/** Presses Retry on the crashed executions of events. @returns how many of them were executed then */
async function retry(
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

/** As the person at the terminal reads it. */
export function printAccount(told: Account): string {
	const { ours, theirs, heap } = told;
	const list = (counts: Record<string, number>) =>
		Object.entries(counts)
			.map(([name, times]) => `${name} ${times}`)
			.join(', ');
	const beside = (of: (outcome: Outcome) => number | string): [string, string] => [
		String(of(ours)),
		String(of(theirs)),
	];
	const megabytes = (bytes: number) => `${(bytes / 1024 ** 2).toFixed(1)} MB`;
	const growth = ((heap.bytesAtEnd / heap.bytesAtStart - 1) * 100).toFixed(1);
	const rows: Array<[name: string, ours: string, theirs?: string]> = [
		['', 'Kopo Kopo Trigger', 'Webhook node'],
		['events', ...beside(({ events }) => events)],
		['acknowledged', ...beside(({ acknowledged }) => acknowledged)],
		['executed', ...beside(({ executed }) => executed)],
		['duplicates ignored', String(told.ignored), '-'],
		['lost (acknowledged, not executed)', ...beside(({ lost }) => lost)],
		['of these executed by a Retry', ...beside(({ retried }) => retried)],
		['executed twice', ...beside(({ twice }) => twice)],
		['lost or twice, not by n8n itself', ...beside(({ cases }) => cases.filter(isOdd).length)],
		['lost to "n8n is starting up"', ...beside(({ cases }) => cases.filter(isEarly).length)],
		['executions that n8n calls crashed', ...beside(({ crashed }) => crashed)],
		[
			'ms from acknowledged to executed',
			...beside(
				({ exposedMs: { median, p99, mean } }) =>
					`${median.toFixed(0)}, p99 ${p99.toFixed(0)}, mean ${mean.toFixed(1)}`,
			),
		],
		['minutes', told.minutes.toFixed(1)],
		[
			'events a second',
			`${told.rate} for ${(told.secondsOffering / 60).toFixed(1)} minutes, else held back; ${(ours.events / told.minutes / 60).toFixed(1)} on average`,
		],
		['requests sent', String(told.sent)],
		['of these repeats', String(told.repeats)],
		['answers', list(told.statuses)],
		['forged deliveries accepted', String(told.forgedAccepted)],
		['faults', list(told.faults)],
		[
			'n8n away',
			told.away.map(({ kind, seconds }) => `${kind} ${seconds.toFixed(0)} s`).join(', '),
		],
		['subscriptions', `${told.subscriptions}, ${told.subscribedAgain} more after restarts`],
		[
			'heap of n8n',
			`${megabytes(heap.bytesAtStart)}, ${megabytes(heap.bytesAtEnd)} after ${heap.overSeconds.toFixed(0)} s (${growth} %)`,
		],
	];
	const [first, second] = [0, 1].map((column) =>
		Math.max(...rows.filter((row) => row.length === 3).map((row) => row[column]?.length ?? 0)),
	) as [number, number];
	const width = Math.max(first, ...rows.map(([name]) => name.length));
	return rows
		.map(([name, left, right]) =>
			`${name.padEnd(width)}  ${right === undefined ? left : left.padEnd(second)}  ${right ?? ''}`.trimEnd(),
		)
		.join('\n');
}

/** Taken by an n8n that was starting, which calls no node. */
const isEarly = ({ isEarly: taken }: Case) => taken;
/** Neither that, nor in the middle of an execution when n8n was killed. */
const isOdd = ({ isCut, isEarly: taken }: Case) => !isCut && !taken;

import { randomUUID } from 'node:crypto';
import type { IExecuteFunctions, IPollFunctions } from 'n8n-workflow';
import { nodeKey } from '../n8n/deduplicationStore';
import { executionsOf } from '../n8n/paymentExecutions';
import { ServerClock } from './clock';
import type { ListedPayment } from './payments';
import { Progress } from './progress';
import type { Settings } from './settings';
import { SeenPayments } from './seenPayments';
import { TriggerExecutions } from './triggerExecutions';
import { WaitingPayments } from './waitingPayments';

/** A payment that is not done. */
export interface OpenPayment extends ListedPayment {
	/** Key of the scope that it was listed for. */
	scope: string;
	/** Number of the first poll that can emit it; undefined while an execution of the trigger processes it. */
	emitFrom: number | undefined;
}

/** What this process knows about a scope, besides its progress. Times are in ms since the epoch. */
export interface ScopeState {
	/** Every payment up to this time has been listed; undefined before the first result. */
	listedUntil?: number;
	/** Where the next period starts, if the last one did not reach the present. */
	continueFrom?: number;
	/** When the earliest period was requested in which Kopo Kopo may still report payments. */
	firstRequestAt?: number;
	/** The last period that was requested. */
	requested?: { from: number; to: number } | undefined;
	/** The longest period to request, in ms, if longer ones were rejected or contained too many payments. */
	longestPeriodMs?: number;
}

/**
 * What this process knows about a polling trigger. It is meant to be lost when the process ends: a payment whose
 * execution was cut off is then emitted again.
 */
export class Session {
	/** Tells the items of this process from those that n8n had stored before a restart. */
	readonly id = randomUUID();
	readonly clock = new ServerClock();
	readonly progress = new Progress();
	/** By hash. */
	readonly open = new Map<string, OpenPayment>();
	readonly scopes = new Map<string, ScopeState>();
	/** The number of executions that are running. */
	running = 0;
	/** When the last execution started or ended, by performance.now(). */
	private runningSince = performance.now();
	/** The number of the current poll, from 1. */
	poll = 0;
	isPolling = false;
	/** The error messages of the last poll that the user has seen. */
	reportedFailures: string[] = [];
	/** Payments that n8n's log names because their status is not known. */
	readonly logged = new SeenPayments();
	private waiting = new WaitingPayments<OpenPayment>([], () => 0);
	private readonly contexts = new WeakSet<IPollFunctions>();
	private onSettled: () => void = () => undefined;

	constructor(readonly executions: TriggerExecutions) {}

	/** Whether the trigger has emitted the payment, or recorded it as done. */
	hasEmitted(hash: string): boolean {
		const open = this.open.get(hash);
		return open === undefined ? this.progress.seen.has(hash) : open.emitFrom === undefined;
	}

	/** Whether this is the first poll with the context. n8n creates one for each activation, or for each poll. */
	isNew(context: IPollFunctions): boolean {
		const isNew = !this.contexts.has(context);
		this.contexts.add(context);
		return isNew;
	}

	stateOf(scope: string): ScopeState {
		const state = this.scopes.get(scope) ?? {};
		this.scopes.set(scope, state);
		return state;
	}

	/**
	 * Adds the payments that are neither done nor open.
	 * @param payments oldest first
	 * @param limit how many to add; payments of the same time as the last one are added as well
	 * @returns the time up to which all payments were added, ms since the epoch; undefined if all were added
	 */
	addListed(scope: string, payments: ListedPayment[], limit: number): number | undefined {
		const added = payments.filter(
			({ hash }) => !this.progress.seen.has(hash) && !this.open.has(hash),
		);
		const last = added.length > limit ? added[limit - 1] : undefined;
		for (const payment of added) {
			if (last !== undefined && payment.at > last.at) return last.at;
			this.open.set(payment.hash, { ...payment, scope, emitFrom: this.poll });
		}
		return undefined;
	}

	/** The number of payments that wait for an execution. */
	countWaiting(): number {
		let count = 0;
		for (const { emitFrom } of this.open.values()) if (emitFrom !== undefined) count += 1;
		return count;
	}

	/**
	 * Closes payments that other triggers have processed, moves the cursors past everything that is done, and
	 * lists what can be emitted. It reads all open payments, so it is called only a few times in each poll.
	 */
	update(settings: Pick<Settings, 'overlapMs' | 'doneWhen'>): void {
		this.closeCompleted(settings);
		this.moveCursors(settings);
		const waiting = [...this.open.values()].filter(
			({ emitFrom }) => emitFrom !== undefined && emitFrom <= this.poll,
		);
		this.waiting = new WaitingPayments(
			waiting,
			({ hash }) => this.progress.failures.get(hash) ?? 0,
		);
	}

	/** Whether update() has listed payments that have not been taken. */
	get hasWaiting(): boolean {
		return !this.waiting.isEmpty;
	}

	/**
	 * Takes the payments for the next execution from those that update() has listed.
	 * @param sizeFor the maximum number of payments after this many failed executions
	 */
	takeBatch(
		settings: Pick<Settings, 'doneWhen'>,
		sizeFor: (failures: number) => number,
	): OpenPayment[] {
		const batch = this.waiting.take(
			sizeFor,
			({ hash }) =>
				!this.executions.isInFlight(hash) && !this.executions.isCompleted(hash, settings),
		);
		for (const payment of batch) payment.emitFrom = undefined;
		return batch;
	}

	/** Records that a payment is done. */
	close({ hash, until }: OpenPayment): void {
		this.open.delete(hash);
		this.progress.failures.delete(hash);
		this.progress.seen.add(hash, until);
		this.executions.delete([hash]);
	}

	/** How long the running executions have been running at least, in ms. */
	get runningMs(): number {
		return performance.now() - this.runningSince;
	}

	/** Records that an execution starts. */
	started(): void {
		this.running += 1;
		this.runningSince = performance.now();
	}

	/** Records that an execution has ended. */
	settled(): void {
		this.running -= 1;
		this.runningSince = performance.now();
		this.onSettled();
	}

	/** Resolves when the next execution ends. */
	async nextSettled(): Promise<void> {
		await new Promise<void>((resolve) => {
			this.onSettled = resolve;
		});
	}

	private closeCompleted(settings: Pick<Settings, 'doneWhen'>): void {
		for (const payment of this.open.values()) {
			if (payment.emitFrom === undefined) continue;
			if (this.executions.isCompleted(payment.hash, settings)) this.close(payment);
		}
	}

	private moveCursors({ overlapMs }: Pick<Settings, 'overlapMs'>): void {
		const keys = [...this.progress.scopes.keys()];
		const oldest = new Map<string, number>();
		for (const { scope, at } of this.open.values()) {
			// A payment of a scope that was removed from the settings can belong to any of the others.
			for (const key of this.progress.scopes.has(scope) ? [scope] : keys) {
				oldest.set(key, Math.min(at, oldest.get(key) ?? Infinity));
			}
		}
		for (const [key, scope] of this.progress.scopes) {
			const { listedUntil = -Infinity } = this.stateOf(key);
			scope.cursor = Math.max(scope.cursor, Math.min(listedUntil, oldest.get(key) ?? Infinity));
			scope.since = Math.max(scope.since, scope.cursor - overlapMs);
		}
		const scopes = [...this.progress.scopes.values()];
		if (scopes.length === 0) return;
		const since = Math.min(...scopes.map((scope) => scope.since));
		this.logged.prune(since);
		const dropped = this.progress.seen.prune(since);
		if (dropped === undefined) return;
		for (const scope of scopes) {
			// Not past the cursor: after a restart, the payments from there on must be listed again.
			scope.since = Math.max(scope.since, Math.min(dropped, scope.cursor));
		}
	}
}

const sessions = new Map<string, Session>();

/** What this process knows about the trigger; undefined before its first poll, and on a worker in queue mode. */
export const knownSessionOf = (context: IExecuteFunctions): Session | undefined =>
	sessions.get(nodeKey(context));

/** What this process knows about the trigger. */
export function sessionOf(context: IPollFunctions): Session {
	const key = nodeKey(context);
	const known = sessions.get(key);
	if (known !== undefined) return known;
	const { id } = context.getNode();
	const executions = executionsOf(context);
	const session = new Session(new TriggerExecutions(executions, id));
	sessions.set(key, session);
	executions.triggers.set(id, {
		hasEmitted: (hash) => session.hasEmitted(hash),
		progress: () => session.progress.toJSON(),
	});
	return session;
}

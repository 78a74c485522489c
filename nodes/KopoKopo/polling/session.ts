import type { IPollFunctions } from 'n8n-workflow';
import { nodeKey } from '../n8n/deduplicationStore';
import { executionsOf, type PaymentExecutions } from '../n8n/paymentExecutions';
import { ServerClock } from './clock';
import { byTime, type ListedPayment } from './payments';
import { Progress } from './progress';
import type { Settings } from './settings';

/** A payment that is not done. */
export interface OpenPayment extends ListedPayment {
	/** Key of the scope that it was listed for. */
	scope: string;
	/** The poll from which on it may be given to an execution; undefined while one has it. */
	readyAt: number | undefined;
}

/** What this process knows of one scope, besides its progress. */
export interface ScopeState {
	/** Every payment up to here was listed, ms since the epoch; undefined before the first result. */
	reach?: number;
	/** Where the next period begins if the last one was only a part of what was wanted, ms since the epoch. */
	continueFrom?: number;
	/** The last period that was asked for, ms since the epoch. */
	asked?: { from: number; to: number } | undefined;
	/** The longest period to ask for, in ms, since Kopo Kopo refused a longer one. */
	longestPeriodMs?: number;
}

/** What this process knows of one polling trigger. It is lost when the process ends, and that is the point. */
export class Session {
	readonly clock = new ServerClock();
	readonly progress = new Progress();
	/** By hash. */
	readonly open = new Map<string, OpenPayment>();
	readonly scopes = new Map<string, ScopeState>();
	/** Executions under way. */
	running = 0;
	/** Number of the poll, from 1. */
	poll = 0;
	isPolling = false;
	/** Why the last poll failed, as the user was told. */
	reportedFailure: string | undefined;
	/** Payments that are given up and that the user was not told about. */
	readonly givenUp: OpenPayment[] = [];
	private readonly contexts = new WeakSet<IPollFunctions>();
	private onSettled: () => void = () => undefined;

	/** @param executions of the workflow, those of other triggers included */
	constructor(readonly executions: PaymentExecutions) {}

	/** Whether the trigger has emitted the payment, or recorded it as done. */
	hasEmitted(hash: string): boolean {
		const open = this.open.get(hash);
		return open === undefined ? this.progress.seen.has(hash) : open.readyAt === undefined;
	}

	/**
	 * Whether n8n polls to activate the trigger: it gives each activation a new context, and with the durable
	 * scheduler each poll. That one has no poll for the activation, and is known by its short time budget.
	 */
	isActivation(context: IPollFunctions): boolean {
		const isFirst = !this.contexts.has(context);
		this.contexts.add(context);
		return isFirst && !(pollBudgetMs(context) < UNLIMITED_BUDGET_MS);
	}

	stateOf(scope: string): ScopeState {
		const state = this.scopes.get(scope) ?? {};
		this.scopes.set(scope, state);
		return state;
	}

	/** Takes up payments that are neither done nor open. */
	addListed(scope: string, payments: ListedPayment[]): void {
		for (const payment of payments) {
			if (this.progress.seen.has(payment.hash) || this.open.has(payment.hash)) continue;
			this.open.set(payment.hash, { ...payment, scope, readyAt: this.poll });
		}
	}

	/** The payments that may be given to an execution, oldest first. */
	waiting(): OpenPayment[] {
		const ready = [...this.open.values()].filter(
			({ hash, readyAt }) =>
				readyAt !== undefined && readyAt <= this.poll && !this.executions.isInFlight(hash),
		);
		return ready.sort(byTime);
	}

	/** Closes the payments that executions of another trigger have taken to their end. */
	closeEnded({ doneWhen }: Pick<Settings, 'doneWhen'>): void {
		for (const payment of this.open.values()) {
			const end = this.executions.completionOf(payment.hash);
			const isDone = doneWhen === 'executionFinishesSuccessfully' ? end === 'succeeded' : end;
			if (payment.readyAt !== undefined && isDone) this.close(payment);
		}
	}

	/** Records that a payment is done. */
	close({ hash, until }: OpenPayment): void {
		this.open.delete(hash);
		this.progress.attempts.delete(hash);
		this.progress.seen.add(hash, until);
		this.executions.delete([hash]);
	}

	/** Moves the cursors past all that is done, and forgets what no poll can list any more. */
	advance(settings: Pick<Settings, 'overlapMs' | 'doneWhen'>): void {
		this.closeEnded(settings);
		const keys = [...this.progress.scopes.keys()];
		const oldest = new Map<string, number>();
		for (const { scope, at } of this.open.values()) {
			// One of a scope that the trigger no longer has may now belong to any of them.
			for (const key of this.progress.scopes.has(scope) ? [scope] : keys) {
				oldest.set(key, Math.min(at, oldest.get(key) ?? Infinity));
			}
		}
		for (const [key, scope] of this.progress.scopes) {
			const reach = Math.min(this.stateOf(key).reach ?? -Infinity, oldest.get(key) ?? Infinity);
			scope.cursor = Math.max(scope.cursor, reach);
			scope.since = Math.max(scope.since, scope.cursor - settings.overlapMs);
		}
		const scopes = [...this.progress.scopes.values()];
		if (scopes.length === 0) return;
		const dropped = this.progress.seen.prune(Math.min(...scopes.map(({ since }) => since)));
		if (dropped === undefined) return;
		for (const scope of scopes) {
			// Not past the cursor: what is there and not done would be missed after a restart.
			scope.since = Math.max(scope.since, Math.min(dropped, scope.cursor));
		}
	}

	/** An execution has settled. */
	settled(): void {
		this.running -= 1;
		this.onSettled();
	}

	/** Resolves when the next execution settles. */
	async nextSettled(): Promise<void> {
		await new Promise<void>((resolve) => {
			this.onSettled = resolve;
		});
	}
}

/** What n8n says for a poll that may take as long as it wants. */
const UNLIMITED_BUDGET_MS = 5 * 60_000;

/** How long n8n lets a poll take, in ms. n8n 1 sets no limit and has no such method. */
export function pollBudgetMs(context: IPollFunctions): number {
	return typeof context.getPollBudgetMs === 'function'
		? context.getPollBudgetMs()
		: UNLIMITED_BUDGET_MS;
}

const sessions = new Map<string, Session>();

/** What this process knows of the trigger. */
export function sessionOf(context: IPollFunctions): Session {
	const key = nodeKey(context);
	const known = sessions.get(key);
	if (known !== undefined) return known;
	const session = new Session(executionsOf(context));
	sessions.set(key, session);
	session.executions.triggers.set(context.getNode().id, {
		hasEmitted: (hash) => session.hasEmitted(hash),
		progress: () => session.progress.toJSON(),
	});
	return session;
}

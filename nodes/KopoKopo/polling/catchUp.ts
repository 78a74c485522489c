import type { IPollFunctions } from 'n8n-workflow';
import { UnexpectedResponseError } from '../domain/errors';
import { KopoKopoApiError } from '../transport/errors';
import { type Asker, hasTime, lookFor, RefusedPeriodError, startPollOf } from './ask';
import { listPayments } from './payments';
import type { PendingPoll, ScopeProgress } from './progress';
import type { ScopeState, Session } from './session';
import type { PollScope, Settings } from './settings';

/** A period that is not longer than this is not split any more, in ms. */
const SHORTEST_PERIOD_MS = 10 * 60_000;

/** A poll without a result after this time is given up, in ms. Integrators report up to 15 minutes. */
const LISTING_TIMEOUT_MS = 30 * 60_000;

/** No further period is asked for while so many payments wait for an execution. */
const MAX_WAITING = 20_000;

/** A period that ends no longer than this before the present has reached it, in ms. */
const PRESENT_MS = 60_000;

/** The first request of a trigger that begins now only asks for the time; its period has this length, in ms. */
const PROBE_MS = 60_000;

/** One trigger, while n8n polls it. */
export interface Poll extends Asker {
	context: IPollFunctions;
	session: Session;
	settings: Settings;
}

/**
 * Begins at the present: asks Kopo Kopo what time it is, if that is not known. Payments from then on are
 * given, even if Kopo Kopo cannot be reached for a while.
 */
async function beginNow(poll: Poll, scope: PollScope): Promise<void> {
	const { session, clock, settings } = poll;
	const { progress } = session;
	progress.activatedAt ??= Date.now();
	if (!clock.isKnown) {
		await startPollOf(poll, scope, (now) => ({ from: now - PROBE_MS, to: now }));
	}
	const sinceActivation = Math.max(0, Date.now() - progress.activatedAt);
	progress.setScopes(
		settings.scopes.map(({ key }) => key),
		clock.now() - sinceActivation,
	);
	progress.activatedAt = undefined;
}

/** Gives each scope its beginning. @throws KopoKopoApiError, RefusedPeriodError */
export async function beginScopes(poll: Poll): Promise<void> {
	const { session, settings } = poll;
	const keys = settings.scopes.map(({ key }) => key);
	session.progress.setScopes(keys, settings.startFrom);
	const [first] = settings.scopes;
	if (session.progress.scopes.size === 0 && first !== undefined) await beginNow(poll, first);
}

/** The next period to ask for; undefined if there is none. */
function nextPeriod(
	{ session, settings }: Poll,
	scope: PollScope,
	{ cursor, since }: ScopeProgress,
	now: number,
): { from: number; to: number } | undefined {
	const { continueFrom, longestPeriodMs = Infinity } = session.stateOf(scope.key);
	const from = continueFrom ?? Math.max(cursor - settings.overlapMs, since);
	// Kopo Kopo's times have no fractions.
	const to = Math.floor(Math.min(now, from + longestPeriodMs) / 1000) * 1000;
	return to - from < 1000 ? undefined : { from, to };
}

/** The poll that Kopo Kopo is working on, or a new one; undefined if there is nothing to ask. */
async function pendingPoll(
	poll: Poll,
	scope: PollScope,
	progress: ScopeProgress,
): Promise<PendingPoll | undefined> {
	const { session, clock } = poll;
	const { pending } = progress;
	if (pending === undefined) {
		const started = await startPollOf(poll, scope, (now) => {
			const period = nextPeriod(poll, scope, progress, now);
			session.stateOf(scope.key).asked = period;
			return period;
		});
		if (started !== undefined) progress.pending = started;
		return started;
	}
	session.stateOf(scope.key).asked = pending;
	const { askedAt = pending.to } = pending;
	if (clock.isKnown && clock.now() - askedAt > LISTING_TIMEOUT_MS) {
		throw new UnexpectedResponseError(
			'Kopo Kopo has not listed the payments within 30 minutes',
			'Nothing is lost: the next poll asks for them again.',
		);
	}
	return pending;
}

/** Whether a poll that could not be read is over. If not, the next call looks for it again. */
function isPollOver(error: unknown): boolean {
	if (error instanceof KopoKopoApiError) return error.requestFailure.certainty === 'rejected';
	return true;
}

/** Halves the periods to ask for, if one was refused that is not short. @throws any other error */
function splitPeriod(state: ScopeState, error: unknown): void {
	if (!(error instanceof RefusedPeriodError)) throw error;
	const { from, to } = state.asked ?? { from: 0, to: 0 };
	if (to - from <= SHORTEST_PERIOD_MS) {
		// It was not about the length after all.
		delete state.longestPeriodMs;
		throw error.reason;
	}
	state.longestPeriodMs = Math.max((to - from) / 2, SHORTEST_PERIOD_MS);
}

/**
 * Reads all that Kopo Kopo has listed for one scope since the cursor: one poll after another if a period has
 * to be split, until the time is over. A poll that is not ready is looked for with the next call.
 * @throws KopoKopoApiError, UnexpectedResponseError; the cursor stays
 */
export async function catchUp(poll: Poll, scope: PollScope): Promise<void> {
	const { session } = poll;
	const state = session.stateOf(scope.key);
	while (hasTime(poll) && session.waiting().length < MAX_WAITING) {
		const progress = session.progress.scopes.get(scope.key);
		if (progress === undefined) return;
		try {
			const pending = await pendingPoll(poll, scope, progress);
			if (pending === undefined) return;
			const result = await lookFor(poll, pending);
			if (result === undefined) return;
			delete progress.pending;
			const { from, to } = pending;
			const payments = listPayments(result.body, pending, poll.settings);
			session.addListed(scope.key, payments);
			const { askedAt = payments.at(-1)?.at ?? from } = result;
			state.reach = Math.max(state.reach ?? from, Math.min(to, askedAt));
			state.continueFrom = to;
			if (to < askedAt - PRESENT_MS) continue;
			delete state.continueFrom;
			return;
		} catch (error) {
			if (isPollOver(error)) delete progress.pending;
			splitPeriod(state, error);
		}
	}
}

import type { IPollFunctions } from 'n8n-workflow';
import { UnexpectedResponseError } from '../domain/errors';
import { asObject, asTextOrNull } from '../domain/json';
import { KopoKopoApiError } from '../transport/errors';
import { type ListedPayment, listPayments } from './payments';
import type { PendingPoll, ScopeProgress } from './progress';
import {
	awaitPollResult,
	hasTime,
	type PollRequestContext,
	RejectedPeriodError,
	requestPoll,
} from './requestPoll';
import type { ScopeState, Session } from './session';
import type { PollScope, Settings } from './settings';

/** A period of this length is not split any further, in ms. */
const SHORTEST_PERIOD_MS = 10 * 60_000;

/** A poll without a result after this time is requested again, in ms. Integrators report up to 15 minutes. */
const LISTING_TIMEOUT_MS = 30 * 60_000;

/**
 * The maximum number of payments of all scopes that wait for an execution, so that they fit into memory. When it
 * is reached, no further period is requested, and the rest of a longer list is requested again later.
 */
export const MAX_WAITING = 20_000;

/** A period that ends this close to the present has caught up, in ms. */
const PRESENT_MS = 60_000;

/** The length of a period that is requested only to learn Kopo Kopo's time, in ms. */
const TIME_REQUEST_PERIOD_MS = 60_000;

/** One poll of a trigger. */
export interface TriggerPoll extends PollRequestContext {
	context: IPollFunctions;
	session: Session;
	settings: Settings;
}

/**
 * Gives the scopes of a trigger that starts from now the time of its activation, by Kopo Kopo's clock. As long
 * as Kopo Kopo cannot be reached, later polls try again, so payments made in the meantime are not missed.
 */
async function startNow(poll: TriggerPoll, scope: PollScope): Promise<void> {
	const { session, clock, settings } = poll;
	const { progress } = session;
	progress.activatedAt ??= Date.now();
	if (!clock.isSynchronized) {
		await requestPoll(poll, scope, (now) => ({ from: now - TIME_REQUEST_PERIOD_MS, to: now }));
	}
	const sinceActivation = Math.max(0, Date.now() - progress.activatedAt);
	progress.setScopes(
		settings.scopes.map(({ key }) => key),
		clock.now() - sinceActivation,
	);
	progress.activatedAt = undefined;
}

/** Gives each scope its start, if it has none. @throws KopoKopoApiError, RejectedPeriodError */
export async function startScopes(poll: TriggerPoll): Promise<void> {
	const { session, settings } = poll;
	const keys = settings.scopes.map(({ key }) => key);
	session.progress.setScopes(keys, settings.startFrom);
	// A scope that was removed from the settings and is added again does not continue where it stopped.
	for (const key of session.scopes.keys()) if (!keys.includes(key)) session.scopes.delete(key);
	const [first] = settings.scopes;
	if (session.progress.scopes.size === 0 && first !== undefined) await startNow(poll, first);
}

/** The next period to request; undefined if there is none. */
function nextPeriod(
	{ session, settings }: TriggerPoll,
	scope: PollScope,
	{ cursor, since }: ScopeProgress,
	now: number,
): { from: number; to: number } | undefined {
	const { continueFrom, longestPeriodMs = Infinity } = session.stateOf(scope.key);
	const from = continueFrom ?? Math.max(cursor - settings.overlapMs, since);
	const to = wholeSeconds(Math.min(now, from + longestPeriodMs));
	return to - from < 1000 ? undefined : { from, to };
}

/** Kopo Kopo's times have no fractions of a second. */
const wholeSeconds = (ms: number) => Math.floor(ms / 1000) * 1000;

/** The poll whose result is awaited, or a new one; undefined if there is nothing to request. */
async function pendingPoll(
	poll: TriggerPoll,
	scope: PollScope,
	progress: ScopeProgress,
): Promise<PendingPoll | undefined> {
	const { session, clock } = poll;
	const state = session.stateOf(scope.key);
	const { pending } = progress;
	if (pending === undefined) {
		const requested = await requestPoll(poll, scope, (now) => {
			state.requested = nextPeriod(poll, scope, progress, now);
			return state.requested;
		});
		if (requested !== undefined) progress.pending = requested;
		return requested;
	}
	state.requested = pending;
	const { requestedAt = pending.to } = pending;
	if (clock.isSynchronized && clock.now() - requestedAt > LISTING_TIMEOUT_MS) {
		throw new UnexpectedResponseError(
			`Kopo Kopo did not list the payments within ${LISTING_TIMEOUT_MS / 60_000} minutes`,
			'No payment is lost: the next poll requests them again.',
		);
	}
	return pending;
}

/** Whether a poll whose result could not be read is abandoned. If not, the next poll reads its result. */
function isAbandoned(error: unknown): boolean {
	if (error instanceof KopoKopoApiError) return error.requestFailure.certainty === 'rejected';
	return true;
}

/** After a rejected period, halves the length of the next ones. @throws all other errors */
function splitPeriod(state: ScopeState, error: unknown): void {
	if (!(error instanceof RejectedPeriodError)) throw error;
	const { from, to } = state.requested ?? { from: 0, to: 0 };
	if (to - from <= SHORTEST_PERIOD_MS) {
		// Kopo Kopo rejects even a short period, so the length is not the reason.
		delete state.longestPeriodMs;
		throw error.reason;
	}
	state.longestPeriodMs = Math.max((to - from) / 2, SHORTEST_PERIOD_MS);
}

/** Logs payments that are not emitted because of their status, each of them once. */
function logUnknown(
	{ context, session }: Pick<TriggerPoll, 'context' | 'session'>,
	payments: ListedPayment[],
): void {
	for (const { hash, receipt, row, until } of payments) {
		if (session.logged.has(hash)) continue;
		session.logged.add(hash, until);
		const status = asTextOrNull(asObject(row.resource).status);
		context.logger.warn(
			`${context.getNode().name}: the workflow was not started for ${receipt} (${status}), because this status does not say whether the payment was received`,
		);
	}
}

/**
 * Takes over the payments that a poll has listed.
 * @returns whether everything up to the present has been listed
 */
function addResult(
	{ context, session, settings }: TriggerPoll,
	scope: PollScope,
	{ from, to }: PendingPoll,
	result: { body: unknown; requestedAt: number | undefined },
): boolean {
	const state = session.stateOf(scope.key);
	const { received: payments, unknown } = listPayments(result.body, { from, to }, settings);
	logUnknown({ context, session }, unknown);
	const { requestedAt = payments.at(-1)?.at ?? from } = result;
	// The overlap of the next poll has to begin before this request, even if it takes hours to reach the present.
	if (to > requestedAt - settings.overlapMs) state.firstRequestAt ??= requestedAt;
	const moveListedUntil = (until: number) => {
		const latest = Math.min(until, state.firstRequestAt ?? Infinity);
		state.listedUntil = Math.max(state.listedUntil ?? from, latest);
	};
	// At least one: another scope can have used up the limit since this period was requested.
	const limit = Math.max(1, MAX_WAITING - session.countWaiting());
	const addedUntil = session.addListed(scope.key, payments, limit);
	if (addedUntil !== undefined) {
		// Otherwise the period is not too long: payments from other periods have left no room for its own.
		const tooMany = payments[MAX_WAITING];
		if (tooMany !== undefined) {
			const span = Math.max(tooMany.at - from, SHORTEST_PERIOD_MS);
			state.longestPeriodMs = Math.min(span, state.longestPeriodMs ?? Infinity);
		}
		state.continueFrom = Math.max(from, wholeSeconds(addedUntil));
		moveListedUntil(state.continueFrom);
		return false;
	}
	moveListedUntil(Math.min(to, requestedAt));
	state.continueFrom = to;
	if (to < requestedAt - PRESENT_MS) return false;
	delete state.continueFrom;
	delete state.firstRequestAt;
	return true;
}

/**
 * Lists everything since the cursor for one scope: period after period if one does not reach the present, until
 * the deadline. If a result is not there by then, the next poll reads it.
 * @throws KopoKopoApiError, UnexpectedResponseError; the cursor does not move
 */
export async function catchUp(poll: TriggerPoll, scope: PollScope): Promise<void> {
	const { session } = poll;
	while (hasTime(poll) && session.countWaiting() < MAX_WAITING) {
		const progress = session.progress.scopes.get(scope.key);
		if (progress === undefined) return;
		try {
			const pending = await pendingPoll(poll, scope, progress);
			if (pending === undefined) return;
			const result = await awaitPollResult(poll, pending);
			if (result === undefined) return;
			delete progress.pending;
			if (addResult(poll, scope, pending, result)) return;
		} catch (error) {
			if (isAbandoned(error)) delete progress.pending;
			splitPeriod(session.stateOf(scope.key), error);
		}
	}
}

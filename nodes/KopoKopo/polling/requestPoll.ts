import { parseResult } from '../domain/result';
import { UnexpectedResponseError } from '../domain/errors';
import { asObject, asTextOrNull } from '../domain/json';
import { DEFAULT_TIMEOUT_MS } from '../operations/settingsProperties';
import { unusedCallbackUrl } from '../parsers/url';
import { formatTime } from '../parsers/time';
import { pollStatus, startPoll } from '../resources/v2/transaction';
import { type RequestContext, sendRequest } from '../transport/client';
import { KopoKopoApiError } from '../transport/errors';
import { pollUntilFinal } from '../transport/pollUntilFinal';
import type { ServerClock } from './clock';
import type { PendingPoll } from './progress';
import type { PollScope } from './settings';

/** HTTP statuses with which Kopo Kopo rejects the contents of a request. */
const REJECTED_STATUSES = [400, 413, 422];

/** Matches the messages of rejections that have nothing to do with the length of the period. */
const OTHER_REASONS = /scope|till|callback|url/i;

/** With less time left than this, no further request is sent, in ms. */
const MIN_REQUEST_MS = 1000;

/** Kopo Kopo did not list a period, possibly because it is too long. */
export class RejectedPeriodError extends Error {
	constructor(readonly reason: Error) {
		super(reason.message);
	}
}

/** What a request of a polling trigger needs besides its parameters. */
export interface PollRequestContext {
	context: RequestContext;
	clock: ServerClock;
	/** The end of the time for all requests together, by performance.now(). */
	deadline: number;
}

/** The time that is left for requests, in ms. */
export const timeLeft = ({ deadline }: Pick<PollRequestContext, 'deadline'>) =>
	deadline - performance.now();

/** Whether there is time for another request. */
export const hasTime = (request: Pick<PollRequestContext, 'deadline'>) =>
	timeLeft(request) >= MIN_REQUEST_MS;

const requestOptions = (request: PollRequestContext) => ({
	isSafeToRepeat: true,
	// If a request fails, the next poll repeats it.
	maxAttempts: 1,
	timeoutMs: Math.round(Math.min(DEFAULT_TIMEOUT_MS, Math.max(timeLeft(request), MIN_REQUEST_MS))),
});

/**
 * Starts a poll: Kopo Kopo begins to list the payments of a period.
 * @param periodAt returns the period in ms since the epoch for the present time, which is passed to it;
 * undefined if there is nothing to list. It is called a second time if the first request, whose period was
 * chosen with this machine's clock, shows that this clock is wrong.
 * @returns undefined if there is nothing to list
 * @throws RejectedPeriodError, KopoKopoApiError
 */
export async function requestPoll(
	request: PollRequestContext,
	{ tillNumber }: PollScope,
	periodAt: (now: number) => { from: number; to: number } | undefined,
): Promise<PendingPoll | undefined> {
	const { context, clock } = request;
	const callbackUrl = unusedCallbackUrl({ instanceUrl: context.getInstanceBaseUrl() });
	const send = async (): Promise<PendingPoll | 'retryWithNewClock' | undefined> => {
		const period = periodAt(clock.now());
		if (period === undefined) return undefined;
		const body = startPoll(
			{
				scope: tillNumber === undefined ? 'company' : 'till',
				tillNumber: tillNumber ?? '',
				from: formatTime(period.from),
				to: formatTime(period.to),
			},
			callbackUrl,
		);
		try {
			const options = { ...requestOptions(request), expectsLocation: true };
			const { id = '', serverTime } = await sendRequest(context, body, options);
			if (clock.synchronize(serverTime)) return 'retryWithNewClock';
			return { id, ...period, ...(serverTime !== undefined && { requestedAt: serverTime }) };
		} catch (error) {
			const { serverTime } = error instanceof KopoKopoApiError ? error.requestFailure : {};
			if (clock.synchronize(serverTime)) return 'retryWithNewClock';
			throw isPeriodRejected(error) ? new RejectedPeriodError(error) : error;
		}
	};
	const poll = await send();
	return poll === 'retryWithNewClock' ? ((await send()) as PendingPoll | undefined) : poll;
}

function isPeriodRejected(error: unknown): error is KopoKopoApiError {
	if (!(error instanceof KopoKopoApiError)) return false;
	const { status = 0, apiMessage = '' } = error.requestFailure;
	return REJECTED_STATUSES.includes(status) && !OTHER_REASONS.test(apiMessage);
}

/** The result of a poll. */
export interface PollResult {
	body: unknown;
	/** Kopo Kopo's time when the poll was requested, ms since the epoch; undefined if it is not known. */
	requestedAt: number | undefined;
}

/**
 * Waits for the result of a poll until the deadline.
 * @returns undefined if Kopo Kopo has not listed the payments yet
 * @throws RejectedPeriodError if Kopo Kopo reports that it could not list them, KopoKopoApiError
 */
export async function awaitPollResult(
	request: PollRequestContext,
	poll: PendingPoll,
): Promise<PollResult | undefined> {
	const { context, clock } = request;
	const fetch = async () => {
		const response = await sendRequest(context, pollStatus(poll.id), requestOptions(request));
		clock.synchronize(response.serverTime);
		return response.body;
	};
	const timeoutMs = Math.max(0, timeLeft(request) - MIN_REQUEST_MS);
	const body = await pollUntilFinal(fetch, { timeoutMs });
	const { outcome, message } = parseResult(body);
	if (outcome === 'failure') {
		const reason = new UnexpectedResponseError(
			message ?? 'Kopo Kopo could not list the transactions',
			"Check 'Scope' and 'Till Number'. The next poll tries again.",
		);
		throw OTHER_REASONS.test(message ?? '') ? reason : new RejectedPeriodError(reason);
	}
	if (outcome !== 'success') return undefined;
	return { body, requestedAt: poll.requestedAt ?? createdAt(body) };
}

function createdAt(body: unknown): number | undefined {
	const { attributes } = asObject(asObject(body).data);
	const time = Date.parse(asTextOrNull(asObject(attributes).created_at) ?? '');
	return Number.isNaN(time) ? undefined : time;
}

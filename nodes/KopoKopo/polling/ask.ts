import { parseResult } from '../domain/result';
import { UnexpectedResponseError } from '../domain/errors';
import { asObject, asTextOrNull } from '../domain/json';
import { unusedCallbackUrl } from '../parsers/url';
import { formatTime } from '../parsers/time';
import { pollStatus, startPoll } from '../resources/v2/transaction';
import { DEFAULT_TIMEOUT_MS, type RequestContext, sendRequest } from '../transport/client';
import { KopoKopoApiError } from '../transport/errors';
import { pollUntilFinal } from '../transport/pollUntilFinal';
import type { ServerClock } from './clock';
import type { PendingPoll } from './progress';
import type { PollScope } from './settings';

/** Statuses with which Kopo Kopo refuses what a request asks for. */
const REFUSED = [400, 413, 422];

/** What a refusal says if it is not about the length of the period. */
const NOT_THE_PERIOD = /scope|till|callback|url/i;

/** Less time than this is not enough for another request, in ms. */
const MIN_REQUEST_MS = 1000;

/** Kopo Kopo refuses to list a period, perhaps since it is too long. */
export class RefusedPeriodError extends Error {
	constructor(readonly reason: Error) {
		super(reason.message);
	}
}

/** What asking needs to know besides the period. */
export interface Asker {
	context: RequestContext;
	clock: ServerClock;
	/** When the time of this poll is over, by performance.now(). */
	deadline: number;
}

/** How much time is left, in ms. */
export const timeLeft = ({ deadline }: Pick<Asker, 'deadline'>) => deadline - performance.now();

/** Whether there is time for another request. */
export const hasTime = (asker: Pick<Asker, 'deadline'>) => timeLeft(asker) >= MIN_REQUEST_MS;

const requestOptions = (asker: Asker) => ({
	isRead: true,
	// The next poll asks again.
	maxAttempts: 1,
	timeoutMs: Math.round(Math.min(DEFAULT_TIMEOUT_MS, Math.max(timeLeft(asker), MIN_REQUEST_MS))),
});

/**
 * Asks Kopo Kopo to list the payments of a period.
 * @param periodAt the period by Kopo Kopo's time, in ms since the epoch; undefined if there is nothing to ask.
 * It is called again if the clock of this machine, which the first request relies on, turns out to be wrong.
 * @returns undefined if there is nothing to ask
 * @throws RefusedPeriodError, KopoKopoApiError
 */
export async function startPollOf(
	asker: Asker,
	{ tillNumber }: PollScope,
	periodAt: (now: number) => { from: number; to: number } | undefined,
): Promise<PendingPoll | undefined> {
	const { context, clock } = asker;
	const callbackUrl = unusedCallbackUrl({ instanceUrl: context.getInstanceBaseUrl() });
	const ask = async (): Promise<PendingPoll | 'again' | undefined> => {
		const period = periodAt(clock.now());
		if (period === undefined) return undefined;
		const request = startPoll(
			{
				scope: tillNumber === undefined ? 'company' : 'till',
				tillNumber: tillNumber ?? '',
				from: formatTime(period.from),
				to: formatTime(period.to),
			},
			callbackUrl,
		);
		try {
			const options = { ...requestOptions(asker), expectsLocation: true };
			const { id = '', serverTime } = await sendRequest(context, request, options);
			if (clock.learn(serverTime)) return 'again';
			return { id, ...period, ...(serverTime !== undefined && { askedAt: serverTime }) };
		} catch (error) {
			const { serverTime } = error instanceof KopoKopoApiError ? error.requestFailure : {};
			if (clock.learn(serverTime)) return 'again';
			throw isAboutPeriod(error) ? new RefusedPeriodError(error) : error;
		}
	};
	const poll = await ask();
	return poll === 'again' ? ((await ask()) as PendingPoll | undefined) : poll;
}

function isAboutPeriod(error: unknown): error is KopoKopoApiError {
	if (!(error instanceof KopoKopoApiError)) return false;
	const { status = 0, apiMessage = '' } = error.requestFailure;
	return REFUSED.includes(status) && !NOT_THE_PERIOD.test(apiMessage);
}

/** What Kopo Kopo has found for a poll. */
export interface PollResult {
	body: unknown;
	/** Kopo Kopo's time when it was asked, ms since the epoch; undefined if it does not tell. */
	askedAt: number | undefined;
}

/**
 * Looks whether Kopo Kopo has listed the payments, until the time is over.
 * @returns undefined if it has not
 * @throws RefusedPeriodError if it could not, KopoKopoApiError
 */
export async function lookFor(asker: Asker, poll: PendingPoll): Promise<PollResult | undefined> {
	const { context, clock } = asker;
	const fetch = async () => {
		const response = await sendRequest(context, pollStatus(poll.id), requestOptions(asker));
		clock.learn(response.serverTime);
		return response.body;
	};
	const timeoutMs = Math.max(0, timeLeft(asker) - MIN_REQUEST_MS);
	const body = await pollUntilFinal(fetch, { timeoutMs });
	const { outcome, message } = parseResult(body);
	if (outcome === 'failure') {
		const reason = new UnexpectedResponseError(
			message ?? 'Kopo Kopo could not list the transactions',
			"Check 'Scope' and 'Till Number'. The next poll asks again.",
		);
		throw NOT_THE_PERIOD.test(message ?? '') ? reason : new RefusedPeriodError(reason);
	}
	if (outcome !== 'success') return undefined;
	return { body, askedAt: poll.askedAt ?? createdAt(body) };
}

function createdAt(body: unknown): number | undefined {
	const { attributes } = asObject(asObject(body).data);
	const time = Date.parse(asTextOrNull(asObject(attributes).created_at) ?? '');
	return Number.isNaN(time) ? undefined : time;
}

import type { IExecuteFunctions, INodeExecutionData, IPollFunctions } from 'n8n-workflow';
import { UnexpectedResponseError } from '../domain/errors';
import type { ReadParameter } from '../operations/parameters';
import { ServerClock } from './clock';
import { byTime, workflowItem, listPayments } from './payments';
import {
	awaitPollResult,
	type PollRequestContext,
	RejectedPeriodError,
	requestPoll,
} from './requestPoll';
import { parseSettings, type PollScope, type Settings } from './settings';

const DAY_MS = 24 * 60 * 60_000;

/** How long Fetch Test Event waits for the result, in ms. */
const EXECUTE_STEP_TIMEOUT_MS = 120_000;

async function recentOf(request: PollRequestContext, scope: PollScope, settings: Settings) {
	const poll = await requestPoll(request, scope, (now) => ({ from: now - DAY_MS, to: now }));
	const result = poll === undefined ? undefined : await awaitPollResult(request, poll);
	if (poll === undefined || result === undefined) {
		throw new UnexpectedResponseError(
			`Kopo Kopo did not list the payments within ${EXECUTE_STEP_TIMEOUT_MS / 1000} s`,
			'Execute the step again later. The published workflow waits for as long as it takes.',
		);
	}
	return listPayments(result.body, poll, settings).received;
}

/**
 * The payments of the last day for Fetch Test Event, oldest first. They have no effect on what the published
 * workflow emits.
 * @throws InvalidParameterError, KopoKopoApiError, UnexpectedResponseError
 */
export async function recentPayments(
	context: IExecuteFunctions | IPollFunctions,
	read: ReadParameter,
): Promise<INodeExecutionData[]> {
	const settings = parseSettings(read);
	const request: PollRequestContext = {
		context,
		clock: new ServerClock(),
		deadline: performance.now() + EXECUTE_STEP_TIMEOUT_MS,
	};
	try {
		const lists = await Promise.all(
			settings.scopes.map(async (scope) => await recentOf(request, scope, settings)),
		);
		return lists
			.flat()
			.sort(byTime)
			.map((payment) => workflowItem(payment, settings));
	} catch (error) {
		throw error instanceof RejectedPeriodError ? error.reason : error;
	}
}

import type { IExecuteFunctions, INodeExecutionData, IPollFunctions } from 'n8n-workflow';
import { UnexpectedResponseError } from '../domain/errors';
import type { ReadParameter } from '../operations/parameters';
import { type Asker, lookFor, RefusedPeriodError, startPollOf } from './ask';
import { ServerClock } from './clock';
import { byTime, listPayments } from './payments';
import { parseSettings, type PollScope, type Settings } from './settings';

const DAY_MS = 24 * 60 * 60_000;

/** How long Execute step waits for Kopo Kopo, in ms. */
const LISTING_TIMEOUT_MS = 120_000;

async function recentOf(asker: Asker, scope: PollScope, settings: Settings) {
	const poll = await startPollOf(asker, scope, (now) => ({ from: now - DAY_MS, to: now }));
	const result = poll === undefined ? undefined : await lookFor(asker, poll);
	if (poll === undefined || result === undefined) {
		throw new UnexpectedResponseError(
			`Kopo Kopo has not listed the payments within ${LISTING_TIMEOUT_MS / 1000} s`,
			'Execute the step again later. The workflow itself waits for as long as it takes.',
		);
	}
	return listPayments(result.body, poll, settings);
}

/**
 * The payments of the last day, for Execute step: oldest first, and without any effect on what the workflow
 * gets when it is active.
 * @throws InvalidParameterError, KopoKopoApiError, UnexpectedResponseError
 */
export async function recentPayments(
	context: IExecuteFunctions | IPollFunctions,
	read: ReadParameter,
): Promise<INodeExecutionData[]> {
	const settings = parseSettings(read);
	const asker: Asker = {
		context,
		clock: new ServerClock(),
		deadline: performance.now() + LISTING_TIMEOUT_MS,
	};
	try {
		const lists = await Promise.all(
			settings.scopes.map(async (scope) => await recentOf(asker, scope, settings)),
		);
		return lists
			.flat()
			.sort(byTime)
			.map(({ json }) => ({ json }));
	} catch (error) {
		throw error instanceof RefusedPeriodError ? error.reason : error;
	}
}

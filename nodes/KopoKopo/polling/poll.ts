import {
	type INodeExecutionData,
	type IExecuteFunctions,
	type IPollFunctions,
	NodeOperationError,
} from 'n8n-workflow';
import { InvalidParameterError, UserFacingError } from '../domain/errors';
import { formerPolling, persistedPolling, persistPolling } from '../n8n/paymentExecutions';
import type { ReadParameter } from '../operations/parameters';
import { KopoKopoApiError } from '../transport/errors';
import { catchUp, startScopes, type TriggerPoll } from './catchUp';
import { recentPayments } from './recentPayments';
import { type Session, sessionOf } from './session';
import { parseSettings, type Settings } from './settings';
import { MAX_FAILURES, startAllExecutions, startExecutions } from './startExecutions';

/** The key in a durable cursor under which the trigger's progress is stored. */
const CURSOR_KEY = 'kopoKopoPolling';

/** The maximum duration of a poll, in ms. It ends before the next one, which can follow after a minute. */
const LONGEST_POLL_MS = 45_000;

/** The share of n8n's time limit that a poll uses. n8n abandons a poll that exceeds the limit. */
const USED_BUDGET = 0.85;

/** The maximum duration of the poll on activation, in ms. In the editor, the user waits for it. */
const ACTIVATION_MS = 8_000;

/** The budget that n8n reports for a poll without a time limit, in ms. */
const UNLIMITED_BUDGET_MS = 5 * 60_000;

/** The maximum number of receipts in an error message. The errors of later polls name the others. */
const MAX_NAMED = 50;

/** Reads the parameters of the trigger in a poll. */
const readerOf =
	(context: IPollFunctions): ReadParameter =>
	(name, missing) =>
		context.getNodeParameter(name, missing);

/** How long n8n lets a poll take, in ms. n8n 1 sets no limit and does not have the method. */
function pollBudgetMs(context: IPollFunctions): number {
	return typeof context.getPollBudgetMs === 'function'
		? context.getPollBudgetMs()
		: UNLIMITED_BUDGET_MS;
}

/** Turns anything that was thrown into an error that n8n shows with a description. */
function pollError(context: IPollFunctions | IExecuteFunctions, thrown: unknown) {
	if (thrown instanceof KopoKopoApiError || thrown instanceof NodeOperationError) return thrown;
	const error = thrown instanceof Error ? thrown : new Error(String(thrown));
	return new NodeOperationError(context.getNode(), error, {
		message: error.message,
		...(thrown instanceof UserFacingError && { description: thrown.remedy }),
	});
}

/**
 * The payments of the last day, for Fetch Test Event.
 * @throws KopoKopoApiError, NodeOperationError
 */
export async function showRecentPayments(
	context: IPollFunctions | IExecuteFunctions,
	read: ReadParameter,
): Promise<INodeExecutionData[][]> {
	try {
		return [await recentPayments(context, read)];
	} catch (error) {
		throw pollError(context, error);
	}
}

/** Whether a failure can end without the user's help, such as an outage, unlike an invalid setting or credential. */
const isTransient = (error: unknown) =>
	error instanceof KopoKopoApiError
		? error.requestFailure.transient || error.requestFailure.certainty === 'unknown'
		: !(error instanceof InvalidParameterError || error instanceof NodeOperationError);

/**
 * Reports a failure of a poll by throwing it, unless the last poll has failed with the same message. Other
 * failures of the poll, such as those of other tills, are reported by the next polls.
 * @throws the failure
 */
function report(
	context: IPollFunctions,
	session: Session,
	failures: unknown[],
	isActivation: boolean,
) {
	const errors = failures.map((failure) => pollError(context, failure));
	const messages = errors.map(({ message }) => message);
	const reported = session.reportedFailures.filter((message) => messages.includes(message));
	session.reportedFailures = reported;
	// n8n does not activate a trigger whose first poll throws. If the failure persists, the next poll reports it.
	const isThrown = ({ message }: Error, index: number) =>
		isActivation ? !isTransient(failures[index]) : !reported.includes(message);
	const error = errors.find(isThrown);
	if (error !== undefined) {
		session.reportedFailures = [...reported, error.message];
		throw error;
	}
	if (!isActivation) return;
	for (const message of messages) context.logger.warn(`${context.getNode().name}: ${message}`);
}

/** Reports the payments that the trigger has given up on, once. @throws NodeOperationError if there are any */
function reportGivenUp(context: IPollFunctions, { progress }: Session): void {
	const receipts = progress.givenUp.take(MAX_NAMED);
	if (receipts.length === 0) return;
	throw new NodeOperationError(
		context.getNode(),
		`The workflow has failed ${MAX_FAILURES} times with these payments and will not be started for them again: ${receipts.join(', ')}`,
		{ description: 'Check the failed executions, and process these payments manually.' },
	);
}

/**
 * Loads the stored progress. It is in the workflow's static data, which n8n saves when an execution starts and
 * when one ends, and with durable cursors also in the node's static data, which n8n saves with each poll.
 * @param isNew whether this is the first poll with the context
 * @returns a function that stores the progress
 */
function loadProgress(
	context: IPollFunctions,
	session: Session,
	settings: Settings,
	isNew: boolean,
): () => void {
	const cursor = context.getWorkflowStaticData('node');
	// n8n watches static data for changes, and marks it with this property. A durable cursor is a plain copy.
	const isDurable = !('__dataChanged' in cursor);
	const { progress, executions } = session;
	progress.load(cursor[CURSOR_KEY], settings);
	// Another polling trigger of the workflow can have put its own data there.
	const persisted = isNew ? formerPolling(context) : persistedPolling(context);
	if (persisted !== undefined) {
		executions.load(persisted);
		progress.load(persisted.progress?.[context.getNode().id], settings);
	}
	// A durable cursor can be newer than the static data.
	executions.deleteSeen(progress.seen);
	return () => {
		if (isDurable) cursor[CURSOR_KEY] = progress.toJSON();
		persistPolling(context);
	};
}

async function runPoll(context: IPollFunctions, session: Session): Promise<void> {
	const isNew = session.isNew(context);
	// The durable scheduler does not poll on activation. It is recognized by its short time budget.
	const isActivation = isNew && pollBudgetMs(context) >= UNLIMITED_BUDGET_MS;
	session.poll += 1;
	const failures: unknown[] = [];
	const attempt = async (work: () => Promise<void>) => {
		await work().catch((error: unknown) => failures.push(error));
	};
	await attempt(async () => {
		const settings = parseSettings(readerOf(context));
		if (session.progress.restartFor(settings)) session.scopes.clear();
		const save = loadProgress(context, session, settings, isNew);
		const budget = Math.min(pollBudgetMs(context), LONGEST_POLL_MS) * USED_BUDGET;
		const poll: TriggerPoll = {
			context,
			session,
			settings,
			clock: session.clock,
			deadline: performance.now() + Math.min(budget, isActivation ? ACTIVATION_MS : Infinity),
		};
		session.update(settings);
		save();
		// Payments from earlier polls do not have to wait for Kopo Kopo.
		startExecutions(poll, save);
		try {
			await attempt(async () => {
				await startScopes(poll);
				await Promise.all(
					settings.scopes.map(async (scope) => {
						await attempt(async () => await catchUp(poll, scope));
					}),
				);
			});
			session.update(settings);
			save();
			await startAllExecutions(poll, save);
		} finally {
			session.update(settings);
			save();
		}
	});
	// n8n would not activate the trigger.
	if (!isActivation) reportGivenUp(context, session);
	report(context, session, failures, isActivation);
}

/**
 * Polls Kopo Kopo. The payments are not returned: the poll starts the executions itself, because only then does
 * n8n report when they end. While one poll of the trigger is running, others do nothing.
 * @throws KopoKopoApiError, NodeOperationError; a later poll emits the payments
 */
export async function poll(context: IPollFunctions): Promise<INodeExecutionData[][] | null> {
	if (context.getMode() === 'manual') return await showRecentPayments(context, readerOf(context));
	const session = sessionOf(context);
	if (session.isPolling) return null;
	session.isPolling = true;
	try {
		await runPoll(context, session);
	} finally {
		session.isPolling = false;
	}
	return null;
}

import {
	type INodeExecutionData,
	type IExecuteFunctions,
	type IPollFunctions,
	NodeOperationError,
} from 'n8n-workflow';
import { InvalidParameterError, UserFacingError } from '../domain/errors';
import { persistedPolling, persistPolling } from '../n8n/paymentExecutions';
import type { ReadParameter } from '../operations/parameters';
import { KopoKopoApiError } from '../transport/errors';
import { beginScopes, catchUp, type Poll } from './catchUp';
import { handOver, MAX_ATTEMPTS, startExecutions } from './handOver';
import { recentPayments } from './recentPayments';
import { pollBudgetMs, type Session, sessionOf } from './session';
import { parseSettings, type Settings } from './settings';

/** Name of the trigger's part of a durable cursor. */
const CURSOR_KEY = 'kopoKopoPolling';

/** How long a poll takes at most, in ms: it is over before the next one, which comes after a minute. */
const LONGEST_POLL_MS = 45_000;

/** The part of the time that n8n gives which is used, so that n8n never abandons a poll. */
const USED_BUDGET = 0.85;

/** How long the poll of an activation takes at most, in ms: somebody waits for it. */
const ACTIVATION_MS = 8_000;

/** Of the receipts of payments that are given up, an error names this many. */
const MAX_NAMED = 20;

/** Reads the parameters of a trigger in any context. */
const readerOf =
	(context: IPollFunctions): ReadParameter =>
	(name, missing) =>
		context.getNodeParameter(name, missing);

/** Whatever was thrown, as an error that names what to do. */
function pollError(context: IPollFunctions | IExecuteFunctions, thrown: unknown) {
	if (thrown instanceof KopoKopoApiError || thrown instanceof NodeOperationError) return thrown;
	const error = thrown instanceof Error ? thrown : new Error(String(thrown));
	return new NodeOperationError(context.getNode(), error, {
		message: error.message,
		...(thrown instanceof UserFacingError && { description: thrown.remedy }),
	});
}

/**
 * The payments of the last day, for Execute step.
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

/** Whether a failure is over by itself, such as an outage; a wrong setting or credential is not. */
const isTransient = (error: unknown) =>
	error instanceof KopoKopoApiError
		? error.requestFailure.transient || error.requestFailure.certainty === 'unknown'
		: !(error instanceof InvalidParameterError || error instanceof NodeOperationError);

/**
 * What to report of a poll: a failure once, until polls work again or it is another one.
 * @throws the failure
 */
function report(context: IPollFunctions, session: Session, failures: unknown[], isFirst: boolean) {
	const [failure] = failures;
	if (failure === undefined) {
		session.reportedFailure = undefined;
		return;
	}
	const error = pollError(context, failure);
	// n8n would not activate the trigger. The next poll reports it, if it still fails.
	if (isFirst && isTransient(failure)) {
		context.logger.warn(`${context.getNode().name}: ${error.message}`);
		return;
	}
	const isReported = session.reportedFailure === error.message;
	session.reportedFailure = error.message;
	if (isFirst || !isReported) throw error;
}

/** Names the payments that are given up, once. @throws NodeOperationError */
function reportGivenUp(context: IPollFunctions, { givenUp }: Session): void {
	const payments = givenUp.splice(0);
	if (payments.length === 0) return;
	const receipts = payments.slice(0, MAX_NAMED).map(({ receipt }) => receipt);
	const more = payments.length > MAX_NAMED ? ` and ${payments.length - MAX_NAMED} more` : '';
	throw new NodeOperationError(
		context.getNode(),
		`The executions of these payments have failed ${MAX_ATTEMPTS} times, and they are not given again: ${receipts.join(', ')}${more}`,
		{ description: 'Look at the failed executions, and process these payments by hand.' },
	);
}

/**
 * Loads what n8n has stored: with durable cursors as the node's own, saved with each poll, otherwise with the
 * workflow, saved when an execution starts and when one ends.
 * @returns a function that stores the progress
 */
function loadProgress(context: IPollFunctions, session: Session, settings: Settings): () => void {
	const cursor = context.getWorkflowStaticData('node');
	// n8n marks the static data of a workflow so that it notices changes; a durable cursor is a copy.
	const isDurable = !('__dataChanged' in cursor);
	const { progress, executions } = session;
	progress.load(cursor[CURSOR_KEY], settings);
	const persisted = persistedPolling(context);
	if (persisted !== undefined) {
		executions.mergePersisted(persisted);
		progress.load(persisted.progress?.[context.getNode().id], settings);
	}
	// A durable cursor can be newer than the static data.
	executions.delete(executions.completedHashes().filter((hash) => progress.seen.has(hash)));
	return () => {
		if (isDurable) cursor[CURSOR_KEY] = progress.toJSON();
		persistPolling(context);
	};
}

async function runPoll(context: IPollFunctions, session: Session): Promise<void> {
	const isActivation = session.isActivation(context);
	session.poll += 1;
	const failures: unknown[] = [];
	const attempt = async (work: () => Promise<void>) => {
		await work().catch((error: unknown) => failures.push(error));
	};
	await attempt(async () => {
		const settings = parseSettings(readerOf(context));
		if (session.progress.restartFor(settings)) session.scopes.clear();
		const save = loadProgress(context, session, settings);
		const budget = Math.min(pollBudgetMs(context), LONGEST_POLL_MS) * USED_BUDGET;
		const poll: Poll = {
			context,
			session,
			settings,
			clock: session.clock,
			deadline: performance.now() + Math.min(budget, isActivation ? ACTIVATION_MS : Infinity),
		};
		session.advance(settings);
		// What waits from earlier polls does not wait for Kopo Kopo.
		startExecutions(poll, save);
		try {
			await attempt(async () => {
				await beginScopes(poll);
				await Promise.all(
					settings.scopes.map(async (scope) => {
						await attempt(async () => await catchUp(poll, scope));
					}),
				);
			});
			session.advance(settings);
			await handOver(poll, save);
			session.advance(settings);
		} finally {
			save();
		}
	});
	reportGivenUp(context, session);
	report(context, session, failures, isActivation);
}

/**
 * Polls Kopo Kopo and gives the payments to executions itself, so that it learns when they are over. While
 * one poll of the trigger is under way, others do nothing.
 * @throws KopoKopoApiError, NodeOperationError; the payments come with a later poll
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

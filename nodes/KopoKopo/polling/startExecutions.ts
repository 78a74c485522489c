import {
	type INodeExecutionData,
	type IPollFunctions,
	type IRun,
	NodeOperationError,
} from 'n8n-workflow';
import { UserFacingError } from '../domain/errors';
import { abortableSleep } from '../n8n/sleep';
import type { TriggerPoll } from './catchUp';
import { workflowItem } from './payments';
import { hasTime, timeLeft } from './requestPoll';
import { outcomeOfRejection, outcomeOfRun, type RunOutcome } from './runOutcome';
import type { OpenPayment, Session } from './session';
import type { Settings } from './settings';

/** The maximum number of executions of the trigger that run at the same time. */
export const MAX_RUNNING = 5;

/** If all executions have been running for this time, the user is told that others are waiting, in ms. */
const LONG_RUN_MS = 60 * 60_000;

/** With Done When = Execution Finishes Successfully, the trigger gives up on a payment after this many failures. */
export const MAX_FAILURES = 5;

/**
 * The maximum number of payments in an execution. Payments whose executions have failed are emitted in smaller
 * batches and finally one at a time, so that a payment that cannot be processed does not hold up the others.
 */
function batchSize({ itemsPerExecution }: Settings, failures: number): number {
	if (failures < 2) return itemsPerExecution;
	return failures === 2 ? Math.ceil(itemsPerExecution / 10) : 1;
}

/** An item with which an execution starts. */
export interface EmittedItem extends INodeExecutionData {
	/** The ID of the session that has emitted it. continueExecution() removes it. */
	session?: string;
}

/** Records the outcome of the execution that processed these payments. */
function settle(
	session: Session,
	{ doneWhen }: Pick<Settings, 'doneWhen'>,
	batch: OpenPayment[],
	outcome: RunOutcome,
): void {
	const { failures: failuresOf, givenUp } = session.progress;
	const isDone = doneWhen === 'executionFinishes' ? outcome !== 'lost' : outcome === 'succeeded';
	for (const payment of batch) {
		const failures = (failuresOf.get(payment.hash) ?? 0) + 1;
		const hasTooMany = doneWhen === 'executionFinishesSuccessfully' && failures >= MAX_FAILURES;
		const isGivenUp = hasTooMany && !givenUp.isFull;
		if (!isDone && isGivenUp) givenUp.add(payment);
		if (isDone || isGivenUp) {
			session.close(payment);
		} else {
			failuresOf.set(payment.hash, failures);
			payment.emitFrom = session.poll + 1;
			session.executions.deletePolled([payment.hash]);
		}
	}
}

/**
 * Starts an execution with these payments. n8n settles the promise when the execution ends or waits, in queue
 * mode when its job ends.
 */
function startExecution(
	context: IPollFunctions,
	session: Session,
	settings: Settings,
	batch: OpenPayment[],
): void {
	const isImmediate = settings.doneWhen === 'immediately';
	const items: EmittedItem[] = batch.map((payment) => ({
		...workflowItem(payment, settings),
		session: session.id,
	}));
	const done = context.helpers.createDeferredPromise<IRun | undefined>();
	session.started();
	void done.promise.then(outcomeOfRun, outcomeOfRejection).then((outcome) => {
		if (isImmediate) session.executions.delete(batch.map(({ hash }) => hash));
		else settle(session, settings, batch, outcome);
		session.settled();
	});
	try {
		context.__emit([items], undefined, done);
	} catch (error) {
		done.reject(error as Error);
		throw new NodeOperationError(context.getNode(), error as Error);
	}
}

/**
 * Starts executions with the waiting payments, oldest first, until MAX_RUNNING executions are running.
 * @param save stores the progress; n8n writes it to its database when the next execution starts
 */
export function startExecutions(
	{ context, session, settings }: TriggerPoll,
	save: () => void,
): void {
	while (session.running < MAX_RUNNING) {
		const batch = session.takeBatch(settings, (failures) => batchSize(settings, failures));
		if (batch.length === 0) return;
		// Otherwise a payment is done when its execution ends, and n8n stores that with the execution.
		if (settings.doneWhen === 'immediately') {
			for (const payment of batch) session.close(payment);
			save();
		}
		startExecution(context, session, settings, batch);
	}
}

/**
 * Like startExecutions(), and starts further executions when others end, until the deadline.
 * @throws UserFacingError if no other execution has started for a long time because those that run do not end
 */
export async function startAllExecutions(poll: TriggerPoll, save: () => void): Promise<void> {
	const { session } = poll;
	startExecutions(poll, save);
	while (hasTime(poll) && session.hasWaiting) {
		const ended = new AbortController();
		const timeUp = abortableSleep(Math.max(0, timeLeft(poll)), ended.signal);
		await Promise.race([session.nextSettled(), timeUp]);
		ended.abort();
		startExecutions(poll, save);
	}
	if (session.hasWaiting && session.running >= MAX_RUNNING && session.runningMs > LONG_RUN_MS) {
		throw new UserFacingError(
			`Payments are waiting, because ${MAX_RUNNING} executions of this workflow have been running for more than an hour`,
			"Check the running executions, and stop those that do not end. 'Timeout Workflow' in the workflow's settings ends them after a time.",
		);
	}
}

import { type IPollFunctions, type IRun, NodeOperationError } from 'n8n-workflow';
import { abortableSleep } from '../n8n/sleep';
import { hasTime, timeLeft } from './ask';
import type { Poll } from './catchUp';
import { outcomeOfRejection, outcomeOfRun, type RunOutcome } from './runOutcome';
import type { OpenPayment, Session } from './session';
import type { Settings } from './settings';

/** How many executions of the trigger run at the same time. */
export const MAX_RUNNING = 5;

/** How often the executions of a payment may fail with Done When = Execution Finishes Successfully. */
export const MAX_ATTEMPTS = 5;

/**
 * How many payments an execution gets, by how many executions of them have failed: in the end each gets one
 * of its own, so that one payment that cannot be processed does not hold up the others.
 */
function batchSize({ itemsPerExecution }: Settings, attempts: number): number {
	if (attempts < 2) return itemsPerExecution;
	return attempts === 2 ? Math.ceil(itemsPerExecution / 10) : 1;
}

const attemptsOf = ({ progress }: Session, { hash }: OpenPayment) =>
	progress.attempts.get(hash) ?? 0;

/** The payments for the next execution: the oldest, and those after it that have failed as often. */
function takeBatch(session: Session, settings: Settings): OpenPayment[] {
	const waiting = session.waiting();
	const [oldest] = waiting;
	if (oldest === undefined) return [];
	const attempts = attemptsOf(session, oldest);
	const batch = waiting
		.filter((payment) => attemptsOf(session, payment) === attempts)
		.slice(0, batchSize(settings, attempts));
	for (const payment of batch) payment.readyAt = undefined;
	return batch;
}

/** Records what became of the execution that had these payments. */
function settle(
	session: Session,
	{ doneWhen }: Pick<Settings, 'doneWhen'>,
	batch: OpenPayment[],
	outcome: RunOutcome,
): void {
	const isDone = doneWhen === 'executionFinishes' ? outcome !== 'lost' : outcome === 'succeeded';
	for (const payment of batch) {
		const attempts = attemptsOf(session, payment) + 1;
		const isGivenUp = doneWhen === 'executionFinishesSuccessfully' && attempts >= MAX_ATTEMPTS;
		if (!isDone && isGivenUp) session.givenUp.push(payment);
		if (isDone || isGivenUp) {
			session.close(payment);
		} else {
			session.progress.attempts.set(payment.hash, attempts);
			payment.readyAt = session.poll + 1;
			session.executions.delete([payment.hash]);
		}
	}
}

/**
 * Starts an execution with a batch. n8n settles the promise when the execution is over or waits, and in queue
 * mode when its job is.
 */
function startExecution(
	context: IPollFunctions,
	session: Session,
	settings: Settings,
	batch: OpenPayment[],
): void {
	const isImmediate = settings.doneWhen === 'immediately';
	const over = context.helpers.createDeferredPromise<IRun | undefined>();
	session.running += 1;
	void over.promise.then(outcomeOfRun, outcomeOfRejection).then((outcome) => {
		if (!isImmediate) settle(session, settings, batch, outcome);
		session.settled();
	});
	try {
		context.__emit([batch.map(({ json }) => ({ json }))], undefined, over);
	} catch (error) {
		over.reject(error as Error);
		throw new NodeOperationError(context.getNode(), error as Error);
	}
}

/**
 * Gives the listed payments to executions, oldest first, as many as may run at the same time.
 * @param save stores the progress; n8n writes what is stored when an execution is started
 */
export function startExecutions({ context, session, settings }: Poll, save: () => void): void {
	while (session.running < MAX_RUNNING) {
		const batch = takeBatch(session, settings);
		if (batch.length === 0) return;
		if (settings.doneWhen === 'immediately') {
			for (const payment of batch) session.close(payment);
			session.advance(settings);
		}
		save();
		startExecution(context, session, settings, batch);
	}
}

/** As startExecutions(), and goes on with the rest when executions are over, as long as there is time. */
export async function handOver(poll: Poll, save: () => void): Promise<void> {
	const { session, settings } = poll;
	startExecutions(poll, save);
	while (hasTime(poll) && session.waiting().length > 0) {
		const over = new AbortController();
		const timeUp = abortableSleep(Math.max(0, timeLeft(poll)), over.signal);
		await Promise.race([session.nextSettled(), timeUp]);
		over.abort();
		session.advance(settings);
		startExecutions(poll, save);
	}
}

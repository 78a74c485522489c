import { parseResult } from '../domain/result';
import type { ItemResult } from './itemResult';
import { pollAllUntilFinal, type PollFn } from '../transport/pollUntilFinal';
import type { Run } from './run';
import { requesterFor } from './itemResponse';

/** An accepted request whose result is still to come. */
type Awaiting = Extract<ItemResult, { kind: 'accepted' }>;

/**
 * Whether the result of an item is still to come: not of one that failed or is unknown, and not of one that
 * Kopo Kopo answered with a final status.
 */
export function isAwaiting(run: Run, result: ItemResult | undefined): result is Awaiting {
	const { statusOf, idFrom } = run.operation;
	if (statusOf === undefined || result?.kind !== 'accepted') return false;
	const { body, readBack } = result.accepted;
	const status = readBack ?? (idFrom === 'body' ? body : undefined);
	return !parseResult(status).isFinal;
}

/** Requests the status of an accepted request. Never throws, because the request stays accepted. */
export function statusPoll(run: Run, result: Awaiting): PollFn {
	const send = requesterFor(run, result);
	return async () => {
		const status = run.operation.statusOf?.(result.accepted.id);
		try {
			return status && (await send(status)).body;
		} catch {
			return undefined;
		}
	};
}

/** Polls the results of all items concurrently; those whose time is up stay pending. */
export async function pollForResults(
	run: Run,
	results: Array<ItemResult | undefined>,
): Promise<void> {
	const awaiting = results.filter((result) => isAwaiting(run, result));
	const bodies = await pollAllUntilFinal(
		awaiting.map((result) => ({
			fetch: statusPoll(run, result),
			timeoutMs: result.settings.waitMs,
		})),
		run.context.getExecutionCancelSignal(),
	);
	awaiting.forEach(({ accepted }, index) => {
		accepted.awaited = { body: bodies[index] };
	});
}

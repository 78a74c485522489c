import { type IDataObject, type INodeExecutionData, NodeOperationError } from 'n8n-workflow';
import { parseResult } from '../domain/result';
import type { Item } from '../operations/defineOperation';
import { isSimplified } from '../operations/settingsProperties';
import { isCallbackAllowed } from '../parsers/url';
import { requireApiKey } from '../transport/environment';
import { pollAllUntilFinal, type PollFn, pollUntilFinal } from './poll';
import { outputSettings, requesterFor, type Run } from './runItem';
import { SHORTEST_PAUSE_S, waitSecondsOf } from './settings';

/** An accepted request whose result is still to come. */
interface Waiting {
	itemIndex: number;
	/** The item as it is when the time is up: pending, with id and location. */
	item: Item;
	look: PollFn;
}

/** What is still to come of an item's output; nothing of one that was refused, is unknown, or is final. */
function waitingOf(run: Run, itemIndex: number, items: Item[] | undefined): Waiting | undefined {
	const { statusOf } = run.operation;
	const [item] = items ?? [];
	const id = item?.id;
	if (statusOf === undefined || item === undefined || typeof id !== 'string') return undefined;
	if (item.isFinal === true || item.outcome === 'unknown' || 'error' in item) return undefined;
	const call = requesterFor(run, itemIndex);
	return {
		itemIndex,
		item:
			'outcome' in item
				? item
				: { id, outcome: 'pending', isFinal: false, location: item.location },
		async look() {
			try {
				return (await call(statusOf(id))).body;
			} catch {
				// The money was accepted, so a look that does not work is no reason to fail.
				return undefined;
			}
		},
	};
}

/** The result as an item, in the form the user wants; the pending item while there is none. */
function resultItem(run: Run, waiting: Waiting, body: IDataObject | undefined): Item {
	const result = parseResult(body);
	if (!result.isFinal) {
		return {
			...waiting.item,
			...(result.status !== null && { status: result.status }),
			message: result.message ?? 'There is no result yet; look it up with Get later',
		};
	}
	return isSimplified(outputSettings(run, waiting.itemIndex)) ? { ...result } : { ...body };
}

/** Waits for the results of all items side by side, in place; those whose time is up stay pending. */
export async function pollForResults(run: Run, outputs: Array<Item[] | undefined>): Promise<void> {
	const waiting = outputs
		.map((items, itemIndex) => waitingOf(run, itemIndex, items))
		.filter((one) => one !== undefined);
	const bodies = await pollAllUntilFinal(
		waiting.map(({ look }) => look),
		{
			timeoutMs: waitSecondsOf(run.context) * 1000,
			signal: run.context.getExecutionCancelSignal(),
		},
	);
	waiting.forEach((one, index) => {
		outputs[one.itemIndex] = [resultItem(run, one, bodies[index])];
	});
}

/**
 * The execution's own address with its token, for this node (n8n matches the node's id as the last
 * segment).
 * @throws NodeOperationError when a pause cannot work here
 */
export function resumeUrl({ context, parseContext }: Run): string {
	const node = context.getNode();
	if (context.getInputData().length > 1) {
		throw new NodeOperationError(node, 'A pause can only wait for one item at a time', {
			description:
				"Put a 'Loop Over Items' node before this one with a Batch Size of 1, or set 'Wait for Result' to Poll. Nothing was sent.",
		});
	}
	requireApiKey(parseContext.credential, node);
	const url = new URL(String(context.evaluateExpression('{{ $execution.resumeUrl }}', 0)));
	url.pathname += `/${node.id}`;
	if (!isCallbackAllowed(url.href, parseContext.credential)) {
		throw new NodeOperationError(
			node,
			`Kopo Kopo only calls addresses that begin with https://, and this n8n gives ${url.origin}`,
			{
				description:
					"Set WEBHOOK_URL in n8n's environment to its public https address, or set 'Wait for Result' to Poll. Nothing was sent.",
			},
		);
	}
	return url.href;
}

/**
 * Puts the execution to sleep until the callback. What is kept for it is the node's input: n8n hands
 * that on when the time is up, so it is the pending item, and webhook() reads from it what it waits for.
 * A result that is there already ends it at once: a callback during the falling asleep would be refused
 * by n8n.
 */
export async function pauseForResult(run: Run, items: Item[] | undefined): Promise<Item[]> {
	const { context } = run;
	const waiting = waitingOf(run, 0, items);
	if (waiting === undefined) return items ?? [];
	const signal = context.getExecutionCancelSignal();
	const body = await pollUntilFinal(waiting.look, { timeoutMs: 0, signal });
	const item = resultItem(run, waiting, body);
	if (parseResult(body).isFinal || signal?.aborted === true) return [item];

	const asleep: INodeExecutionData[] = [{ json: waiting.item, pairedItem: { item: 0 } }];
	// The list is replaced, not changed: it may also be what the node before shows as its output.
	context.getExecuteData().data.main = [asleep];
	const seconds = Math.max(SHORTEST_PAUSE_S, waitSecondsOf(context));
	await context.putExecutionToWait(new Date(Date.now() + seconds * 1000));
	return [item];
}

import { itemError } from './itemError';
import type { ItemResult } from './itemResult';
import type { Repeats } from './repeats';
import type { PreparedItem, Run } from './run';
import { requesterFor, resultOf } from './itemResponse';
import { submitOnce } from './submitOnce';

/** Sends one prepared item and returns its result. Never throws. */
export async function runItem(run: Run, item: PreparedItem, repeats: Repeats): Promise<ItemResult> {
	try {
		const isSentOnce = run.operation.effect === 'sendOnce';
		return isSentOnce ? await submitOnce(run, item, repeats) : await submit(run, item);
	} catch (thrown) {
		return { kind: 'failed', error: itemError(run, thrown, item.itemIndex) };
	}
}

async function submit(run: Run, item: PreparedItem): Promise<ItemResult> {
	const { effect, startsPoll = false, idFrom, ifUnknown } = run.operation;
	const send = requesterFor(run, item);
	const response = await send(item.request, {
		expectsLocation: effect === 'create' || startsPoll,
		isSafeToRepeat: effect === 'read' || startsPoll,
		idFrom,
		ifUnknown,
	});
	return await resultOf(run, item, response);
}

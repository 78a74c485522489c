import { readParameters } from '../operations/parameters';
import { itemError } from './itemError';
import { type ItemResult, requesterFor, resultOf } from './itemResult';
import type { PreparedItem, Run } from './run';
import { parseSettings } from './settings';
import { submitOnce } from './submitOnce';

/** Runs one input item from its parameters to its result. Never throws. */
export async function runItem(run: Run, itemIndex: number): Promise<ItemResult> {
	try {
		const item = prepareItem(run, itemIndex);
		const isMoney = run.operation.effect === 'movesMoney';
		return isMoney ? await submitOnce(run, item) : await submit(run, item);
	} catch (thrown) {
		return { kind: 'failed', error: itemError(run, thrown, itemIndex) };
	}
}

/** Reads and checks all that is known before a request is sent. @throws InvalidParameterError */
function prepareItem(run: Run, itemIndex: number): PreparedItem {
	const { context, operation, parseContext } = run;
	const params = readParameters(context, operation.fields, itemIndex, parseContext);
	const settings = parseSettings(run, itemIndex);
	if (run.callbackUrl !== undefined) params.callbackUrl = run.callbackUrl();
	return { itemIndex, params, settings };
}

async function submit(run: Run, item: PreparedItem): Promise<ItemResult> {
	const { effect, idFrom, request } = run.operation;
	const send = requesterFor(run, item);
	const response = await send(request(item.params), {
		expectsLocation: effect === 'create',
		idFrom,
	});
	return await resultOf(run, item, response);
}

import { paymentItem } from '../domain/payment';
import { parseResult } from '../domain/result';
import type { ResponseContext } from '../operations/defineOperation';
import type { AnyParams } from '../operations/parameters';
import { type ApiResponse, sendRequest } from '../transport/client';
import { pollUntilFinal } from '../transport/pollUntilFinal';
import type { AcceptedRequest, ItemResult } from './itemResult';
import { readBack } from './readBack';
import type { PreparedItem, Run } from './run';

/** Sends requests for one item, with its timeout. */
export function requesterFor(
	{ context }: Run,
	{ itemIndex, settings: { timeoutMs } }: PreparedItem,
): ResponseContext<AnyParams>['send'] {
	return async (request, options = {}) =>
		await sendRequest(context, request, { itemIndex, timeoutMs, ...options });
}

/** The result of an item whose request succeeded. @throws what the operation's own items() throws */
export async function resultOf(
	run: Run,
	item: PreparedItem,
	response: ApiResponse,
): Promise<ItemResult> {
	const { operation, context } = run;
	const { simplify } = item.settings.output;
	const signal = context.getExecutionCancelSignal();
	const send = requesterFor(run, item);
	const created: ResponseContext<AnyParams> = {
		params: item.params,
		response,
		simplify,
		send,
		pollUntilFinal: async (status, timeoutMs) =>
			await pollUntilFinal(async () => (await send(status)).body, { timeoutMs, signal }),
		signal,
	};
	if (operation.items !== undefined) {
		const { id } = response;
		const items = await operation.items(created);
		return { kind: 'completed', ...(id !== undefined && { id }), items, ...item };
	}
	if (operation.effect === 'read') {
		const { body } = response;
		const read = simplify ? paymentItem(parseResult(body)) : { ...body };
		return { kind: 'completed', items: [read], ...item };
	}
	const { id = '', location, body } = response;
	const status = await readBack(operation, created);
	const accepted: AcceptedRequest = {
		id,
		...(location !== undefined && { location }),
		...(body !== undefined && { body }),
		...(status !== undefined && { readBack: status }),
	};
	return { kind: 'accepted', accepted, ...item };
}

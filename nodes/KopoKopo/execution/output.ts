import { parseResult } from '../domain/result';
import type { Item, Operation, ResponseContext } from '../operations/defineOperation';
import type { AnyParams } from '../operations/parameters';
import { type Failure, toSingleLine } from '../transport/failure';

/** What a create gives: the id and what is known. Accepted is not paid, so money is pending. */
function acceptedItem(
	{ effect, idFrom, summary }: Operation,
	{ params, response: { id, location, body }, simplify }: ResponseContext<AnyParams>,
): Item {
	const where = location === undefined ? {} : { location };
	if (!simplify) return { ...body, id, ...where };
	const known = summary?.(params) ?? {};
	if (idFrom === 'body' && body !== undefined) {
		// The answer is a status already, and what it says counts once it is final.
		const told = parseResult(body);
		return { ...told, id, ...(!told.isFinal && known) };
	}
	return effect === 'movesMoney'
		? { id, outcome: 'pending', isFinal: false, ...known, ...where }
		: { id, ...known, ...where };
}

/** The items of an operation that went well. */
export async function itemsOf(
	operation: Operation,
	step: ResponseContext<AnyParams>,
): Promise<Item[]> {
	if (operation.items !== undefined) return await operation.items(step);
	const { response, simplify } = step;
	if (operation.effect !== 'read') return [acceptedItem(operation, step)];
	return [simplify ? parseResult(response.body) : { ...response.body }];
}

/** Money whose fate is not known: neither paid nor refused, and never to be sent again blindly. */
export function unknownItem(
	{ summary }: Operation,
	params: AnyParams,
	why: Pick<Failure, 'message' | 'description'>,
): Item {
	return {
		id: null,
		outcome: 'unknown',
		isFinal: false,
		...summary?.(params),
		message: toSingleLine(why),
	};
}

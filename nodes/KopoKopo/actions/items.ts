import type { Fault } from '../api/faults';
import { oneText } from '../api/wording';
import { readResult } from '../results/outcome';
import type { AnyParams, Item, Operation, Step } from './operation';

/** What a create gives: the id and what is known. Accepted is not paid, so money is pending. */
function acceptedItem(
	{ effect, summary }: Operation,
	{ params, answer: { id, location, body }, simplify }: Step<AnyParams>,
): Item {
	if (!simplify) return { ...body, id, location };
	const known = summary?.(params) ?? {};
	return effect === 'movesMoney'
		? { id, outcome: 'pending', isFinal: false, ...known, location }
		: { id, ...known, location };
}

/** The items of an operation that went well. */
export async function itemsOf(operation: Operation, step: Step<AnyParams>): Promise<Item[]> {
	if (operation.items !== undefined) return await operation.items(step);
	const { answer, simplify } = step;
	if (operation.effect !== 'read') return [acceptedItem(operation, step)];
	return [simplify ? readResult(answer.body) : { ...answer.body }];
}

/** Money whose fate is not known: neither paid nor refused, and never to be sent again blindly. */
export function unknownItem(
	{ summary }: Operation,
	params: AnyParams,
	why: Pick<Fault, 'message' | 'description'>,
): Item {
	return {
		id: null,
		outcome: 'unknown',
		isFinal: false,
		...summary?.(params),
		message: oneText(why),
	};
}

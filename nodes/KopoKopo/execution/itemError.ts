import { NodeOperationError } from 'n8n-workflow';
import { InvalidParameterError, UserFacingError } from '../domain/errors';
import { KopoKopoApiError } from '../transport/errors';
import { toSingleLine } from '../transport/failure';
import type { ItemError, Run } from './run';

export const NOTHING_SENT_FOR_ITEM = 'Nothing was sent for this item.';

/** Turns anything that was thrown for an item into an error that names the item. */
export function itemError(
	{ context, isTool }: Pick<Run, 'context' | 'isTool'>,
	thrown: unknown,
	itemIndex: number,
): ItemError {
	if (thrown instanceof KopoKopoApiError || thrown instanceof NodeOperationError) {
		// The model of an AI agent sees the message only.
		if (isTool && thrown.description && !thrown.message.includes(thrown.description)) {
			const { message, description } = thrown;
			thrown.message = toSingleLine({ message, description });
		}
		return thrown;
	}
	const { message, remedy } =
		thrown instanceof UserFacingError
			? thrown
			: { message: thrown instanceof Error ? thrown.message : String(thrown), remedy: undefined };
	const cause = thrown instanceof Error ? thrown : new Error(message);
	const description =
		thrown instanceof InvalidParameterError ? `${thrown.remedy} ${NOTHING_SENT_FOR_ITEM}` : remedy;
	return new NodeOperationError(context.getNode(), cause, {
		message: isTool && description !== undefined ? toSingleLine({ message, description }) : message,
		itemIndex,
		...(description !== undefined && { description }),
	});
}

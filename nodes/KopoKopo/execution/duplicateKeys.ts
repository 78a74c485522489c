import { NodeOperationError, type IExecuteFunctions } from 'n8n-workflow';
import { claim, release } from '../n8n/deduplicationStore';

/**
 * Claims a key in n8n's database for ever, before anything is sent under it.
 * @returns whether the key was free; a used one must not be sent again
 * @throws NodeOperationError when n8n cannot keep it, as in a workflow that was never saved
 */
export async function claimDuplicateKey(
	context: IExecuteFunctions,
	key: string,
	itemIndex: number,
): Promise<boolean> {
	try {
		return await claim(context, key);
	} catch (error) {
		throw new NodeOperationError(
			context.getNode(),
			"The 'Duplicate Protection Key' could not be kept",
			{
				description: `Nothing was sent for this item. n8n keeps keys with the workflow, so save the workflow first. n8n said: ${
					error instanceof Error ? error.message : String(error)
				}`,
				itemIndex,
			},
		);
	}
}

/**
 * Frees a key under which nothing was done, as after a definite refusal.
 * @returns whether n8n could; if not, the key stays used
 */
export const releaseDuplicateKey = release;

import type { IDataObject } from 'n8n-workflow';
import { abortableSleep } from '../n8n/sleep';
import type { Operation, ResponseContext } from '../operations/defineOperation';
import type { AnyParams } from '../operations/parameters';

const MAX_READS = 4;
const FIRST_PAUSE_MS = 250;

/**
 * Reads a new resource back, a few times and with growing pauses, if the operation needs something from its
 * status. Never throws: the resource exists even if it cannot be read now, and the item says how to get it
 * later.
 * @returns the status body; undefined if it does not contain what is needed
 */
export async function readBack(
	{ statusOf, readBack: wanted }: Operation,
	{ response: { id = '' }, send, signal }: ResponseContext<AnyParams>,
): Promise<IDataObject | undefined> {
	if (statusOf === undefined || wanted === undefined) return undefined;
	for (let attempt = 0; attempt < MAX_READS; attempt++) {
		if (attempt > 0) await abortableSleep(FIRST_PAUSE_MS * 2 ** (attempt - 1), signal);
		if (signal?.aborted === true) return undefined;
		try {
			const { body } = await send(statusOf(id));
			if (wanted.isComplete(body)) return body;
		} catch {
			return undefined;
		}
	}
	return undefined;
}

/** What this process knows about an item that it sent. n8n's deduplication store has neither time nor ID. */
export interface RecentRequest {
	/** ms since the epoch */
	sentAt: number;
	/** How long an equal item is not sent, in ms. */
	window: number;
	/** ID of the accepted request. */
	id?: string;
}

/** By node and the item's fingerprint, in the order in which they were sent. */
const requests = new Map<string, RecentRequest>();

/** An item that was sent recently; undefined if another process sent it, or this one before a restart. */
export const recentRequest = (name: string): RecentRequest | undefined => requests.get(name);

export const forgetRequest = (name: string): boolean => requests.delete(name);

/** Remembers an item that is sent now, and drops those whose time is over. */
export function rememberRequest(name: string, window: number): void {
	const now = Date.now();
	for (const [old, request] of requests) {
		// Twice the window, because the entries in the store can outlast the window by half of it.
		if (request.sentAt + 2 * request.window > now) break;
		requests.delete(old);
	}
	requests.delete(name);
	requests.set(name, { sentAt: now, window });
}

/** Adds the ID of the accepted request, with which its result can be looked up. */
export function setRequestId(name: string, id: string): void {
	const request = requests.get(name);
	if (request !== undefined) request.id = id;
}

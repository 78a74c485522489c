/** What this process knows about an item that it sent: more than n8n's deduplication store can tell. */
export interface Sending {
	/** ms since the epoch */
	sentAt: number;
	/** How long an equal item is not sent, in ms. */
	window: number;
	/** ID of the accepted request. */
	id?: string;
}

/** By the name of the node and the item's fingerprint, in the order of sending. */
const sendings = new Map<string, Sending>();

/** An item that was sent lately; undefined if another process sent it, or this one before a restart. */
export const recentSending = (name: string): Sending | undefined => sendings.get(name);

export const forgetSending = (name: string): boolean => sendings.delete(name);

/** Remembers an item that is sent now, and drops those whose time is over. */
export function rememberSending(name: string, window: number): void {
	const now = Date.now();
	for (const [old, sending] of sendings) {
		// Twice the window, since the periods of the store outlast it.
		if (sending.sentAt + 2 * sending.window > now) break;
		sendings.delete(old);
	}
	sendings.delete(name);
	sendings.set(name, { sentAt: now, window });
}

/** Adds the ID of the accepted request, with which its result can be looked up. */
export function setRequestId(name: string, id: string): void {
	const sending = sendings.get(name);
	if (sending !== undefined) sending.id = id;
}

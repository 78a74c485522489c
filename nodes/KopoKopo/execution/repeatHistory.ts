/**
 * A request that this process sends or has sent. n8n's deduplication store has neither times nor IDs.
 */
export interface RecentRequest {
	/** The execution that sends it. */
	execution: string;
	/** When its entries were written to the store, in ms since the epoch. */
	recordedAt: number;
	/** ms since the epoch; undefined as long as it is being sent. */
	endedAt?: number;
	/** How long an equal item of another execution is not sent, in ms. */
	window: number;
	/** ID of the accepted request; undefined as long as its outcome is not known. */
	id?: string;
}

/** By node and the item's fingerprint, the latest last. Equal items of one execution have a request each. */
const requests = new Map<string, Set<RecentRequest>>();

/** Equal items that this process has sent; empty if another process sent them, or this one before a restart. */
export const recentRequests = (name: string): RecentRequest[] => [...(requests.get(name) ?? [])];

/** Whether a request is still compared with one that is sent now. @param window in ms */
export const isWithin = ({ endedAt }: RecentRequest, window: number): boolean =>
	endedAt === undefined || Date.now() - endedAt <= window;

/** Twice the window, because the entries in the store can outlast the window by half of it. */
const isNeeded = (request: RecentRequest) => isWithin(request, 2 * request.window - 1);

/** Forgets a request that no longer counts, because nothing was carried out for it. */
export function forgetRequest(name: string, request: RecentRequest): void {
	const equal = requests.get(name);
	equal?.delete(request);
	if (equal?.size === 0) requests.delete(name);
}

/** Remembers a request that is to be sent, and drops those whose time is over. */
export function rememberRequest(name: string, request: RecentRequest): void {
	const equal = recentRequests(name).filter(isNeeded);
	requests.delete(name);
	requests.set(name, new Set([...equal, request]));
	for (const [old, others] of requests) {
		if ([...others].some(isNeeded)) break;
		requests.delete(old);
	}
}

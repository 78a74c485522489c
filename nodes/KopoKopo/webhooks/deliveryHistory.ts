const HOUR_MS = 60 * 60_000;

/** The maximum number of deliveries of a node that a process, or n8n's database, remembers: the newest. */
export const MAX_DELIVERIES = 10_000;

/** How long a process remembers a delivery, in ms. */
const MAX_AGE_MS = 7 * 24 * HOUR_MS;

/** How many deliveries n8n's database remembers: those of the last `ms`, but not fewer than `minimum`. */
export interface Retention {
	minimum: number;
	ms: number;
}

/**
 * How much n8n's database remembers where one process or several execute the deliveries of a node. Each delivery
 * writes the node's whole row, once in one process and twice in several. At 500 deliveries a day, these limits
 * keep that at 16 KB for each delivery: an entry takes 27 bytes.
 */
export const RETENTION: Record<'one' | 'several', Retention> = {
	one: { minimum: 580, ms: 24 * HOUR_MS },
	several: { minimum: 280, ms: 10 * HOUR_MS },
};

/**
 * After this time, in ms, an execution whose delivery was not acknowledged is assumed to have ended: n8n does
 * not tell a trigger when an execution ends.
 */
const ASSUMED_DURATION_MS = 10 * 60_000;

/** The response to a delivery. It is not kept once it is closed. */
interface DeliveryResponse {
	readonly statusCode: number;
	readonly destroyed: boolean;
	/** Whether all of it was sent while the connection was open. */
	readonly writableFinished: boolean;
	once(event: 'close', listener: () => void): unknown;
}

interface Delivery {
	/** ms since the epoch */
	since: number;
	/** `missed`: the sender closed the connection before the response. */
	response: 'pending' | 'acknowledged' | 'missed';
	/** Resolves when the response is sent or the connection is closed. */
	closed?: Promise<void>;
	/** Of the execution, once it has begun. */
	executionId?: string;
}

/** `inProgress`: a copy of a delivery whose execution n8n may not have stored yet. */
export type ClaimResult = 'new' | 'duplicate' | 'inProgress';

/**
 * How an execution relates to its delivery:
 * - `begun`: it is the first execution of the delivery;
 * - `again`: it is the first execution, and has begun before, as in a restart by n8n 1;
 * - `taken`: another execution of the delivery has begun;
 * - `foreign`: another process received the delivery, or this one did before a restart.
 */
export type BeginResult = 'begun' | 'again' | 'taken' | 'foreign';

/** The deliveries to one trigger node that this process has received. */
export class DeliveryHistory {
	/** By deduplication key, the oldest first. */
	private readonly deliveries = new Map<string, Delivery>();

	/** Deduplication keys of deliveries whose execution has begun, but which are not in n8n's database yet. */
	private readonly unrecorded = new Set<string>();

	/** Deduplication keys by the key of their receipt, the oldest first. */
	private readonly receipts = new Map<string, string>();

	/**
	 * Claims a delivery. The claim ends if n8n responds with an error or the sender closes the connection.
	 */
	claim(key: string, response: DeliveryResponse): ClaimResult {
		const known = this.deliveries.get(key);
		const isAbandoned = known?.response === 'missed' && known.executionId === undefined;
		if (known !== undefined && !isAbandoned) {
			if (known.response === 'pending' && known.executionId === undefined) return 'inProgress';
			// This copy will be acknowledged, so the sender will not repeat the delivery after a crash.
			if (known.response === 'missed') known.response = 'acknowledged';
			return 'duplicate';
		}
		const delivery = this.add(key, response.destroyed ? 'missed' : 'pending');
		if (response.destroyed) return 'new';
		delivery.closed = new Promise((resolve) => {
			response.once('close', () => {
				const isAccepted = response.statusCode < 400;
				delivery.response = response.writableFinished && isAccepted ? 'acknowledged' : 'missed';
				delivery.closed = undefined;
				// n8n rejected the delivery and stored no execution.
				const isRejected = response.writableFinished && !isAccepted;
				if (isRejected && delivery.executionId === undefined) this.remove(key, delivery);
				resolve();
			});
		});
		return 'new';
	}

	/** Begins the execution of a delivery. */
	begin(key: string, executionId: string): BeginResult {
		const known = this.deliveries.get(key);
		if (known === undefined) {
			this.add(key, 'missed').executionId = executionId;
			return 'foreign';
		}
		if (known.executionId === executionId) return 'again';
		if (known.executionId !== undefined) return 'taken';
		known.executionId = executionId;
		return 'begun';
	}

	/**
	 * Resolves when the response to a delivery is closed; undefined if it is closed, or if another process
	 * received the delivery.
	 */
	responseClosed(key: string): Promise<void> | undefined {
		return this.deliveries.get(key)?.closed;
	}

	isAcknowledged(key: string): boolean {
		return this.deliveries.get(key)?.response === 'acknowledged';
	}

	/** Adds deliveries whose execution has begun, but which are not in n8n's database yet. */
	addUnrecorded(keys: string[]): void {
		for (const key of keys) this.unrecorded.add(key);
	}

	/**
	 * Removes and returns the unrecorded deliveries that can be recorded now: those of which a copy was
	 * acknowledged, so the sender will not repeat them, and those whose execution has probably ended.
	 */
	takeUnrecorded(): string[] {
		const endedBefore = Date.now() - ASSUMED_DURATION_MS;
		return [...this.unrecorded].filter((key) => {
			const { response, since = 0 } = this.deliveries.get(key) ?? {};
			return (response === 'acknowledged' || since < endedBefore) && this.unrecorded.delete(key);
		});
	}

	/**
	 * Records the receipt of a payment.
	 * @returns whether it was first received under another key, that is, with another amount
	 */
	recordReceipt(receiptKey: string, key: string): boolean {
		const known = this.receipts.get(receiptKey);
		if (known === undefined) this.receipts.set(receiptKey, key);
		dropOldest(this.receipts);
		return known !== undefined && known !== key;
	}

	private add(key: string, response: Delivery['response']): Delivery {
		const delivery: Delivery = { since: Date.now(), response };
		// A delivery that is claimed again is the newest.
		this.deliveries.delete(key);
		this.deliveries.set(key, delivery);
		dropOldest(this.deliveries);
		const expired = Date.now() - MAX_AGE_MS;
		for (const [oldest, { since }] of this.deliveries) {
			if (since > expired) break;
			this.deliveries.delete(oldest);
		}
		return delivery;
	}

	private remove(key: string, delivery: Delivery): void {
		if (this.deliveries.get(key) === delivery) this.deliveries.delete(key);
	}
}

function dropOldest(map: Map<string, unknown>): void {
	const [oldest] = map.keys();
	if (map.size > MAX_DELIVERIES && oldest !== undefined) map.delete(oldest);
}

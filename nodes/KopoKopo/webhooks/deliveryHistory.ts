import { createHash } from 'node:crypto';

/** How many deliveries are remembered; the oldest are forgotten first. */
export const CAPACITY = 10_000;

/** 48 bits of a key's hash as text: at full capacity one delivery in 28,000 million is mistaken for another. */
const HASH_LENGTH = 8;
export const shortHash = (dedupeKey: string) =>
	createHash('sha256').update(dedupeKey).digest('base64').slice(0, HASH_LENGTH);

/** How many known ones in a row are taken to mean that all before them are known too. */
const MERGE_OVERLAP = 100;

/** What n8n answers a delivery with: good or not, it is out once it was ended, whoever still listens. */
interface DeliveryResponse {
	readonly statusCode: number;
	readonly writableEnded: boolean;
	/** Whether all of it was handed over to a sender who still listened. */
	readonly writableFinished: boolean;
	once(event: 'close', listener: () => void): unknown;
}

/** A delivery that was taken and whose execution is not over. */
interface InFlightDelivery {
	/** Resolves when the answer is out, or its sender gone; not kept from then on. */
	responseClosed?: Promise<void>;
	/** Of the execution, once it has begun. */
	executionId?: string;
	/** Until it is out and a good one: so long n8n may not have stored anything of the delivery. */
	response?: DeliveryResponse;
	/** Whether the sender got a good answer: then whatever comes again is a copy, even after a crash. */
	isAcknowledged?: boolean;
}

/**
 * What a delivery is to those that came before it: `undecided` is the copy of one of which it is not
 * known yet whether n8n takes it.
 */
export type ClaimResult = 'new' | 'duplicate' | 'inProgress';

/**
 * Deliveries that started an execution, of one trigger node.
 *
 * n8n's static data alone cannot say it: parallel deliveries each read a copy of their own, and what
 * webhook() changes is not stored when an execution starts. So the process remembers, and the executions
 * write the memory down. In queue mode, where they run elsewhere, n8n's deduplication store decides.
 */
export class DeliveryHistory {
	/** Deliveries whose execution has ended, in that order. */
	private readonly completed = new Set<string>();
	/** The same as it is written down: to put 10,000 of them together each time would take longer than all else. */
	private persistedText = '';
	/**
	 * Deliveries whose execution has not ended. Written down are those of them that began and were
	 * acknowledged. What was not acknowledged Kopo Kopo sends again when the execution died with n8n, and what
	 * did not begin n8n runs at its next start: taken for copies then, both would be lost.
	 */
	private readonly inFlight = new Map<string, InFlightDelivery>();
	/** Deliveries that came before this process began, or to another one, and whose execution is here. */
	private readonly foreign = new Set<string>();

	/** Adds what was written down before a restart. */
	mergePersisted(written: string): void {
		// From the newest backwards: what other processes add lies between what this one added itself.
		const fresh: string[] = [];
		let known = 0;
		for (
			let end = written.length;
			end >= HASH_LENGTH && known < MERGE_OVERLAP;
			end -= HASH_LENGTH
		) {
			const hash = written.slice(end - HASH_LENGTH, end);
			known = this.completed.has(hash) || this.inFlight.has(hash) ? known + 1 : 0;
			if (known === 0) fresh.push(hash);
		}
		for (const hash of fresh.reverse()) this.complete(hash);
	}

	/** Takes a delivery for the first one, unless one came before it. */
	claim(hash: string, response: DeliveryResponse): ClaimResult {
		this.refreshStatus(hash);
		if (this.inFlight.get(hash)?.response !== undefined) return 'inProgress';
		const isKnown = [this.completed, this.inFlight, this.foreign].some((some) => some.has(hash));
		if (isKnown) return 'duplicate';
		const taken: InFlightDelivery = { response };
		taken.responseClosed = new Promise((resolve) => {
			response.once('close', () => {
				this.refreshStatus(hash);
				taken.isAcknowledged = response.writableFinished && response.statusCode < 400;
				taken.responseClosed = undefined;
				resolve();
			});
		});
		this.inFlight.set(hash, taken);
		dropOldest(this.inFlight);
		return 'new';
	}

	/** Sees what n8n answered. An error before the execution began means that there is none. */
	private refreshStatus(hash: string): void {
		const known = this.inFlight.get(hash);
		if (known?.response?.writableEnded !== true) return;
		if (known.response.statusCode >= 400) this.inFlight.delete(hash);
		// Seen, it need not stay in memory.
		else known.response = undefined;
	}

	/** Takes a delivery that is under way for this execution. @returns false when another one has it */
	begin(hash: string, executionId: string): boolean {
		const known = this.inFlight.get(hash);
		if (known === undefined || (known.executionId ?? executionId) !== executionId) return false;
		known.executionId = executionId;
		known.response = undefined;
		return true;
	}

	/** Knows, from now on, a delivery that this process did not take. @returns false when it is over */
	adopt(hash: string): boolean {
		if (this.completed.has(hash)) return false;
		this.foreign.add(hash);
		dropOldest(this.foreign);
		return true;
	}

	/** Resolves when the answer to a delivery is out or its sender gone; undefined when it is, or was not taken here. */
	responseClosed(hash: string): Promise<void> | undefined {
		return this.inFlight.get(hash)?.responseClosed;
	}

	isInFlight(hash: string): boolean {
		return this.inFlight.has(hash);
	}

	/** The execution that a delivery started is over. */
	complete(hash: string): void {
		this.inFlight.delete(hash);
		if (this.completed.has(hash)) return;
		this.completed.add(hash);
		dropOldest(this.completed);
		this.persistedText = (this.persistedText + hash).slice(-CAPACITY * HASH_LENGTH);
	}

	toText(): string {
		const begun = [...this.inFlight]
			.filter(([, { executionId, isAcknowledged }]) => isAcknowledged && executionId !== undefined)
			.map(([hash]) => hash);
		return (this.persistedText + begun.join('')).slice(-CAPACITY * HASH_LENGTH);
	}
}

function dropOldest(hashes: Set<string> | Map<string, unknown>): void {
	if (hashes.size <= CAPACITY) return;
	for (const oldest of hashes.keys()) {
		hashes.delete(oldest);
		break;
	}
}

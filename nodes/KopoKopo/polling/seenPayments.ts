import { splitHashes } from '../domain/dedupeKey';

const MINUTE_MS = 60_000;

/** The maximum number of payments: about 1 MB in n8n's database. If there are more, the oldest are dropped. */
const MAX_PAYMENTS = 100_000;

/** What n8n stores: concatenated hashes, by the minute since the epoch until which they are kept. */
export type StoredSeen = Record<string, string>;

/**
 * The payments that are done and that Kopo Kopo may list again, because each poll also covers the time of the
 * overlap. Each is identified by a hash, and kept until the last time at which a poll can list it.
 */
export class SeenPayments {
	/** Concatenated hashes, as they are stored. n8n may serialize them with every execution. */
	private readonly byMinute = new Map<number, string>();
	private readonly hashes = new Set<string>();

	get size(): number {
		return this.hashes.size;
	}

	has(hash: string): boolean {
		return this.hashes.has(hash);
	}

	/** @param until the last time at which a poll can list the payment, ms since the epoch */
	add(hash: string, until: number): void {
		if (this.hashes.has(hash)) return;
		const minute = Math.ceil(until / MINUTE_MS);
		this.byMinute.set(minute, (this.byMinute.get(minute) ?? '') + hash);
		this.hashes.add(hash);
	}

	/**
	 * Drops the payments that no poll can list any more, and the oldest ones if there are too many.
	 * @param from the start of the next poll's period, ms since the epoch
	 * @returns the latest time at which a poll can still list a dropped payment, ms since the epoch; undefined if
	 * none can
	 */
	prune(from: number): number | undefined {
		let dropped: number | undefined;
		for (const minute of [...this.byMinute.keys()].sort((a, b) => a - b)) {
			const isOver = minute * MINUTE_MS < from;
			if (!isOver && this.hashes.size <= MAX_PAYMENTS) break;
			for (const hash of splitHashes(this.byMinute.get(minute) ?? '')) this.hashes.delete(hash);
			this.byMinute.delete(minute);
			if (!isOver) dropped = minute * MINUTE_MS;
		}
		return dropped;
	}

	/** Adds what was stored. */
	load(stored: StoredSeen): void {
		for (const [minute, hashes] of Object.entries(stored)) {
			for (const hash of splitHashes(hashes)) this.add(hash, Number(minute) * MINUTE_MS);
		}
	}

	toJSON(): StoredSeen {
		return Object.fromEntries(this.byMinute);
	}
}

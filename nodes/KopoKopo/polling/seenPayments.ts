import { splitHashes } from '../domain/identity';

/**
 * The payments that are done and that Kopo Kopo may list again, since every poll looks back. Each is kept by
 * a hash of its identity, under the last moment at which a poll can list it.
 */

const MINUTE_MS = 60_000;

/** How many are kept at most: about 1 MB in n8n's database. Of more, the oldest are dropped. */
const MAX_PAYMENTS = 100_000;

/** As n8n stores them: hashes in one text, by the minute until which they are kept. */
export type StoredSeen = Record<string, string>;

export class SeenPayments {
	private readonly byMinute = new Map<number, Set<string>>();
	private readonly hashes = new Set<string>();

	get size(): number {
		return this.hashes.size;
	}

	has(hash: string): boolean {
		return this.hashes.has(hash);
	}

	/** @param until the last moment at which a poll can list it, ms since the epoch */
	add(hash: string, until: number): void {
		if (this.hashes.has(hash)) return;
		const minute = Math.ceil(until / MINUTE_MS);
		const kept = this.byMinute.get(minute) ?? new Set();
		this.byMinute.set(minute, kept.add(hash));
		this.hashes.add(hash);
	}

	/**
	 * Drops those that no poll can list any more, and the oldest if there are too many.
	 * @param from where the next poll begins, ms since the epoch
	 * @returns until when those are that had to be dropped although a poll can list them
	 */
	prune(from: number): number | undefined {
		let dropped: number | undefined;
		for (const minute of [...this.byMinute.keys()].sort((a, b) => a - b)) {
			const isOver = minute * MINUTE_MS < from;
			if (!isOver && this.hashes.size <= MAX_PAYMENTS) break;
			for (const hash of this.byMinute.get(minute) ?? []) this.hashes.delete(hash);
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
		return Object.fromEntries(
			[...this.byMinute].map(([minute, hashes]) => [String(minute), [...hashes].join('')]),
		);
	}
}

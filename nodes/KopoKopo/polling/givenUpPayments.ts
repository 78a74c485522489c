import { asObject } from '../domain/json';

/** The maximum number of payments that wait for an error to name them: about 30 kB in n8n's database. */
const MAX_UNREPORTED = 1000;

/** What n8n stores: the receipts of payments, by the hash of the payment. */
export type StoredGivenUp = Record<string, string>;

/**
 * The payments that the trigger has given up on, and that no error has named yet. They are stored, so that an
 * error names them even if n8n is killed before the next poll.
 */
export class GivenUpPayments {
	/** Receipts by hash. */
	private readonly unreported = new Map<string, string>();
	/** The hashes of payments that an error has named, which n8n can still have stored. */
	private readonly reported = new Set<string>();

	/** Whether no further payment can be added until some have been reported. */
	get isFull(): boolean {
		return this.unreported.size >= MAX_UNREPORTED;
	}

	add({ hash, receipt }: { hash: string; receipt: string }): void {
		this.reported.delete(hash);
		this.unreported.set(hash, receipt);
	}

	/** Takes payments for an error. @returns their receipts */
	take(limit: number): string[] {
		const taken = [...this.unreported].slice(0, limit);
		for (const [hash] of taken) {
			this.unreported.delete(hash);
			this.reported.add(hash);
		}
		// n8n stores no more than this number.
		for (const hash of this.reported) {
			if (this.reported.size <= MAX_UNREPORTED) break;
			this.reported.delete(hash);
		}
		return taken.map(([, receipt]) => receipt);
	}

	/** Adds what was stored. */
	load(stored: unknown): void {
		for (const [hash, receipt] of Object.entries(asObject(stored))) {
			if (!this.reported.has(hash)) this.unreported.set(hash, String(receipt));
		}
	}

	toJSON(): StoredGivenUp {
		return Object.fromEntries(this.unreported);
	}
}

import { splitHashes } from '../domain/dedupeKey';
import { asObject, asTextOrNull } from '../domain/json';

/**
 * The maximum number of completed payments that are kept until a polling trigger lists them: 90 kB, for which
 * n8n needs about 1 ms with each execution.
 */
const MAX_COMPLETED = 10_000;

/** How the execution of a payment ended. */
export type Completion = 'succeeded' | 'failed';

/** What n8n stores: concatenated hashes of payments, by the end of their executions. */
export type StoredRecord = Partial<Record<Completion, string>>;

/** The executions that a trigger has started. Payments are identified by hash. */
export class ExecutionRecord {
	/** The time until which the payment's execution is considered to be running, by performance.now(). */
	private readonly inFlight = new Map<string, number>();
	/** In the order of completion. */
	private readonly completed = new Map<string, Completion>();

	/** Whether an execution is processing the payment, or is about to. */
	isInFlight(hash: string): boolean {
		return (this.inFlight.get(hash) ?? -Infinity) > performance.now();
	}

	/** How the payment's execution ended; undefined if it has not. */
	completionOf(hash: string): Completion | undefined {
		return this.completed.get(hash);
	}

	/** The payments whose execution has ended. */
	completedHashes(): string[] {
		return [...this.completed.keys()];
	}

	/** Records that an execution of these payments starts. @param durationMs how long it can take at most */
	start(hashes: string[], durationMs: number): void {
		// In queue mode, a webhook processor is not told when an execution ends.
		for (const [hash, until] of this.inFlight) {
			if (until > performance.now()) break;
			this.inFlight.delete(hash);
		}
		for (const hash of hashes) {
			this.completed.delete(hash);
			this.inFlight.set(hash, performance.now() + durationMs);
		}
	}

	/** Records that the execution of these payments has ended. */
	complete(hashes: string[], completion: Completion): void {
		for (const hash of hashes) {
			this.inFlight.delete(hash);
			this.completed.delete(hash);
			this.completed.set(hash, completion);
		}
		for (const hash of this.completed.keys()) {
			if (this.completed.size <= MAX_COMPLETED) break;
			this.completed.delete(hash);
		}
	}

	/** Deletes payments that polling triggers have recorded as done, or will emit again. */
	delete(hashes: string[]): void {
		for (const hash of hashes) {
			this.inFlight.delete(hash);
			this.completed.delete(hash);
		}
	}

	/** Adds what n8n has stored. */
	load(stored: unknown): void {
		const { succeeded, failed } = asObject(stored);
		this.complete(splitHashes(asTextOrNull(failed) ?? ''), 'failed');
		this.complete(splitHashes(asTextOrNull(succeeded) ?? ''), 'succeeded');
	}

	toJSON(): Required<StoredRecord> {
		const record = { succeeded: '', failed: '' };
		for (const [hash, completion] of this.completed) record[completion] += hash;
		return record;
	}
}

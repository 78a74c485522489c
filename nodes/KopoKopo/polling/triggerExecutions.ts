import type { PaymentExecutions, PersistedPolling } from '../n8n/paymentExecutions';
import type { SeenPayments } from './seenPayments';
import type { Settings } from './settings';

/**
 * The executions that matter to a polling trigger: its own, and those of deliveries to the workflow. What another
 * polling trigger of the workflow has emitted does not count, since it can start other nodes.
 */
export class TriggerExecutions {
	/** @param node ID of the trigger */
	constructor(
		private readonly workflow: PaymentExecutions,
		private readonly node: string,
	) {}

	/** Whether an execution is processing the payment, or is about to. */
	isInFlight(hash: string): boolean {
		return this.records().some((record) => record.isInFlight(hash));
	}

	/** Whether an execution has processed the payment. */
	isCompleted(hash: string, { doneWhen }: Pick<Settings, 'doneWhen'>): boolean {
		return this.records().some((record) => {
			const completion = record.completionOf(hash);
			return doneWhen === 'executionFinishesSuccessfully'
				? completion === 'succeeded'
				: completion !== undefined;
		});
	}

	/** Adds what n8n has stored. */
	load(persisted: PersistedPolling): void {
		this.workflow.polledBy(this.node).load(persisted.polled?.[this.node]);
		this.workflow.loadDelivered(persisted);
	}

	/** Deletes payments that the trigger has recorded as done. */
	deleteSeen(seen: SeenPayments): void {
		const hashes = this.records().flatMap((record) => record.completedHashes());
		this.delete(hashes.filter((hash) => seen.has(hash)));
	}

	/** Deletes payments that the trigger has just recorded as done. */
	delete(hashes: string[]): void {
		this.deletePolled(hashes);
		this.workflow.deleteDelivered(hashes);
	}

	/** Deletes payments that the trigger will emit again. */
	deletePolled(hashes: string[]): void {
		this.workflow.polledBy(this.node).delete(hashes);
	}

	private records() {
		return [this.workflow.polledBy(this.node), this.workflow.delivered];
	}
}

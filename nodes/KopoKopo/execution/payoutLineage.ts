import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

/** Where it is kept, in n8n's context data of the node. */
const CONTEXT_KEY = 'kopoKopoPayouts';

/** Enough of a fingerprint to tell the requests of one list apart. */
const FINGERPRINT_LENGTH = 16;

/**
 * What an execution and the executions that it retries have sent. n8n's Retry starts from the data of the execution
 * that failed, so two retries of one execution know what that one has sent, and nothing of each other.
 */
export class PayoutLineage {
	/** The IDs of the executions, this one last. */
	readonly executions: readonly string[];
	private readonly sent: IDataObject;

	/** Adds the execution to those that are stored. */
	constructor(context: IExecuteFunctions) {
		const data = context.getContext('node');
		const stored = (data[CONTEXT_KEY] ?? {}) as { executions?: string[]; sent?: IDataObject };
		const id = context.getExecutionId();
		const earlier = stored.executions ?? [];
		this.executions = earlier.includes(id) ? earlier : [...earlier, id];
		this.sent = stored.sent ?? {};
		data[CONTEXT_KEY] = { executions: [...this.executions], sent: this.sent };
	}

	hasSent(fingerprint: string): boolean {
		return this.sent[shorten(fingerprint)] === true;
	}

	add(fingerprint: string): void {
		this.sent[shorten(fingerprint)] = true;
	}

	remove(fingerprint: string): void {
		delete this.sent[shorten(fingerprint)];
	}
}

const shorten = (fingerprint: string) => fingerprint.slice(0, FINGERPRINT_LENGTH);

import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { isCalledByAgent } from '../n8n/compat';
import { isSameTarget, type Target } from './target';

/** The result of an item's request in an earlier attempt: accepted under this ID, or not known. */
export type SentRequest = (
	| { id: string; location?: string }
	| { message: string; description: string }
) & {
	/** Index in the list of targets that this node has sent to. */
	target?: number;
};

const TARGETS_KEY = 'kopoKopoTargets';

const CONTEXT_KEY = 'kopoKopoSent';

/**
 * What this execution has already sent. n8n's Retry On Fail and its Retry of a failed execution run the whole
 * node again with all items, and those that were accepted must not be sent a second time.
 *
 * Kept by run and item in n8n's execution data, which both kinds of retry keep. A second pass of Loop Over
 * Items is another run and therefore a new request; a retry is the same run. Items are matched by position,
 * not by content, since their content may hold the current time.
 *
 * Nothing is kept for an agent that calls its tool itself (n8n's agents before version 3): there each attempt
 * is a run of its own, and calls for several of the agent's items share a run, so one call would get the
 * response to another.
 */
export class SentRequests {
	private readonly run: string;
	private readonly isKept: boolean;

	constructor(private readonly context: IExecuteFunctions) {
		this.run = String(context.evaluateExpression('{{ $runIndex }}', 0));
		this.isKept = !isCalledByAgent(context);
	}

	private get runs(): Record<string, Record<string, SentRequest>> {
		return (this.context.getContext('node')[CONTEXT_KEY] ?? {}) as Record<
			string,
			Record<string, SentRequest>
		>;
	}

	private get targets(): Target[] {
		return (this.context.getContext('node')[TARGETS_KEY] ?? []) as unknown as Target[];
	}

	get(itemIndex: number): SentRequest | undefined {
		return this.isKept ? this.runs[this.run]?.[itemIndex] : undefined;
	}

	/** Where an item was sent. */
	targetOf({ target }: SentRequest): Target | undefined {
		return target === undefined ? undefined : this.targets[target];
	}

	set(itemIndex: number, sent: SentRequest, target: Target): void {
		if (!this.isKept) return;
		const { runs, targets } = this;
		let index = targets.findIndex((known) => isSameTarget(known, target));
		if (index === -1) index = targets.push(target) - 1;
		this.context.getContext('node')[TARGETS_KEY] = targets as unknown as IDataObject[];
		(runs[this.run] ??= {})[itemIndex] = { ...sent, target: index };
		this.context.getContext('node')[CONTEXT_KEY] = runs as IDataObject;
	}

	/** Clears the data of a run that cannot be retried, so that it is not stored with the execution. */
	clear(): void {
		const { runs } = this;
		delete runs[this.run];
		if (Object.keys(runs).length > 0) return;
		const data = this.context.getContext('node');
		delete data[CONTEXT_KEY];
		delete data[TARGETS_KEY];
	}
}

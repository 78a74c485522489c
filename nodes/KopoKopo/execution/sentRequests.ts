import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { isCalledByAgent } from '../n8n/compat';

/** What became of an item's request in an earlier try: accepted under this id, or not known why. */
export type SentRequest =
	| { id: string; location?: string }
	| { message: string; description: string };

const CONTEXT_KEY = 'kopoKopoSent';

/**
 * What this execution has sent already. n8n's Retry On Fail and its Retry of a failed execution run the
 * whole node again with all items, and those that were accepted must not go out a second time.
 *
 * Kept in n8n's execution data, which both kinds of retry hand back, by run and item: a second pass of
 * Loop Over Items is another run and so a new request, while a retry is the same run. What is compared
 * is the place, not the content, since an item may carry the time of day.
 *
 * Nothing is kept for an agent that calls its tool by itself (n8n's agents before version 3): each try is
 * a run of its own there, and calls for several of the agent's items share a run, so that one would be
 * answered with what another has sent.
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

	get(itemIndex: number): SentRequest | undefined {
		return this.isKept ? this.runs[this.run]?.[itemIndex] : undefined;
	}

	set(itemIndex: number, sent: SentRequest): void {
		if (!this.isKept) return;
		const { runs } = this;
		(runs[this.run] ??= {})[itemIndex] = sent;
		this.context.getContext('node')[CONTEXT_KEY] = runs as IDataObject;
	}

	/** After a run that no retry can follow; the execution's data is stored, and this need not be. */
	clear(): void {
		const { runs } = this;
		delete runs[this.run];
		if (Object.keys(runs).length === 0) delete this.context.getContext('node')[CONTEXT_KEY];
	}
}

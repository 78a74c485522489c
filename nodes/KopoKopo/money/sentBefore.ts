import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

/** What became of an item's request in an earlier try: accepted under this id, or not known why. */
export type Sent = { id: string; location?: string } | { message: string; description: string };

const KEY = 'kopoKopoSent';

/**
 * What this execution has sent already. n8n's Retry On Fail and its Retry of a failed execution run the
 * whole node again with all items, and those that were accepted must not go out a second time.
 *
 * Kept in n8n's execution data, which both kinds of retry hand back, by run and item: a second pass of
 * Loop Over Items is another run and so a new request, while a retry is the same run. What is compared
 * is the place, not the content, since an item may carry the time of day.
 */
export class SentBefore {
	private readonly run: string;

	constructor(private readonly context: IExecuteFunctions) {
		this.run = String(context.evaluateExpression('{{ $runIndex }}', 0));
	}

	private get runs(): Record<string, Record<string, Sent>> {
		return (this.context.getContext('node')[KEY] ?? {}) as Record<string, Record<string, Sent>>;
	}

	recall(itemIndex: number): Sent | undefined {
		return this.runs[this.run]?.[itemIndex];
	}

	remember(itemIndex: number, sent: Sent): void {
		const { runs } = this;
		(runs[this.run] ??= {})[itemIndex] = sent;
		this.context.getContext('node')[KEY] = runs as IDataObject;
	}

	/** After a run that no retry can follow; the execution's data is stored, and this need not be. */
	clear(): void {
		const { runs } = this;
		delete runs[this.run];
		if (Object.keys(runs).length === 0) delete this.context.getContext('node')[KEY];
	}
}

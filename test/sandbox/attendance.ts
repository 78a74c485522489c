/** Time to load the page again before it counts as closed. */
const RELOAD_MS = 4_000;

/**
 * Whether somebody has the sandbox's page open. As long as it is open, customers and the bank wait for that
 * person instead of acting automatically.
 */
export class Attendance {
	/** Since when the page has been open; null while it is not. */
	since: Date | null = null;
	private openPages = 0;
	private postponed: Array<() => void> = [];

	/** Counts one open page; the result ends that. What was postponed is done after the last one. */
	arrive(wait: (ms: number) => Promise<boolean>): () => void {
		this.openPages += 1;
		this.since ??= new Date();
		return () => {
			this.openPages -= 1;
			if (this.openPages > 0) return;
			void wait(RELOAD_MS).then((isTime) => {
				if (!isTime || this.openPages > 0) return;
				this.since = null;
				for (const action of this.postponed.splice(0)) action();
			});
		};
	}

	/** Runs an automatic action now, or when the last page has been closed. */
	whenAlone(action: () => void): void {
		if (this.since === null) action();
		else this.postponed.push(action);
	}

	/** Forgets what was postponed, and a page that was closed just now. */
	clear(): void {
		this.postponed = [];
		if (this.openPages === 0) this.since = null;
	}
}

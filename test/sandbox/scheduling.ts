/** All timers of one sandbox, so that a reset or a close can cancel them together. */
export class Timers {
	private readonly cancellations = new Set<() => void>();

	/** Resolves with true after `ms` milliseconds, or with false when the timers are cancelled first. */
	async wait(ms: number): Promise<boolean> {
		return await new Promise((resolve) => {
			const cancel = () => resolve(false);
			this.cancellations.add(cancel);
			// Unlike setTimeout, the timer of an abort signal does not keep a test process alive.
			AbortSignal.timeout(Math.max(0, Math.round(ms))).addEventListener('abort', () => {
				this.cancellations.delete(cancel);
				resolve(true);
			});
		});
	}

	/** Cancels every pending wait. */
	cancelAll(): void {
		for (const cancel of this.cancellations) cancel();
		this.cancellations.clear();
	}
}

/** Counts the work in progress, so that a test can wait until there is none. */
export class ActivityTracker {
	private inProgress = 0;
	private waiting: Array<() => void> = [];

	/** Counts this work until it settles, and resolves or rejects as it does. */
	async track<T>(work: Promise<T>): Promise<T> {
		this.inProgress += 1;
		try {
			return await work;
		} finally {
			this.inProgress -= 1;
			if (this.inProgress === 0) for (const resolve of this.waiting.splice(0)) resolve();
		}
	}

	/** Resolves as soon as no work is in progress. */
	async untilIdle(): Promise<void> {
		if (this.inProgress > 0) await new Promise<void>((resolve) => this.waiting.push(resolve));
	}
}

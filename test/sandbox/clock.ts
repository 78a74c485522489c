const EAST_AFRICA_OFFSET_MS = 3 * 60 * 60 * 1000;

function shifted(at: Date): string {
	return new Date(at.getTime() + EAST_AFRICA_OFFSET_MS).toISOString();
}

/** ISO 8601 at +03:00 with milliseconds, as created_at and initiation_time are (contract, 7). */
export function preciseTime(at: Date): string {
	return shifted(at).replace('Z', '+03:00');
}

/** ISO 8601 at +03:00 without milliseconds, as webhooks and M-Pesa times are (contract, 7). */
export function wholeTime(at: Date): string {
	return `${shifted(at).slice(0, 19)}+03:00`;
}

/** Daraja's TransTime, YYYYMMDDhhmmss without a zone (contract, 7). */
export function darajaTime(at: Date): string {
	return shifted(at).slice(0, 19).replace(/\D/g, '');
}

/** Every wait of one sandbox, so that a reset or a close ends them all. */
export class Waits {
	private readonly endings = new Set<() => void>();

	/** True once the time has passed, false when everything was stopped before. */
	async wait(ms: number): Promise<boolean> {
		return await new Promise((resolve) => {
			const stop = () => resolve(false);
			this.endings.add(stop);
			// An abort signal's timer does not hold the process open, which a test run needs.
			AbortSignal.timeout(Math.max(0, Math.round(ms))).addEventListener('abort', () => {
				this.endings.delete(stop);
				resolve(true);
			});
		});
	}

	stop(): void {
		for (const end of this.endings) end();
		this.endings.clear();
	}
}

/** Counts what is under way, so that a test can wait until nothing is. */
export class Business {
	private underWay = 0;
	private waiting: Array<() => void> = [];

	async during<T>(work: Promise<T>): Promise<T> {
		this.underWay += 1;
		try {
			return await work;
		} finally {
			this.underWay -= 1;
			if (this.underWay === 0) for (const resolve of this.waiting.splice(0)) resolve();
		}
	}

	async settled(): Promise<void> {
		if (this.underWay > 0) await new Promise<void>((resolve) => this.waiting.push(resolve));
	}
}

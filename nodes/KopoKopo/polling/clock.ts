/** From this difference on, a period that was chosen by the clock of this machine is chosen again, in ms. */
const TOLERANCE_MS = 60_000;

/**
 * Kopo Kopo's time, as its responses tell it. The clock of this machine may be wrong, so it is only used for
 * the first request of a process, and to measure how much time has passed since a response.
 */
export class ServerClock {
	/** Kopo Kopo's time, and that of the process when it was learned, both in ms. */
	private known: { serverTime: number; at: number } | undefined;

	/** Whether a response has told Kopo Kopo's time. */
	get isKnown(): boolean {
		return this.known !== undefined;
	}

	/** ms since the epoch by Kopo Kopo's clock; by that of this machine until a response has told it. */
	now(): number {
		if (this.known === undefined) return Date.now();
		return this.known.serverTime + performance.now() - this.known.at;
	}

	/**
	 * Takes over the time of a response, if it names one.
	 * @returns whether the clock of this machine was used until now and is wrong
	 */
	learn(serverTime: number | undefined): boolean {
		if (serverTime === undefined) return false;
		const isWrong = !this.isKnown && Math.abs(this.now() - serverTime) > TOLERANCE_MS;
		this.known = { serverTime, at: performance.now() };
		return isWrong;
	}
}

/** If this machine's clock is off by more than this, a period that was chosen with it is chosen again, in ms. */
const TOLERANCE_MS = 60_000;

/**
 * Kopo Kopo's time, as its responses report it. This machine's clock may be wrong, so it is only used for the
 * first request of a process.
 */
export class ServerClock {
	/** The time that the last response reported, and performance.now() when it arrived, both in ms. */
	private reference: { serverTime: number; arrivedAt: number } | undefined;

	/** Whether a response has reported the time. */
	get isSynchronized(): boolean {
		return this.reference !== undefined;
	}

	/** Kopo Kopo's time, or this machine's time until a response has reported Kopo Kopo's; ms since the epoch. */
	now(): number {
		if (this.reference === undefined) return Date.now();
		return this.reference.serverTime + performance.now() - this.reference.arrivedAt;
	}

	/**
	 * Sets the clock to the time that a response reports. Does nothing if it reports none.
	 * @returns whether now() has returned this machine's time until now, and that time is wrong
	 */
	synchronize(serverTime: number | undefined): boolean {
		if (serverTime === undefined) return false;
		const wasWrong = !this.isSynchronized && Math.abs(this.now() - serverTime) > TOLERANCE_MS;
		this.reference = { serverTime, arrivedAt: performance.now() };
		return wasWrong;
	}
}

/**
 * What a command of the terminal needs to end well: whatever it started ends, the newest first, when it is
 * over and when a signal stops it.
 */
export function untilStopped() {
	const cleanUps = [];
	let stopping;

	/** Ends whatever runs, the newest first, and then this process. */
	async function leave(code) {
		stopping ??= (async () => {
			for (const cleanUp of cleanUps) {
				await cleanUp().catch((error) => console.error(`Not everything ended: ${error}`));
			}
			process.exit(code);
		})();
		await stopping;
	}

	for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
		process.on(signal, () => void leave(signal === 'SIGINT' ? 130 : 143));
	}
	return {
		leave,
		/** Takes a clean-up the moment there is something to clean up. */
		onStop: (cleanUp) => cleanUps.unshift(cleanUp),
		/** Whether it ends already, so that what fails now fails because of that. */
		isStopping: () => stopping !== undefined,
	};
}

/**
 * Handles the end of a command: runs its clean-ups, newest first, when the command has finished or a signal
 * stops it. `onSignal` is called with the first signal.
 */
export function handleSignals(onSignal = () => undefined) {
	const cleanUps = [];
	let stopping;

	/** Runs the clean-ups and exits. */
	async function leave(code) {
		stopping ??= (async () => {
			for (const cleanUp of cleanUps) {
				await cleanUp().catch((error) => console.error(`A clean-up failed: ${error}`));
			}
			process.exit(code);
		})();
		await stopping;
	}

	for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
		process.on(signal, () => {
			if (stopping === undefined) onSignal();
			void leave(signal === 'SIGINT' ? 130 : 143);
		});
	}
	return {
		leave,
		/** Adds a clean-up. Call it as soon as there is something to clean up. */
		onStop: (cleanUp) => cleanUps.unshift(cleanUp),
		/** Whether the command is ending, so that errors are a consequence of that. */
		isStopping: () => stopping !== undefined,
	};
}

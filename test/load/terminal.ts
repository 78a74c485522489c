/** What command.mjs passes to the code that a command runs. */
export interface Terminal {
	/** Prints a line. */
	write(text: string): void;
	/** Registers a clean-up for when the command ends or is stopped. */
	onStop(cleanUp: () => Promise<void>): void;
}

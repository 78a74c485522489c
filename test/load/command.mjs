import { handleSignals } from '../support/terminal.mjs';

/** Returns what `read` returns. If it throws, prints the error and the usage and exits with 1. */
export function readArguments(read, usage) {
	try {
		return read();
	} catch (error) {
		console.error(`${error.message}\n\n${usage}`);
		return process.exit(1);
	}
}

/** The value of a numeric option; throws unless it is within the limits and, by default, whole. */
export function numberOption(values, name, { min, max, isWhole = true }) {
	const value = Number(values[name]);
	if (value >= min && value <= max && (!isWhole || Number.isInteger(value))) return value;
	throw new Error(`--${name} takes a ${isWhole ? 'whole ' : ''}number from ${min} to ${max}.`);
}

/** The NODE_OPTIONS with which n8n loads the meter, besides this process's own and `more`. */
export function nodeOptionsWithMeter(...more) {
	const meter = `--import=${new URL('meter.mjs', import.meta.url)}`;
	return [process.env.NODE_OPTIONS, meter, ...more].filter(Boolean).join(' ');
}

/**
 * Runs a command until it finishes or a signal stops it, then cleans up and exits: with 1 if the command
 * threw or returned problems, which are printed, otherwise with 0.
 * @param {(terminal: { write(text: string): void, onStop(cleanUp: () => Promise<void>): void }) => Promise<string[]>} run
 */
export async function runCommand(run) {
	const { isStopping, leave, onStop } = handleSignals();
	try {
		const problems = await run({ write: (text) => process.stdout.write(`${text}\n`), onStop });
		for (const problem of problems) console.error(`Failed: ${problem}`);
		await leave(problems.length > 0 ? 1 : 0);
	} catch (error) {
		if (!isStopping()) console.error(error);
		await leave(1);
	}
}

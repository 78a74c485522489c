/** Prints the progress of steps that run at the same time. Uses only Node.js' own modules, like install.mjs. */

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const FRAME_MS = 100;
const CLEAR_LINE = '\r\u001B[2K';

/**
 * Prints the names of the running steps: in a terminal on one line that is redrawn, elsewhere on a new line
 * every `intervalMs` ms. `begin(step)` adds a step, such as "installing n8n", and returns the function that
 * removes it and prints a last line about it.
 */
export function createProgress(stream = process.stdout, intervalMs = 30_000) {
	const isTerminal = Boolean(stream.isTTY) && process.env.TERM !== 'dumb';
	const running = new Map();
	let frame = 0;
	let timer;

	const seconds = (since) => Math.round((Date.now() - since) / 1000);
	const list = () =>
		[...running.values()].map(({ step, since }) => `${step} (${seconds(since)} s)`).join(', ');

	function draw() {
		frame = (frame + 1) % FRAMES.length;
		// A longer line would wrap, and the start of it could not be cleared.
		const line = `${FRAMES[frame]} ${list()}`.slice(0, Math.max(1, (stream.columns ?? 80) - 1));
		stream.write(`${CLEAR_LINE}${line}`);
	}

	function print(line) {
		stream.write(`${isTerminal ? CLEAR_LINE : ''}${line}\n`);
	}

	return {
		print,
		begin(step) {
			const since = Date.now();
			const key = Symbol(step);
			running.set(key, { step, since });
			if (isTerminal) draw();
			else print(`${step[0].toUpperCase()}${step.slice(1)} …`);
			timer ??= setInterval(
				isTerminal ? draw : () => print(`  still ${list()}`),
				isTerminal ? FRAME_MS : intervalMs,
			);
			return (isDone) => {
				running.delete(key);
				if (running.size === 0) {
					clearInterval(timer);
					timer = undefined;
				}
				if (isDone) print(`  ${step}: done in ${seconds(since)} s`);
				else if (isTerminal) stream.write(CLEAR_LINE);
			};
		},
	};
}

import execa from 'execa';

const PROGRESS = './test/support/progress.mjs';

/** What a script prints that uses `progress`, with a line every 50 ms. */
async function printed(stream: string, script: string): Promise<string> {
	const { stdout } = await execa('node', [
		'--input-type=module',
		'--eval',
		`import { setTimeout } from 'node:timers/promises';
		import { createProgress } from ${JSON.stringify(PROGRESS)};
		const progress = createProgress(${stream}, 50);
		${script}`,
	]);
	return stdout;
}

const TWO_STEPS = `
	const endFirst = progress.begin('installing n8n');
	const endSecond = progress.begin('building the package');
	await setTimeout(120);
	endSecond(true);
	endFirst(true);`;

describe('without a terminal', () => {
	test('prints a line about all running steps at intervals, and one when a step ends', async () => {
		const lines = (await printed('process.stdout', TWO_STEPS)).split('\n');

		expect(lines.slice(0, 2)).toEqual(['Installing n8n …', 'Building the package …']);
		expect(lines.slice(-2)).toEqual([
			'  building the package: done in 0 s',
			'  installing n8n: done in 0 s',
		]);
		const between = new Set(lines.slice(2, -2));
		expect([...between]).toEqual(['  still installing n8n (0 s), building the package (0 s)']);
	});

	test('prints nothing more, and lets the process end, after the last step', async () => {
		const script = `progress.begin('installing n8n')(false); await setTimeout(120);`;
		expect(await printed('process.stdout', script)).toBe('Installing n8n …');
	});
});

describe('in a terminal', () => {
	const terminal = (columns: number) =>
		`{ isTTY: true, columns: ${columns}, write: (text) => process.stdout.write(text) }`;

	test('redraws one line, and keeps only what ended above it', async () => {
		const output = await printed(terminal(80), TWO_STEPS);

		const kept = output.split('\n').map((line) => line.split('\u001B[2K').at(-1));
		expect(kept).toEqual(['  building the package: done in 0 s', '  installing n8n: done in 0 s']);
		expect(output).toContain('installing n8n (0 s), building the package (0 s)');
	});

	test('draws no line that wraps', async () => {
		const output = await printed(terminal(20), TWO_STEPS);

		// The last two parts are the lines about the ends of the steps.
		const drawn = output.split('\r\u001B[2K').slice(0, -2);
		expect(drawn.length).toBeGreaterThan(1);
		for (const line of drawn) expect(line.length).toBeLessThan(20);
	});
});

import execa from 'execa';

/** A program that tells when it is stopped, and would run for a minute. */
const PROGRAM = `
	setTimeout(() => undefined, 60_000);
	process.on('SIGTERM', () => { console.log('cleaned up'); process.exit(); });
	console.log('running');`;

/** Runs the program as npm runs a script: in a shell, which stays its parent. */
const inShell = () =>
	execa('sh', [
		'-c',
		'"$0" --require ./test/support/exitWithParent.cjs --eval "$1"; exit',
		'node',
		PROGRAM,
	]);

it('stops a program, with its clean-ups, when only the shell that runs it is killed', async () => {
	const shell = inShell();
	const output: string[] = [];
	const closed = new Promise((resolve) => shell.stdout?.once('close', resolve));
	shell.stdout?.on('data', (data: Buffer) => {
		output.push(data.toString().trim());
		if (output.length === 1) shell.kill('SIGKILL');
	});
	await shell.catch(() => undefined);
	await closed;
	expect(output).toEqual(['running', 'cleaned up']);
});

import execa from 'execa';
import { ensureDir, mkdtemp, remove, writeJson } from 'fs-extra';

import { startSandbox } from '../sandbox/server';
import { requireNoOtherDemo } from '../support/demo';
import { RUN } from '../support/n8nInstallation';

/** What `npm start` prints, after the installation, when it cannot start. */
async function startWith(...args: string[]) {
	const { all, exitCode } = await execa(
		'node',
		['--import', 'tsx', 'test/support/start.mjs', ...args],
		{ all: true, reject: false },
	);
	return { text: String(all).trim(), exitCode };
}

describe('npm start', () => {
	it('says which port is in use, and how to choose another', async () => {
		const sandbox = await startSandbox({ port: 0 });
		const other = await startSandbox({ port: 0 });
		const free = String(other.port);
		await other.close();
		const used = String(sandbox.port);
		const inUse = `Port ${used} is in use. Stop the program that uses it, or choose another port with`;
		expect(await startWith('--port', used, '--sandbox-port', free)).toEqual({
			text: `${inUse} --port.`,
			exitCode: 1,
		});
		expect(await startWith('--port', free, '--sandbox-port', used)).toEqual({
			text: `${inUse} --sandbox-port.`,
			exitCode: 1,
		});
		await sandbox.close();
	});

	it.each([
		['--port', 'many'],
		['--sandbox-port', '70000'],
	])('explains its options after %s %s', async (option, value) => {
		const { text, exitCode } = await startWith(option, value);
		expect(text).toMatch(`${option} takes a port number between 1 and 65535.\n\nnpm start -- `);
		expect(exitCode).toBe(1);
	});

	it('says that a demo is running, and starts after one that was killed', async () => {
		await ensureDir(RUN);
		const folder = await mkdtemp(`${RUN}/demo-`);
		const file = `${folder}/demo.json`;
		const sandbox = await startSandbox({ port: 0 });
		await writeJson(file, { editor: 'http://127.0.0.1:5678', phone: sandbox.pageUrl });
		await expect(requireNoOtherDemo(file)).rejects.toThrow(
			`The demo is already running, with the editor at http://127.0.0.1:5678 and the phone at ${sandbox.pageUrl}. To start it again, first stop it with Ctrl-C in its terminal.`,
		);
		await sandbox.close();
		await requireNoOtherDemo(file);
		await remove(folder);
		await requireNoOtherDemo(file);
	});
});

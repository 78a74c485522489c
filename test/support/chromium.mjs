import { constants } from 'node:fs';
import { access, mkdir, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { ROOT, SetupError } from './installationSteps.mjs';

/** The names of Chromium's executable on different systems. */
const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];

const ARGS = [
	// Chromium must not fetch anything on its own: a test should neither depend on it nor wait for it.
	'--disable-background-networking',
	'--disable-component-update',
	'--disable-quic',
	'--disable-sync',
	'--no-first-run',
	// CI machines have no graphics card.
	'--disable-gpu',
	// Chromium's sandbox does not work as root, which is the user in a container.
	...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
];

/**
 * Writes where this machine's Chromium is to `.run/chromium.json`, for the tests of the editor and of the sandbox's page. Playwright's own
 * browser is not used, because not every machine can reach the host that it is downloaded from.
 */
export async function describeChromium() {
	const executablePath = await findExecutable();
	if (executablePath === undefined) {
		throw new SetupError(
			`This command opens pages in Chromium, which is not on the PATH (${NAMES.join(', ')}). Install it, for example with apt-get install chromium.`,
		);
	}
	await mkdir(join(ROOT, '.run'), { recursive: true });
	await writeFile(
		join(ROOT, '.run', 'chromium.json'),
		JSON.stringify({ executablePath, args: ARGS }, null, '\t'),
	);
}

async function findExecutable() {
	for (const folder of (process.env.PATH ?? '').split(delimiter).filter(Boolean)) {
		for (const name of NAMES) {
			const file = join(folder, name);
			const isThere = await access(file, constants.X_OK).then(
				() => true,
				() => false,
			);
			if (isThere) return file;
		}
	}
	return undefined;
}

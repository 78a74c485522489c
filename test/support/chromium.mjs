import { constants } from 'node:fs';
import { access, mkdir, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { ROOT, SetupError } from './install.mjs';

/** What Chromium is called on one machine or another. */
const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];

const ARGS = [
	// What Chromium would fetch for itself; a test must not depend on it, nor wait for it.
	'--disable-background-networking',
	'--disable-component-update',
	'--disable-quic',
	'--disable-sync',
	'--no-first-run',
	// The machines that run this have no graphics card.
	'--disable-gpu',
	// Chromium's sandbox does not work for root, who is what a container runs as.
	...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
];

/**
 * Leaves a description of this machine's Chromium for the tests that drive the editor, in
 * `.run/chromium.json`. Playwright would bring a browser of its own, from a place that not every
 * machine reaches.
 */
export async function describeChromium() {
	const executablePath = await onThePath();
	if (executablePath === undefined) {
		throw new SetupError(
			`This looks at n8n's editor with Chromium, and there is none on the PATH (${NAMES.join(', ')}): install it, for example with apt-get install chromium.`,
		);
	}
	await mkdir(join(ROOT, '.run'), { recursive: true });
	await writeFile(
		join(ROOT, '.run', 'chromium.json'),
		JSON.stringify({ executablePath, args: ARGS }, null, '\t'),
	);
}

async function onThePath() {
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

import { pathExistsSync, readdirSync, readFileSync, readJsonSync, statSync } from 'fs-extra';
import { KopoKopo } from '../../nodes/KopoKopo/KopoKopo.node';
import { KopoKopoTrigger } from '../../nodes/KopoKopo/KopoKopoTrigger.node';
import {
	EXAMPLE_PICTURES,
	MADE_FROM,
	NODE_PICTURES,
	sourceHashes,
} from '../screenshots/screenshotSources';

const nodes = {
	action: new KopoKopo().description,
	trigger: new KopoKopoTrigger().description,
};
const LARGEST = 300_000;
const AGAIN = 'run `npm run screenshots`, and check the pictures';

const isPng = (file: string) => file.endsWith('.png');
const pngsIn = (folder: string) =>
	pathExistsSync(folder)
		? readdirSync(folder)
				.filter(isPng)
				.map((file) => `${folder}/${file}`)
		: [];

/** The pictures that a page names, as paths from the top of the project. */
function picturesIn(page: string): string[] {
	const text = pathExistsSync(page) ? readFileSync(page, 'utf8') : '';
	return [
		...text.matchAll(/\]\((?!https?:)([^)\s]+\.png)\)|<img[^>]*src="(?!https?:)([^"]+\.png)"/g),
	].map(([, markdown, html]) =>
		new URL(String(markdown ?? html), `file:///${page}`).pathname.slice(1),
	);
}

describe('the pictures', () => {
	const docs = readdirSync('docs').map((page) => `docs/${page}`);
	const pages = ['README.md', 'examples/README.md', ...docs];

	test('that the pages show exist, and each one is shown', () => {
		const shown = new Set(pages.flatMap(picturesIn));
		const all = [...pngsIn(NODE_PICTURES), ...pngsIn(EXAMPLE_PICTURES)];

		expect([...shown].sort()).toEqual(all.sort());
	});

	test('exist for the nodes and for every example, and for nothing else', async () => {
		const wanted = Object.keys(await sourceHashes(nodes));

		expect([...pngsIn(NODE_PICTURES), ...pngsIn(EXAMPLE_PICTURES)].sort()).toEqual(wanted.sort());
		expect(wanted.length).toBeGreaterThan(5);
	});

	test(`are up to date; if not, ${AGAIN}`, async () => {
		const now = await sourceHashes(nodes);
		const then = readJsonSync(MADE_FROM) as Record<string, string>;
		const stale = Object.keys(now).filter((picture) => now[picture] !== then[picture]);

		expect(stale).toEqual([]);
	});

	test('are small enough for a page that loads quickly', () => {
		const all = [...pngsIn(NODE_PICTURES), ...pngsIn(EXAMPLE_PICTURES)];

		expect(all.filter((picture) => statSync(picture).size > LARGEST)).toEqual([]);
	});

	test('are not part of the package', () => {
		const { files } = readJsonSync('package.json') as { files: string[] };

		// n8n-node copies the pictures of the examples into dist/examples.
		expect(files).toEqual(
			['credentials', 'icons', 'nodes', 'package.json'].map((name) => `dist/${name}`),
		);
	});
});

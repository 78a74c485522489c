import execa from 'execa';
import { outputFile, readdirSync, readFileSync, readJsonSync, remove } from 'fs-extra';
import { KopoKopoApi } from '../../credentials/KopoKopoApi.credentials';
import { withTables } from '../support/docs/readmeTables';

const readme = readFileSync('README.md', 'utf8');

describe("the README's tables", () => {
	test('match the code; if not, run npm run docs', () => {
		expect(readme).toBe(withTables(readme));
	});

	test.each(['| Request |', 'buygoods_transaction_received', '`outcome`', 'Blind'])(
		'are generated again where %s is missing',
		(text) => {
			const incomplete = readme
				.split('\n')
				.filter((line) => !(line.startsWith('|') && line.includes(text)))
				.join('\n');
			expect(incomplete).not.toBe(readme);
			expect(withTables(incomplete)).toContain(text);
		},
	);

	test('are not generated if a marker is missing', () => {
		const incomplete = readme.replace('<!-- end of events -->', '');
		expect(() => withTables(incomplete)).toThrow('end of events');
	});
});

/** Everything a person reads that may hold an address. */
const documents = [
	...['.', '.github', 'docs'].flatMap((folder) =>
		readdirSync(folder)
			.filter((file) => file.endsWith('.md'))
			.map((file) => `${folder}/${file}`),
	),
	...(readdirSync('.').includes('examples') ? readdirSync('examples') : [])
		.filter((file) => /\.(md|json)$/.test(file))
		.map((file) => `examples/${file}`),
	...readdirSync('nodes/KopoKopo')
		.filter((file) => file.endsWith('.node.json'))
		.map((file) => `nodes/KopoKopo/${file}`),
	'credentials/KopoKopoApi.credentials.ts',
	'package.json',
];

/** Hosts that the documents may name. A new one is added here by a person who has looked at it. */
const HOSTS = [
	'api-docs.kopokopo.com',
	'api.kopokopo.com',
	'app.kopokopo.com',
	'developers.kopokopo.com',
	'docs.google.com',
	'docs.n8n.io',
	'github.com',
	'keepachangelog.com',
	'kopokopo.co.ke',
	'n8n.example.com',
	'n8n.io',
	'sandbox.kopokopo.com',
	'semver.org',
];

const addressesOf = (file: string): URL[] =>
	(readFileSync(file, 'utf8').match(/https:\/\/\w[^\s"'`)\]>\\]+/g) ?? []).map(
		(address) => new URL(address),
	);

/** The anchors that GitHub gives the headings of a Markdown text. */
const headingsOf = (markdown: string): string[] =>
	[...markdown.replace(/^```[\s\S]*?^```/gm, '').matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
		String(heading)
			.toLowerCase()
			.replace(/[^\w\s-]/g, '')
			.replaceAll(' ', '-'),
	);

/** What markdownlint says of the documents that its configuration names, or of one file; '' if nothing. */
async function lintFindings(...args: string[]): Promise<string> {
	const { exitCode, all } = await execa.node(
		'node_modules/markdownlint-cli2/markdownlint-cli2-bin.mjs',
		args,
		{ reject: false, all: true },
	);
	return exitCode === 0 ? '' : (all ?? `It ended with ${exitCode}`);
}

describe('links', () => {
	test('within the documents lead to files and headings that exist', async () => {
		expect(await lintFindings()).toBe('');
	});

	test.each([
		['a file that does not exist', '[the picture](nowhere.png)', 'relative-links'],
		['a heading of another file', '[the events](../README.md#nowhere)', 'relative-links'],
		['a heading of its own', '[the events](#nowhere)', 'link-fragments'],
	])('to %s are found', async (_what, link, rule) => {
		await outputFile('.run/broken.md', `# Broken\n\n${link}\n`);
		expect(await lintFindings('--no-globs', '.run/broken.md')).toContain(rule);
		await remove('.run/broken.md');
	});

	test('to other sites go to known hosts', () => {
		const hosts = new Set(documents.flatMap(addressesOf).map(({ host }) => host));
		expect([...hosts].filter((host) => !HOSTS.includes(host))).toEqual([]);
	});

	test('of the nodes and the credential lead to pages without an anchor, which n8n would break', () => {
		const { homepage } = readJsonSync('package.json') as { homepage: string };
		const pages = `${homepage.replace('#readme', '')}/blob/main/`;
		const sources = [
			...documents.filter((file) => file.endsWith('.node.json')),
			'nodes/KopoKopo/KopoKopoTrigger.node.ts',
		];
		const addresses = [
			...sources.flatMap(addressesOf).map(({ href }) => href),
			new KopoKopoApi().documentationUrl,
		].filter((address) => !address.endsWith('/docs'));
		expect(addresses).toHaveLength(7);
		for (const address of addresses) {
			expect(address.startsWith(pages)).toBe(true);
			expect(readFileSync(address.replace(pages, ''), 'utf8')).toMatch(/^# /);
		}
	});
});

describe('citations of the API page', () => {
	const apiHeadings = headingsOf(readFileSync('docs/kopokopo-api.md', 'utf8'));

	/**
	 * The citations in a text that lead nowhere: headings that the API page does not have, and
	 * section numbers of a document that is not in the repository.
	 */
	function brokenCitations(text: string): string[] {
		// A citation can be wrapped over two lines of a comment.
		const joined = text.replace(/\s*\n\s*(?:\*|\/\/)?\s*/g, ' ');
		const cited = [...joined.matchAll(/kopokopo-api\.md#([\w-]+)/g)];
		const numbered = joined.match(
			/\(contract[,:)](?: sections? \d)?|(?:\bcontract(?:'s)?,? )?\bsections? \d|\bcontract,? \d/gi,
		);
		return [
			...cited.filter(([, slug]) => !apiHeadings.includes(String(slug))).map(([whole]) => whole),
			...(numbered ?? []),
		];
	}

	const files = [
		...['nodes', 'credentials', 'test', 'examples', 'docs'].flatMap((folder) =>
			readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((file) => `${folder}/${file}`),
		),
		...documents,
	].filter((file) => /\.([cm]?[jt]s|json|md)$/.test(file));

	test('lead to headings that exist', () => {
		const broken = files.flatMap((file) =>
			brokenCitations(readFileSync(file, 'utf8')).map((citation) => `${file}: ${citation}`),
		);
		expect(files.length).toBeGreaterThan(200);
		expect(broken).toEqual([]);
	});

	test.each(['#phone-numbers', '#final-statuses', '#daraja-payloads'])('can name %s', (anchor) => {
		expect(brokenCitations(`/** See docs/kopokopo-api.md${anchor}. */`)).toEqual([]);
	});

	// Put together here, so that this file itself has none of them.
	const [contract, section] = ['contract', 'section'];

	test.each([
		['a heading that does not exist', `docs/kopokopo-api.md#${'nowhere'}`],
		['a section number', `/** Amounts (${contract}, ${section} 7). */`],
		['a section number alone', `// Never sent (${section} 8).`],
		['an operation of another document', `/** Links (${contract}: paymentLink.*). */`],
		['a number without the word section', `// Never sent (${contract}, 12.25).`],
		['a section number on the next line', `/**\n * By the ${contract},\n * ${section} 11.\n */`],
		['two numbers', `/** The ${contract} 4 and 5. */`],
	])('are reported as broken: %s', (_what, text) => {
		expect(brokenCitations(text)).toHaveLength(1);
	});

	test('are unambiguous: every heading exists once', () => {
		expect(new Set(apiHeadings).size).toBe(apiHeadings.length);
	});
});

describe('a release', () => {
	const { version } = readJsonSync('package.json') as { version: string };

	test('is described in the changelog', () => {
		const changelog = readFileSync('CHANGELOG.md', 'utf8');
		expect(changelog).toMatch(new RegExp(`^## \\[${version}\\] - \\d{4}-\\d{2}-\\d{2}$`, 'm'));
	});

	test('runs only commands that package.json has', () => {
		const { scripts } = readJsonSync('package.json') as { scripts: Record<string, string> };
		const texts = [
			...readdirSync('.github/workflows').map((file) => `.github/workflows/${file}`),
			...documents.filter((file) => file.endsWith('.md')),
		].map((file) => readFileSync(file, 'utf8'));
		const commands = texts.flatMap((text) => [...text.matchAll(/npm run ([\w:]+)/g)]);

		expect(commands.length).toBeGreaterThan(10);
		for (const [, command] of commands) expect(Object.keys(scripts)).toContain(command);
	});

	test('is tested on the supported versions of n8n', () => {
		const { oldest, newest } = readJsonSync('test/support/n8nVersions.json') as {
			oldest: string;
			newest: string;
		};
		const compatibility = /## Compatibility\n\n(.+)/.exec(readFileSync('README.md', 'utf8'))?.[1];
		expect(compatibility?.match(/\d+\.\d+\.\d+/g)).toEqual([oldest, oldest, newest]);
		const workflow = readFileSync('.github/workflows/ci.yml', 'utf8');
		expect(workflow).toContain("jq -c '[.oldest, .newest]' test/support/n8nVersions.json");
	});
});

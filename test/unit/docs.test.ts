import execa from 'execa';
import {
	outputFile,
	pathExistsSync,
	readdirSync,
	readFileSync,
	readJsonSync,
	remove,
} from 'fs-extra';
import { KopoKopoApi } from '../../credentials/KopoKopoApi.credentials';
import { pagesWithTables, withTables } from '../support/docs/pageTables';

const readme = readFileSync('README.md', 'utf8');
const pages = readdirSync('docs').map((page) => `docs/${page}`);

describe.each(pagesWithTables)('the tables of %s', (page) => {
	const text = readFileSync(page, 'utf8');

	test('match the code; if not, run npm run docs', () => {
		expect(text).toBe(withTables(page, text));
	});

	test('are generated again if they are missing', () => {
		const incomplete = text.replace(/(?<=npm run docs -->\n)[\s\S]*?(?=\n<!-- end of)/g, '');
		expect(incomplete).not.toBe(text);
		expect(withTables(page, incomplete)).toBe(text);
	});

	test('are not generated if a mark is missing', () => {
		const incomplete = text.replace(/<!-- end of .*-->/, '');
		expect(() => withTables(page, incomplete)).toThrow('end of');
	});
});

test.each([
	['docs/operations.md', '| Request |'],
	['docs/operations.md', '`outcome`'],
	['docs/events.md', '`buygoods_transaction_received`'],
	['docs/events.md', '`dedupeKey`'],
	['docs/v1.md', 'Settle Everything'],
])('the tables of %s have %s', (page, text) => {
	const rows = readFileSync(page, 'utf8').match(/^\|.*$/gm) ?? [];
	expect(rows.join('\n')).toContain(text);
});

describe('the README', () => {
	test('has at most 200 lines', () => {
		expect(readme.trimEnd().split('\n').length).toBeLessThanOrEqual(200);
	});

	test('links every page of docs', () => {
		const linked = [...readme.matchAll(/\]\((docs\/[\w-]+\.md)/g)].map(([, page]) => page);
		expect(pages.length).toBeGreaterThan(10);
		expect(pages.filter((page) => !linked.includes(page))).toEqual([]);
	});

	test.each(pages)('is linked from %s', (page) => {
		expect(/\(\.\.\/README\.md\)/.test(readFileSync(page, 'utf8'))).toBe(true);
	});
});

/** Everything a person reads that may hold an address. */
const documents = [
	...['.', '.github', 'docs', 'test/sandbox'].flatMap((folder) =>
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
	// The address of results that nobody waits for. It does not exist.
	'n8n.invalid',
	'n8n.io',
	'sandbox.kopokopo.com',
	'semver.org',
	'www.odpc.go.ke',
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
	])('are found to be broken if they lead to %s', async (_what, link, rule) => {
		await outputFile('.run/broken.md', `# Broken\n\n${link}\n`);
		expect(await lintFindings('--no-globs', '.run/broken.md')).toContain(rule);
		await remove('.run/broken.md');
	});

	test('to other sites go to known hosts', () => {
		const hosts = new Set(documents.flatMap(addressesOf).map(({ host }) => host));
		expect([...hosts].filter((host) => !HOSTS.includes(host))).toEqual([]);
	});

	test('of the nodes and the credential lead to pages that exist', () => {
		const { homepage } = readJsonSync('package.json') as { homepage: string };
		const repository = homepage.replace('#readme', '');
		const codexes = documents.filter((file) => file.endsWith('.node.json'));
		const addresses = [
			...codexes.flatMap(addressesOf),
			new URL(new KopoKopoApi().documentationUrl),
		].map(String);
		expect(addresses).toHaveLength(2 * codexes.length + 1);
		// n8n appends a query, so an anchor would not work.
		const known = pages.map((page) => `${repository}/blob/main/${page}`);
		expect(addresses.filter((address) => !known.includes(address))).toEqual([]);
	});

	test('from the texts of the nodes and the credential lead to pages that exist', () => {
		const files = ['nodes', 'credentials'].flatMap((folder) =>
			readdirSync(folder, { recursive: true, encoding: 'utf8' })
				.filter((file) => file.endsWith('.ts'))
				.map((file) => `${folder}/${file}`),
		);
		const named = files.flatMap((file) =>
			[...readFileSync(file, 'utf8').matchAll(/blob\/main\/([\w./-]+\.md)(#[\w-]+)?/g)].map(
				([, page, anchor]) => ({ page, anchor }),
			),
		);
		expect(named.length).toBeGreaterThan(0);
		for (const { page, anchor } of named) {
			expect(pages).toContain(page);
			expect(anchor).toBeUndefined();
		}
	});
});

describe('paths in CONTRIBUTING.md and how-it-works.md', () => {
	const roots = ['', 'nodes/KopoKopo/', 'nodes/KopoKopo/resources/', 'test/unit/'];

	test.each(['CONTRIBUTING.md', 'docs/how-it-works.md'])('of %s exist', (page) => {
		const path = /`((?:[\w.-]+\/)*(?:[\w.-]+\.[cm]?ts|[\w-]+\/))`/g;
		const named = [...readFileSync(page, 'utf8').matchAll(path)].map(([, found]) => String(found));
		const missing = named.filter((one) => !roots.some((root) => pathExistsSync(`${root}${one}`)));
		expect(named.length).toBeGreaterThan(10);
		expect(missing).toEqual([]);
	});
});

test("the tests that CONTRIBUTING.md names in n8n's checklist exist", () => {
	const [, checklist = ''] = readFileSync('CONTRIBUTING.md', 'utf8').split("## n8n's checklist");
	const verified = checklist.split('\n').map((row) => row.split(' | ')[2] ?? '');
	const titles = verified.flatMap((cell) => [...cell.matchAll(/"([^"]+)"/g)].map(([, one]) => one));
	const files = verified.flatMap((cell) =>
		[...cell.matchAll(/`([\w/]+\.test\.ts)`/g)].map(([, file]) => String(file)),
	);
	const tests = ['test/unit/description.test.ts', 'test/integration/package.test.ts']
		.map((file) => readFileSync(file, 'utf8'))
		.join('\n');

	expect(titles.length).toBeGreaterThan(20);
	expect(titles.filter((title) => !tests.includes(String(title)))).toEqual([]);
	expect(files.length).toBeGreaterThan(15);
	const exists = (file: string) => pathExistsSync(file) || pathExistsSync(`test/unit/${file}`);
	expect(files.filter((file) => !exists(file))).toEqual([]);
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

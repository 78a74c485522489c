import execa from 'execa';
import {
	copy,
	ensureDir,
	mkdtemp,
	outputFile,
	readdirSync,
	readJson,
	remove,
	stat,
	writeJson,
} from 'fs-extra';

const RUN = '.run';

/** n8n looks at a published package twice: its sources at the tag, and the tarball on npm. */
const SOURCES = ['nodes', 'credentials', 'icons', 'package.json'];

let scratch: string;
let tarball: string;
let unpacked: string;

beforeAll(async () => {
	await ensureDir(RUN);
	scratch = await mkdtemp(`${RUN}/package-`);
	await execa.node('test/support/pack.mjs');
	tarball = `${RUN}/${((await readJson(`${RUN}/packed.json`)) as { tarball: string }).tarball}`;
	unpacked = `${scratch}/unpacked`;
	await ensureDir(unpacked);
	await execa('tar', ['-xzf', tarball, '-C', unpacked, '--strip-components=1']);
});

afterAll(async () => {
	await remove(scratch);
});

/** What n8n's scanner finds; an empty text when it finds nothing. */
async function findings(kind: 'source' | 'package', folder: string): Promise<string> {
	const { stdout, stderr, exitCode } = await execa.node('test/support/scan.mjs', [kind, folder], {
		reject: false,
		// Jest's own value makes the scanner's plugin take every file for a node.
		env: { NODE_ENV: 'production' },
	});
	const said = `${stdout}${stderr}`;
	return exitCode === 0 ? said : said || `The scanner ended with ${exitCode}`;
}

/** A copy to spoil. */
async function copyOf(paths: string[], from: string): Promise<string> {
	const folder = await mkdtemp(`${scratch}/forbidden-`);
	for (const path of paths) await copy(`${from}/${path}`, `${folder}/${path}`);
	return folder;
}

async function changeManifest(folder: string, change: object): Promise<void> {
	const file = `${folder}/package.json`;
	await writeJson(file, { ...((await readJson(file)) as object), ...change });
}

/** Breaks two rules, under a comment that would switch them off. */
const FORBIDDEN_CODE = '/* eslint-disable */\nconsole.log(process.env.HOME);\n';

describe("n8n's scanner", () => {
	test('finds nothing in the sources', async () => {
		expect(await findings('source', '.')).toBe('');
	});

	test('finds nothing in the packed package', async () => {
		expect(await findings('package', unpacked)).toBe('');
	});

	test('finds a forbidden line in a source file despite a comment that disables the rule', async () => {
		const folder = await copyOf(SOURCES, '.');
		expect(await findings('source', folder)).toBe('');
		await outputFile(`${folder}/nodes/KopoKopo/forbidden.ts`, FORBIDDEN_CODE);
		const found = await findings('source', folder);
		expect(found).toContain('forbidden.ts');
		expect(found).toContain('no-console');
		expect(found).toContain('no-restricted-globals');
	});

	test('finds a forbidden line in a packed file despite a comment that disables the rule', async () => {
		const folder = await copyOf(['dist', 'package.json'], unpacked);
		await outputFile(`${folder}/dist/nodes/KopoKopo/forbidden.js`, FORBIDDEN_CODE);
		const found = await findings('package', folder);
		expect(found).toContain('forbidden.js');
		expect(found).toContain('no-console');
		expect(found).toContain('no-restricted-globals');
	});

	test.each([
		['a runtime dependency', { dependencies: { axios: '1.18.0' } }],
		['an override', { overrides: { axios: '1.18.0' } }],
		['an install script', { scripts: { postinstall: 'node x.js' } }],
		['no author', { author: undefined }],
	])('finds %s in package.json', async (_what, change) => {
		const folder = await copyOf(['dist', 'package.json'], unpacked);
		await changeManifest(folder, change);
		expect(await findings('package', folder)).toContain('package.json');
	});
});

test('no source file switches a lint rule off', () => {
	const files = ['nodes', 'credentials'].flatMap((folder) => filesBelow(folder));
	expect(files.length).toBeGreaterThan(50);
	const grep = execa.sync('grep', ['-lE', 'eslint-(disable|enable)', ...files], { reject: false });
	expect(grep.stdout).toBe('');
});

/** Every file below a folder, as paths with slashes. */
function filesBelow(folder: string): string[] {
	return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
		const path = `${folder}/${entry.name}`;
		return entry.isDirectory() ? filesBelow(path) : [path];
	});
}

describe('the packed package', () => {
	test('contains a file for each source file, the icons, what npm requires, and nothing else', () => {
		const sources = ['nodes', 'credentials'].flatMap((folder) => filesBelow(folder));
		const files = filesBelow(unpacked).map((path) => path.slice(unpacked.length + 1));
		expect(files.sort()).toEqual(
			[
				...['LICENSE', 'README.md', 'package.json', 'dist/package.json'],
				...sources.map((path) => `dist/${path.replace(/ts$/, 'js')}`),
				...readdirSync('icons').map((icon) => `dist/icons/${icon}`),
			].sort(),
		);
	});

	test('exports the class that n8n loads from each file in its manifest', async () => {
		const { n8n } = (await readJson(`${unpacked}/package.json`)) as {
			n8n: { nodes: string[]; credentials: string[] };
		};
		for (const path of [...n8n.credentials, ...n8n.nodes]) {
			const name = /(\w+)\.(node|credentials)\.js$/.exec(path)?.[1] ?? '';
			const script = `const { ${name} } = require('./${unpacked}/${path}'); console.log(new ${name}().constructor.name, Object.keys(new ${name}()).length > 0)`;
			const { stdout } = await execa('node', ['-e', script]);
			expect(stdout).toBe(`${name} true`);
		}
	});

	test('reads its version from a copy of its manifest', async () => {
		const [own, copied] = (await Promise.all(
			[`${unpacked}/package.json`, `${unpacked}/dist/package.json`].map((file) => readJson(file)),
		)) as Array<{ version: string }>;
		expect(copied).toEqual(own);
	});

	test('contains minified icons', async () => {
		for (const icon of readdirSync('icons')) {
			const [packed, source] = await Promise.all(
				[`${unpacked}/dist/icons/${icon}`, `icons/${icon}`].map((file) => stat(file)),
			);
			expect(packed?.size).toBeLessThan(source?.size ?? 0);
		}
	});

	test('is small', async () => {
		expect((await stat(tarball)).size).toBeLessThanOrEqual(150_000);
	});
});

describe('gulp, which runs after n8n-node build', () => {
	/** What it says of the unpacked package with a changed codex file; empty when it succeeds. */
	async function failureWith(change: object): Promise<string> {
		const folder = await copyOf(['dist', 'package.json'], unpacked);
		await copy('gulpfile.js', `${folder}/gulpfile.js`);
		const codex = `${folder}/dist/nodes/KopoKopo/KopoKopo.node.json`;
		await writeJson(codex, { ...((await readJson(codex)) as object), ...change });
		const { exitCode, stdout, stderr } = await execa.node(
			'node_modules/gulp/bin/gulp.js',
			['--gulpfile', `${folder}/gulpfile.js`],
			{ reject: false },
		);
		return exitCode === 0 ? '' : `${stdout}${stderr}`;
	}

	test('accepts a correct codex file', async () => {
		expect(await failureWith({})).toBe('');
	});

	test.each([
		['the node of another package', { node: 'n8n-nodes-other.kopoKopo' }, '"node" must be'],
		['a category that n8n does not know', { categories: ['Finance'] }, '"categories" must'],
		['no address of documents', { resources: {} }, '"resources.primaryDocumentation" must'],
	])('stops at a codex file with %s', async (_what, change, message) => {
		expect(await failureWith(change)).toContain(message);
	});
});

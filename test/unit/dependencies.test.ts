import execa from 'execa';
import { ensureDir, mkdtemp, outputFile, readdirSync, readFileSync, remove } from 'fs-extra';
import { ROOT } from '../support/n8nInstallation';

const CRUISER = `${ROOT}/node_modules/dependency-cruiser/bin/dependency-cruise.mjs`;
const RULES = `${ROOT}/test/unit/dependencyRules.cjs`;
const PRODUCT = ['nodes', 'credentials'];

interface Violation {
	from: string;
	to: string;
	rule: { name: string };
	cycle?: Array<{ name: string }>;
}

/** What dependency-cruiser finds in nodes/ and credentials/ of a folder, one line for each import. */
async function violationsIn(folder: string): Promise<string[]> {
	const { stdout } = await execa.node(
		CRUISER,
		['--config', RULES, '--output-type', 'json', ...PRODUCT],
		{ cwd: folder },
	);
	const { summary } = JSON.parse(stdout) as {
		summary: { totalCruised: number; violations: Violation[] };
	};
	expect(summary.totalCruised).toBeGreaterThan(0);
	return summary.violations
		.map(({ from, to, rule, cycle }) => {
			const path = cycle === undefined ? [to] : cycle.map(({ name }) => name);
			return `${rule.name}: ${[from, ...path].join(' -> ')}`;
		})
		.sort();
}

/** A new folder with these files. */
async function plant(files: Record<string, string>): Promise<string> {
	await ensureDir(`${ROOT}/.run`);
	const folder = await mkdtemp(`${ROOT}/.run/dependencies-`);
	planted.push(folder);
	for (const [path, content] of Object.entries(files))
		await outputFile(`${folder}/${path}`, content);
	return folder;
}

const planted: string[] = [];

afterAll(async () => {
	for (const folder of planted) await remove(folder);
});

const VALUE = 'export const value = 1;\nexport type Type = number;\n';
const importing = (...from: string[]) =>
	[...from.map((path) => `import '${path}';\n`), VALUE].join('');
const importingType = (from: string) =>
	`import type { Type } from '${from}';\nexport type Own = Type;\n`;

/** Each of these files but those called `value` breaks a rule. */
const WRONG = {
	'nodes/KopoKopo/domain/value.ts': VALUE,
	'nodes/KopoKopo/domain/wrong.ts': importing('../n8n/value'),
	'nodes/KopoKopo/domain/type.ts': importingType('../n8n/value'),
	'nodes/KopoKopo/domain/first.ts': importing('./second'),
	'nodes/KopoKopo/domain/second.ts': importing('./third'),
	'nodes/KopoKopo/domain/third.ts': importing('./first'),
	'nodes/KopoKopo/n8n/value.ts': VALUE,
	'nodes/KopoKopo/n8n/wrong.ts': importing('../transport/value'),
	'nodes/KopoKopo/n8n/nowhere.ts': importing('./nowhereToBeFound'),
	'nodes/KopoKopo/transport/value.ts': VALUE,
	'nodes/KopoKopo/transport/wrong.ts': importing('../operations/value'),
	'nodes/KopoKopo/parsers/value.ts': VALUE,
	'nodes/KopoKopo/parsers/type.ts': importingType('../operations/value'),
	'nodes/KopoKopo/parsers/first.ts': importingType('./second'),
	'nodes/KopoKopo/parsers/second.ts':
		'import type { Own } from "./first";\nexport type Type = Own;\n',
	'nodes/KopoKopo/operations/value.ts': VALUE,
	'nodes/KopoKopo/operations/wrong.ts': importing('../resources/value'),
	'nodes/KopoKopo/resources/value.ts': VALUE,
	'nodes/KopoKopo/resources/wrong.ts': importing('../webhooks/value'),
	'nodes/KopoKopo/resources/v1/value.ts': VALUE,
	'nodes/KopoKopo/resources/v1/cycle.ts': importing('../shared/value'),
	'nodes/KopoKopo/resources/shared/value.ts': VALUE,
	'nodes/KopoKopo/resources/shared/cycle.ts': importingType('../v1/value'),
	'nodes/KopoKopo/webhooks/value.ts': VALUE,
	'nodes/KopoKopo/webhooks/wrong.ts': importing('../execution/value'),
	'nodes/KopoKopo/polling/type.ts': importingType('../execution/value'),
	'nodes/KopoKopo/execution/value.ts': VALUE,
	'nodes/KopoKopo/execution/wrong.ts': importing('../Some.node'),
	'nodes/KopoKopo/execution/credential.ts': importing('../../../credentials/Some.credentials'),
	'nodes/KopoKopo/execution/testing.ts': importing('../../../test/support/value'),
	'nodes/KopoKopo/unknown/value.ts': VALUE,
	'nodes/KopoKopo/Some.node.ts': importing('./unknown/value'),
	'nodes/KopoKopo/Other.node.ts': importing('./Some.node'),
	'credentials/Some.credentials.ts': importing('../nodes/KopoKopo/parsers/value'),
	'test/support/value.ts': VALUE,
};

describe('the imports of nodes and credential', () => {
	test('run one way, without a cycle of files or folders', async () => {
		expect(await violationsIn('.')).toEqual([]);
	});
});

describe('the rules for imports', () => {
	test('allow each folder its own level and those before it', async () => {
		const folder = await plant({
			'package.json': '{ "version": "1.0.0" }',
			'nodes/KopoKopo/domain/value.ts': importing('./other'),
			'nodes/KopoKopo/domain/other.ts': VALUE,
			'nodes/KopoKopo/n8n/value.ts': importing('../domain/value'),
			'nodes/KopoKopo/transport/value.ts': importing('../n8n/value', '../../../package.json'),
			'nodes/KopoKopo/parsers/value.ts': importing('../transport/value', '../n8n/value'),
			'nodes/KopoKopo/operations/value.ts': importing('../parsers/value', '../domain/value'),
			'nodes/KopoKopo/resources/value.ts': importing('../operations/value', './v1/value'),
			'nodes/KopoKopo/resources/v1/value.ts': importing('../shared/value'),
			'nodes/KopoKopo/resources/shared/value.ts': importing('../../operations/value'),
			'nodes/KopoKopo/webhooks/value.ts': importing('../resources/value', 'node:crypto'),
			'nodes/KopoKopo/polling/value.ts': importing('../resources/value', '../webhooks/value'),
			'nodes/KopoKopo/execution/value.ts': importing('../webhooks/value', '../polling/value'),
			'nodes/KopoKopo/Some.node.ts': importing('./execution/value', './domain/value'),
			'credentials/Some.credentials.ts': importing('../nodes/KopoKopo/transport/value'),
		});

		expect(await violationsIn(folder)).toEqual([]);
	});

	describe('find', () => {
		let found: string[];

		beforeAll(async () => {
			found = await violationsIn(await plant(WRONG));
		});

		/** What one rule has found, or several whose names end alike. */
		const foundBy = (rule: string) => found.filter((line) => line.split(':')[0]?.endsWith(rule));

		test('each import against the direction, of a value or of a type', () => {
			expect(foundBy('-one-way')).toEqual([
				'credentials-one-way: credentials/Some.credentials.ts -> nodes/KopoKopo/parsers/value.ts',
				'domain-one-way: nodes/KopoKopo/domain/type.ts -> nodes/KopoKopo/n8n/value.ts',
				'domain-one-way: nodes/KopoKopo/domain/wrong.ts -> nodes/KopoKopo/n8n/value.ts',
				'execution-one-way: nodes/KopoKopo/execution/credential.ts -> credentials/Some.credentials.ts',
				'execution-one-way: nodes/KopoKopo/execution/testing.ts -> test/support/value.ts',
				'execution-one-way: nodes/KopoKopo/execution/wrong.ts -> nodes/KopoKopo/Some.node.ts',
				'n8n-one-way: nodes/KopoKopo/n8n/wrong.ts -> nodes/KopoKopo/transport/value.ts',
				'nodes-one-way: nodes/KopoKopo/Other.node.ts -> nodes/KopoKopo/Some.node.ts',
				'nodes-one-way: nodes/KopoKopo/Some.node.ts -> nodes/KopoKopo/unknown/value.ts',
				'operations-one-way: nodes/KopoKopo/operations/wrong.ts -> nodes/KopoKopo/resources/value.ts',
				'parsers-one-way: nodes/KopoKopo/parsers/type.ts -> nodes/KopoKopo/operations/value.ts',
				'polling-one-way: nodes/KopoKopo/polling/type.ts -> nodes/KopoKopo/execution/value.ts',
				'resources-one-way: nodes/KopoKopo/resources/wrong.ts -> nodes/KopoKopo/webhooks/value.ts',
				'transport-one-way: nodes/KopoKopo/transport/wrong.ts -> nodes/KopoKopo/operations/value.ts',
				'webhooks-one-way: nodes/KopoKopo/webhooks/wrong.ts -> nodes/KopoKopo/execution/value.ts',
			]);
		});

		test('a cycle of files, of values or of types', () => {
			const cycles = foundBy('no-cycle-of-files').join('\n');

			for (const file of ['domain/first', 'domain/second', 'domain/third', 'parsers/first']) {
				expect(cycles).toContain(`nodes/KopoKopo/${file}.ts`);
			}
			expect(cycles).not.toContain('value.ts');
		});

		test('a cycle of folders without a cycle of files', () => {
			expect(foundBy('no-cycle-of-folders')).toContain(
				`no-cycle-of-folders: ${['v1', 'shared', 'v1'].map((name) => `nodes/KopoKopo/resources/${name}`).join(' -> ')}`,
			);
			expect(foundBy('no-cycle-of-files').join('\n')).not.toContain('resources');
		});

		test('an import of a test, and of a file that is not there', () => {
			expect(foundBy('no-import-of-tests')).toEqual([
				'no-import-of-tests: nodes/KopoKopo/execution/testing.ts -> test/support/value.ts',
			]);
			expect(foundBy('no-import-of-nothing')).toEqual([
				'no-import-of-nothing: nodes/KopoKopo/n8n/nowhere.ts -> ./nowhereToBeFound',
			]);
		});
	});
});

describe('the files of nodes and credential', () => {
	/** Files of fewer than 20 lines, and why each is a file of its own. */
	const SHORT: Record<string, string> = {
		'nodes/KopoKopo/domain/errors.ts': 'three classes that all folders throw',
		'nodes/KopoKopo/n8n/sleep.ts': 'hides a difference between two versions of n8n',
		'nodes/KopoKopo/resources/v1/smsNotification.ts': 'one file for each resource',
		'nodes/KopoKopo/resources/v1/transaction.ts': 'one file for each resource',
	};

	const lines = Object.fromEntries(
		PRODUCT.flatMap(codeBelow).map((path) => [
			path,
			readFileSync(path, 'utf8').trimEnd().split('\n').length,
		]),
	);

	const longerThan = (least: number) =>
		Object.keys(lines).filter((path) => (lines[path] ?? 0) > least);

	test('have at most 250 lines', () => {
		expect(longerThan(0)).toContain('nodes/KopoKopo/KopoKopo.node.ts');
		expect(longerThan(250).map((path) => `${path}: ${lines[path]}`)).toEqual([]);
	});

	test('have at least 20 lines, or a reason', () => {
		const short = Object.keys(lines).filter((path) => !longerThan(19).includes(path));

		expect(short).toEqual(Object.keys(SHORT));
	});
});

/** Every file of code below a folder, in alphabetical order. */
function codeBelow(folder: string): string[] {
	return readdirSync(folder, { withFileTypes: true })
		.flatMap((entry) => {
			const path = `${folder}/${entry.name}`;
			if (entry.isDirectory()) return codeBelow(path);
			return path.endsWith('.ts') ? [path] : [];
		})
		.sort();
}

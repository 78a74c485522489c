import { readFileSync, readJsonSync } from 'fs-extra';
import {
	compareSurvivors,
	mutationScore,
	survivorsOf,
	timedOutOf,
	updatedList,
	type ListedSurvivor,
	type Mutant,
} from '../mutation/survivors';

const FILE = 'nodes/KopoKopo/domain/sum.ts';
const SOURCE = ['/** Adds. */', 'function sum(a, b) {', '\treturn a + b;', '}', ''].join('\n');

const mutantOf = (status: string, start: number[], end: number[], replacement: string): Mutant => ({
	file: FILE,
	status,
	location: {
		start: { line: start[0] ?? 0, column: start[1] ?? 0 },
		end: { line: end[0] ?? 0, column: end[1] ?? 0 },
	},
	replacement,
});
const minus = (status: string) => mutantOf(status, [3, 9], [3, 14], 'a - b');
const emptyBody = (status: string) => mutantOf(status, [2, 20], [4, 2], '{}');
const survivors = (...mutants: Mutant[]) => survivorsOf(mutants, () => SOURCE);

const listedMinus = {
	file: FILE,
	line: 'return a + b;',
	code: 'a + b',
	mutant: 'a - b',
	reason: 'The same for zero.',
};

describe('mutationScore', () => {
	test('counts mutants that time out as detected and those without a test as undetected', () => {
		const statuses = ['Killed', 'Timeout', 'Killed', 'Survived', 'NoCoverage', 'RuntimeError'];
		expect(mutationScore(statuses.map((status) => ({ status })))).toEqual({
			detected: 3,
			total: 5,
			score: 60,
		});
	});

	test('is null for a file without mutants', () => {
		expect(mutationScore([]).score).toBeNull();
	});
});

describe('survivorsOf', () => {
	test('gives the mutated code and the line where it begins, and leaves killed mutants out', () => {
		expect(survivors(minus('Survived'), emptyBody('NoCoverage'), minus('Killed'))).toEqual([
			{ file: FILE, line: 'return a + b;', code: 'a + b', mutant: 'a - b' },
			{ file: FILE, line: 'function sum(a, b) {', code: '{ return a + b; }', mutant: '{}' },
		]);
	});
});

describe('compareSurvivors', () => {
	test('accepts a survivor that is listed with a reason', () => {
		expect(compareSurvivors(survivors(minus('Survived')), [listedMinus], [FILE])).toEqual({
			unexplained: [],
			outdated: [],
		});
	});

	test.each([
		['not listed', []],
		['listed without a reason', [{ ...listedMinus, reason: ' ' }]],
	])('reports a survivor that is %s', (_case, listed) => {
		const [survivor] = survivors(minus('Survived'));
		expect(compareSurvivors(survivors(minus('Survived')), listed, [FILE]).unexplained).toEqual([
			survivor,
		]);
	});

	test('reports the second of two equal survivors when only one is listed', () => {
		const found = survivors(minus('Survived'), minus('Survived'));
		expect(compareSurvivors(found, [listedMinus], [FILE]).unexplained).toHaveLength(1);
	});

	test('reports a listed mutant that was killed, but only for files of the run', () => {
		expect(compareSurvivors([], [listedMinus], [FILE]).outdated).toEqual([listedMinus]);
		expect(compareSurvivors([], [listedMinus], ['other.ts']).outdated).toEqual([]);
	});

	test('does not report a listed mutant that timed out, which a busy machine can cause', () => {
		const timedOut = timedOutOf([minus('Timeout'), emptyBody('Killed')], () => SOURCE);
		expect(compareSurvivors([], [listedMinus], [FILE], timedOut).outdated).toEqual([]);
		expect(updatedList([], [listedMinus], [FILE], timedOut)).toEqual([listedMinus]);
	});
});

test('updatedList keeps reasons, adds new survivors without one, and removes killed mutants', () => {
	const gone = { ...listedMinus, mutant: 'a * b' };
	const other = { ...listedMinus, file: 'nodes/KopoKopo/domain/other.ts' };
	const found = survivors(minus('Survived'), emptyBody('Survived'));
	expect(updatedList(found, [gone, listedMinus, other], [FILE])).toEqual([
		other,
		listedMinus,
		expect.objectContaining({ code: '{ return a + b; }', reason: '' }),
	]);
});

test('every entry of survivors.json names a line of its file', () => {
	const listed = readJsonSync('test/mutation/survivors.json') as ListedSurvivor[];
	const outdated = listed.filter(({ file, line }) => {
		// survivorsOf() shortens long lines.
		const beginning = line.replace(/\.\.\.$/, '');
		const lines = readFileSync(file, 'utf8').split('\n');
		return !lines.some((one) => one.replace(/\s+/g, ' ').trim().startsWith(beginning));
	});

	expect(listed.length).toBeGreaterThan(50);
	expect(outdated).toEqual([]);
});

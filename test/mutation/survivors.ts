/** The score of a mutation run, and its survivors against those that survivors.json explains. */

/** What Stryker says about a mutant: lines and columns count from 1. */
export interface Mutant {
	file: string;
	status: string;
	location: { start: Position; end: Position };
	replacement: string;
}

interface Position {
	line: number;
	column: number;
}

/**
 * A mutant that no test noticed. Without line numbers, which change with every edit: `line` is the text of the
 * line in which the mutated code begins.
 */
export interface Survivor {
	file: string;
	line: string;
	code: string;
	mutant: string;
}

/** An entry of survivors.json. */
export interface ListedSurvivor extends Survivor {
	reason: string;
}

const DETECTED = ['Killed', 'Timeout'];
const UNDETECTED = ['Survived', 'NoCoverage'];

/** The share of mutants that tests detect, in percent; null without mutants. Those that cannot run do not count. */
export function mutationScore(mutants: Array<{ status: string }>) {
	const detected = mutants.filter(({ status }) => DETECTED.includes(status)).length;
	const total = detected + mutants.filter(({ status }) => UNDETECTED.includes(status)).length;
	return { detected, total, score: total === 0 ? null : (100 * detected) / total };
}

/** The mutants that survived or that no test reaches. `textOf` gives the source of a file. */
export const survivorsOf = (mutants: Mutant[], textOf: (file: string) => string): Survivor[] =>
	withStatus(UNDETECTED, mutants, textOf);

/** The mutants with which a test took too long, which can also be because the machine was busy. */
export const timedOutOf = (mutants: Mutant[], textOf: (file: string) => string): Survivor[] =>
	withStatus(['Timeout'], mutants, textOf);

function withStatus(
	statuses: string[],
	mutants: Mutant[],
	textOf: (file: string) => string,
): Survivor[] {
	return mutants
		.filter(({ status }) => statuses.includes(status))
		.map(({ file, location: { start, end }, replacement }) => {
			const lines = textOf(file).split('\n');
			const code = lines.slice(start.line - 1, end.line);
			code.push((code.pop() ?? '').slice(0, end.column - 1));
			code.unshift((code.shift() ?? '').slice(start.column - 1));
			return {
				file,
				line: shortened(lines[start.line - 1] ?? ''),
				code: shortened(code.join(' ')),
				mutant: shortened(replacement),
			};
		});
}

/**
 * `unexplained` are survivors that `listed` does not have with a reason; `outdated` are entries of `listed`
 * for the mutated `files` that a test noticed. An entry that timed out is not outdated.
 */
export function compareSurvivors(
	survivors: Survivor[],
	listed: ListedSurvivor[],
	files: string[],
	timedOut: Survivor[] = [],
): { unexplained: Survivor[]; outdated: ListedSurvivor[] } {
	return {
		unexplained: without(
			survivors,
			listed.filter(({ reason }) => reason.trim() !== ''),
		),
		outdated: without(
			listed.filter(({ file }) => files.includes(file)),
			[...survivors, ...timedOut],
		),
	};
}

/** The list after a run of `files`: outdated entries are gone, and new survivors have an empty reason. */
export function updatedList(
	survivors: Survivor[],
	listed: ListedSurvivor[],
	files: string[],
	timedOut: Survivor[] = [],
): ListedSurvivor[] {
	const { outdated } = compareSurvivors(survivors, listed, files, timedOut);
	const kept = listed.filter((entry) => !outdated.includes(entry));
	const added = without(survivors, kept).map((survivor) => ({ ...survivor, reason: '' }));
	return [...kept, ...added].sort((a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : 0));
}

export function describeSurvivor({ file, line, code, mutant }: Survivor) {
	return `${file}: ${line}\n    ${code}  ->  ${mutant}`;
}

/** The entries of `list` that `others` does not have; each entry of `others` stands for one. */
function without<T extends Survivor>(list: T[], others: Survivor[]): T[] {
	const counts = new Map<string, number>();
	for (const key of others.map(describeSurvivor)) counts.set(key, (counts.get(key) ?? 0) + 1);
	return list.filter((entry) => {
		const key = describeSurvivor(entry);
		const count = counts.get(key) ?? 0;
		counts.set(key, count - 1);
		return count <= 0;
	});
}

function shortened(code: string) {
	const text = code.replace(/\s+/g, ' ').trim();
	return text.length > 120 ? `${text.slice(0, 117)}...` : text;
}

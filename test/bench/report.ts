import type { Spread } from './rounds';

/** A cell is text, or a spread that is shown as median (min–max). */
export type Cell = string | Spread;

export interface Table {
	title: string;
	columns: string[];
	rows: Cell[][];
	/** What the numbers mean, below the table. */
	notes?: string[];
}

/** What a ratio has to be; `measured` is the median of the rounds. */
export interface Target {
	what: string;
	atLeast?: number;
	atMost?: number;
	measured: Spread;
}

/** What a part of the bench gives back: nothing in it is a judgement but the targets. */
export interface Report {
	tables: Table[];
	targets: Target[];
	/** What must not happen in a bench that is to be believed, such as a lost delivery. */
	problems: string[];
}

/** A number as short as it is still telling. */
export function show(value: number): string {
	if (!Number.isFinite(value)) return '–';
	const size = Math.abs(value);
	return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : 2);
}

/** Whether a target is met by the median of its rounds. */
export function isMet({ atLeast = -Infinity, atMost = Infinity, measured }: Target): boolean {
	return measured.median >= atLeast && measured.median <= atMost;
}

/** The table as text with aligned columns. */
export function printTable({ title, columns, rows, notes = [] }: Table): string {
	const texts = [columns, ...rows.map((row) => row.map(printCell))];
	const widths = columns.map((_, column) =>
		Math.max(...texts.map((row) => row[column]?.length ?? 0)),
	);
	const line = (row: string[]) =>
		row
			.map((text, column) => {
				const width = widths[column] ?? 0;
				return column === 0 ? text.padEnd(width) : text.padStart(width);
			})
			.join('  ')
			.trimEnd();
	const [head = [], ...body] = texts;
	return [
		title,
		line(head),
		line(widths.map((width) => '-'.repeat(width))),
		...body.map(line),
		...notes.map((note) => `  ${note}`),
	].join('\n');
}

/** A target as one line that ends in its verdict. */
export function printTarget(target: Target): string {
	const { what, atLeast, atMost, measured } = target;
	const wanted = atLeast === undefined ? `at most ${atMost}` : `at least ${atLeast}`;
	return `${isMet(target) ? 'met    ' : 'not met'}  ${what}: ${printCell(measured)}, wanted ${wanted}`;
}

/** A cell as the table shows it. */
export function printCell(cell: Cell): string {
	if (typeof cell === 'string') return cell;
	return `${show(cell.median)} (${show(cell.min)}–${show(cell.max)})`;
}

import type { Summary } from '../statistics';
import type { Cell } from './rounds';

export interface Table {
	title: string;
	columns: string[];
	rows: Cell[][];
	/** Explanations below the table. */
	notes?: string[];
}

/** A limit for a measured number; it applies to the median of the rounds. */
export interface Target {
	name: string;
	atLeast?: number;
	atMost?: number;
	measured: Summary;
}

/** The result of one part of the bench. */
export interface Report {
	tables: Table[];
	targets: Target[];
	/** What makes the measurement invalid, such as a lost delivery. */
	problems: string[];
}

function formatNumber(value: number): string {
	if (!Number.isFinite(value)) return '–';
	const size = Math.abs(value);
	return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : 2);
}

/** Whether the median of the rounds meets a target. */
export function isMet({ atLeast = -Infinity, atMost = Infinity, measured }: Target): boolean {
	return measured.median >= atLeast && measured.median <= atMost;
}

/** A table as text with aligned columns. */
export function printTable({ title, columns, rows, notes = [] }: Table): string {
	const cells = [columns, ...rows.map((row) => row.map(printCell))];
	const widths = columns.map((_, column) =>
		Math.max(...cells.map((row) => row[column]?.length ?? 0)),
	);
	const printRow = (row: string[]) =>
		row
			.map((text, column) => {
				const width = widths[column] ?? 0;
				return column === 0 ? text.padEnd(width) : text.padStart(width);
			})
			.join('  ')
			.trimEnd();
	const [head = [], ...body] = cells;
	return [
		title,
		printRow(head),
		printRow(widths.map((width) => '-'.repeat(width))),
		...body.map(printRow),
		...notes.map((note) => `  ${note}`),
	].join('\n');
}

/** A target as one line: whether it is met, what was measured, and the limit. */
export function printTarget(target: Target): string {
	const { name, atLeast, atMost, measured } = target;
	const limit = atLeast === undefined ? `at most ${atMost}` : `at least ${atLeast}`;
	return `${isMet(target) ? 'met    ' : 'not met'}  ${name}: ${printCell(measured)}, target ${limit}`;
}

/** The text of a cell. */
export function printCell(cell: Cell): string {
	if (typeof cell === 'string') return cell;
	const { median, min, max } = cell;
	return `${formatNumber(median)} (${formatNumber(min)}–${formatNumber(max)})`;
}

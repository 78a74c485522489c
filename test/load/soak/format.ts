/** Rows as text with aligned columns. The last cell of a row does not widen its column. */
export function alignColumns(rows: string[][]): string {
	const widths: number[] = [];
	for (const row of rows) {
		row.slice(0, -1).forEach((cell, column) => {
			widths[column] = Math.max(widths[column] ?? 0, cell.length);
		});
	}
	return rows
		.map((row) =>
			row
				.map((cell, column) => cell.padEnd(widths[column] ?? 0))
				.join('  ')
				.trimEnd(),
		)
		.join('\n');
}

/** Counts as text, the largest first: "reset 12, stall 3". */
export function formatCounts(counts: Record<string, number>): string {
	return Object.entries(counts)
		.sort(([, a], [, b]) => b - a)
		.map(([name, times]) => `${name} ${times}`)
		.join(', ');
}

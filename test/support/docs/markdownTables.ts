type Row = readonly string[];

const cell = (text: string) =>
	text === '' ? ' ' : ` ${text.replaceAll('|', '\\|').replaceAll('\n', ' ')} `;

/** A Markdown table. */
export function table(head: Row, rows: readonly Row[]): string {
	const line = (cells: Row) => `|${cells.map(cell).join('|')}|`;
	const ruler = `|${' --- |'.repeat(head.length)}`;
	return [line(head), ruler, ...rows.map(line)].join('\n');
}

/**
 * A page with its generated parts replaced, each between its two marks.
 * @param parts what generates each part, by the name in its marks
 * @throws Error when a mark is missing
 */
export function withGeneratedParts(page: string, parts: Record<string, () => string>): string {
	return Object.entries(parts).reduce((text, [name, generate]) => {
		const begin = `<!-- ${name}: made by npm run docs -->`;
		const end = `<!-- end of ${name} -->`;
		const [before, ...others] = text.split(begin);
		const [, ...after] = (others[0] ?? '').split(end);
		if (others.length !== 1 || after.length !== 1) {
			throw new Error(`The page needs "${begin}" and "${end}", once each`);
		}
		return `${before}${begin}\n\n${generate()}\n\n${end}${after[0]}`;
	}, page);
}

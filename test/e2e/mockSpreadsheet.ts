import type { IDataObject } from 'n8n-workflow';

type Cell = string | number;

/** `Payments!B3` or `Payments!5:5`; a whole tab when there is no `!`. */
function readRange(range: string) {
	const [title = '', cells = ''] = range.replace(/'/g, '').split('!');
	const [, letter, row] = /^([A-Z]?)(\d*)/.exec(cells) ?? [];
	return {
		title,
		column: letter ? letter.charCodeAt(0) - 65 : 0,
		row: row ? Number(row) : undefined,
	};
}

/** The part of Google's Sheets API v4 that n8n's node uses: one spreadsheet, tabs of up to 26 columns. */
export class Spreadsheet {
	private readonly tabs = new Map<string, Cell[][]>();

	/** Makes a tab whose first row holds the names of its columns, with these rows below it. */
	fill(title: string, columns: string, rows: IDataObject[] = []): void {
		const names = columns.split(', ');
		const cells = rows.map((row) => names.map((name) => (row[name] ?? '') as Cell));
		this.tabs.set(title, [names, ...cells]);
	}

	/** The rows of a tab by the names of its columns, without the first. */
	rows(title: string): IDataObject[] {
		const [names = [], ...cells] = this.tabs.get(title) ?? [];
		return cells.map((row) => Object.fromEntries(names.map((name, at) => [name, row[at] ?? ''])));
	}

	clear(): void {
		this.tabs.clear();
	}

	/** The body to answer a request with; undefined for one that is not understood. */
	answer(method: string, path: string, body: IDataObject): object | undefined {
		const [, rest] = /^\/v4\/spreadsheets\/[^/:]+(.*)$/.exec(path) ?? [];
		if (rest === undefined) return undefined;
		if (method === 'GET' && rest === '') return { sheets: this.properties() };
		// Empty rows that n8n adds before it writes; here a tab grows by itself.
		if (method === 'POST' && rest === ':batchUpdate') return { replies: [] };
		if (method === 'POST' && rest === '/values:batchUpdate') {
			const changes = body.data as Array<{ range: string; values: Cell[][] }>;
			for (const { range, values } of changes) this.write(range, values);
			return { totalUpdatedCells: changes.length };
		}
		const [, range] = /^\/values\/(.+)$/.exec(rest) ?? [];
		if (range === undefined) return undefined;
		if (method === 'GET') return this.read(range);
		if (method !== 'PUT') return undefined;
		this.write(range, body.values as Cell[][]);
		return { updatedRange: range };
	}

	private properties() {
		return [...this.tabs].map(([title, cells], sheetId) => ({
			properties: {
				sheetId,
				title,
				gridProperties: { rowCount: cells.length, columnCount: 26 },
			},
		}));
	}

	private read(range: string) {
		const { title, row } = readRange(range);
		const cells = this.tabs.get(title);
		if (cells === undefined) return undefined;
		return { range, values: row === undefined ? cells : [cells[row - 1] ?? []] };
	}

	private write(range: string, values: Cell[][]): void {
		const { title, column, row = 1 } = readRange(range);
		const cells = this.tabs.get(title);
		values.forEach((given, below) => {
			if (cells === undefined) return;
			const at = row - 1 + below;
			while (cells.length <= at) cells.push([]);
			const target = cells[at] ?? [];
			given.forEach((value, across) => {
				target[column + across] = value;
			});
		});
	}
}

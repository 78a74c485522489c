import type { IDataObject } from 'n8n-workflow';

type Cell = string | number;

/** Reads a range such as `Payments!B3` or `Payments!5:5`, or the title of a tab. */
function readRange(range: string) {
	const [title = '', cells = ''] = range.replace(/'/g, '').split('!');
	const [, letter, row] = /^([A-Z]?)(\d*)/.exec(cells) ?? [];
	return {
		title,
		column: letter ? letter.charCodeAt(0) - 65 : 0,
		row: row ? Number(row) : undefined,
	};
}

/** The part of Google's Sheets API v4 that n8n's node uses: one spreadsheet with tabs of up to 26 columns. */
export class MockSpreadsheet {
	private readonly tabs = new Map<string, Cell[][]>();

	/** Creates a tab with these comma-separated column names in its first row and these rows below it. */
	fill(title: string, columns: string, rows: IDataObject[] = []): void {
		const names = columns.split(', ');
		const cells = rows.map((row) => names.map((name) => (row[name] ?? '') as Cell));
		this.tabs.set(title, [names, ...cells]);
	}

	/** The rows of a tab below its first one, each by column name. */
	rows(title: string): IDataObject[] {
		const [names = [], ...cells] = this.tabs.get(title) ?? [];
		return cells.map((row) =>
			Object.fromEntries(names.map((name, column) => [name, row[column] ?? ''])),
		);
	}

	clear(): void {
		this.tabs.clear();
	}

	/** The response body for a request; undefined if the request is not supported. */
	answer(method: string, path: string, body: IDataObject): object | undefined {
		const [, rest] = /^\/v4\/spreadsheets\/[^/:]+(.*)$/.exec(path) ?? [];
		if (rest === undefined) return undefined;
		if (method === 'GET' && rest === '') return { sheets: this.properties() };
		// n8n adds empty rows before it writes. Here, a tab grows when it is written to.
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
		values.forEach((newCells, offset) => {
			if (cells === undefined) return;
			const index = row - 1 + offset;
			while (cells.length <= index) cells.push([]);
			const target = cells[index] ?? [];
			newCells.forEach((value, position) => {
				target[column + position] = value;
			});
		});
	}
}

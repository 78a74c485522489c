import type { PageView } from './view';

type ListName = 'payments' | 'deliveries' | 'movements';

/** The changed and the removed rows of a long list. */
interface RowChanges {
	rows: Array<{ id: string }>;
	removed: string[];
}

/** What changed from one view to the next: short panels as a whole, long lists by row. */
export type ViewChanges = Partial<Omit<PageView, ListName>> & Partial<Record<ListName, RowChanges>>;

const LISTS: ListName[] = ['payments', 'deliveries', 'movements'];

/** Remembers the last view, so that only what changed since is sent to the page. */
export class ChangeDetector {
	private panels = new Map<string, string>();
	private rows = new Map<ListName, Map<string, string>>();

	/** What changed since the last call; undefined when nothing did. The first call returns everything. */
	changesTo(view: PageView): ViewChanges | undefined {
		const changes: ViewChanges = {};
		for (const [name, panel] of Object.entries(view)) {
			if (LISTS.some((list) => list === name)) continue;
			const text = JSON.stringify(panel);
			if (this.panels.get(name) === text) continue;
			this.panels.set(name, text);
			Object.assign(changes, { [name]: panel });
		}
		for (const list of LISTS) {
			const changed = this.changedRows(list, view[list]);
			if (changed.rows.length + changed.removed.length > 0) changes[list] = changed;
		}
		return Object.keys(changes).length > 0 ? changes : undefined;
	}

	private changedRows(list: ListName, rows: Array<{ id: string }>): RowChanges {
		const before = this.rows.get(list) ?? new Map<string, string>();
		const after = new Map(rows.map((row) => [row.id, JSON.stringify(row)]));
		this.rows.set(list, after);
		return {
			rows: rows.filter(({ id }) => before.get(id) !== after.get(id)),
			removed: [...before.keys()].filter((id) => !after.has(id)),
		};
	}
}

import type { INode } from 'n8n-workflow';
import { KopoKopo } from '../../nodes/KopoKopo/KopoKopo.node';
import { chain, node, START } from '../support/workflows';
import { Editor, readUntil } from '../support/editor';
import { sharedN8n } from '../support/sharedN8n';
import { menuOf, paths, Shown, type Path } from './visibleFields';

const { description } = new KopoKopo();
const all = paths(description);
const nameOf = ({ apiVersion, resource, operation }: Path) =>
	`${apiVersion.name} ${resource.name}: ${operation.name}`;
const parametersOf = ({ apiVersion, resource, operation }: Path) => ({
	apiVersion: apiVersion.value,
	resource: resource.value,
	operation: operation.value,
});

let editor: Editor;

/** Opens the editor on a workflow with these nodes. */
async function openWorkflow(nodes: INode[]): Promise<void> {
	const n8n = await sharedN8n();
	const { id } = await n8n.createWorkflow({
		name: 'Every operation',
		nodes: [node(START, 'n8n-nodes-base.manualTrigger'), ...nodes],
		connections: chain(START, nodes[0]?.name ?? ''),
	});
	editor = await Editor.open(n8n);
	await editor.openWorkflow(id);
}

/** Waits until the open node shows these labels; gives those that it shows. */
const labels = async (wanted: string[]) =>
	await readUntil(
		async () => await editor.labels(),
		(shown) => shown.join() === wanted.join(),
		3000,
	);

/** Picks a value unless it is there already. */
async function pick(field: 'apiVersion' | 'resource' | 'operation', label: string) {
	if ((await editor.selected(field)) !== label) await editor.select(field, label);
}

describe('every operation, picked from the menus as a user does', () => {
	const seen = new Set<string>();

	beforeAll(async () => {
		await openWorkflow([node('Kopo Kopo', 'n8n-nodes-kopokopo.kopoKopo')]);
		await editor.openNode('Kopo Kopo');
	});
	afterAll(async () => await editor.close());

	it('there are as many as the description names', () => {
		expect(all.length).toBeGreaterThan(40);
		expect(new Set(all.map(nameOf)).size).toBe(all.length);
	});

	it.each(all.map((path) => ({ name: nameOf(path), path })))('$name', async ({ path }) => {
		const shown = new Shown(description, parametersOf(path));
		const fields = shown.fields();
		await pick('apiVersion', path.apiVersion.name);
		await pick('resource', path.resource.name);
		await pick('operation', path.operation.name);

		const wanted = fields.map(({ displayName }) => displayName);
		expect(await labels(wanted)).toEqual(wanted);
		for (const field of fields.filter(({ type }) => /^(multiO|o)ptions$/.test(type))) {
			const entries = menuOf(field);
			// A menu that an earlier operation has shown already is the same one.
			const key = `${field.name}: ${entries.join()}`;
			if (seen.has(key)) continue;
			seen.add(key);
			expect(entries.length).toBeGreaterThan(1);
			expect(await editor.optionsOf(field.name)).toEqual(entries);
			expect(entries).toContain(await editor.selected(field.name));
		}
		const asked = fields.filter(
			({ required, default: unchanged }) => required === true && unchanged === '',
		);
		expect(await editor.fieldsWithIssues()).toEqual(asked.map(({ name }) => name));
		expect(editor.errors).toEqual([]);
	});
});

describe('every operation with all its optional fields', () => {
	const nodes = all.map((path, index): INode => {
		const parameters = new Shown(description, parametersOf(path)).allAdded();
		const column = index % 9;
		return {
			...node(nameOf(path), 'n8n-nodes-kopokopo.kopoKopo', parameters),
			position: [220 * (column + 1), 180 * ((index - column) / 9)],
		};
	});

	beforeAll(async () => await openWorkflow(nodes));
	afterAll(async () => await editor.close());

	it.each(all.map((path) => ({ name: nameOf(path), path })))('$name', async ({ name, path }) => {
		const shown = new Shown(description, parametersOf(path));
		const wanted = shown.allLabels();
		await editor.openNode(name);
		expect(await labels(wanted)).toEqual(wanted);
		await editor.closeNode();
		expect(editor.errors).toEqual([]);
	});
});

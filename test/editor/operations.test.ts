import type { INode } from 'n8n-workflow';
import { KopoKopo } from '../../nodes/KopoKopo/KopoKopo.node';
import { chain, node, START } from '../support/workflows';
import { Editor, readUntil } from '../support/editor';
import { sharedN8n } from '../support/sharedN8n';
import { optionLabels, operationPaths, VisibleFields, type OperationPath } from './visibleFields';

const { description } = new KopoKopo();
const all = operationPaths(description);
const nameOf = ({ apiVersion, resource, operation }: OperationPath) =>
	`${apiVersion.name} ${resource.name}: ${operation.name}`;
const parametersOf = ({ apiVersion, resourceField, resource, operation }: OperationPath) => ({
	apiVersion: apiVersion.value,
	[resourceField]: resource.value,
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

/** Waits until the open node shows these labels; resolves with those that it shows. */
const labels = async (expected: string[]) =>
	await readUntil(
		async () => await editor.labels(),
		(shown) => shown.join() === expected.join(),
		3000,
	);

/** Selects an option unless it is already selected. */
async function select(field: string, label: string) {
	if ((await editor.selected(field)) !== label) await editor.select(field, label);
}

describe('every operation, selected in the editor, shows its fields', () => {
	const checked = new Set<string>();

	beforeAll(async () => {
		await openWorkflow([node('Kopo Kopo', 'n8n-nodes-kopokopo.kopoKopo')]);
		await editor.openNode('Kopo Kopo');
	});
	afterAll(async () => await editor.close());

	it('has a different name', () => {
		expect(all.length).toBeGreaterThan(40);
		expect(new Set(all.map(nameOf)).size).toBe(all.length);
	});

	it.each(all.map((path) => ({ name: nameOf(path), path })))('$name', async ({ path }) => {
		const shown = new VisibleFields(description, parametersOf(path));
		const fields = shown.fields();
		await select('apiVersion', path.apiVersion.name);
		await select(path.resourceField, path.resource.name);
		await select('operation', path.operation.name);

		const expected = fields.map(({ displayName }) => displayName);
		expect(await labels(expected)).toEqual(expected);
		for (const field of fields.filter(({ type }) => /^(multiO|o)ptions$/.test(type))) {
			const options = optionLabels(field);
			// The same options were already checked for an earlier operation.
			const key = `${field.name}: ${options.join()}`;
			if (checked.has(key)) continue;
			checked.add(key);
			expect(options.length).toBeGreaterThan(1);
			expect(await editor.optionsOf(field.name)).toEqual(options);
			expect(options).toContain(await editor.selected(field.name));
		}
		const requiredFields = fields.filter(
			({ required, default: defaultValue }) => required === true && defaultValue === '',
		);
		expect(await editor.fieldsWithIssues()).toEqual(requiredFields.map(({ name }) => name));
		expect(editor.errors).toEqual([]);
	});
});

describe('every operation, with all optional fields, shows their labels', () => {
	const nodes = all.map((path, index): INode => {
		const parameters = new VisibleFields(description, parametersOf(path)).allAdded();
		const column = index % 9;
		return {
			...node(nameOf(path), 'n8n-nodes-kopokopo.kopoKopo', parameters),
			position: [220 * (column + 1), 180 * ((index - column) / 9)],
		};
	});

	beforeAll(async () => await openWorkflow(nodes));
	afterAll(async () => await editor.close());

	it.each(all.map((path) => ({ name: nameOf(path), path })))('$name', async ({ name, path }) => {
		const shown = new VisibleFields(description, parametersOf(path));
		const expected = shown.allLabels();
		await editor.openNode(name);
		expect(await labels(expected)).toEqual(expected);
		await editor.closeNode();
		expect(editor.errors).toEqual([]);
	});
});

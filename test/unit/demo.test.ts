import { readdirSync, readJsonSync } from 'fs-extra';
import { instructions, publishAgain, WORKFLOWS } from '../support/demo';
import type { SavedWorkflow, WorkflowDraft } from '../support/n8nClient';
import { node } from '../support/workflows';
import { DEFAULT_CONFIG } from '../sandbox/config';
import { CUSTOMERS } from '../sandbox/phones';
import { TILLS } from '../sandbox/tills';

const FOLDER = 'test/support/demo';
const drafts = WORKFLOWS.map((file) => readJsonSync(`${FOLDER}/${file}.json`) as WorkflowDraft);

describe('the demo', () => {
	const SANDBOX = {
		...DEFAULT_CONFIG,
		url: 'http://127.0.0.1:4010',
		pageUrl: 'http://127.0.0.1:4010/phone',
	};
	const EDITOR = 'http://127.0.0.1:5678/workflow/1';

	test('prints five aligned lines, the same in a wide terminal and without one', () => {
		const lines = [
			'Editor      http://127.0.0.1:5678/workflow/1',
			'Login       owner@example.com, password Lipa-na-K2',
			'Phone       http://127.0.0.1:4010/phone (open it beside the editor)',
			'Credential  saved as "Kopo Kopo (local sandbox)"; to create one yourself: Environment Custom, Base URL http://127.0.0.1:4010, Client ID sandbox-client-id-example, Client Secret sandbox-client-secret-example, API Key sandbox-api-key-example',
			'Try first   Open the phone, execute the workflow in the editor, and enter the PIN 1234',
		];
		expect(instructions(EDITOR, SANDBOX)).toEqual(lines);
		expect(instructions(EDITOR, SANDBOX, 300)).toEqual(lines);
	});

	test.each([80, 60])('wraps them between words in a terminal of %i columns', (columns) => {
		const lines = instructions(EDITOR, SANDBOX, columns);
		const rows = lines.flatMap((line) => line.split('\n'));
		expect(rows.filter((row) => row.length > columns)).toEqual([]);
		expect(rows.length).toBeGreaterThan(5);
		for (const row of rows) expect(row.slice(10, 13)).toMatch(/^ {2}\S/);
		const joined = lines.map((line) => line.replace(/\n {12}/g, ' '));
		expect(joined).toEqual(instructions(EDITOR, SANDBOX));
	});

	test.each([20, 12, 1])('breaks no address in a terminal of %i columns', (columns) => {
		const text = instructions(EDITOR, SANDBOX, columns).join('\n');
		for (const word of [EDITOR, SANDBOX.pageUrl, SANDBOX.clientSecret]) {
			expect(text).toContain(word);
		}
	});

	test('saves every workflow of its folder', () => {
		expect(readdirSync(FOLDER).sort()).toEqual([...WORKFLOWS].map((file) => `${file}.json`).sort());
	});

	test.each(drafts.map((draft) => [draft.name, draft] as const))(
		'runs "%s" in Nairobi\'s time, and every outcome leads somewhere',
		(_name, { nodes, connections, settings }) => {
			expect(settings?.timezone).toBe('Africa/Nairobi');
			const names = nodes.map(({ name }) => name);
			for (const { name, type } of nodes) {
				const targets = (connections[name]?.main ?? []).flatMap((output) => output ?? []);
				for (const { node } of targets) expect(names).toContain(node);
				if (type === 'n8n-nodes-base.switch') expect(targets).toHaveLength(3);
			}
		},
	);

	test('has only customers with Safaricom numbers', () => {
		for (const { phone } of CUSTOMERS) expect(phone).toMatch(/^\+254(7[0129]\d|11\d)\d{6}$/);
	});

	test('pays people whose phones are on the page', () => {
		const [list] = drafts[2]?.nodes.filter(({ name }) => name === 'List of Payouts') ?? [];
		const { assignments } = list?.parameters.assignments as {
			assignments: Array<{ value: string }>;
		};
		const payees = JSON.parse(assignments[0]?.value ?? '') as Array<{
			name: string;
			phone: string;
		}>;
		expect(
			payees.map(({ name, phone }) => `${name} +254${phone.replace(/\s/g, '').slice(1)}`),
		).toEqual(
			CUSTOMERS.map(({ firstName, lastName, phone }) => `${firstName} ${lastName} ${phone}`),
		);
	});

	test('asks for a payment to a till that the sandbox knows', () => {
		const request = drafts[0]?.nodes.find(({ type }) => type.endsWith('.kopoKopo'));
		expect(TILLS.map(({ number }) => number)).toContain(request?.parameters.tillNumber);
	});
});

describe("the user's own workflows", () => {
	const withTrigger = [node('Paid', 'n8n-nodes-kopokopo.kopoKopoTrigger')];
	const workflow = (id: string, active: boolean, nodes: WorkflowDraft['nodes']): SavedWorkflow => ({
		id,
		name: `Workflow ${id}`,
		active,
		nodes,
		connections: {},
		versionId: 'draft',
		...(active && { activeVersion: { nodes, versionId: `published ${id}` } }),
	});
	const saved = [
		workflow('demo', true, withTrigger),
		workflow('own', true, withTrigger),
		workflow('broken', true, withTrigger),
		workflow('unpublished', false, withTrigger),
		workflow('other', true, [node('Every hour', 'n8n-nodes-base.scheduleTrigger')]),
	];

	test('are published again, so that their triggers subscribe at the new sandbox', async () => {
		const done: string[] = [];
		const lines: string[] = [];
		const client = {
			listWorkflows: async () => await Promise.resolve(saved),
			readWorkflow: async (wanted: string) =>
				await Promise.resolve(saved.find(({ id }) => id === wanted) as SavedWorkflow),
			deactivate: async (id: string) => {
				done.push(`stop ${id}`);
				return await Promise.resolve({ status: 'not_published' as const, errors: [] });
			},
			activate: async (id: string, version?: string) => {
				done.push(`start ${id}: ${version}`);
				return await Promise.resolve(
					id === 'broken'
						? { status: 'failed' as const, errors: ['No credential.'] }
						: { status: 'published' as const, errors: [] },
				);
			},
		};

		await publishAgain(client, 'demo', (line) => lines.push(line));

		expect(done).toEqual([
			'stop own',
			'start own: published own',
			'stop broken',
			'start broken: published broken',
		]);
		expect(lines).toEqual([
			'n8n could not publish your workflow "Workflow broken" again: No credential.',
		]);
	});
});

import { readdirSync, readJsonSync } from 'fs-extra';
import { instructions, WORKFLOWS } from '../support/demo';
import type { WorkflowDraft } from '../support/n8nClient';
import { DEFAULT_CONFIG, TILLS } from '../sandbox/config';

const FOLDER = 'test/support/demo';
const drafts = WORKFLOWS.map((file) => readJsonSync(`${FOLDER}/${file}.json`) as WorkflowDraft);

describe('the demo', () => {
	test('prints the editor, the login, the phone, the credential and what to try first', () => {
		const lines = instructions('http://127.0.0.1:5678/workflow/1', {
			...DEFAULT_CONFIG,
			url: 'http://127.0.0.1:4010',
			pageUrl: 'http://127.0.0.1:4010/page',
		});
		expect(lines.map((line) => line.split('  ')[0])).toEqual([
			'Editor',
			'Login',
			'Phone',
			'Credential',
			'Try first',
		]);
		const { clientId, clientSecret, apiKey } = DEFAULT_CONFIG;
		for (const value of ['http://127.0.0.1:4010', clientId, clientSecret, apiKey]) {
			expect(lines[3]).toContain(value);
		}
		expect(lines[0]).toContain('/workflow/1');
		expect(lines[2]).toContain('http://127.0.0.1:4010/page');
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

	test('asks for a payment to a till that the sandbox knows', () => {
		const request = drafts[0]?.nodes.find(({ type }) => type.endsWith('.kopoKopo'));
		expect(TILLS.map(({ number }) => number)).toContain(request?.parameters.tillNumber);
	});
});

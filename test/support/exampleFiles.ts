import { readdir, readJson } from 'fs-extra';
import type { INode } from 'n8n-workflow';
import type { WorkflowDraft } from './n8nClient';
import { ROOT } from './n8nInstallation';

/** The folder of the importable workflows. */
export const EXAMPLES = `${ROOT}/examples`;

/** The values that a user enters for the placeholders of the examples. */
const VALUES: Array<[placeholder: string, value: string]> = [
	['PUT-THE-ADDRESS-OF-YOUR-GOOGLE-SHEET-HERE', 'a-sheet-of-the-mock-services'],
	['YOUR ONLINE PAYMENTS TILL, WITH ITS K', 'K000001'],
	['YOUR TILL NUMBER', '112233'],
	['YOUR TELEGRAM CHAT ID', '4242'],
];

/** The file names of all examples without `.json`, in alphabetical order. */
export async function exampleNames(): Promise<string[]> {
	const files = await readdir(EXAMPLES);
	return files
		.filter((file) => file.endsWith('.json'))
		.map((file) => file.replace(/\.json$/, ''))
		.sort();
}

export async function readExample(name: string): Promise<WorkflowDraft> {
	return (await readJson(`${EXAMPLES}/${name}.json`)) as WorkflowDraft;
}

/**
 * Sets up an example as a user would: fills in its placeholders and gives each node the credentials that
 * `credentialsOf` returns for it.
 */
export function setUpExample(
	example: WorkflowDraft,
	credentialsOf: (node: INode) => INode['credentials'],
): WorkflowDraft {
	const text = VALUES.reduce(
		(filled, [placeholder, value]) => filled.replaceAll(placeholder, value),
		JSON.stringify(example),
	);
	const draft = JSON.parse(text) as WorkflowDraft;
	const nodes = draft.nodes.map((node) => {
		const credentials = credentialsOf(node);
		return credentials === undefined ? node : { ...node, credentials };
	});
	return { ...draft, nodes };
}

import { readdir, readJson } from 'fs-extra';
import type { INode } from 'n8n-workflow';
import type { WorkflowDraft } from './n8nClient';
import { ROOT } from './n8nProcess';

/** Where the importable workflows are. */
export const EXAMPLES = `${ROOT}/examples`;

/** What a user fills in for a placeholder of an example. */
const TO_FILL_IN: Array<[placeholder: string, value: string]> = [
	['PUT-THE-ADDRESS-OF-YOUR-GOOGLE-SHEET-HERE', 'a-sheet-that-only-the-stand-in-has'],
	['YOUR ONLINE PAYMENTS TILL, WITH ITS K', 'K000001'],
	['YOUR TILL NUMBER', '000001'],
];

/** The names of all examples, without `.json`, in alphabetical order. */
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
 * An example as it is after its set-up: placeholders filled in, and for each node the credentials that
 * `credentialsOf` chooses.
 */
export function setUp(
	example: WorkflowDraft,
	credentialsOf: (node: INode) => INode['credentials'],
): WorkflowDraft {
	const text = TO_FILL_IN.reduce(
		(written, [placeholder, value]) => written.replaceAll(placeholder, value),
		JSON.stringify(example),
	);
	const draft = JSON.parse(text) as WorkflowDraft;
	const nodes = draft.nodes.map((node) => {
		const credentials = credentialsOf(node);
		return credentials === undefined ? node : { ...node, credentials };
	});
	return { ...draft, nodes };
}

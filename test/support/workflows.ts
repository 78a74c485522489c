import { randomUUID } from 'node:crypto';
import type { IConnections, IDataObject, INode, INodeParameters } from 'n8n-workflow';
import type { N8nClient, SavedCredential } from './n8nClient';

/** Names of the nodes in the workflows that tests build. */
export const START = 'Start';
export const KOPO_KOPO = 'Kopo Kopo';
export const TRIGGER = 'Kopo Kopo Trigger';
export const POLLING_TRIGGER = 'Kopo Kopo Polling Trigger';
export const SUCCESS = 'Success';
export const FAILURE = 'Failure';

/** What activating a workflow returns when every trigger started. */
export const PUBLISHED = { status: 'published', errors: [] };

/** A node with default settings, in the oldest version that n8n still offers. */
export function node(name: string, type: string, parameters: INodeParameters = {}): INode {
	const typeVersion = type.endsWith('.kopoKopoTrigger') ? 2 : 1;
	return { id: randomUUID(), name, type, typeVersion, position: [0, 0], parameters };
}

/** A node of this package with a credential. `type` is the part after the package name. */
export function kopoKopoNode(
	name: string,
	type: 'kopoKopo' | 'kopoKopoTool' | 'kopoKopoTrigger' | 'kopoKopoPollingTrigger',
	parameters: INodeParameters,
	credential: SavedCredential,
): INode {
	return {
		...node(name, `n8n-nodes-kopokopo.${type}`, parameters),
		credentials: credentialReference(credential),
	};
}

/** How a node names the credential that it uses. */
export const credentialReference = ({ id, name, type }: SavedCredential) => ({
	[type]: { id, name },
});

/** Connections from each node to the next. */
export function chain(...names: string[]): IConnections {
	return Object.fromEntries(
		names
			.slice(0, -1)
			.map((name, index) => [name, { main: [[connectTo(names[index + 1] ?? '')]] }]),
	);
}

/** One end of a connection, on the node's main input unless another input is named. */
export function connectTo(name: string, input: 'main' | 'ai_tool' | 'ai_languageModel' = 'main') {
	return { node: name, type: input, index: 0 };
}

/** Connections from a node's two outputs to the Success and Failure nodes. */
export const branches = (name: string): IConnections => ({
	[name]: { main: [[connectTo(SUCCESS)], [connectTo(FAILURE)]] },
});

/** The Success and Failure nodes, which do nothing. */
export const branchNodes = (): INode[] => [
	node(SUCCESS, 'n8n-nodes-base.noOp'),
	node(FAILURE, 'n8n-nodes-base.noOp'),
];

/** Saves a workflow whose start node outputs these items; resolves with its ID. */
export async function saveWorkflow(
	n8n: N8nClient,
	items: IDataObject[],
	nodes: INode[],
	connections: IConnections,
): Promise<string> {
	const { id } = await n8n.createWorkflow({
		name: `Workflow with ${items.length} items`,
		nodes: [node(START, 'n8n-nodes-base.manualTrigger'), ...nodes],
		connections,
		pinData: { [START]: items.map((json) => ({ json })) },
	});
	return id;
}

/** Changes one node of a saved workflow. */
export async function updateNode(
	n8n: N8nClient,
	workflowId: string,
	name: string,
	change: (node: INode) => INode,
): Promise<void> {
	const { nodes } = await n8n.readWorkflow(workflowId);
	await n8n.updateWorkflow(workflowId, {
		nodes: nodes.map((saved) => (saved.name === name ? change(saved) : saved)),
	});
}

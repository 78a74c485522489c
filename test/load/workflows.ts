import { randomUUID } from 'node:crypto';
import type { INode, INodeParameters } from 'n8n-workflow';
import type { N8nClient, SavedCredential, WorkflowDraft } from '../support/n8nClient';
import { waitFor } from '../support/waitFor';
import { chain, node } from '../support/workflows';

const IDLE_TIMEOUT_MS = 120_000;

/**
 * Creates a workflow in which each node leads to the next, and publishes it.
 * @returns its id
 * @throws if n8n does not publish it
 */
export async function publishWorkflow(
	client: N8nClient,
	name: string,
	nodes: INode[],
	create: (draft: WorkflowDraft) => Promise<{ id: string }> = async (draft) =>
		await client.createWorkflow(draft),
): Promise<string> {
	const connections = chain(...nodes.map((each) => each.name));
	const { id } = await create({ name, nodes, connections });
	const { status, errors } = await client.activate(id);
	if (status !== 'published') throw new Error(`${name} is ${status}. ${errors.join(' ')}`);
	return id;
}

/** n8n's Webhook node, listening for POST requests; by default it responds as soon as it has received one. */
export function webhookNode(path: string, parameters: INodeParameters = {}): INode {
	return {
		...node('Webhook', 'n8n-nodes-base.webhook', {
			httpMethod: 'POST',
			path,
			responseMode: 'onReceived',
			...parameters,
		}),
		typeVersion: 2.1,
		webhookId: randomUUID(),
	};
}

/** A node with a credential. */
export function withCredential(target: INode, { id, name, type }: SavedCredential): INode {
	return { ...target, credentials: { ...target.credentials, [type]: { id, name } } };
}

/** How many executions of a workflow have one of these statuses. */
export async function countExecutions(
	client: N8nClient,
	workflowId: string,
	...status: string[]
): Promise<number> {
	const filter = encodeURIComponent(JSON.stringify({ workflowId, status }));
	const { count } = await client.request<{ count: number }>(
		'GET',
		`/rest/executions?filter=${filter}&limit=1`,
	);
	return count;
}

/** Waits until at most `stillRunning` executions of a workflow have not ended. */
export async function waitUntilIdle(
	client: N8nClient,
	workflowId: string,
	{ stillRunning = 0, timeoutMs = IDLE_TIMEOUT_MS } = {},
): Promise<void> {
	await waitFor('n8n to be idle', timeoutMs, async () => {
		const running = await countExecutions(client, workflowId, 'new', 'running');
		return running <= stillRunning || undefined;
	});
}

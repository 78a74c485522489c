import { parse } from 'flatted';
import { sleep } from 'n8n-workflow';
import type {
	IConnections,
	ICredentialDataDecryptedObject,
	IDataObject,
	INode,
	INodeTypeDescription,
	IPinData,
	IRunExecutionData,
	IWorkflowSettings,
} from 'n8n-workflow';
import {
	hasEnded,
	isComplete,
	isNotRunning,
	type Execution,
	type ExecutionSummary,
} from './executions';
import { N8nConnection } from './n8nConnection';
import { waitFor } from './waitFor';

export interface WorkflowDraft {
	name: string;
	nodes: INode[];
	connections: IConnections;
	settings?: IWorkflowSettings;
	/** Items that a node outputs in manual runs instead of running. */
	pinData?: IPinData;
}

export interface SavedWorkflow extends WorkflowDraft {
	id: string;
	active: boolean;
	versionId: string;
	/** What n8n 2 runs. The draft may have changed since. */
	activeVersion?: Pick<WorkflowDraft, 'nodes'> & { versionId: string };
	staticData?: IDataObject | null;
}

export interface SavedCredential {
	id: string;
	name: string;
	type: string;
}

/** The result of publishing a workflow. n8n 2 publishes after it has answered the request. */
export interface Publication {
	status: 'published' | 'partial' | 'failed' | 'not_published';
	/** The messages of the triggers that failed. */
	errors: string[];
}

interface PublicationStatus {
	status: Publication['status'] | 'in_progress';
	triggers: Array<{ status: string; errorMessage: string | null }>;
}

const POLL_INTERVAL_MS = 100;
const EXECUTION_TIMEOUT_MS = 60_000;

/**
 * The part of n8n's internal REST API (the one its editor uses) that tests and `npm start` need. Methods
 * reject as request() does.
 */
export class N8nClient extends N8nConnection {
	async createCredential(
		name: string,
		type: string,
		data: ICredentialDataDecryptedObject,
	): Promise<SavedCredential> {
		return await this.request('POST', '/rest/credentials', { name, type, data });
	}

	/** Replaces the values of a credential. Give every field: n8n drops those that are missing. */
	async updateCredential(
		credential: SavedCredential,
		data: ICredentialDataDecryptedObject,
	): Promise<void> {
		const { id, name, type } = credential;
		await this.request('PATCH', `/rest/credentials/${id}`, { name, type, data });
	}

	async listCredentials(): Promise<SavedCredential[]> {
		return await this.request('GET', '/rest/credentials');
	}

	/** A credential's values as the editor receives them, with secrets blanked by n8n. */
	async readCredential(id: string): Promise<ICredentialDataDecryptedObject> {
		const { data } = await this.request<{ data: ICredentialDataDecryptedObject }>(
			'GET',
			`/rest/credentials/${id}?includeData=true`,
		);
		return data;
	}

	/** Tests these values for a saved credential, as the editor does on Save and on Retry. */
	async testCredential(
		{ id, name, type }: SavedCredential,
		data: ICredentialDataDecryptedObject,
	): Promise<{ status: 'OK' | 'Error'; message: string }> {
		return await this.request('POST', '/rest/credentials/test', {
			credentials: { id, name, type, data },
		});
	}

	async createWorkflow(draft: WorkflowDraft): Promise<SavedWorkflow> {
		return await this.request('POST', '/rest/workflows', {
			settings: { executionOrder: 'v1' },
			// n8n 1 has no default for it.
			active: false,
			...draft,
		});
	}

	async listWorkflows(): Promise<Array<Pick<SavedWorkflow, 'id' | 'name' | 'active'>>> {
		return await this.request('GET', '/rest/workflows');
	}

	async readWorkflow(id: string): Promise<SavedWorkflow> {
		return await this.request('GET', `/rest/workflows/${id}`);
	}

	/**
	 * Saves a changed draft. n8n 2 runs it only after it has been published again; n8n 1 publishes the
	 * draft of an active workflow at once.
	 */
	async updateWorkflow(id: string, changes: Partial<WorkflowDraft>): Promise<SavedWorkflow> {
		const { name, nodes, connections, settings, versionId } = await this.readWorkflow(id);
		return await this.request('PATCH', `/rest/workflows/${id}`, {
			name,
			nodes,
			connections,
			settings,
			versionId,
			...changes,
		});
	}

	/**
	 * Publishes the latest draft, or the given version; resolves when its triggers have started or n8n has given
	 * up.
	 */
	async activate(id: string, version?: string): Promise<Publication> {
		const versionId = version ?? (await this.readWorkflow(id)).versionId;
		return await this.changePublication(id, 'activate', { versionId });
	}

	/** Unpublishes the workflow; resolves when its triggers have stopped. */
	async deactivate(id: string): Promise<Publication> {
		return await this.changePublication(id, 'deactivate');
	}

	/** Archives the workflow, which the editor does before it deletes one. */
	async archive(id: string): Promise<void> {
		await this.changePublication(id, 'archive');
	}

	private async changePublication(
		id: string,
		change: 'activate' | 'deactivate' | 'archive',
		body = {},
	): Promise<Publication> {
		const path = `/rest/workflows/${id}/${change}`;
		if (this.isVersion1) {
			const { status, text } = await this.fetch('POST', path, body);
			if (status > 299) return { status: 'failed', errors: [errorMessageIn(text)] };
			return { status: change === 'activate' ? 'published' : 'not_published', errors: [] };
		}
		await this.request('POST', path, body);
		for (;;) {
			const { status, triggers } = await this.request<PublicationStatus>(
				'GET',
				`/rest/workflows/${id}/publication-status`,
			);
			if (status !== 'in_progress') {
				const errors = triggers.flatMap(({ errorMessage }) => errorMessage ?? []);
				return { status, errors };
			}
			await sleep(POLL_INTERVAL_MS);
		}
	}

	/** Runs the workflow from a trigger, as the editor does; resolves with the execution's ID. */
	async run(id: string, triggerName: string): Promise<string> {
		const { executionId } = await this.request<{ executionId: string }>(
			'POST',
			`/rest/workflows/${id}/run`,
			await this.runRequest(id, triggerName),
		);
		return executionId;
	}

	/** Listens for a test event on a webhook trigger, as the editor does, for two minutes. */
	async listenForTestEvent(id: string, triggerName: string): Promise<void> {
		await this.request('POST', `/rest/workflows/${id}/run`, await this.runRequest(id, triggerName));
	}

	private async runRequest(id: string, triggerName: string) {
		return {
			triggerToStartFrom: { name: triggerName },
			// n8n 1 runs the workflow in the request, not the saved one.
			...(this.isVersion1 && { workflowData: await this.readWorkflow(id) }),
		};
	}

	/** Stops listening for a test event. */
	async stopListening(id: string): Promise<void> {
		await this.request('DELETE', `/rest/test-webhook/${id}`);
	}

	/** Retries a failed execution with the workflow it ran; resolves with the new execution's ID. */
	async retry(executionId: string): Promise<string> {
		const retried = await this.request<{ id: string }>(
			'POST',
			`/rest/executions/${executionId}/retry`,
			{ loadWorkflow: false },
		);
		return retried.id;
	}

	async stopExecution(id: string): Promise<void> {
		await this.request('POST', `/rest/executions/${id}/stop`);
	}

	/** The executions of a workflow, newest first, at most `limit`. */
	async listExecutions(workflowId: string, limit = 100): Promise<ExecutionSummary[]> {
		const filter = encodeURIComponent(JSON.stringify({ workflowId }));
		const { results } = await this.request<{ results: ExecutionSummary[] }>(
			'GET',
			`/rest/executions?filter=${filter}&limit=${limit}`,
		);
		return results;
	}

	/** All executions of a workflow, or those with a status, newest first. n8n lists at most 100 at a time. */
	async listAllExecutions(workflowId: string, ...status: string[]): Promise<ExecutionSummary[]> {
		const wanted = { workflowId, ...(status.length > 0 && { status }) };
		const filter = encodeURIComponent(JSON.stringify(wanted));
		const all: ExecutionSummary[] = [];
		for (let position = ''; ; ) {
			const { results, nextCursor } = await this.request<{
				results: ExecutionSummary[];
				/** Null after the last page; undefined before n8n 2.41. */
				nextCursor?: string | null;
			}>('GET', `/rest/executions?filter=${filter}&limit=100${position}`);
			all.push(...results);
			if (results.length === 0 || nextCursor === null) return all;
			position =
				nextCursor === undefined ? `&lastId=${results.at(-1)?.id}` : `&cursor=${nextCursor}`;
		}
	}

	/** Reads an execution with its data, once n8n has stored it completely. */
	async readExecution(id: string): Promise<Execution> {
		return await waitFor(`the data of execution ${id}`, 10_000, async () => {
			const execution = await this.request<ExecutionSummary & { data: string }>(
				'GET',
				`/rest/executions/${id}`,
			);
			const data = parse(execution.data) as IRunExecutionData;
			return isComplete(execution.status, data) && { ...execution, data };
		});
	}

	/** Waits until an execution has ended or is paused, and reads it. */
	async waitForExecution(id: string, timeoutMs = EXECUTION_TIMEOUT_MS): Promise<Execution> {
		return await waitFor(`execution ${id} to end or pause`, timeoutMs, async () => {
			const execution = await this.readExecution(id);
			return isNotRunning(execution) && execution;
		});
	}

	/** Waits until an execution, which may be paused, has ended, and reads it. */
	async waitUntilEnded(id: string, timeoutMs = EXECUTION_TIMEOUT_MS): Promise<Execution> {
		return await waitFor(`execution ${id} to end`, timeoutMs, async () => {
			const execution = await this.readExecution(id);
			return hasEnded(execution) && execution;
		});
	}

	/** Waits until this many executions of a workflow have ended or are paused; reads them, oldest first. */
	async waitForExecutions(
		workflowId: string,
		count: number,
		timeoutMs = EXECUTION_TIMEOUT_MS,
	): Promise<Execution[]> {
		const summaries = await waitFor(
			`${count} executions of workflow ${workflowId}`,
			timeoutMs,
			async () => {
				const listed = await this.listExecutions(workflowId);
				const ended = listed.filter(isNotRunning);
				return ended.length >= count && ended.reverse();
			},
		);
		return await Promise.all(summaries.map(async ({ id }) => await this.readExecution(id)));
	}

	/** Every version of every node type, as n8n describes them to its editor. */
	async listNodeTypes(): Promise<INodeTypeDescription[]> {
		const { text } = await this.fetch('GET', '/types/nodes.json');
		return JSON.parse(text) as INodeTypeDescription[];
	}
}

/** n8n's message in the body of an error response, or the body itself. */
function errorMessageIn(text: string): string {
	try {
		return (JSON.parse(text) as { message: string }).message;
	} catch {
		return text.slice(0, 500);
	}
}

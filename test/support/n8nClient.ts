import { parse } from 'flatted';
import { sleep } from 'n8n-workflow';
import type {
	ExecutionStatus,
	IConnections,
	ICredentialDataDecryptedObject,
	IDataObject,
	INode,
	INodeExecutionData,
	INodeTypeDescription,
	IPinData,
	IRunExecutionData,
	IWorkflowSettings,
} from 'n8n-workflow';
import { Agent, fetch } from 'undici';

/** The one account of every n8n started here; n8n listens on this machine only. */
export const OWNER = {
	email: 'owner@example.com',
	password: 'Lipa-na-K2',
	firstName: 'Till',
	lastName: 'Owner',
};

export interface WorkflowDraft {
	name: string;
	nodes: INode[];
	connections: IConnections;
	settings?: IWorkflowSettings;
	/** Items that a node gives in manual runs instead of its own. */
	pinData?: IPinData;
}

export interface SavedWorkflow extends WorkflowDraft {
	id: string;
	active: boolean;
	versionId: string;
	staticData?: IDataObject | null;
}

export interface SavedCredential {
	id: string;
	name: string;
	type: string;
}

/** How publishing a workflow ended; n8n 2 does it after it has answered the request. */
export interface Publication {
	status: 'published' | 'partial' | 'failed' | 'not_published';
	/** What the triggers that failed threw. */
	errors: string[];
}

export interface ExecutionSummary {
	id: string;
	workflowId: string;
	status: ExecutionStatus;
	mode: string;
}

/** A finished or waiting execution. */
export interface Execution extends ExecutionSummary {
	data: IRunExecutionData;
}

interface PublicationStatus {
	status: Publication['status'] | 'in_progress';
	triggers: Array<{ status: string; errorMessage: string | null }>;
}

/** Who is logged in, and where. */
export interface Session {
	cookie: string;
	/** n8n's version. */
	version: string;
}

/** Ended in a way that leaves data. */
const COMPLETE = new Set<ExecutionStatus>(['success', 'error', 'canceled', 'waiting']);
const SETTLED = new Set<ExecutionStatus>([...COMPLETE, 'crashed']);
const LOOK_AGAIN_MS = 100;
/** A change of a credential or a workflow, and no test or run of one. */
const CHANGES_WHAT_IS_SAVED = /^\/rest\/(credentials|workflows)(?!.*\/(test|run)$)/;

/**
 * The part of n8n's own REST interface (the one its editor uses) that tests and `npm start` need.
 * Every method rejects with method, path, status and n8n's message when n8n refuses.
 */
export class N8nClient {
	// No connection is kept: n8n is stopped and started again on the same port.
	private readonly dispatcher = new Agent({ pipelining: 0 });

	/** Resolves when the last change of a credential or a workflow has been answered. */
	private lastChange: Promise<unknown> = Promise.resolve();

	constructor(
		readonly url: string,
		private readonly session: Session = { cookie: '', version: '' },
	) {}

	/** For another client of the same n8n: n8n 1 lets an account log in only a few times a minute. */
	get openSession(): Session {
		return { ...this.session };
	}

	/** Whether n8n is up and serves its interface, if it is a process that has one. */
	async isReady(hasInterface = true): Promise<boolean> {
		try {
			const health = await this.fetch('GET', '/healthz/readiness');
			if (health.status !== 200) return false;
			if (!hasInterface) return true;
			const settings = await this.fetch('GET', '/rest/settings');
			return settings.status === 200 && settings.text.startsWith('{"data"');
		} catch {
			return false;
		}
	}

	async setUpOwner(): Promise<void> {
		await this.request('POST', '/rest/owner/setup', OWNER);
	}

	/** Whether an owner has been set up on n8n's database. */
	async hasOwner(): Promise<boolean> {
		const { userManagement } = await this.request<{
			userManagement: { showSetupOnFirstLoad?: boolean };
		}>('GET', '/rest/settings');
		return userManagement.showSetupOnFirstLoad !== true;
	}

	async logIn(): Promise<void> {
		await this.request('POST', '/rest/login', {
			emailOrLdapLoginId: OWNER.email,
			password: OWNER.password,
		});
		const { versionCli } = await this.request<{ versionCli: string }>('GET', '/rest/settings');
		this.session.version = versionCli;
	}

	/** n8n 1, which activates while it answers and makes what is saved live at once; known after logIn(). */
	get isVersion1(): boolean {
		return this.session.version.startsWith('1.');
	}

	async createCredential(
		name: string,
		type: string,
		data: ICredentialDataDecryptedObject,
	): Promise<SavedCredential> {
		return await this.request('POST', '/rest/credentials', { name, type, data });
	}

	/** Saves other values; like the editor, it must send every field, or n8n drops what is missing. */
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

	/** A credential's values as the editor sees them, secrets blanked by n8n. */
	async readCredential(id: string): Promise<ICredentialDataDecryptedObject> {
		const { data } = await this.request<{ data: ICredentialDataDecryptedObject }>(
			'GET',
			`/rest/credentials/${id}?includeData=true`,
		);
		return data;
	}

	/** What the editor does on Save and on Retry: a test of these values for this saved credential. */
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
			// n8n 1 does not assume it.
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
	 * Saves a changed draft. What is live stays as it is until it is published again; in n8n 1 the draft
	 * of an active workflow is live at once.
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

	/** Publishes the latest draft and waits until its triggers are live, or n8n has given up. */
	async activate(id: string): Promise<Publication> {
		const { versionId } = await this.readWorkflow(id);
		return await this.publication(id, 'activate', { versionId });
	}

	/** Takes the workflow offline and waits until its triggers have been told. */
	async deactivate(id: string): Promise<Publication> {
		return await this.publication(id, 'deactivate');
	}

	/** Archives the workflow, as deleting it in the editor does first. */
	async archive(id: string): Promise<void> {
		await this.publication(id, 'archive');
	}

	private async publication(
		id: string,
		change: 'activate' | 'deactivate' | 'archive',
		body = {},
	): Promise<Publication> {
		const path = `/rest/workflows/${id}/${change}`;
		if (this.isVersion1) {
			const { status, text } = await this.fetch('POST', path, body);
			if (status > 299) return { status: 'failed', errors: [messageIn(text)] };
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
			await sleep(LOOK_AGAIN_MS);
		}
	}

	/** Presses the editor's run button on the given trigger; resolves with the execution's id. */
	async run(id: string, triggerName: string): Promise<string> {
		const { executionId } = await this.request<{ executionId: string }>(
			'POST',
			`/rest/workflows/${id}/run`,
			await this.startingFrom(id, triggerName),
		);
		return executionId;
	}

	/** Presses "Listen for test event" on a webhook trigger; n8n listens for two minutes. */
	async listenForTestEvent(id: string, triggerName: string): Promise<void> {
		await this.request(
			'POST',
			`/rest/workflows/${id}/run`,
			await this.startingFrom(id, triggerName),
		);
	}

	private async startingFrom(id: string, triggerName: string) {
		return {
			triggerToStartFrom: { name: triggerName },
			// n8n 1 runs what its editor shows, saved or not.
			...(this.isVersion1 && { workflowData: await this.readWorkflow(id) }),
		};
	}

	/** Presses "Stop listening". */
	async stopListening(id: string): Promise<void> {
		await this.request('DELETE', `/rest/test-webhook/${id}`);
	}

	/** Retries a failed execution with the workflow it ran; resolves with the new execution's id. */
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

	/** The executions of a workflow, the newest first, at most `limit`. */
	async listExecutions(workflowId: string, limit = 100): Promise<ExecutionSummary[]> {
		const filter = encodeURIComponent(JSON.stringify({ workflowId }));
		const { results } = await this.request<{ results: ExecutionSummary[] }>(
			'GET',
			`/rest/executions?filter=${filter}&limit=${limit}`,
		);
		return results;
	}

	async readExecution(id: string): Promise<Execution> {
		return await eventually(`the data of execution ${id}`, 10_000, async () => {
			const execution = await this.request<ExecutionSummary & { data: string }>(
				'GET',
				`/rest/executions/${id}`,
			);
			const data = parse(execution.data) as IRunExecutionData;
			return isStored(execution.status, data) ? { ...execution, data } : undefined;
		});
	}

	/** Waits until an execution has ended or sleeps, and reads it. */
	async waitForExecution(id: string, withinMs = 60_000): Promise<Execution> {
		return await eventually(`execution ${id} to end`, withinMs, async () => {
			const execution = await this.readExecution(id);
			return SETTLED.has(execution.status) ? execution : undefined;
		});
	}

	/** Waits until a workflow has this many executions that ended, and reads them, the oldest first. */
	async waitForExecutions(
		workflowId: string,
		count: number,
		withinMs = 60_000,
	): Promise<Execution[]> {
		const ended = await eventually(
			`${count} executions of workflow ${workflowId}`,
			withinMs,
			async () => {
				const listed = await this.listExecutions(workflowId);
				const settled = listed.filter(({ status }) => SETTLED.has(status));
				return settled.length >= count ? settled.reverse() : undefined;
			},
		);
		return await Promise.all(ended.map(async ({ id }) => await this.readExecution(id)));
	}

	/** Every version of every node that n8n offers, as its editor knows them. */
	async listNodeTypes(): Promise<INodeTypeDescription[]> {
		const { text } = await this.fetch('GET', '/types/nodes.json');
		return JSON.parse(text) as INodeTypeDescription[];
	}

	/** One request, with n8n's `data` envelope taken off. */
	async request<T = void>(method: string, path: string, body?: object): Promise<T> {
		const { status, text } = await this.fetch(method, path, body);
		if (status < 200 || status > 299) {
			throw new Error(`${method} ${path} was answered ${status}: ${text.slice(0, 500)}`);
		}
		return (JSON.parse(text || '{}') as { data: T }).data;
	}

	/** n8n 1 confuses the transactions of changes that come at once ("no such savepoint"). */
	private async fetch(method: string, path: string, body?: object) {
		if (method === 'GET' || !CHANGES_WHAT_IS_SAVED.test(path)) {
			return await this.send(method, path, body);
		}
		const answer = this.lastChange.then(async () => await this.send(method, path, body));
		this.lastChange = answer.catch(() => undefined);
		return await answer;
	}

	private async send(method: string, path: string, body?: object) {
		const response = await fetch(this.url + path, {
			method,
			dispatcher: this.dispatcher,
			headers: {
				accept: 'application/json',
				...(body && { 'content-type': 'application/json' }),
				...(this.session.cookie && { cookie: this.session.cookie }),
			},
			...(body && { body: JSON.stringify(body) }),
		});
		const cookie = response.headers
			.getSetCookie()
			.map((line) => line.split(';')[0] ?? '')
			.find((line) => line.startsWith('n8n-auth='));
		if (cookie) this.session.cookie = cookie;
		return { status: response.status, text: await response.text() };
	}
}

/**
 * Whether the data belongs to the status. n8n 1 stores that an execution has ended a moment before what
 * came of it: until then there is nothing, or, of one that slept, what was to be done when it woke.
 */
function isStored(status: ExecutionStatus, data: IRunExecutionData | undefined): boolean {
	if (data === undefined) return !COMPLETE.has(status);
	if (status === 'success') return (data.executionData?.nodeExecutionStack.length ?? 0) === 0;
	return status !== 'error' || data.resultData.error !== undefined;
}

/** n8n's sentence in the body of a refusal, or the body itself. */
function messageIn(text: string): string {
	try {
		return (JSON.parse(text) as { message: string }).message;
	} catch {
		return text.slice(0, 500);
	}
}

/** The items a node gave on one of its outputs, in its last run. */
export function itemsOf(execution: Execution, node: string, output = 0): INodeExecutionData[] {
	const lastRun = execution.data.resultData.runData[node]?.at(-1);
	return lastRun?.data?.main?.[output] ?? [];
}

/** The message of the error that ended an execution, or of the node's own error. */
export function errorOf(execution: Execution, node?: string): string | undefined {
	const { error, runData } = execution.data.resultData;
	return (node ? runData[node]?.at(-1)?.error : error)?.message;
}

/** Asks until there is an answer; rejects, naming what was waited for, when the time is up. */
export async function eventually<T>(
	what: string,
	withinMs: number,
	ask: () => Promise<T | undefined>,
): Promise<T> {
	const deadline = Date.now() + withinMs;
	for (;;) {
		const answer = await ask();
		if (answer !== undefined) return answer;
		if (Date.now() > deadline) throw new Error(`Waited ${withinMs / 1000} s in vain for ${what}.`);
		await sleep(LOOK_AGAIN_MS);
	}
}

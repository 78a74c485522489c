import { ExecuteContext, HookContext } from 'n8n-core';
import {
	createRunExecutionData,
	ICredentialsHelper,
	Workflow,
	type ICredentialDataDecryptedObject,
	type ICredentials,
	type IDataObject,
	type IHttpRequestHelper,
	type IHttpRequestOptions,
	type INode,
	type INodeExecutionData,
	type INodeParameters,
	type INodeType,
	type INodeTypes,
	type IRunExecutionData,
	type IWebhookData,
	type IWorkflowExecuteAdditionalData,
	type WebhookType,
} from 'n8n-workflow';
import { KopoKopoApi } from '../../credentials/KopoKopoApi.credentials';
import { KopoKopo } from '../../nodes/KopoKopo/KopoKopo.node';
import { KopoKopoTrigger } from '../../nodes/KopoKopo/KopoKopoTrigger.node';
import { sandboxCredentialData } from './sandboxCredential';

/**
 * A stored credential without a database. Handles the expirable token as n8n's credentials helper does.
 * The code that uses it is n8n-core's own.
 */
export class StoredCredential extends ICredentialsHelper {
	private readonly type = new KopoKopoApi();

	constructor(public data: ICredentialDataDecryptedObject) {
		super();
	}

	getParentTypes(): string[] {
		return [];
	}

	isCredentialUsableByNode(): boolean {
		return true;
	}

	getCredentialsProperties() {
		return this.type.properties;
	}

	async authenticate(
		credentials: ICredentialDataDecryptedObject,
		_typeName: string,
		options: IHttpRequestOptions,
	): Promise<IHttpRequestOptions> {
		return await this.type.authenticate(credentials, options);
	}

	async preAuthentication(
		helpers: IHttpRequestHelper,
		credentials: ICredentialDataDecryptedObject,
		_typeName: string,
		_node: INode,
		credentialsExpired: boolean,
	): Promise<ICredentialDataDecryptedObject | undefined> {
		if (credentials.accessToken !== '' && !credentialsExpired) return undefined;
		const output = await this.type.preAuthentication.call(helpers, credentials);
		this.data = { ...this.data, ...(output as ICredentialDataDecryptedObject) };
		return Object.assign(credentials, output);
	}

	async runPreAuthentication(): Promise<undefined> {
		return undefined;
	}

	async getCredentials(): Promise<ICredentials> {
		throw new Error('n8n does not read the encrypted credential here');
	}

	async getDecrypted(): Promise<ICredentialDataDecryptedObject> {
		return { ...this.data };
	}

	async updateCredentials(): Promise<void> {}

	async updateCredentialsOauthTokenData(): Promise<void> {}
}

/** A credential that connects to a sandbox. */
export const sandboxCredential = (sandbox: Parameters<typeof sandboxCredentialData>[0]) =>
	new StoredCredential(sandboxCredentialData(sandbox));

/** A workflow with one node. */
export function workflowWith(
	type: INodeType,
	parameters: INodeParameters,
	settings: Partial<INode> = {},
	id = 'workflow-under-test',
	staticData: IDataObject = {},
) {
	const node: INode = {
		id: 'node-under-test',
		name: type.description.displayName,
		type: `n8n-nodes-kopokopo.${type.description.name}`,
		typeVersion: 1,
		position: [0, 0],
		parameters,
		credentials: { kopoKopoApi: { id: '1', name: 'Kopo Kopo' } },
		webhookId: 'webhook-under-test',
		...settings,
	};
	const nodeTypes: INodeTypes = {
		getByName: () => type,
		getByNameAndVersion: () => type,
		getKnownTypes: () => ({}),
	};
	const workflow = new Workflow({
		id,
		nodes: [node],
		connections: {},
		active: false,
		nodeTypes,
		staticData,
	});
	return { workflow, node };
}

/** What n8n's own parts give to a context. */
export function additionalDataFor(
	credentialsHelper: StoredCredential,
	executionId = '1',
): IWorkflowExecuteAdditionalData {
	return {
		credentialsHelper,
		instanceBaseUrl: 'http://localhost:5678/',
		webhookBaseUrl: 'http://localhost:5678/webhook',
		webhookTestBaseUrl: 'http://localhost:5678/webhook-test',
		webhookWaitingBaseUrl: 'http://localhost:5678/webhook-waiting',
		formWaitingBaseUrl: 'http://localhost:5678/form-waiting',
		executionId,
	} as unknown as IWorkflowExecuteAdditionalData;
}

export interface RunOptions {
	credential: StoredCredential;
	parameters: INodeParameters;
	/** The input items; one empty item by default. */
	items?: IDataObject[];
	onError?: INode['onError'];
	signal?: AbortSignal;
	/** The data of the execution, such as that of a failed one to retry; a new execution's by default. */
	execution?: IRunExecutionData;
	/** Its ID. */
	executionId?: string;
	/** The number of the run in a loop, from 0. */
	runIndex?: number;
	/** More settings of the node, such as its type as an AI agent's tool. */
	node?: Partial<INode>;
}

/** The data of an execution that has not started. */
export const newExecution = (): IRunExecutionData =>
	createRunExecutionData({ executionData: { contextData: {} } });

/** Runs the action node's execute() in n8n-core's own context, with real HTTP requests. */
export async function runKopoKopo({
	credential,
	parameters,
	items = [{}],
	onError,
	signal,
	execution = newExecution(),
	executionId,
	runIndex = 0,
	node: settings = {},
}: RunOptions): Promise<INodeExecutionData[]> {
	const type = new KopoKopo();
	if (settings.type?.endsWith('Tool') === true) {
		// As n8n derives an AI agent's tool from a node. The fields for tools depend on the name.
		type.description = { ...type.description, name: `${type.description.name}Tool` };
	}
	const { workflow, node } = workflowWith(type, parameters, {
		...(onError && { onError }),
		...settings,
	});
	const input: INodeExecutionData[] = items.map((json) => ({ json }));
	const context = new ExecuteContext(
		workflow,
		node,
		additionalDataFor(credential, executionId),
		'manual',
		execution,
		runIndex,
		input,
		{ main: [input] },
		{ node, data: { main: [input] }, source: null },
		[],
		signal,
	);
	const outputs = await type.execute.call(context);
	return outputs[0] ?? [];
}

/** The lifecycle hooks of a trigger node. Its static data lasts as long as the returned object. */
export function kopoKopoTrigger(credential: StoredCredential, parameters: INodeParameters) {
	const type = new KopoKopoTrigger();
	const { workflow, node } = workflowWith(type, parameters);
	const webhookData = {
		httpMethod: 'POST',
		node: node.name,
		path: 'webhook-under-test/kopo-kopo',
		webhookDescription: type.description.webhooks?.[0],
		workflowId: workflow.id,
	} as IWebhookData;
	const call = async (hook: 'checkExists' | 'create' | 'delete') => {
		const context = new HookContext(
			workflow,
			node,
			additionalDataFor(credential),
			'trigger',
			'activate',
			webhookData,
		);
		return await type.webhookMethods['default' as WebhookType & 'default'][hook].call(context);
	};
	return {
		checkExists: async () => await call('checkExists'),
		create: async () => await call('create'),
		delete: async () => await call('delete'),
		/** Activates the trigger as n8n does: checkExists(), then create() if it returned false. */
		activate: async () => (await call('checkExists')) || (await call('create')),
		staticData: workflow.staticData,
	};
}

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

/**
 * The credential row of one n8n: what its own helper does with a stored, expirable token
 * (n8n's credentials-helper), without a database. Everything below it is n8n-core's real code.
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
		throw new Error('n8n does not ask for the stored form here');
	}

	async getDecrypted(): Promise<ICredentialDataDecryptedObject> {
		return { ...this.data };
	}

	async updateCredentials(): Promise<void> {}

	async updateCredentialsOauthTokenData(): Promise<void> {}
}

/** What a user types into the credential to reach a sandbox. */
export function sandboxCredential(sandbox: {
	url: string;
	clientId: string;
	clientSecret: string;
	apiKey: string;
}): StoredCredential {
	return new StoredCredential({
		environment: 'custom',
		baseUrl: sandbox.url,
		oauthBaseUrl: '',
		clientId: sandbox.clientId,
		clientSecret: sandbox.clientSecret,
		apiKey: sandbox.apiKey,
		accessToken: '',
	});
}

function workflowWith(type: INodeType, parameters: INodeParameters, more: Partial<INode> = {}) {
	const node: INode = {
		id: 'node-under-test',
		name: type.description.displayName,
		type: `n8n-nodes-kopokopo.${type.description.name}`,
		typeVersion: 1,
		position: [0, 0],
		parameters,
		credentials: { kopoKopoApi: { id: '1', name: 'Kopo Kopo' } },
		webhookId: 'webhook-under-test',
		...more,
	};
	const nodeTypes: INodeTypes = {
		getByName: () => type,
		getByNameAndVersion: () => type,
		getKnownTypes: () => ({}),
	};
	const workflow = new Workflow({
		id: 'workflow-under-test',
		nodes: [node],
		connections: {},
		active: false,
		nodeTypes,
	});
	return { workflow, node };
}

function additionalDataFor(credentialsHelper: StoredCredential): IWorkflowExecuteAdditionalData {
	return {
		credentialsHelper,
		instanceBaseUrl: 'http://localhost:5678/',
		webhookBaseUrl: 'http://localhost:5678/webhook',
		webhookTestBaseUrl: 'http://localhost:5678/webhook-test',
		webhookWaitingBaseUrl: 'http://localhost:5678/webhook-waiting',
		formWaitingBaseUrl: 'http://localhost:5678/form-waiting',
		executionId: '1',
	} as unknown as IWorkflowExecuteAdditionalData;
}

export interface Run {
	credential: StoredCredential;
	parameters: INodeParameters;
	/** One run per item; expressions see them. */
	items?: IDataObject[];
	onError?: INode['onError'];
	signal?: AbortSignal;
	/** What the execution knows so far, as a retry finds it; of an execution of its own when left out. */
	execution?: IRunExecutionData;
	/** Which pass of a loop it is. */
	runIndex?: number;
	/** Further settings of the node, such as its type as an AI agent's tool. */
	node?: Partial<INode>;
}

/** The data of an execution that has not begun. */
export const newExecution = (): IRunExecutionData =>
	createRunExecutionData({ executionData: { contextData: {} } });

/** Runs the action node's execute() in n8n-core's own context, with its real HTTP. */
export async function runKopoKopo({
	credential,
	parameters,
	items = [{}],
	onError,
	signal,
	execution = newExecution(),
	runIndex = 0,
	node: more = {},
}: Run): Promise<INodeExecutionData[]> {
	const type = new KopoKopo();
	if (more.type?.endsWith('Tool') === true) {
		// As n8n makes an AI agent's tool of a node; its fields for tools go by the name.
		type.description = { ...type.description, name: `${type.description.name}Tool` };
	}
	const { workflow, node } = workflowWith(type, parameters, {
		...(onError && { onError }),
		...more,
	});
	const input: INodeExecutionData[] = items.map((json) => ({ json }));
	const context = new ExecuteContext(
		workflow,
		node,
		additionalDataFor(credential),
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

/** A trigger node between hooks: its static data lives as long as the workflow object does. */
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
		/** As n8n activates: look first, create what is missing. */
		activate: async () => (await call('checkExists')) || (await call('create')),
		staticData: workflow.staticData,
	};
}

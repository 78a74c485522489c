import type {
	ICredentialDataDecryptedObject,
	IDataObject,
	IExecuteFunctions,
	IWebhookFunctions,
	IWebhookResponseData,
	NodeExecutionHint,
	WorkflowExecuteMode,
} from 'n8n-workflow';
import { KopoKopoTrigger } from '../../nodes/KopoKopo/KopoKopoTrigger.node';
// The node loads it when it is first used. Loaded here, its constants are there before the first test.
import '../../nodes/KopoKopo/webhooks/receive';
import { DeduplicationStore } from './deduplicationStore';
import { loadAnew } from './isolatedModules';

/** A delivery that webhook() has handled. */
export interface HandledDelivery {
	/** The status that was sent, or that n8n would send. */
	status: number;
	/** The message of the response, if webhook() gave one. */
	message: unknown;
	result: IWebhookResponseData;
	/** n8n sends the response, and the sender receives all of it. */
	sendResponse(statusCode: number): void;
	closeConnection(): void;
}

export interface DeliveryOptions {
	/** The events that the trigger is set to. */
	triggerOn?: string[];
	/** The trigger's Options. */
	options?: IDataObject;
	mode?: WorkflowExecuteMode;
	/** Further parameters of the node. */
	parameters?: IDataObject;
	/** A new node by default. */
	nodeId?: string;
	/** n8n sends a response with status 200 at once, unless webhook() did. On by default. */
	isAnswered?: boolean;
}

export interface ExecutionOptions {
	/** The trigger's Options. */
	options?: IDataObject;
	/** Further parameters of the node. */
	parameters?: IDataObject;
	mode?: WorkflowExecuteMode;
	executionId?: string;
}

let nodes = 0;

/** The ID of a node that no delivery came to yet; the product remembers deliveries by node. */
export const newNodeId = () => `node-${++nodes}`;

/** Whether a delivery starts the workflow. */
export const startsWorkflow = ({ result }: HandledDelivery) => result.workflowData !== undefined;

/** The JSON of the item that a delivery starts the workflow with. */
export const itemOf = ({ result }: HandledDelivery) => result.workflowData?.[0]?.[0]?.json;

/** The trigger node in a process of n8n, with as much of n8n as it uses. */
export class TriggerInstance {
	/** Its rows outlast a restart. */
	readonly store = new DeduplicationStore();

	/** The workflow's static data. It outlasts a restart, too. */
	staticData: IDataObject = {};

	/** What executions have shown in the output panel. */
	readonly hints: string[] = [];

	private readonly node = new KopoKopoTrigger();

	/** What webhook() and execute() of the node delegate to, once n8n has restarted. */
	private restarted?: typeof import('../../nodes/KopoKopo/webhooks/receive');

	/** How often the credential was read. */
	credentialReads = 0;

	/** What the node has logged. */
	readonly log: string[] = [];

	private executions = 0;

	constructor(
		public credential: ICredentialDataDecryptedObject,
		private readonly triggerOn: string[] = [],
	) {}

	/** Restarts n8n: the node forgets what it has in memory. */
	restart(): void {
		// Not the node itself, which loads this module later, when the isolation is over.
		this.restarted = loadAnew(() => jest.requireActual('../../nodes/KopoKopo/webhooks/receive'));
	}

	/** Passes the raw bytes of a delivery to webhook(), as n8n's web server does. */
	async deliver(
		body: string | Buffer,
		headers: Record<string, unknown>,
		{
			triggerOn = this.triggerOn,
			options = {},
			mode = 'webhook',
			parameters: more = {},
			nodeId = newNodeId(),
			isAnswered = true,
		}: DeliveryOptions = {},
	): Promise<HandledDelivery> {
		const response = new FakeResponse();
		const parameters: Record<string, unknown> = { triggerOn, options, ...more };
		const log = (line: string) => this.log.push(line);
		const context = {
			getRequestObject: () => ({ rawBody: Buffer.from(body) }),
			getHeaderData: () => headers,
			getCredentials: async () => {
				this.credentialReads++;
				return await Promise.resolve(this.credential);
			},
			getNodeParameter: (name: string, fallback?: unknown) => parameters[name] ?? fallback,
			getResponseObject: () => response,
			getMode: () => mode,
			getNode: () => ({ id: nodeId, name: 'Kopo Kopo Trigger' }),
			getWorkflow: () => ({ id: 'workflow' }),
			getChildNodes: () => [],
			getWorkflowStaticData: () => this.staticData,
			logger: { info: log, warn: log, error: log },
		} as unknown as IWebhookFunctions;
		const result = await (this.restarted?.receiveDelivery(context) ??
			this.node.webhook.call(context));
		if (isAnswered && response.body === undefined) response.send(200);
		return {
			status: response.statusCode,
			message: (response.body ?? result.webhookResponse)?.message,
			result,
			sendResponse: (statusCode) => response.send(statusCode),
			closeConnection: () => response.close(),
		};
	}

	/**
	 * Runs execute() in an execution that a delivery has started.
	 * @returns the keys of the deliveries that the workflow continues with
	 */
	async execute(
		nodeId: string,
		dedupeKey: string,
		{
			options = {},
			parameters = {},
			mode = 'webhook',
			executionId = `execution-${++this.executions}`,
		}: ExecutionOptions = {},
	): Promise<unknown[]> {
		const context = {
			getInputData: () => [{ json: { eventId: 'event-1', dedupeKey } }],
			getMode: () => mode,
			getExecutionId: () => executionId,
			getNode: () => ({ id: nodeId }),
			getWorkflow: () => ({ id: 'workflow' }),
			getChildNodes: () => [],
			getNodeParameter: (name: string, _index: number, fallback: unknown) =>
				options[name.replace('options.', '')] ?? parameters[name] ?? fallback,
			getWorkflowStaticData: () => this.staticData,
			addExecutionHints: ({ message, location }: NodeExecutionHint) => {
				if (location === 'outputPane') this.hints.push(message);
			},
			logger: { warn: (line: string) => this.log.push(line) },
			helpers: this.store.helpersFor(nodeId),
			isToolExecution: () => false,
		} as unknown as IExecuteFunctions;
		const [outputs = []] = await (this.restarted?.continueDelivery(context) ??
			this.node.execute.call(context));
		return outputs.map(({ json }) => json.dedupeKey);
	}
}

/** As much of an Express response as the product uses. */
class FakeResponse {
	statusCode = 200;
	writableFinished = false;
	destroyed = false;
	/** What webhook() sent. */
	body?: IDataObject;
	private onClose: () => void = () => undefined;

	status(code: number) {
		this.statusCode = code;
		return { json: (body: IDataObject) => (this.body = body) };
	}

	once(_event: 'close', listener: () => void): void {
		this.onClose = listener;
	}

	close(): void {
		if (!this.destroyed) this.onClose();
		this.destroyed = true;
	}

	send(statusCode: number): void {
		this.statusCode = statusCode;
		this.writableFinished = !this.destroyed;
		this.close();
	}
}

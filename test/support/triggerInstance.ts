import type {
	ICredentialDataDecryptedObject,
	IDataObject,
	IExecuteFunctions,
	IWebhookFunctions,
	IWebhookResponseData,
	WorkflowExecuteMode,
} from 'n8n-workflow';
import { KopoKopoTrigger } from '../../nodes/KopoKopo/KopoKopoTrigger.node';
import { DeduplicationStore } from './deduplicationStore';

/** A delivery that webhook() has handled. */
export interface HandledDelivery {
	/** The status that was sent, or that n8n would send. */
	status: number;
	result: IWebhookResponseData;
	/** n8n sends the response, and the sender receives all of it. */
	sendResponse(statusCode: number): void;
	/** n8n ends the response, and its last byte is not out yet. closeConnection() ends that. */
	endResponse(statusCode: number): void;
	closeConnection(): void;
}

export interface DeliveryOptions {
	/** The events that the trigger is set to. */
	triggerOn?: string[];
	/** The trigger's Options. */
	options?: IDataObject;
	mode?: WorkflowExecuteMode;
	/** A new node by default. */
	nodeId?: string;
	staticData?: IDataObject;
	/** n8n sends a response with status 200 at once, unless webhook() did. On by default. */
	isAnswered?: boolean;
}

export interface ExecutionOptions {
	/** The trigger's Options. */
	options?: IDataObject;
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

/** Static data as n8n reads it from its database again. */
export const persist = (staticData: IDataObject) =>
	JSON.parse(JSON.stringify(staticData)) as Record<string, string>;

/** The trigger node in a process of n8n, with as much of n8n as it uses. */
export class TriggerInstance {
	readonly store = new DeduplicationStore();

	/** How often the credential was read. */
	credentialReads = 0;

	/** What the node has logged. */
	readonly log: string[] = [];

	private executions = 0;

	constructor(
		public credential: ICredentialDataDecryptedObject,
		private readonly triggerOn: string[] = [],
	) {}

	/** Passes the raw bytes of a delivery to webhook(), as n8n's web server does. */
	async deliver(
		body: string | Buffer,
		headers: Record<string, unknown>,
		{
			triggerOn = this.triggerOn,
			options = {},
			mode = 'webhook',
			nodeId = newNodeId(),
			staticData = {},
			isAnswered = true,
		}: DeliveryOptions = {},
	): Promise<HandledDelivery> {
		const response = new FakeResponse();
		const parameters: Record<string, unknown> = { triggerOn, options };
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
			getNode: () => ({ id: nodeId }),
			getWorkflow: () => ({ id: 'workflow' }),
			getWorkflowStaticData: () => staticData,
			logger: { info: log, warn: log, error: log },
		} as unknown as IWebhookFunctions;
		const result = await new KopoKopoTrigger().webhook.call(context);
		if (isAnswered && !response.writableEnded) response.send(200);
		return {
			status: response.statusCode,
			result,
			sendResponse: (statusCode) => response.send(statusCode),
			endResponse: (statusCode) => response.end(statusCode),
			closeConnection: () => response.close(),
		};
	}

	/**
	 * Runs execute() in an execution that a delivery has started. n8n stores the static data at its end:
	 * see persist().
	 * @returns the keys of the deliveries that the workflow continues with
	 */
	async execute(
		nodeId: string,
		staticData: IDataObject,
		dedupeKey: string,
		{
			options = {},
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
			getNodeParameter: (name: string, _index: number, fallback: unknown) =>
				options[name.replace('options.', '')] ?? fallback,
			getWorkflowStaticData: () => staticData,
			helpers: this.store.helpersFor(nodeId),
			isToolExecution: () => false,
		} as unknown as IExecuteFunctions;
		const [outputs = []] = await new KopoKopoTrigger().execute.call(context);
		return outputs.map(({ json }) => json.dedupeKey);
	}
}

/** As much of an Express response as the product uses. */
class FakeResponse {
	statusCode = 200;
	writableEnded = false;
	writableFinished = false;
	private isClosed = false;
	private onClose: () => void = () => undefined;

	status(code: number) {
		this.statusCode = code;
		return { json: () => (this.writableEnded = true) };
	}

	once(_event: 'close', listener: () => void): void {
		this.onClose = listener;
	}

	end(statusCode: number): void {
		this.statusCode = statusCode;
		this.writableEnded = true;
		this.writableFinished = !this.isClosed;
	}

	close(): void {
		if (!this.isClosed) this.onClose();
		this.isClosed = true;
	}

	send(statusCode: number): void {
		this.end(statusCode);
		this.close();
	}
}

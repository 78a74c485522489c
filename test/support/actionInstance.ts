import type {
	ICredentialDataDecryptedObject,
	IDataObject,
	IExecuteFunctions,
	IHttpRequestOptions,
	INode,
	INodeExecutionData,
	ITaskDataConnections,
	NodeExecutionHint,
	WorkflowExecuteMode,
} from 'n8n-workflow';
import { execute } from '../../nodes/KopoKopo/execution/execute';
import { DeduplicationStore } from './deduplicationStore';
import { loadAnew } from './isolatedModules';

/**
 * The action node as another process of n8n has it, with a memory of its own.
 * @param clockAheadMs by how much the clock of its machine is ahead, where it gives names to entries of the store
 */
export function newProcess(clockAheadMs = () => 0): typeof execute {
	type Entries = typeof import('../../nodes/KopoKopo/execution/repeatEntries');
	type Module = typeof import('../../nodes/KopoKopo/execution/execute');
	const loaded = loadAnew(() => {
		jest.doMock('../../nodes/KopoKopo/execution/repeatEntries', (): Entries => {
			const actual = jest.requireActual<Entries>('../../nodes/KopoKopo/execution/repeatEntries');
			return {
				...actual,
				entriesOf: (fingerprint, window, sentAt) =>
					actual.entriesOf(fingerprint, window, sentAt + clockAheadMs()),
				areFromRequest: (entries, window, sentAt) =>
					actual.areFromRequest(entries, window, sentAt + clockAheadMs()),
			};
		});
		return jest.requireActual<Module>('../../nodes/KopoKopo/execution/execute');
	});
	jest.dontMock('../../nodes/KopoKopo/execution/repeatEntries');
	return loaded.execute;
}

/** What Kopo Kopo responds with; a create is accepted and a status pending by default. */
export interface FakeResponse {
	statusCode: number;
	headers?: IDataObject;
	body?: unknown;
}

export interface SentHttpRequest {
	method: string;
	path: string;
	body?: IDataObject;
	timeout?: number;
}

/** A value of a parameter, or what an expression gives for an item. */
type Parameter = unknown;

export interface ExecutionOptions {
	parameters?: Record<string, Parameter | ((item: IDataObject, index: number) => Parameter)>;
	/** Settings of the node. */
	node?: Partial<INode>;
	mode?: WorkflowExecuteMode;
	/** Data of the execution for the node, which its retries keep; that of a new execution by default. */
	data?: IDataObject;
	executionId?: string;
	runIndex?: number;
	signal?: AbortSignal;
	credential?: ICredentialDataDecryptedObject;
	/** An AI agent calls the node itself. */
	isCalledByAgent?: boolean;
	resumeUrl?: string;
	/** Functions of n8n that differ. */
	more?: Partial<IExecuteFunctions>;
}

export interface Executed {
	/** The JSON of the output items. */
	items: IDataObject[];
	output: INodeExecutionData[];
	hints: string[];
	/** Data of the execution for the node. */
	data: IDataObject;
	/** Until when the execution waits, if it was paused. */
	waitsUntil: Date | undefined;
	/** What n8n hands on when that time is over. */
	input: ITaskDataConnections;
}

/** How many timers may end before an execution must. */
const MAX_STEPS = 10_000;

let nodes = 0;

/** The action node, with as much of n8n as it uses and a Kopo Kopo that answers at once. */
export class ActionInstance {
	readonly store = new DeduplicationStore();
	readonly requests: SentHttpRequest[] = [];
	readonly nodeId = `action-${++nodes}`;

	/** Replaces the response to a request; undefined for the usual one. What it throws is thrown by n8n. */
	respond: (
		request: SentHttpRequest,
	) => FakeResponse | undefined | Promise<FakeResponse | undefined> = () => undefined;

	private executions = 0;

	private run = execute;

	constructor(
		private readonly credential: ICredentialDataDecryptedObject,
		readonly parameters: NonNullable<ExecutionOptions['parameters']>,
	) {}

	/** The requests that change something. */
	get posts(): SentHttpRequest[] {
		return this.requests.filter(({ method }) => method === 'POST');
	}

	/** Restarts n8n: the node forgets what it has in memory. */
	restart(process = newProcess()): void {
		this.run = process;
	}

	/** Runs execute(). Jest's fake timers go on until it has ended. */
	async execute(inputs: IDataObject[], options: ExecutionOptions = {}): Promise<Executed> {
		const { context, executed } = this.contextOf(inputs, options);
		const running = this.run(context);
		let isOver = false;
		const end = () => (isOver = true);
		running.then(end, end);
		for (let step = 0; !isOver; step++) {
			if (step === MAX_STEPS) throw new Error('The execution does not end');
			await jest.advanceTimersToNextTimerAsync();
		}
		const [output = []] = await running;
		return { ...executed, output, items: output.map(({ json }) => json) };
	}

	/** The error that execute() throws. */
	async fail(inputs: IDataObject[], options: ExecutionOptions = {}) {
		const given = await this.execute(inputs, options).catch((error: unknown) => error);
		if (!(given instanceof Error)) throw new Error('The node has not failed');
		return given as Error & { description?: string; context: IDataObject };
	}

	private contextOf(
		inputs: IDataObject[],
		{
			parameters: more = {},
			node: settings = {},
			mode = 'manual',
			data = {},
			executionId = `execution-${++this.executions}`,
			runIndex = 0,
			signal,
			credential = this.credential,
			isCalledByAgent = false,
			resumeUrl = 'https://n8n.example.com/webhook-waiting/1?signature=abc',
			more: functions = {},
		}: ExecutionOptions,
	) {
		const parameters = { ...this.parameters, ...more };
		const node = {
			id: this.nodeId,
			name: 'Kopo Kopo',
			type: 'n8n-nodes-kopokopo.kopoKopo',
			typeVersion: 1,
			position: [0, 0],
			parameters: storedParameters(parameters),
			...settings,
		} as INode;
		const items = inputs.map((json) => ({ json }));
		const input: ITaskDataConnections = { main: [items] };
		const executed: Executed = {
			items: [],
			output: [],
			hints: [],
			data,
			waitsUntil: undefined,
			input,
		};
		const rowOf = () => ({
			node: { ...executeData.node },
			workflow: { id: 'workflow', active: true },
		});
		const executeData = { node: { ...node }, data: input, source: null };
		const context = {
			getInputData: () => items,
			getExecuteData: () => executeData,
			getNodeParameter: (name: string, index: number, missing?: unknown) => {
				const [first = '', ...path] = name.split('.');
				let value = parameters[first];
				for (const key of path) value = (value as IDataObject | undefined)?.[key];
				if (typeof value === 'function') {
					return (value as (item: IDataObject, index: number) => unknown)(
						inputs[index] ?? {},
						index,
					);
				}
				if (value !== undefined) return value;
				if (missing !== undefined) return missing;
				throw new Error(`Could not get parameter ${name}`);
			},
			getCredentials: async () => await Promise.resolve(credential),
			getInstanceBaseUrl: () => 'https://n8n.example.com/',
			getNode: () => node,
			getWorkflow: () => ({ id: 'workflow' }),
			getMode: () => mode,
			getExecutionId: () => executionId,
			getExecutionCancelSignal: () => signal,
			getContext: (type: string) => (type === 'node' ? data : {}),
			continueOnFail: () => node.onError !== undefined && node.onError !== 'stopWorkflow',
			isToolExecution: () => isCalledByAgent,
			evaluateExpression: (expression: string) => {
				if (expression === '{{ $runIndex }}') return runIndex;
				if (expression === '{{ $execution.resumeUrl }}') return resumeUrl;
				throw new Error(`The stand-in for n8n does not know ${expression}`);
			},
			addExecutionHints: ({ message, location }: NodeExecutionHint) =>
				executed.hints.push(location === 'outputPane' ? message : `${location}: ${message}`),
			putExecutionToWait: async (until: Date) => {
				executed.waitsUntil = until;
				await Promise.resolve();
			},
			logger: { info: () => {}, warn: () => {}, error: () => {} },
			helpers: {
				httpRequestWithAuthentication: async (_name: string, request: IHttpRequestOptions) =>
					await this.answer(request),
				checkProcessedAndRecord: async (...args: [string[], 'node', { mode: 'entries' }]) =>
					await this.store.checkProcessedAndRecord(args[0], args[1], rowOf(), args[2]),
				removeProcessed: async (...args: [string[], 'node', { mode: 'entries' }]) =>
					await this.store.removeProcessed(args[0], args[1], rowOf(), args[2]),
			},
			...functions,
		} as unknown as IExecuteFunctions;
		return { context, executed };
	}

	private async answer({ method, url, body, timeout }: IHttpRequestOptions) {
		const request: SentHttpRequest = {
			method: String(method),
			path: url,
			...(body !== undefined && { body: body as IDataObject }),
			...(timeout !== undefined && { timeout }),
		};
		this.requests.push(request);
		const number = this.requests.length;
		const response = await this.respond(request);
		if (response !== undefined) return { headers: {}, body: undefined, ...response };
		if (request.method === 'GET') return { statusCode: 200, headers: {}, body: PENDING };
		const location = `https://sandbox.kopokopo.com${url}/request-${number}`;
		return { statusCode: 201, headers: { location }, body: undefined };
	}
}

/** Parameters as n8n stores them: an expression is text that begins with an equals sign. */
const storedParameters = (value: unknown): unknown => {
	if (typeof value === 'function') return '={{ $json.value }}';
	if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
	return Object.fromEntries(
		Object.entries(value).map(([name, each]) => [name, storedParameters(each)]),
	);
};

const PENDING = { data: { id: 'request', type: 'payment', attributes: { status: 'Pending' } } };

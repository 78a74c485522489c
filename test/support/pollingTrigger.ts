import { PollContext } from 'n8n-core';
import type {
	IDataObject,
	INodeExecutionData,
	INodeParameters,
	IPollFunctions,
	IRun,
	ExecutionStatus,
	Workflow,
} from 'n8n-workflow';
import { KopoKopoPollingTrigger } from '../../nodes/KopoKopo/KopoKopoPollingTrigger.node';
import { loadAnew } from './isolatedModules';
import { additionalDataFor, type StoredCredential, workflowWith } from './nodeContexts';

/** An execution that the trigger has started. */
export interface StartedExecution {
	items: IDataObject[];
	/** n8n says what became of it. */
	end(status?: ExecutionStatus): void;
	/** n8n says that it was cancelled, or that it knows nothing of it. */
	reject(error: Error): void;
}

/** Settles when an execution is over. */
type DonePromise = Parameters<IPollFunctions['__emit']>[2];

/** What n8n tells of an execution that is over. */
export const endedRun = (status: ExecutionStatus, lastNodeExecuted: string | undefined) =>
	({ status, data: { resultData: { runData: {}, lastNodeExecuted } } }) as unknown as IRun;

/**
 * The polling trigger of an active workflow, in n8n-core's own context and with real HTTP requests. n8n saves
 * the static data when it starts an execution, and after the activation.
 */
export class PollingTrigger {
	private readonly type = new KopoKopoPollingTrigger();
	/** What poll() of the node delegates to, once n8n has restarted. */
	private restarted?: typeof import('../../nodes/KopoKopo/polling/poll');
	/** What n8n's database holds, as JSON. */
	database = '{}';
	/** The executions that were started, the oldest first. */
	readonly executions: StartedExecution[] = [];
	private workflow!: Workflow;
	private context: PollContext;

	constructor(
		private readonly credential: StoredCredential,
		public parameters: INodeParameters = {},
		private readonly id = `workflow-${Math.random()}`,
	) {
		this.context = this.newContext();
	}

	/** n8n activates the workflow: it polls once, and saves the static data. */
	async activate(): Promise<void> {
		this.context = this.newContext();
		await this.poll();
		this.save();
	}

	/** n8n polls. @throws what poll() throws */
	async poll(): Promise<INodeExecutionData[][] | null> {
		return await (this.restarted?.poll(this.context) ?? this.type.poll.call(this.context));
	}

	/** n8n is killed and starts again: executions under way are lost, and so is all that the process knew. */
	async restart(): Promise<void> {
		this.executions.length = 0;
		// Not the node itself, which loads this module later, when the isolation is over.
		this.restarted = loadAnew(() => jest.requireActual('../../nodes/KopoKopo/polling/poll'));
		await this.activate();
	}

	/** Ends all executions that are under way. */
	async endAll(status?: ExecutionStatus): Promise<void> {
		for (const execution of this.executions) execution.end(status);
		await Promise.resolve();
	}

	/** The receipts that executions were started with, in order. */
	get receipts(): unknown[] {
		return this.executions.flatMap(({ items }) => items.map(({ reference }) => reference));
	}

	private save(): void {
		this.database = JSON.stringify(this.workflow.staticData);
	}

	private newContext(): PollContext {
		const staticData = JSON.parse(this.database) as IDataObject;
		const { workflow, node } = workflowWith(this.type, this.parameters, {}, this.id, staticData);
		this.workflow = workflow;
		return new PollContext(
			workflow,
			node,
			additionalDataFor(this.credential),
			'trigger',
			'activate',
			(data, _response, done) => {
				this.save();
				this.start(data, done);
			},
		);
	}

	private start(data: INodeExecutionData[][], done?: DonePromise): void {
		this.executions.push({
			items: (data[0] ?? []).map(({ json }) => json),
			end: (status = 'success') => done?.resolve(endedRun(status, 'Last Node')),
			reject: (error) => done?.reject(error),
		});
	}
}

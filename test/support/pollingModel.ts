import {
	type ExecutionStatus,
	type IDataObject,
	type IExecuteFunctions,
	type IHttpRequestOptions,
	type INodeExecutionData,
	type IPollFunctions,
	type IRun,
	type IWebhookFunctions,
	ObservableObject,
} from 'n8n-workflow';
import {
	isEmittedByPolling,
	recordDelivery,
	recordExecution,
} from '../../nodes/KopoKopo/n8n/paymentExecutions';
import { continueExecution } from '../../nodes/KopoKopo/polling/continueExecution';
import { poll } from '../../nodes/KopoKopo/polling/poll';
import { DeduplicationStore } from './deduplicationStore';

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;

interface Payment {
	reference: string;
	/** ms since the epoch, by Kopo Kopo's clock. */
	at: number;
	/** From when on Kopo Kopo lists it. */
	reportedAt: number;
	till: string;
	amount: number;
	status: string;
}

interface RequestedPoll {
	from: number;
	to: number;
	till: string | undefined;
	looks: number;
}

/** Kopo Kopo's polling in memory, with a clock of its own. */
export class FakeKopoKopo {
	readonly payments: Payment[] = [];
	/** The polls that were accepted. */
	readonly polls: RequestedPoll[] = [];
	requests = 0;
	/** Whether responses name the time. */
	hasDate = true;
	/** How often a poll is looked for before its result is there. */
	looksUntilReady = 0;
	/** Refuses longer periods with 400, in ms. */
	longestPeriod = Infinity;
	/** Fails polls of longer periods when they are looked for, in ms. */
	longestListedPeriod = Infinity;
	/** Answers all requests with this status. */
	outage: number | undefined;
	outageMessage = 'Out of order';
	private readonly startedAt = Date.UTC(2026, 4, 1, 9);
	private readonly startedBy = performance.now();

	now(): number {
		return this.startedAt + performance.now() - this.startedBy;
	}

	/** A payment; its time is in ms before the present. */
	pay(reference: string, { ago = 0, delay = 0, till = '112233', amount = 100 } = {}): void {
		const at = Math.floor((this.now() - ago) / SECOND) * SECOND;
		this.payments.push({ reference, at, reportedAt: at + delay, till, amount, status: 'Received' });
	}

	respond({ method, url, body }: IHttpRequestOptions) {
		this.requests += 1;
		const headers: IDataObject = this.hasDate ? { date: new Date(this.now()).toUTCString() } : {};
		const answer = (statusCode: number, more: object) => ({
			statusCode,
			headers,
			body: {},
			...more,
		});
		if (this.outage !== undefined) {
			return answer(this.outage, { body: { error_message: this.outageMessage } });
		}
		if (method === 'POST') {
			const { from_time, to_time, scope, scope_reference } = body as Record<string, string>;
			const from = Date.parse(from_time ?? '');
			const to = Date.parse(to_time ?? '');
			if (to - from > this.longestPeriod) {
				return answer(400, { body: { error_message: 'The period is too long' } });
			}
			const till = scope === 'till' ? scope_reference : undefined;
			this.polls.push({ from, to, till, looks: 0 });
			const location = `https://sandbox.kopokopo.com/api/v2/polling/${this.polls.length}`;
			return answer(201, { headers: { ...headers, location } });
		}
		const found = this.polls[Number(url.split('/').at(-1)) - 1];
		if (found === undefined) return answer(404, { body: { error_message: 'Not found' } });
		return answer(200, { body: { data: this.result(found) } });
	}

	private result(found: RequestedPoll): IDataObject {
		found.looks += 1;
		const result = (status: string, more: object): IDataObject => ({
			id: 'poll',
			type: 'polling',
			attributes: { status, ...more },
		});
		if (found.looks <= this.looksUntilReady) return result('Pending', {});
		if (found.to - found.from > this.longestListedPeriod) {
			return result('Failed', { errors: ['The period is too long'] });
		}
		const transactions = this.payments
			.filter(
				({ at, reportedAt }) => at >= found.from && at <= found.to && reportedAt <= this.now(),
			)
			.filter(({ till }) => found.till === undefined || till === found.till)
			.map(({ reference, at, till, amount, status }) => ({
				type: 'Buygoods Transaction',
				resource: {
					id: `id-${reference}`,
					reference,
					amount: `${amount}.0`,
					status,
					currency: 'KES',
					till_number: till,
					origination_time: new Date(at).toISOString(),
				},
			}));
		return result('Success', { transactions });
	}
}

/** An execution that a trigger has started. */
export interface ModelExecution {
	items: IDataObject[];
	/** ID of the trigger. */
	node: string;
	/** Whether a delivery to the webhook trigger of the workflow started it. */
	isDelivered?: boolean;
	/** Whether n8n has started it again after a restart. */
	isRecovered?: boolean;
	state: 'created' | 'begun' | 'ended' | 'cut off';
}

interface Started extends ModelExecution {
	given: INodeExecutionData[];
	staticData: IDataObject;
	/** What the database held when it was created, which a restart of n8n starts it with. */
	stored: string;
	/** The error that ended it. */
	resultData: { error?: Error };
	done: { resolve(run: IRun | undefined): void; reject(error: Error): void };
	context: IExecuteFunctions;
}

/** As the helper of n8n. */
function createDeferredPromise() {
	let resolve: Started['done']['resolve'] = () => undefined;
	let reject: Started['done']['reject'] = () => undefined;
	const promise = new Promise<IRun | undefined>((onResolve, onReject) => {
		resolve = onResolve;
		reject = onReject;
	});
	return { promise, resolve, reject };
}

let workflows = 0;

const POLLING_NODE = 'polling-node';
const WEBHOOK_NODE = 'webhook-node';

/** A polling trigger of the workflow. */
export class PollingNode {
	/** The durable cursor, as JSON; undefined if n8n keeps cursors in the static data. */
	cursor: string | undefined;
	nodeData: IDataObject = {};
	context!: IPollFunctions;

	constructor(
		readonly id: string,
		public parameters: IDataObject,
	) {}
}

/** n8n with one active workflow, as far as its polling triggers use it. */
export class FakeN8n {
	/** What the database holds of the workflow, as JSON. */
	database = '{}';
	readonly store = new DeduplicationStore();
	readonly executions: Started[] = [];
	/** What polls have thrown. */
	readonly errors: string[] = [];
	readonly log: string[] = [];
	budget: number | undefined;
	private workflowId = '';
	private staticData: IDataObject = {};
	private readonly first: PollingNode;
	/** The polling triggers of the workflow. */
	readonly triggers: PollingNode[];

	constructor(
		private readonly kopoKopo: FakeKopoKopo,
		parameters: IDataObject = {},
	) {
		this.first = new PollingNode(POLLING_NODE, parameters);
		this.triggers = [this.first];
		this.start();
	}

	/** The parameters of the first trigger. */
	get parameters(): IDataObject {
		return this.first.parameters;
	}

	set parameters(parameters: IDataObject) {
		this.first.parameters = parameters;
	}

	/** The durable cursor of the first trigger. */
	get cursor(): string | undefined {
		return this.first.cursor;
	}

	set cursor(cursor: string | undefined) {
		this.first.cursor = cursor;
	}

	/** Adds another polling trigger to the workflow. */
	addTrigger(parameters: IDataObject): PollingNode {
		const trigger = new PollingNode(`${POLLING_NODE}-${this.triggers.length + 1}`, parameters);
		trigger.cursor = this.cursor;
		this.triggers.push(trigger);
		this.publish();
		return trigger;
	}

	/** n8n starts: it knows what is in the database, and nothing else. */
	start(): void {
		// What the product knows in a process it knows by workflow.
		this.workflowId = `model-${++workflows}`;
		this.publish();
	}

	/** n8n activates the workflow in the running process. */
	publish(): void {
		this.staticData = this.stored();
		for (const trigger of this.triggers) trigger.context = this.pollContext(trigger);
	}

	/** n8n is killed and starts again. @param recovers whether executions were stored that had not begun */
	kill(recovers = false): void {
		for (const execution of this.executions) {
			const isStored = recovers && execution.state === 'created';
			if (execution.state !== 'ended' && !isStored) execution.state = 'cut off';
		}
		this.start();
		for (const execution of this.executions.filter(({ state }) => state === 'created')) {
			execution.isRecovered = true;
			// Nothing waits for its end any more.
			execution.done = createDeferredPromise();
			execution.context = this.executionContext(execution);
		}
	}

	/** n8n saves the static data if they have changed, as it does after an activation. */
	save(): void {
		if (this.staticData.__dataChanged === true) this.database = JSON.stringify(this.staticData);
	}

	/** Polls, and lets up to a minute pass for it. */
	async poll(trigger = this.first): Promise<void> {
		// The durable scheduler reads the workflow from the database for each poll.
		if (trigger.cursor !== undefined) trigger.context = this.pollContext(trigger);
		const polling = poll(trigger.context).then(
			() => {
				if (trigger.cursor !== undefined) trigger.cursor = JSON.stringify(trigger.nodeData);
			},
			(error: Error) => this.errors.push(error.message),
		);
		for (let seconds = 0; seconds < 60; seconds += 5)
			await jest.advanceTimersByTimeAsync(5 * SECOND);
		await polling;
	}

	/** Activates the workflow: each trigger polls once, and n8n saves, as it does without durable cursors. */
	async activate(): Promise<void> {
		for (const trigger of this.triggers) await this.poll(trigger);
		if (this.cursor === undefined) this.save();
	}

	/** An execution begins with the trigger's execute(). @returns the receipts that pass */
	async begin(execution: Started): Promise<unknown[]> {
		execution.state = 'begun';
		const database = execution.isRecovered === true ? execution.stored : this.database;
		execution.staticData = observable(JSON.parse(database) as IDataObject);
		if (execution.isDelivered === true) {
			const [item] = execution.items;
			if (isEmittedByPolling(execution.context, String(item?.dedupeKey))) return [];
			recordExecution(execution.context, execution.context.getInputData(), 'delivery');
			return [item?.reference];
		}
		const passing = continueExecution(execution.context);
		await jest.advanceTimersByTimeAsync(SECOND);
		const [items = []] = await passing;
		return items.map(({ json }) => json.reference);
	}

	/**
	 * Kopo Kopo delivers a payment to the webhook trigger of the same workflow.
	 * @returns the execution that it starts; undefined if the polling trigger has the payment
	 */
	deliver({ reference, amount }: Payment): Started | undefined {
		const dedupeKey = `payment:${reference}:${amount * 100}`;
		const context = {
			...this.commonContext(WEBHOOK_NODE),
			// n8n reads the workflow from its database for each delivery.
			getWorkflowStaticData: (type: string) => part(this.stored(), type),
		} as unknown as IWebhookFunctions;
		if (isEmittedByPolling(context, dedupeKey)) return undefined;
		recordDelivery(context, dedupeKey);
		return this.deliverAll([{ reference, dedupeKey }]);
	}

	/** An execution that deliveries with these items have started. */
	deliverAll(items: IDataObject[]): Started {
		const given = items.map((json) => ({ json }));
		const execution = this.create(WEBHOOK_NODE, given, createDeferredPromise());
		execution.isDelivered = true;
		return execution;
	}

	/** An execution ends. n8n saves its static data if it has changed, and then says that it is over. */
	async end(
		execution: Started,
		status: ExecutionStatus = 'success',
		canSave = true,
	): Promise<void> {
		if (status === 'error') execution.resultData.error = new Error('A node has failed');
		if (canSave && status !== 'crashed' && execution.staticData.__dataChanged === true) {
			this.database = JSON.stringify(execution.staticData);
		}
		execution.state = 'ended';
		const isOver = status !== 'crashed';
		execution.done.resolve({
			status,
			data: { resultData: { runData: {}, ...(isOver && { lastNodeExecuted: 'Last' }) } },
		} as unknown as IRun);
		await jest.advanceTimersByTimeAsync(0);
	}

	/** Runs every execution that is not over. */
	async runAll(status: ExecutionStatus = 'success'): Promise<void> {
		for (const execution of this.executions) {
			if (execution.state === 'created') await this.begin(execution);
			if (execution.state === 'begun') await this.end(execution, status);
		}
	}

	/** The receipts that executions got, in order. */
	get receipts(): unknown[] {
		return this.executions.flatMap(({ items }) => items.map(({ reference }) => reference));
	}

	/** The static data in the database. */
	private stored(): IDataObject {
		return observable(JSON.parse(this.database) as IDataObject);
	}

	private pollContext(trigger: PollingNode): IPollFunctions {
		const line = (text: string) => this.log.push(text);
		const common = this.commonContext(trigger.id);
		const isDurable = trigger.cursor !== undefined;
		const staticData = isDurable ? this.stored() : this.staticData;
		const budget = this.budget ?? (isDurable ? DURABLE_BUDGET : undefined);
		const context = {
			...common,
			getMode: () => 'trigger',
			getNodeParameter: (name: string, missing: unknown) => trigger.parameters[name] ?? missing,
			getWorkflowStaticData: (type: string) => {
				if (type === 'node' && trigger.cursor !== undefined) return trigger.nodeData;
				return part(staticData, type === 'node' ? `node:${trigger.id}` : type);
			},
			logger: { info: line, warn: line, error: line },
			helpers: { ...common.helpers, createDeferredPromise },
			__emit: (data: INodeExecutionData[][], _response: unknown, done: Started['done']) => {
				this.database = JSON.stringify(staticData);
				if (trigger.cursor !== undefined) trigger.cursor = JSON.stringify(trigger.nodeData);
				this.create(trigger.id, data[0] ?? [], done);
			},
			...(budget !== undefined && { getPollBudgetMs: () => budget }),
		};
		if (trigger.cursor !== undefined) trigger.nodeData = JSON.parse(trigger.cursor) as IDataObject;
		return context as unknown as IPollFunctions;
	}

	private create(node: string, given: INodeExecutionData[], done: Started['done']): Started {
		const execution: Started = {
			node,
			given,
			items: given.map(({ json }) => json),
			state: 'created',
			staticData: {},
			stored: this.database,
			resultData: {},
			done,
			context: {} as IExecuteFunctions,
		};
		this.executions.push(execution);
		execution.context = this.executionContext(execution);
		return execution;
	}

	private executionContext(execution: Started): IExecuteFunctions {
		const common = this.commonContext(execution.node);
		const trigger = this.triggers.find(({ id: node }) => node === execution.node);
		const id = String(this.executions.indexOf(execution));
		return {
			...common,
			getMode: () => 'trigger',
			getInputData: () => execution.given,
			getExecutionId: () => id,
			getNodeParameter: (name: string, _item: number, missing: unknown) =>
				trigger?.parameters[name] ?? missing,
			getWorkflowStaticData: (type: string) => part(execution.staticData, type),
			runExecutionData: { resultData: execution.resultData },
			helpers: { ...common.helpers, ...this.store.helpersFor(execution.node) },
		} as unknown as IExecuteFunctions;
	}

	private commonContext(node: string) {
		const { workflowId } = this;
		return {
			getNode: () => ({ id: node, name: 'Kopo Kopo Polling Trigger' }),
			getWorkflow: () => ({ id: workflowId }),
			getChildNodes: () => [{ name: 'Next' }],
			getParentNodes: () => [{ type: 'n8n-nodes-kopokopo.kopoKopoPollingTrigger' }],
			getCredentials: async () => await Promise.resolve({ environment: 'sandbox' }),
			getInstanceBaseUrl: () => 'https://n8n.example.com/',
			helpers: {
				httpRequestWithAuthentication: async (_name: string, options: IHttpRequestOptions) =>
					await Promise.resolve(this.kopoKopo.respond(options)),
			},
		};
	}
}

/** How long the durable scheduler lets a poll take, in ms. */
const DURABLE_BUDGET = 36 * SECOND;

/** The static data of the workflow, or of a node. */
function part(staticData: IDataObject, key: string): IDataObject {
	staticData[key] ??= ObservableObject.create({}, staticData as never);
	return staticData[key] as IDataObject;
}

const observable = (data: IDataObject): IDataObject =>
	ObservableObject.create(data as never, undefined, {
		ignoreEmptyOnFirstChild: true,
	}) as unknown as IDataObject;

import type {
	IDataObject,
	IExecuteFunctions,
	INodeExecutionData,
	IPollFunctions,
	IRunExecutionData,
	IWebhookFunctions,
} from 'n8n-workflow';
import { containsHash, hashOfKey } from '../domain/dedupeKey';
import { isListedByPolls } from '../domain/eventCatalogue';
import { asObject, asTextOrNull } from '../domain/json';
import { ExecutionRecord, type StoredRecord } from './executionRecord';

/** The key in a workflow's static data under which everything about its polling triggers is stored. */
const STATIC_DATA_KEY = 'kopoKopoPolling';

/** The maximum time between a delivery and the start of its execution, in ms. */
const START_MS = 5 * 60_000;

/** After this time an execution is no longer considered to be running, in ms. */
const RUN_MS = 60 * 60_000;

/** The type of the polling trigger, which begins with the name of the package. */
const POLLING_TRIGGER = /\.kopoKopoPollingTrigger$/;

/** What other nodes of the workflow need to know about a polling trigger. */
interface PollingTrigger {
	/** Whether the trigger has emitted the payment, or recorded it as done. */
	hasEmitted(hash: string): boolean;
	/** The trigger's progress, in the form in which it is stored. */
	progress(): PersistedProgress;
}

/** The stored progress of a polling trigger. Only `seen` is read here. */
interface PersistedProgress extends IDataObject {
	/** Concatenated hashes of payments that are done, in one or several texts. */
	seen: Record<string, string>;
}

/** What n8n stores about all polling triggers of a workflow. */
export interface PersistedPolling extends IDataObject {
	/** By node ID. */
	progress?: Record<string, PersistedProgress>;
	/** The executions of each polling trigger, by node ID. */
	polled?: Record<string, StoredRecord>;
	/** The executions that deliveries have started. */
	delivered?: StoredRecord;
}

/** What this process knows about the executions of one workflow. Payments are identified by hash. */
export class PaymentExecutions {
	/** By node ID. */
	readonly triggers = new Map<string, PollingTrigger>();
	/** Whether a polling trigger starts nodes that other triggers start too; undefined until it was looked up. */
	sharesNodes: boolean | undefined;
	/** The executions that deliveries have started. */
	readonly delivered = new ExecutionRecord();
	/** The executions of each polling trigger, by node ID. */
	readonly polled = new Map<string, ExecutionRecord>();

	/** The executions of a polling trigger. */
	polledBy(node: string): ExecutionRecord {
		const record = this.polled.get(node) ?? new ExecutionRecord();
		this.polled.set(node, record);
		return record;
	}

	/** IDs of the polling triggers that n8n has stored. After a restart, some have not polled yet. */
	private readonly stored = new Set<string>();

	/** Deletes deliveries that every polling trigger has emitted or recorded as done. */
	deleteDelivered(hashes: string[]): void {
		const nodes = [...new Set([...this.stored, ...this.triggers.keys()])];
		const isKnown = (hash: string) =>
			nodes.every((node) => this.triggers.get(node)?.hasEmitted(hash) === true);
		this.delivered.delete(hashes.filter(isKnown));
	}

	/** Adds the deliveries that n8n has stored. */
	loadDelivered({ progress, delivered }: PersistedPolling): void {
		for (const node of Object.keys(asObject(progress))) this.stored.add(node);
		this.delivered.load(delivered);
	}

	/** Adds what n8n has stored. */
	mergePersisted(persisted: PersistedPolling): void {
		const { polled } = persisted;
		this.loadDelivered(persisted);
		for (const [node, record] of Object.entries(asObject(polled))) this.polledBy(node).load(record);
	}

	/** What n8n has to store. @param before what it has stored, which may contain triggers of other processes */
	toPersisted(before: PersistedPolling): PersistedPolling {
		const progress = { ...before.progress };
		for (const [node, trigger] of this.triggers) progress[node] = trigger.progress();
		const polled = { ...before.polled };
		for (const [node, record] of this.polled) polled[node] = record.toJSON();
		return { progress, polled, delivered: this.delivered.toJSON() };
	}
}

const workflows = new Map<string, PaymentExecutions>();

type Context = IExecuteFunctions | IPollFunctions | IWebhookFunctions;

/** What this process knows about the executions of the workflow. */
export function executionsOf(context: Context): PaymentExecutions {
	const id = String(context.getWorkflow().id);
	const executions = workflows.get(id) ?? new PaymentExecutions();
	workflows.set(id, executions);
	return executions;
}

/** What the workflow's static data contain, if anything. */
const polling = (context: Context) =>
	context.getWorkflowStaticData('global')[STATIC_DATA_KEY] as PersistedPolling | undefined;

/** What n8n has stored; undefined if there is nothing, or only what this process has put there. */
export function persistedPolling(context: Context): PersistedPolling | undefined {
	const persisted = polling(context);
	return persisted === undefined || 'toJSON' in persisted ? undefined : persisted;
}

/**
 * What n8n had stored when the static data were read. Unlike persistedPolling(), it is also there after this
 * process has put its own data there, so that each of several polling triggers can read it once.
 */
export const formerPolling = (context: Context): PersistedPolling => polling(context) ?? {};

/**
 * Adds what this process knows to the workflow's static data. It is serialized when n8n saves the static data,
 * and so includes what happens until then.
 * @param beforeSave is called when n8n saves the static data
 */
export function persistPolling(context: Context, beforeSave: () => void = () => undefined): void {
	const data = context.getWorkflowStaticData('global');
	const executions = executionsOf(context);
	// Of what this process has put there, this copies what n8n had stored.
	const before = { ...polling(context) };
	const toJSON = () => {
		beforeSave();
		return executions.toPersisted(before);
	};
	data[STATIC_DATA_KEY] = Object.assign(Object.create({ toJSON }) as IDataObject, before);
}

/**
 * Whether the workflow has a polling trigger. Until its first poll, which the durable scheduler can delay by a
 * minute, it is only found through the nodes that it starts together with this trigger.
 */
function isPolled(context: IExecuteFunctions | IWebhookFunctions): boolean {
	const executions = executionsOf(context);
	if (executions.triggers.size > 0 || persistedPolling(context) !== undefined) return true;
	executions.sharesNodes ??= context
		.getChildNodes(context.getNode().name)
		.flatMap(({ name }) => context.getParentNodes(name))
		.some(({ type, disabled }) => !disabled && POLLING_TRIGGER.test(type));
	return executions.sharesNodes;
}

/** Whether a delivery is about a payment that polls can list. */
const isListed = (dedupeKey: string, topic?: unknown): boolean =>
	dedupeKey.startsWith('payment:') && isListedByPolls(topic);

/**
 * Records the start and the end of an execution for the polling triggers of its workflow. n8n has no event for
 * the end of an execution, but it saves the execution's static data when the execution ends or waits, and at
 * no other time. Without a polling trigger in the workflow nothing is recorded.
 * @param items the payments that the execution processes
 * @param startedBy what has started it
 */
export function recordExecution(
	context: IExecuteFunctions,
	items: INodeExecutionData[],
	startedBy: 'poll' | 'delivery',
): void {
	if (!isPolled(context)) return;
	const isPoll = startedBy === 'poll';
	const hashes = items.flatMap(({ json: { dedupeKey, topic } }) => {
		const isKnown = typeof dedupeKey === 'string' && (isPoll || isListed(dedupeKey, topic));
		return isKnown ? hashOfKey(dedupeKey) : [];
	});
	const executions = executionsOf(context);
	// On a worker in queue mode, or before n8n has activated the polling trigger again.
	if (executions.triggers.size === 0) executions.mergePersisted(persistedPolling(context) ?? {});
	const record = isPoll ? executions.polledBy(context.getNode().id) : executions.delivered;
	record.start(hashes, RUN_MS);
	persistPolling(context, () => {
		record.complete(hashes, hasFailed(context) ? 'failed' : 'succeeded');
	});
}

/** Whether the execution has ended with an error. n8n has no function for this. */
function hasFailed(context: IExecuteFunctions): boolean {
	const { runExecutionData } = context as { runExecutionData?: IRunExecutionData };
	return runExecutionData === undefined || runExecutionData.resultData.error !== undefined;
}

/** Records that a delivery is about to start an execution with this payment. */
export function recordDelivery(
	context: IWebhookFunctions,
	dedupeKey: string,
	topic?: string | null,
): void {
	if (!isListed(dedupeKey, topic) || !isPolled(context)) return;
	executionsOf(context).delivered.start([hashOfKey(dedupeKey)], START_MS);
}

/** Whether a polling trigger of the workflow has emitted the payment, or recorded it as done. */
export function isEmittedByPolling(
	context: IExecuteFunctions | IWebhookFunctions,
	dedupeKey: string,
): boolean {
	const hash = hashOfKey(dedupeKey);
	const { triggers, polled } = executionsOf(context);
	if ([...triggers.values()].some((trigger) => trigger.hasEmitted(hash))) return true;
	// An execution that n8n had stored before a restart is not known to the trigger.
	const records = [...polled.values()];
	if (records.some((one) => one.isInFlight(hash) || one.completionOf(hash) !== undefined)) {
		return true;
	}
	// After a restart of n8n, and always on a webhook processor in queue mode, the process knows no triggers.
	const persisted = persistedPolling(context);
	return persisted !== undefined && isDone(persisted, hash);
}

/** Whether n8n has stored that the payment is done. */
function isDone({ progress, polled }: PersistedPolling, hash: string): boolean {
	const seen = Object.values(asObject(progress)).map((one) => asObject(asObject(one).seen));
	const records = Object.values(asObject(polled)).map(asObject);
	return [...seen, ...records]
		.flatMap((texts) => Object.values(texts))
		.some((text) => containsHash(asTextOrNull(text) ?? '', hash));
}

import type {
	IDataObject,
	IExecuteFunctions,
	INodeExecutionData,
	IPollFunctions,
	IRunExecutionData,
	IWebhookFunctions,
} from 'n8n-workflow';
import { containsHash, hashOfKey, splitHashes } from '../domain/dedupeKey';
import { asObject, asTextOrNull } from '../domain/json';

/** The key in a workflow's static data under which everything about its polling triggers is stored. */
const STATIC_DATA_KEY = 'kopoKopoPolling';

/** The maximum number of completed payments that are kept until a polling trigger lists them. */
const MAX_COMPLETED = 2000;

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
interface PersistedPolling extends IDataObject {
	/** By node ID. */
	progress?: Record<string, PersistedProgress>;
	/** Concatenated hashes of payments whose execution ended, without and with an error. */
	succeeded?: string;
	failed?: string;
}

/** How the execution of a payment ended. */
type Completion = 'succeeded' | 'failed';

/** What this process knows about the executions of one workflow. Payments are identified by hash. */
export class PaymentExecutions {
	/** By node ID. */
	readonly triggers = new Map<string, PollingTrigger>();
	/** Whether a polling trigger starts nodes that other triggers start too; undefined until it was looked up. */
	sharesNodes: boolean | undefined;
	/** The time until which the payment's execution is considered to be running, by performance.now(). */
	private readonly inFlight = new Map<string, number>();
	/** In the order of completion. */
	private readonly completed = new Map<string, Completion>();

	/** Whether an execution is processing the payment, or is about to. */
	isInFlight(hash: string): boolean {
		return (this.inFlight.get(hash) ?? -Infinity) > performance.now();
	}

	/** How the payment's execution ended; undefined if it has not. */
	completionOf(hash: string): Completion | undefined {
		return this.completed.get(hash);
	}

	/** Records that an execution of these payments starts. @param durationMs how long it can take at most */
	start(hashes: string[], durationMs: number): void {
		// In queue mode, a webhook processor is not told when an execution ends.
		for (const [hash, until] of this.inFlight) {
			if (until > performance.now()) break;
			this.inFlight.delete(hash);
		}
		for (const hash of hashes) {
			this.completed.delete(hash);
			this.inFlight.set(hash, performance.now() + durationMs);
		}
	}

	/** Records that the execution of these payments has ended. */
	complete(hashes: string[], completion: Completion): void {
		for (const hash of hashes) {
			this.inFlight.delete(hash);
			this.completed.delete(hash);
			this.completed.set(hash, completion);
		}
		for (const hash of [...this.completed.keys()].slice(0, -MAX_COMPLETED)) {
			this.completed.delete(hash);
		}
	}

	/** Deletes payments that a polling trigger has recorded as done, or will emit again. */
	delete(hashes: string[]): void {
		for (const hash of hashes) {
			this.inFlight.delete(hash);
			this.completed.delete(hash);
		}
	}

	/** The payments whose execution has ended. */
	completedHashes(): string[] {
		return [...this.completed.keys()];
	}

	/** Adds what n8n has stored. */
	mergePersisted({ succeeded, failed }: PersistedPolling): void {
		this.complete(splitHashes(asTextOrNull(failed) ?? ''), 'failed');
		this.complete(splitHashes(asTextOrNull(succeeded) ?? ''), 'succeeded');
	}

	/** What n8n has to store. @param before what it has stored, which may contain triggers of other processes */
	toPersisted(before: PersistedPolling): PersistedPolling {
		const progress = { ...before.progress };
		for (const [node, trigger] of this.triggers) progress[node] = trigger.progress();
		const hashesOf = (completion: Completion) =>
			[...this.completed].flatMap(([hash, how]) => (how === completion ? hash : [])).join('');
		return { progress, succeeded: hashesOf('succeeded'), failed: hashesOf('failed') };
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

/** What n8n has stored; undefined if that is nothing, or if it is what this process has put there. */
export function persistedPolling(context: Context): PersistedPolling | undefined {
	const data = context.getWorkflowStaticData('global');
	const persisted = data[STATIC_DATA_KEY] as PersistedPolling | undefined;
	return persisted === undefined || 'toJSON' in persisted ? undefined : persisted;
}

/**
 * Adds what this process knows to the workflow's static data. It is serialized when n8n saves the static data,
 * and so includes what happens until then.
 * @param beforeSave is called when n8n saves the static data
 */
export function persistPolling(context: Context, beforeSave: () => void = () => undefined): void {
	const data = context.getWorkflowStaticData('global');
	const executions = executionsOf(context);
	const before = persistedPolling(context) ?? {};
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

const hashesOf = (items: INodeExecutionData[]): string[] =>
	items.flatMap(({ json: { dedupeKey } }) => {
		return typeof dedupeKey === 'string' ? hashOfKey(dedupeKey) : [];
	});

/**
 * Records the start and the end of an execution for the polling triggers of its workflow. n8n has no event for
 * the end of an execution, but it saves the execution's static data when the execution ends or waits, and at
 * no other time. Without a polling trigger in the workflow nothing is recorded.
 * @param items the payments that the execution processes
 */
export function recordExecution(context: IExecuteFunctions, items: INodeExecutionData[]): void {
	if (!isPolled(context)) return;
	const hashes = hashesOf(items);
	const executions = executionsOf(context);
	// On a worker in queue mode, or before n8n has activated the polling trigger again.
	if (executions.triggers.size === 0) executions.mergePersisted(persistedPolling(context) ?? {});
	executions.start(hashes, RUN_MS);
	persistPolling(context, () => {
		executions.complete(hashes, hasFailed(context) ? 'failed' : 'succeeded');
	});
}

/** Whether the execution has ended with an error. n8n has no function for this. */
function hasFailed(context: IExecuteFunctions): boolean {
	const { runExecutionData } = context as { runExecutionData?: IRunExecutionData };
	return runExecutionData === undefined || runExecutionData.resultData.error !== undefined;
}

/** Records that a delivery is about to start an execution with this payment. */
export function recordDelivery(context: IWebhookFunctions, dedupeKey: string): void {
	if (isPolled(context)) executionsOf(context).start([hashOfKey(dedupeKey)], START_MS);
}

/**
 * Whether a polling trigger of the workflow has emitted the payment, or any execution of such a workflow has
 * processed it.
 */
export function isEmittedByPolling(
	context: IExecuteFunctions | IWebhookFunctions,
	dedupeKey: string,
): boolean {
	const hash = hashOfKey(dedupeKey);
	const executions = executionsOf(context);
	if (executions.completionOf(hash) !== undefined) return true;
	if ([...executions.triggers.values()].some((trigger) => trigger.hasEmitted(hash))) return true;
	// After a restart of n8n, and always on a webhook processor in queue mode, the process knows no triggers.
	const persisted = persistedPolling(context);
	return persisted !== undefined && isDone(persisted, hash);
}

/** Whether n8n has stored that the payment is done. */
function isDone({ progress, succeeded, failed }: PersistedPolling, hash: string): boolean {
	const seen = Object.values(asObject(progress)).flatMap((one) =>
		Object.values(asObject(asObject(one).seen)),
	);
	return [succeeded, failed, ...seen].some((text) => containsHash(asTextOrNull(text) ?? '', hash));
}

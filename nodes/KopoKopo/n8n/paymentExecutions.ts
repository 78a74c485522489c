import type {
	IDataObject,
	IExecuteFunctions,
	IPollFunctions,
	IRunExecutionData,
	IWebhookFunctions,
} from 'n8n-workflow';
import { hashOfKey, splitHashes } from '../domain/identity';
import { asTextOrNull } from '../domain/json';

/** Name of the package's part of the static data of a workflow with a polling trigger. */
const STATIC_DATA_KEY = 'kopoKopoPolling';

/** How many finished payments are stored that no polling trigger has listed yet. */
const MAX_FINISHED = 2000;

/** How long it may take until the execution of a delivery begins, in ms. */
const START_MS = 5 * 60_000;

/** How long an execution may run without its end being noticed, in ms. */
const RUN_MS = 60 * 60_000;

/** A polling trigger, as far as other nodes of its workflow have to know it. */
interface PollingTrigger {
	/** Whether it has given a payment to an execution. */
	hasGiven(hash: string): boolean;
	/** Its progress, as it is stored; undefined where n8n stores it elsewhere. */
	progress(): IDataObject | undefined;
}

/** What n8n stores for all polling triggers of a workflow. */
interface Stored extends IDataObject {
	/** By the ID of the node. */
	progress?: Record<string, IDataObject>;
	/** Hashes of payments whose execution ended without an error, and of those where one ended it. */
	finished?: string;
	failed?: string;
}

/** How an execution with a payment ended. */
type End = 'finished' | 'failed';

/** What this process knows of the executions of one workflow, by the hash of their payment. */
export class PaymentExecutions {
	readonly triggers = new Map<string, PollingTrigger>();
	/** Until when an execution is expected to have the payment, by performance.now(). */
	private readonly underWay = new Map<string, number>();
	/** The oldest first. */
	private readonly ended = new Map<string, End>();

	/** Whether an execution has the payment, or is about to have it. */
	isUnderWay(hash: string): boolean {
		return (this.underWay.get(hash) ?? -Infinity) > performance.now();
	}

	endOf(hash: string): End | undefined {
		return this.ended.get(hash);
	}

	begin(hashes: string[], durationMs: number): void {
		// A webhook processor of queue mode never learns of an end.
		for (const [hash, until] of this.underWay) {
			if (until > performance.now()) break;
			this.underWay.delete(hash);
		}
		for (const hash of hashes) {
			this.ended.delete(hash);
			this.underWay.set(hash, performance.now() + durationMs);
		}
	}

	end(hashes: string[], end: End): void {
		for (const hash of hashes) {
			this.underWay.delete(hash);
			this.ended.delete(hash);
			this.ended.set(hash, end);
		}
		for (const hash of [...this.ended.keys()].slice(0, -MAX_FINISHED)) this.ended.delete(hash);
	}

	/** A polling trigger has stored the payments itself, or gives them again. */
	forget(hashes: string[]): void {
		for (const hash of hashes) {
			this.underWay.delete(hash);
			this.ended.delete(hash);
		}
	}

	/** The payments whose execution has ended. */
	endedHashes(): string[] {
		return [...this.ended.keys()];
	}

	/** Adds what n8n has stored. */
	load({ finished, failed }: Stored): void {
		this.end(splitHashes(asTextOrNull(failed) ?? ''), 'failed');
		this.end(splitHashes(asTextOrNull(finished) ?? ''), 'finished');
	}

	/** What n8n has to store, where it has stored `before`. */
	toStored(before: Stored): Stored {
		const progress = { ...before.progress };
		for (const [node, trigger] of this.triggers) {
			const own = trigger.progress();
			if (own !== undefined) progress[node] = own;
		}
		const hashesOf = (end: End) =>
			[...this.ended].flatMap(([hash, how]) => (how === end ? hash : [])).join('');
		return { progress, finished: hashesOf('finished'), failed: hashesOf('failed') };
	}
}

const workflows = new Map<string, PaymentExecutions>();

type Context = IExecuteFunctions | IPollFunctions | IWebhookFunctions;

/** What this process knows of the executions of a workflow. */
export function executionsOf(context: Context): PaymentExecutions {
	const id = String(context.getWorkflow().id);
	const executions = workflows.get(id) ?? new PaymentExecutions();
	workflows.set(id, executions);
	return executions;
}

/**
 * What n8n has stored; undefined if there is nothing, or what this process has put there itself.
 */
export function storedPolling(context: Context): Stored | undefined {
	const stored = context.getWorkflowStaticData('global')[STATIC_DATA_KEY] as Stored | undefined;
	return stored === undefined || 'toJSON' in stored ? undefined : stored;
}

/**
 * Puts what this process knows into the static data. It becomes text when n8n saves it, with all that the
 * process knows by then.
 * @param beforeSave is called when n8n saves it
 */
export function storePolling(context: Context, beforeSave: () => void = () => undefined): void {
	const data = context.getWorkflowStaticData('global');
	const executions = executionsOf(context);
	const before = storedPolling(context) ?? {};
	const toJSON = () => {
		beforeSave();
		return executions.toStored(before);
	};
	data[STATIC_DATA_KEY] = Object.assign(Object.create({ toJSON }) as IDataObject, before);
}

/** The hashes of the payments among the items that an execution begins with. */
const hashesOf = (context: IExecuteFunctions): string[] =>
	context.getInputData().flatMap(({ json: { dedupeKey } }) => {
		return typeof dedupeKey === 'string' ? hashOfKey(dedupeKey) : [];
	});

/**
 * Notes which payments an execution has. n8n saves the static data of an execution when it is over or waits,
 * and at no other time, so that is how a node learns of it and how it is known after a crash. Nothing is done
 * for a workflow without a polling trigger.
 */
export function noteExecution(context: IExecuteFunctions): void {
	const hashes = hashesOf(context);
	const executions = executionsOf(context);
	const stored = storedPolling(context);
	if (executions.triggers.size === 0) {
		if (stored === undefined) return;
		// A worker of queue mode: what other processes have stored is all that is known.
		executions.load(stored);
	}
	executions.begin(hashes, RUN_MS);
	storePolling(context, () => executions.end(hashes, hasFailed(context) ? 'failed' : 'finished'));
}

/** Whether the execution has ended with an error. n8n has no function that tells it. */
function hasFailed(context: IExecuteFunctions): boolean {
	const { runExecutionData } = context as { runExecutionData?: IRunExecutionData };
	return runExecutionData === undefined || runExecutionData.resultData.error !== undefined;
}

/** Notes that a delivery will start an execution with this payment. */
export function noteDelivery(context: IWebhookFunctions, dedupeKey: string): void {
	const executions = executionsOf(context);
	// After a restart of n8n, deliveries arrive before the polling trigger is activated.
	const isPolled = executions.triggers.size > 0 || storedPolling(context) !== undefined;
	if (isPolled) executions.begin([hashOfKey(dedupeKey)], START_MS);
}

/** Whether an execution of a workflow with a polling trigger has the payment or had it. */
export function isGivenByPolling(context: IWebhookFunctions, dedupeKey: string): boolean {
	const executions = executionsOf(context);
	if (executions.triggers.size === 0) return false;
	const hash = hashOfKey(dedupeKey);
	if (executions.endOf(hash) !== undefined) return true;
	return [...executions.triggers.values()].some((trigger) => trigger.hasGiven(hash));
}

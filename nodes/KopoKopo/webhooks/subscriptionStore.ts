import type {
	IDataObject,
	IExecuteFunctions,
	IHookFunctions,
	IWebhookFunctions,
} from 'n8n-workflow';
import type { Subscription } from '../resources/v2/webhookSubscription';

/** A subscription that a trigger node requested. */
interface StoredSubscription extends Subscription {
	nodeId: string;
	/** Missing while it is not known whether Kopo Kopo created the subscription. */
	id?: string;
	/** ms since the epoch */
	unconfirmedSince?: number;
}

type StoredSubscriptions = Record<string, StoredSubscription>;
type Context = IHookFunctions | IWebhookFunctions | IExecuteFunctions;

const STATIC_DATA_KEY = 'kopoKopoSubscriptions';

/**
 * The subscriptions that this process knows, by workflow. Static data alone is not enough: it is empty each
 * time n8n listens for a test event, and if another node writes it in an execution, n8n saves it as it was
 * when the execution began.
 */
const processSubscriptions = new Map<string, StoredSubscriptions>();

function ofProcess(context: Context): StoredSubscriptions {
	// The test URL has subscriptions of its own.
	const key = `${context.getWorkflow().id} ${context.getMode() === 'manual' ? 'test' : ''}`;
	const known = processSubscriptions.get(key) ?? {};
	processSubscriptions.set(key, known);
	return known;
}

/** Workflow-wide static data; that of the node would be lost when the node is renamed. */
const persisted = (context: Context): StoredSubscriptions => ({
	...(context.getWorkflowStaticData('global')[STATIC_DATA_KEY] as StoredSubscriptions | undefined),
});

/** All known subscriptions of the workflow, including those from before a restart. */
function allOf(context: Context): StoredSubscriptions {
	const known = ofProcess(context);
	for (const [key, subscription] of Object.entries(persisted(context))) {
		// A stored entry without an ID may be outdated: the subscription can have been confirmed since.
		if (subscription.id !== undefined || known[key] === undefined) known[key] = subscription;
	}
	return known;
}

/**
 * Stores a subscription under its key, or removes the entry if the subscription is undefined. Static data is
 * written only if it changes. n8n serializes the value when it saves it, and then it contains everything that
 * this process knows. So the hooks of several triggers in a workflow do not overwrite each other's changes.
 */
export function storeSubscription(
	context: IHookFunctions,
	key: string,
	subscription: StoredSubscription | undefined,
): void {
	const before = persisted(context);
	const known = allOf(context);
	if (subscription === undefined) delete known[key];
	else known[key] = subscription;
	if (JSON.stringify(before[key]) === JSON.stringify(subscription)) return;
	const live = Object.create({ toJSON: () => ({ ...known }) }) as IDataObject;
	context.getWorkflowStaticData('global')[STATIC_DATA_KEY] = Object.assign(live, known);
}

/** The known subscription with this key. */
export const findSubscription = (context: Context, key: string): StoredSubscription | undefined =>
	allOf(context)[key];

/** All subscriptions that a trigger node has requested. */
export function subscriptionsOfNode(context: Context): StoredSubscription[] {
	const { id } = context.getNode();
	return Object.values(allOf(context)).filter(({ nodeId }) => nodeId === id);
}

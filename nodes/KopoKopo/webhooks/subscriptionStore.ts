import type {
	IDataObject,
	IExecuteFunctions,
	IHookFunctions,
	IWebhookFunctions,
} from 'n8n-workflow';
import type { Subscription } from '../resources/v2/webhookSubscription';

/** What a trigger node asked Kopo Kopo to send. */
interface StoredSubscription extends Subscription {
	nodeId: string;
	/** Missing while it is not known whether Kopo Kopo made the subscription. */
	id?: string;
	/** ms since the epoch */
	unconfirmedSince?: number;
}

type StoredSubscriptions = Record<string, StoredSubscription>;
type Context = IHookFunctions | IWebhookFunctions | IExecuteFunctions;

const STATIC_DATA_KEY = 'kopoKopoSubscriptions';

/**
 * What this process knows, by workflow. Static data alone is not enough: for a test event it is empty each
 * time, and an execution of another node that writes it stores what it held when the execution began.
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

/** All that is known of the workflow's subscriptions, from before a restart too. */
function allOf(context: Context): StoredSubscriptions {
	const known = ofProcess(context);
	for (const [key, subscription] of Object.entries(persisted(context))) {
		// Without an ID, it may be what was stored before the subscription was confirmed.
		if (subscription.id !== undefined || known[key] === undefined) known[key] = subscription;
	}
	return known;
}

/**
 * Stores a subscription by its key, or forgets it. Writes static data only if that changes it. What is
 * written becomes text when n8n saves it, with all that the process knows by then, so that hooks of another
 * trigger in the same workflow undo nothing.
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

/** What is known of a subscription. */
export const findSubscription = (context: Context, key: string): StoredSubscription | undefined =>
	allOf(context)[key];

/** All subscriptions that a trigger node has asked for. */
export function subscriptionsOfNode(context: Context): StoredSubscription[] {
	const { id } = context.getNode();
	return Object.values(allOf(context)).filter(({ nodeId }) => nodeId === id);
}

import type { IDataObject, IHookFunctions } from 'n8n-workflow';

/** What is remembered of a subscription: its id, or since when it is not known whether it was made. */
type StoredSubscription =
	| { id: string; event: string }
	| { unconfirmedSince: number; event: string };
type StoredSubscriptions = Record<string, StoredSubscription>;

/**
 * The process's own memory beside n8n's static data: a test listen starts with empty static data each
 * time, and a run that ends at the same moment may write an older copy over ours.
 */
const processSubscriptions: StoredSubscriptions = {};

/** Workflow-wide static data: the node's own would be lost with a rename. */
function persistedSubscriptions(context: IHookFunctions): StoredSubscriptions {
	const data = context.getWorkflowStaticData('global');
	return (data.kopoKopoSubscriptions ?? {}) as StoredSubscriptions;
}

/** Keeps what is known of a subscription, by its key; nothing forgets it. */
export function storeSubscription(
	context: IHookFunctions,
	key: string,
	known: StoredSubscription | undefined,
): void {
	const memory = { ...persistedSubscriptions(context) };
	if (known === undefined) {
		delete memory[key];
		delete processSubscriptions[key];
	} else {
		memory[key] = known;
		processSubscriptions[key] = known;
	}
	// Assigned whole: n8n notices a change only at the top.
	context.getWorkflowStaticData('global').kopoKopoSubscriptions = memory as IDataObject;
}

/** What is known of a subscription, from before a restart too. */
export function findSubscription(
	context: IHookFunctions,
	key: string,
): StoredSubscription | undefined {
	return persistedSubscriptions(context)[key] ?? processSubscriptions[key];
}

/**
 * What stays behind at Kopo Kopo, for the log: no document names a way to unsubscribe
 * (docs/kopokopo-api.md#missing-endpoints).
 */
export function describeRemaining(context: IHookFunctions): string | undefined {
	const events = Object.values(persistedSubscriptions(context))
		.filter((known) => 'id' in known)
		.map(({ event }) => event);
	return events.length === 0
		? undefined
		: `Kopo Kopo has no way to unsubscribe: ${[...new Set(events)].join(', ')} will still be sent here and refused by n8n until this workflow is active again. The subscriptions are kept for next time.`;
}

import type { IDataObject, IHookFunctions } from 'n8n-workflow';

/** What is remembered of a subscription: its id, or since when it is not known whether it was made. */
type Known = { id: string; event: string } | { unconfirmedSince: number; event: string };
type Memory = Record<string, Known>;

/**
 * The process's own memory beside n8n's static data: a test listen starts with empty static data each
 * time, and a run that ends at the same moment may write an older copy over ours.
 */
const processMemory: Memory = {};

/** Workflow-wide static data: the node's own would be lost with a rename. */
function storedMemory(context: IHookFunctions): Memory {
	const data = context.getWorkflowStaticData('global');
	return (data.kopoKopoSubscriptions ?? {}) as Memory;
}

/** Keeps what is known of a subscription, by its key; nothing forgets it. */
export function remember(context: IHookFunctions, key: string, known: Known | undefined): void {
	const memory = { ...storedMemory(context) };
	if (known === undefined) {
		delete memory[key];
		delete processMemory[key];
	} else {
		memory[key] = known;
		processMemory[key] = known;
	}
	// Assigned whole: n8n notices a change only at the top.
	context.getWorkflowStaticData('global').kopoKopoSubscriptions = memory as IDataObject;
}

/** What is known of a subscription, from before a restart too. */
export function recall(context: IHookFunctions, key: string): Known | undefined {
	return storedMemory(context)[key] ?? processMemory[key];
}

/** What stays behind at Kopo Kopo, for the log: no document names a way to unsubscribe (contract, section 4). */
export function describeLeftBehind(context: IHookFunctions): string | undefined {
	const events = Object.values(storedMemory(context))
		.filter((known) => 'id' in known)
		.map(({ event }) => event);
	return events.length === 0
		? undefined
		: `Kopo Kopo has no way to unsubscribe: ${[...new Set(events)].join(', ')} will still be sent here and refused by n8n until this workflow is active again. The subscriptions are kept for next time.`;
}

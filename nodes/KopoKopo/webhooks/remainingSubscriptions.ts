import type { IExecuteFunctions, IHookFunctions, IWebhookFunctions } from 'n8n-workflow';
import { eventOf, isTopic } from '../domain/events';
import type { ReadParameter } from '../operations/parameters';
import type { Subscription } from '../resources/v2/webhookSubscription';
import { includesTill } from './filters';
import { type SubscriptionSettings, subscriptionSettings } from './subscriptionSettings';
import { subscriptionsOfNode } from './subscriptionStore';

type Context = IHookFunctions | IWebhookFunctions | IExecuteFunctions;

/** Whether the settings require a subscription. Some events only exist for the whole company. */
function isRequired(subscription: Subscription, settings: SubscriptionSettings): boolean {
	const { topic, scope, tillNumber, daraja } = subscription;
	if (settings.registration === 'manual') return false;
	const event = eventOf(topic);
	if (daraja !== (settings.darajaPayload && event.daraja !== undefined)) return false;
	if (event.companyOnly || settings.scope !== 'till') return scope === 'company';
	return tillNumber !== null && settings.tills.includes(tillNumber);
}

function describe({ topic, scope, tillNumber, daraja }: Subscription): string {
	const where = scope === 'till' ? `till ${tillNumber}` : 'the company';
	return `${eventOf(topic).name} of ${where}${daraja ? ' as Daraja Payload' : ''}`;
}

/**
 * A sentence for the log and the panel that lists the subscriptions which this node made with earlier settings
 * and which still deliver events that it accepts; undefined if there are none. No document names a way to unsubscribe
 * (docs/kopokopo-api.md#missing-endpoints).
 */
export function describeFormer(context: Context, read: ReadParameter): string | undefined {
	const subscriptions = subscriptionsOfNode(context);
	if (subscriptions.length === 0) return undefined;
	const settings = subscriptionSettings(read);
	const former = subscriptions
		.filter(({ topic }) => isTopic(topic) && settings.events.includes(topic))
		.filter((subscription) => !isRequired(subscription, settings));
	return former.length === 0
		? undefined
		: `Kopo Kopo still sends what this node subscribed to with earlier settings, since it has no way to unsubscribe: ${[...new Set(former.map(describe))].join(', ')}. A payment that arrives through several subscriptions starts the workflow once. To leave out payments to other tills, add the option Till Filter.`;
}

/** What Kopo Kopo continues to send after a deactivation, for the log; undefined if it sends nothing. */
export function describeRemaining(context: IHookFunctions): string | undefined {
	const events = subscriptionsOfNode(context)
		.filter(({ id }) => id !== undefined)
		.map(({ topic }) => topic);
	return events.length === 0
		? undefined
		: `Kopo Kopo has no way to unsubscribe. It still sends ${[...new Set(events)].join(', ')}, and n8n rejects these deliveries until this workflow is active again. The next activation uses the same subscriptions.`;
}

/**
 * Whether an event is of a till that this node subscribed to earlier and that its settings no longer include. The
 * event of a till that it never subscribed to is accepted: it may come from a subscription that a person made
 * for this URL.
 */
export function isOfFormerTill(
	context: IWebhookFunctions,
	topic: string,
	tillNumber: unknown,
	read: ReadParameter,
): boolean {
	if (typeof tillNumber !== 'string' || !isTopic(topic) || eventOf(topic).companyOnly) return false;
	const subscribed = subscriptionsOfNode(context).flatMap((known) => known.tillNumber ?? []);
	if (!includesTill(subscribed, tillNumber)) return false;
	const { registration, tills } = subscriptionSettings(read);
	if (registration === 'manual') return false;
	return tills.length > 0 && !includesTill(tills, tillNumber);
}

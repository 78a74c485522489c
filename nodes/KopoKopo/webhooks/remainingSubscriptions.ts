import type { IExecuteFunctions, IHookFunctions, IWebhookFunctions } from 'n8n-workflow';
import { eventOf, isTopic } from '../domain/eventCatalogue';
import type { ReadParameter } from '../operations/parameters';
import type { Subscription } from '../resources/v2/webhookSubscription';
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

/** The subscriptions of this node that certainly exist. No document names a way to end them. */
const confirmedSubscriptions = (context: Context): Subscription[] =>
	subscriptionsOfNode(context).filter(({ id, topic }) => id !== undefined && isTopic(topic));

/** The events of subscriptions, each once, as the menu names them. */
function describe(subscriptions: Subscription[]): string {
	const texts = subscriptions.map(({ topic, scope, tillNumber, daraja }) => {
		const where = scope === 'till' ? `till ${tillNumber}` : 'the company';
		return `${eventOf(topic).name} of ${where}${daraja ? ' as Daraja Payload' : ''}`;
	});
	return [...new Set(texts)].join(', ');
}

/**
 * A message for the log and the panel about the subscriptions that remain from earlier settings and still deliver
 * events that the node accepts; undefined if there are none (docs/kopokopo-api.md#missing-endpoints).
 */
export function describeRemaining(context: Context, read: ReadParameter): string | undefined {
	const subscriptions = confirmedSubscriptions(context);
	if (subscriptions.length === 0) return undefined;
	const settings = subscriptionSettings(read);
	const remaining = subscriptions
		.filter(({ topic }) => settings.events.includes(topic))
		.filter((subscription) => !isRequired(subscription, settings));
	return remaining.length === 0
		? undefined
		: `Kopo Kopo still sends what this node subscribed to with earlier settings, since it has no way to unsubscribe: ${describe(remaining)}. A payment that arrives through several subscriptions starts the workflow once. To leave out payments to other tills, add the option Till Filter.`;
}

/** A message for the log about the subscriptions that remain after a deactivation; undefined if there are none. */
export function describeRemainingWhileInactive(context: IHookFunctions): string | undefined {
	const remaining = confirmedSubscriptions(context);
	return remaining.length === 0
		? undefined
		: `Kopo Kopo has no way to unsubscribe. It still sends ${describe(remaining)}, and n8n rejects these deliveries until this workflow is active again. The next activation uses the same subscriptions.`;
}

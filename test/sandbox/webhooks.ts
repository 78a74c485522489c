import { randomUUID } from 'node:crypto';

import type { Deliveries } from './deliveries';
import { isoTime } from './formats';
import type { JsonObject } from './json';
import type { Ledger, SubscriptionEntry } from './ledger';

/**
 * Webhook subscriptions, and the events that are delivered to them
 * (docs/kopokopo-api.md#event-scope, docs/kopokopo-api.md#deliveries).
 */
export class Webhooks {
	private readonly subscriptions = new Map<string, SubscriptionEntry[]>();

	constructor(
		private readonly ledger: Ledger,
		private readonly deliveries: Deliveries,
		private readonly baseUrl: () => string,
	) {}

	/** Adds a subscription. A duplicate is accepted and gets deliveries of its own. */
	subscribe(subscription: SubscriptionEntry): void {
		this.ledger.recordSubscription(subscription);
		const { eventType, scope, scopeReference } = subscription;
		const key = this.topicKey(eventType, scope === 'till' ? scopeReference : null);
		const others = this.subscriptions.get(key);
		if (others) others.push(subscription);
		else this.subscriptions.set(key, [subscription]);
	}

	/**
	 * Delivers an event to every subscription of its topic: those of the company, and those of the
	 * till unless `till` is null. `daraja` makes the payload for subscriptions that ask for Daraja's form.
	 */
	emit(
		topic: string,
		till: string | null,
		eventType: string,
		resourcePath: string,
		resource: JsonObject,
		daraja?: () => JsonObject,
	): void {
		const company = this.subscriptions.get(this.topicKey(topic, null)) ?? [];
		const ofTill = till ? (this.subscriptions.get(this.topicKey(topic, till)) ?? []) : [];
		const matching = [...company, ...ofTill];
		if (matching.length === 0) return;
		// All subscriptions get the same event ID, because receivers recognise duplicates by it.
		const id = randomUUID();
		const body = JSON.stringify({
			topic,
			id,
			created_at: isoTime(new Date()),
			event: { type: eventType, resource },
			_links: {
				self: `${this.baseUrl()}/webhook_events/${id}`,
				resource: `${this.baseUrl()}/${resourcePath}`,
			},
		});
		for (const subscription of matching) {
			this.deliveries.send({
				kind: 'webhook',
				topic,
				url: subscription.url,
				subscriptionId: subscription.id,
				body: subscription.daraja && daraja ? JSON.stringify(daraja()) : body,
			});
		}
	}

	/** Removes every subscription. */
	clear(): void {
		this.subscriptions.clear();
	}

	private topicKey(topic: string, till: string | null): string {
		return till === null ? topic : `${topic} ${till}`;
	}
}

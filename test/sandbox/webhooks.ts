import { randomUUID } from 'node:crypto';

import { wholeTime } from './clock';
import type { Deliveries } from './deliveries';
import type { Ledger, SubscriptionEntry } from './ledger';
import type { JsonObject } from './validation';

/** Who listens to which events of which till, and the envelopes they get (contract, 9 and 10). */
export class Webhooks {
	private readonly subscribers = new Map<string, SubscriptionEntry[]>();

	constructor(
		private readonly ledger: Ledger,
		private readonly deliveries: Deliveries,
		private readonly baseUrl: () => string,
	) {}

	subscribe(subscription: SubscriptionEntry): void {
		this.ledger.subscribe(subscription);
		const { eventType, scope, scopeReference } = subscription;
		const key = this.topicKey(eventType, scope === 'till' ? scopeReference : null);
		const others = this.subscribers.get(key);
		if (others) others.push(subscription);
		else this.subscribers.set(key, [subscription]);
	}

	/** Tells every matching subscription of an event; till null means company events only. */
	emit(
		topic: string,
		till: string | null,
		eventType: string,
		resourcePath: string,
		resource: JsonObject,
		daraja?: () => JsonObject,
	): void {
		const company = this.subscribers.get(this.topicKey(topic, null)) ?? [];
		const ofTill = till ? (this.subscribers.get(this.topicKey(topic, till)) ?? []) : [];
		const listeners = [...company, ...ofTill];
		if (listeners.length === 0) return;
		// One event has one id however many listen: it is what receivers recognise repeats by.
		const id = randomUUID();
		const body = JSON.stringify({
			topic,
			id,
			created_at: wholeTime(new Date()),
			event: { type: eventType, resource },
			_links: {
				self: `${this.baseUrl()}/webhook_events/${id}`,
				resource: `${this.baseUrl()}/${resourcePath}`,
			},
		});
		for (const listener of listeners) {
			this.deliveries.send({
				kind: 'webhook',
				topic,
				url: listener.url,
				subscriptionId: listener.id,
				body: listener.daraja && daraja ? JSON.stringify(daraja()) : body,
			});
		}
	}

	private topicKey(topic: string, till: string | null): string {
		return till === null ? topic : `${topic} ${till}`;
	}

	clear(): void {
		this.subscribers.clear();
	}
}

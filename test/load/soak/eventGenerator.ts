import { sleep } from 'n8n-workflow';
import { signedSale } from '../deliveries';
import type { Delivery, DeliverySender } from './deliverySender';

/** The receivers of the events: the Kopo Kopo Trigger, and n8n's own Webhook node for comparison. */
export type ReceiverName = 'trigger' | 'webhook';

/** Finds the ids of events in the data of an execution. */
export const EVENT_IDS = /(?<=")(?:sale|plain)-\d+(?=")/g;

const WEBHOOK_EVENTS_PER_SECOND = 5;
const FORGED_PER_SECOND = 1;
/** One in so many events of the trigger is delivered twice, alternately at once and late. */
const DUPLICATE_EVERY = 10;
const LATE_DUPLICATE_AFTER_MS = 10_000;
const TICK_MS = 20;
/** With more pending deliveries no new events are generated, so that a slow machine gets fewer events. */
const MAX_PENDING = 1000;

interface GeneratorOptions {
	/** New events per second for the trigger, without duplicates. */
	rate: number;
	apiKey: string;
	/** Paths of the receivers in n8n. */
	paths: Record<ReceiverName, string>;
}

/** Generates events at a steady rate and hands them to a sender. */
export class EventGenerator {
	/** The ids of all events so far. */
	readonly events: Record<ReceiverName, string[]> = { trigger: [], webhook: [] };
	/** How long events have been generated, at the full rate. */
	secondsActive = 0;
	isPaused = false;
	private isStopped = false;

	constructor(
		private readonly sender: DeliverySender,
		private readonly options: GeneratorOptions,
	) {}

	/** Generates events until stop() is called. */
	async run(): Promise<void> {
		/** How many events are due of each kind. */
		const due = { trigger: 0, webhook: 0, forged: 0 };
		for (let last = Date.now(); !this.isStopped; await sleep(TICK_MS)) {
			const now = Date.now();
			const isActive = !this.isPaused && this.sender.pending <= MAX_PENDING;
			const seconds = isActive ? (now - last) / 1000 : 0;
			this.secondsActive += seconds;
			last = now;
			due.trigger += seconds * this.options.rate;
			due.webhook += seconds * WEBHOOK_EVENTS_PER_SECOND;
			due.forged += seconds * FORGED_PER_SECOND;
			for (; due.trigger >= 1; due.trigger -= 1) this.sendToTrigger(now);
			for (; due.webhook >= 1; due.webhook -= 1) this.sendToWebhook();
			for (; due.forged >= 1; due.forged -= 1) this.sendForged(now);
		}
	}

	stop(): void {
		this.isStopped = true;
	}

	private sendToTrigger(now: number): void {
		const index = this.events.trigger.length;
		const delivery = this.createDelivery(`sale-${index}`, 'trigger');
		this.events.trigger.push(delivery.eventId);
		this.sender.enqueue(delivery);
		if (index % DUPLICATE_EVERY !== 0) return;
		const isLate = index % (2 * DUPLICATE_EVERY) === 0;
		this.sender.enqueue(delivery, isLate ? now + LATE_DUPLICATE_AFTER_MS : now);
	}

	private sendToWebhook(): void {
		const delivery = this.createDelivery(`plain-${this.events.webhook.length}`, 'webhook');
		this.events.webhook.push(delivery.eventId);
		this.sender.enqueue(delivery);
	}

	private sendForged(now: number): void {
		const apiKey = `${this.options.apiKey} of somebody else`;
		const delivery = this.createDelivery(`forged-${now}`, 'trigger', apiKey);
		this.sender.enqueue({ ...delivery, isForged: true });
	}

	private createDelivery(
		eventId: string,
		receiver: ReceiverName,
		apiKey = this.options.apiKey,
	): Delivery {
		const path = this.options.paths[receiver];
		return { eventId, path, isForged: false, ...signedSale(eventId, { apiKey }) };
	}
}

import { Pool } from 'undici';
import { sleep } from 'n8n-workflow';
import type { LoadRequest } from '../loadGenerator';

/** A delivery and where it goes. */
export interface Delivery extends LoadRequest {
	eventId: string;
	/** Path in n8n. */
	path: string;
	/** A valid delivery is retried until n8n responds 2xx; a forged one is sent once. */
	isForged: boolean;
}

/** What happened to all deliveries. */
export interface DeliveryStatistics {
	/** Number of requests, including retries and duplicates. */
	sent: number;
	/** Number of requests that followed one without a 2xx response. */
	retries: number;
	/** When n8n first responded 2xx to each event, in ms since the epoch. */
	acknowledged: Map<string, number>;
	/** Number of responses that call the event a duplicate. */
	duplicatesIgnored: number;
	/** Events to which n8n responded 200 without processing them, as it does for all requests while it starts. */
	acceptedDuringStartup: Set<string>;
	/** Number of responses by status; `none` if the connection ended without a response. */
	statuses: Record<string, number>;
	forgedAccepted: number;
}

/** Kopo Kopo documents that it retries, but not when. These are the delays of the sandbox; the last one repeats. */
const RETRY_DELAYS_MS = [1_000, 4_000, 16_000, 64_000];
const MAX_CONCURRENT = 20;
const TIMEOUT_MS = 10_000;
const TICK_MS = 20;

interface QueuedDelivery {
	/** When to send it, in ms since the epoch. */
	dueAt: number;
	delivery: Delivery;
	/** How often it has been sent. */
	attempts: number;
}

/** Sends deliveries as Kopo Kopo does: when they are due, whatever happened to earlier ones, with retries. */
export class DeliverySender {
	readonly statistics: DeliveryStatistics = {
		sent: 0,
		retries: 0,
		acknowledged: new Map(),
		duplicatesIgnored: 0,
		acceptedDuringStartup: new Set(),
		statuses: {},
		forgedAccepted: 0,
	};
	private readonly queue: QueuedDelivery[] = [];
	private pool: Pool | undefined;
	private inFlight = 0;
	private isStopped = false;

	constructor(private readonly origin: string) {
		this.connect();
	}

	/** How many deliveries are queued or in flight. */
	get pending(): number {
		return this.queue.length + this.inFlight;
	}

	/** Queues a delivery, to be sent at this time. */
	enqueue(delivery: Delivery, dueAt = Date.now()): void {
		this.queue.push({ dueAt, delivery, attempts: 0 });
	}

	connect(): void {
		this.pool = new Pool(this.origin, {
			connections: MAX_CONCURRENT,
			pipelining: 1,
			headersTimeout: TIMEOUT_MS,
			bodyTimeout: TIMEOUT_MS,
			connectTimeout: TIMEOUT_MS,
		});
	}

	/** Cuts off requests in flight, as when Kopo Kopo goes down. The queue is kept. */
	async disconnect(): Promise<void> {
		const { pool } = this;
		this.pool = undefined;
		await pool?.destroy();
	}

	/** Sends what is due until stop() is called. */
	async run(): Promise<void> {
		while (!this.isStopped) {
			const now = Date.now();
			for (let index = 0; index < this.queue.length && this.inFlight < MAX_CONCURRENT; ) {
				const { dueAt } = this.queue[index] as QueuedDelivery;
				if (this.pool === undefined) break;
				if (dueAt > now) index += 1;
				else void this.send(this.queue.splice(index, 1)[0] as QueuedDelivery, this.pool);
			}
			await sleep(TICK_MS);
		}
	}

	async stop(): Promise<void> {
		this.isStopped = true;
		await this.disconnect();
	}

	private async send({ delivery, attempts }: QueuedDelivery, pool: Pool): Promise<void> {
		const { statistics } = this;
		this.inFlight += 1;
		statistics.sent += 1;
		if (attempts > 0) statistics.retries += 1;
		let status = 0;
		try {
			const { path, body, headers } = delivery;
			const response = await pool.request({ method: 'POST', path, body, headers });
			const text = await response.body.text();
			status = response.statusCode;
			if (text.includes('Duplicate delivery')) statistics.duplicatesIgnored += 1;
			if (text.includes('n8n is starting up')) {
				statistics.acceptedDuringStartup.add(delivery.eventId);
			}
		} catch {
			// No complete response; the reason makes no difference to a sender.
			status = 0;
		}
		this.inFlight -= 1;
		const name = status === 0 ? 'none' : String(status);
		statistics.statuses[name] = (statistics.statuses[name] ?? 0) + 1;
		const isAccepted = status >= 200 && status < 300;
		if (delivery.isForged) {
			if (isAccepted) statistics.forgedAccepted += 1;
			return;
		}
		if (!isAccepted) {
			const delay = RETRY_DELAYS_MS[attempts] ?? (RETRY_DELAYS_MS.at(-1) as number);
			this.queue.push({ dueAt: Date.now() + delay, delivery, attempts: attempts + 1 });
		} else if (!statistics.acknowledged.has(delivery.eventId)) {
			statistics.acknowledged.set(delivery.eventId, Date.now());
		}
	}
}

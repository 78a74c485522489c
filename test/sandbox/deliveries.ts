import { createHmac, randomUUID } from 'node:crypto';
import type { Agent, request } from 'undici';

import type { SandboxConfig } from './config';
import type { ActivityTracker, Timers } from './scheduling';

export interface DeliveryAttempt {
	at: string;
	status: number | null;
	error: string | null;
	ms: number;
}

export interface Delivery {
	id: string;
	/** When it was first to be sent; ISO 8601. */
	at: string;
	kind: 'result' | 'webhook' | 'raw';
	topic: string | null;
	url: string;
	resourceId: string | null;
	subscriptionId: string | null;
	body: string;
	headers: Record<string, string>;
	/** `blocked`: the host is remote, and `deliverToRemoteHosts` is off. */
	state: 'sending' | 'held' | 'delivered' | 'failed' | 'lost' | 'blocked';
	attempts: DeliveryAttempt[];
}

/** What is to be delivered: an address, the exact body, and how to sign it. */
export type OutgoingMessage = Pick<Delivery, 'kind' | 'url' | 'body'> &
	Partial<Pick<Delivery, 'topic' | 'resourceId' | 'subscriptionId' | 'headers'>> & {
		/**
		 * `prefixed`: `sha256=<hex>`, which some integrators have received
		 * (docs/kopokopo-api.md#signatures).
		 */
		signature?: 'valid' | 'wrong' | 'none' | 'prefixed';
	};

export type ReleaseOrder = 'same' | 'reverse';

/** undici's function and the connections that it uses. */
interface HttpClient {
	agent: Agent;
	request: typeof request;
}

// This machine and private networks.
const LOCAL_HOST =
	/^(localhost|.*\.localhost|127\.[\d.]+|0\.0\.0\.0|\[::1?\]|10\.[\d.]+|192\.168\.[\d.]+|172\.(1[6-9]|2\d|3[01])\.[\d.]+|host\.docker\.internal)$/;

/**
 * The signature of a body: its HMAC-SHA256 in hex, keyed with the API key
 * (docs/kopokopo-api.md#signatures).
 */
export function sign(rawBody: string, key: string): string {
	return createHmac('sha256', key).update(rawBody).digest('hex');
}

/**
 * Sends signed result callbacks and webhooks, and retries each until it is answered with a 2xx status
 * or `webhookRetryDelaysMs` is used up.
 */
export class Deliveries {
	log: Delivery[] = [];
	private readonly byId = new Map<string, Delivery>();
	/** Created by the first attempt, because loading undici takes a tenth of a second. */
	private client: Promise<HttpClient> | undefined;
	private held: Delivery[] | undefined;
	private duplicates = { next: 0, copies: 0 };
	private remainingToLose = 0;
	/** Increases with each `clear`, so that attempts from before it stop. */
	private generation = 0;

	constructor(
		private readonly config: SandboxConfig,
		private readonly timers: Timers,
		private readonly activity: ActivityTracker,
	) {}

	private async newClient(): Promise<HttpClient> {
		const { deliveryTimeoutMs } = this.config;
		const { Agent, request } = await import('undici');
		const agent = new Agent({
			connections: 64,
			connectTimeout: deliveryTimeoutMs,
			headersTimeout: deliveryTimeoutMs,
			bodyTimeout: deliveryTimeoutMs,
		});
		return { agent, request };
	}

	/** Sends a message now, unless deliveries are held or lost; returns at once with its log entry. */
	send(message: OutgoingMessage): Delivery {
		const { signature = 'valid', ...rest } = message;
		const headers: Record<string, string> = {
			'Content-Type': 'application/json',
			'User-Agent': 'KopoKopo-Sandbox/1.0 (test)',
			...message.headers,
		};
		if (signature !== 'none') {
			const { apiKey } = this.config;
			const key = signature === 'wrong' ? `not ${apiKey}` : apiKey;
			const digest = sign(message.body, key);
			headers['X-KopoKopo-Signature'] = signature === 'prefixed' ? `sha256=${digest}` : digest;
		}
		const delivery: Delivery = {
			topic: null,
			resourceId: null,
			subscriptionId: null,
			...rest,
			id: randomUUID(),
			at: new Date().toISOString(),
			headers,
			state: 'sending',
			attempts: [],
		};
		this.log.push(delivery);
		this.byId.set(delivery.id, delivery);

		if (this.remainingToLose > 0) {
			this.remainingToLose -= 1;
			delivery.state = 'lost';
		} else if (this.held) {
			delivery.state = 'held';
			this.held.push(delivery);
		} else {
			this.dispatch(delivery);
		}
		return delivery;
	}

	/**
	 * Sends each of the next deliveries `copies` times more; Kopo Kopo may repeat them
	 * (docs/kopokopo-api.md#deliveries).
	 */
	duplicateNext(next = 1, copies = 1): void {
		this.duplicates = { next, copies };
	}

	/** Never sends the next deliveries, as if every attempt were lost in the network. */
	loseNext(next = 1): void {
		this.remainingToLose = next;
	}

	/**
	 * Holds deliveries until `release`, which can reverse their order
	 * (docs/kopokopo-api.md#deliveries).
	 */
	hold(): void {
		this.held ??= [];
	}

	/** Whether deliveries are held, how many are to be lost, and how many are to be repeated. */
	get interference(): { isHolding: boolean; toLose: number; toRepeat: number } {
		return {
			isHolding: this.held !== undefined,
			toLose: this.remainingToLose,
			toRepeat: this.duplicates.next,
		};
	}

	/** The delivery with this ID. */
	find(id: string): Delivery | undefined {
		return this.byId.get(id);
	}

	/** Sends the held deliveries one after the other, so that they arrive in this order; returns how many. */
	async release(order: ReleaseOrder = 'same'): Promise<number> {
		const waiting = this.held ?? [];
		this.held = undefined;
		if (order === 'reverse') waiting.reverse();
		for (const delivery of waiting) {
			delivery.state = 'sending';
			await this.activity.track(this.attempt(delivery));
		}
		return waiting.length;
	}

	/** Sends an earlier delivery again, byte for byte; nothing when the ID is unknown. */
	resend(id: string): Delivery | undefined {
		const delivery = this.byId.get(id);
		if (delivery) {
			delivery.state = 'sending';
			this.dispatch(delivery);
		}
		return delivery;
	}

	private dispatch(delivery: Delivery): void {
		let copies = 1;
		if (this.duplicates.next > 0) {
			this.duplicates.next -= 1;
			copies += this.duplicates.copies;
		}
		for (let copy = 0; copy < copies; copy += 1) void this.activity.track(this.attempt(delivery));
	}

	private async attempt(delivery: Delivery): Promise<void> {
		if (!this.config.deliverToRemoteHosts && !LOCAL_HOST.test(new URL(delivery.url).hostname)) {
			delivery.state = 'blocked';
			return;
		}
		const { generation } = this;
		for (const delay of [0, ...this.config.webhookRetryDelaysMs]) {
			if (delay > 0 && !(await this.timers.wait(delay))) break;
			if (generation !== this.generation) break;
			if (await this.post(delivery)) {
				delivery.state = 'delivered';
				return;
			}
		}
		if (delivery.state === 'sending') delivery.state = 'failed';
	}

	private async post({ url, body, headers, attempts }: Delivery): Promise<boolean> {
		const started = Date.now();
		const attempt: DeliveryAttempt = {
			at: new Date(started).toISOString(),
			status: null,
			error: null,
			ms: 0,
		};
		attempts.push(attempt);
		try {
			this.client ??= this.newClient();
			const { agent, request } = await this.client;
			const response = await request(url, { method: 'POST', body, headers, dispatcher: agent });
			attempt.status = response.statusCode;
			await response.body.dump();
		} catch (error) {
			attempt.error = error instanceof Error ? error.message || error.name : String(error);
		}
		attempt.ms = Date.now() - started;
		return attempt.status !== null && attempt.status >= 200 && attempt.status < 300;
	}

	/** Forgets everything, aborts the attempts in progress and retries nothing. */
	async clear(): Promise<void> {
		this.generation += 1;
		this.log = [];
		this.byId.clear();
		this.held = undefined;
		this.duplicates = { next: 0, copies: 0 };
		this.remainingToLose = 0;
		const { client } = this;
		this.client = undefined;
		await (await client)?.agent.destroy();
	}

	/** Clears the deliveries and closes the connections. */
	async close(): Promise<void> {
		await this.clear();
	}
}

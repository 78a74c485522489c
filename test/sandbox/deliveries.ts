import { createHmac, randomUUID } from 'node:crypto';
import { Agent, request } from 'undici';

import type { Business, Waits } from './clock';
import type { SandboxConfig } from './config';

export interface Attempt {
	at: string;
	status: number | null;
	error: string | null;
	ms: number;
}

export interface Delivery {
	id: string;
	kind: 'result' | 'webhook' | 'raw';
	topic: string | null;
	url: string;
	resourceId: string | null;
	subscriptionId: string | null;
	body: string;
	headers: Record<string, string>;
	/** withheld: the host is not on this machine or network, and the sandbox was told to stay home. */
	state: 'sending' | 'held' | 'delivered' | 'failed' | 'lost' | 'withheld';
	attempts: Attempt[];
}

export type Letter = Pick<Delivery, 'kind' | 'url' | 'body'> &
	Partial<Pick<Delivery, 'topic' | 'resourceId' | 'subscriptionId' | 'headers'>> & {
		/** prefixed: `sha256=<hex>`, as some integrators saw (contract, 10). */
		signature?: 'valid' | 'wrong' | 'none' | 'prefixed';
	};

export type ReleaseOrder = 'same' | 'reverse';

const NEARBY =
	/^(localhost|.*\.localhost|127\.[\d.]+|0\.0\.0\.0|\[::1?\]|10\.[\d.]+|192\.168\.[\d.]+|172\.(1[6-9]|2\d|3[01])\.[\d.]+|host\.docker\.internal)$/;

/** Hex HMAC-SHA256 of the raw body under the API key (contract, 10). */
export function sign(rawBody: string, key: string): string {
	return createHmac('sha256', key).update(rawBody).digest('hex');
}

/** The outgoing post: signed result callbacks and webhooks, retried until a 2xx or exhaustion. */
export class Deliveries {
	log: Delivery[] = [];
	private readonly byId = new Map<string, Delivery>();
	private agent: Agent;
	private held: Delivery[] | undefined;
	private duplicates = { next: 0, copies: 0 };
	private toLose = 0;
	private generation = 0;

	constructor(
		private readonly config: SandboxConfig,
		private readonly waits: Waits,
		private readonly business: Business,
	) {
		this.agent = this.newAgent();
	}

	private newAgent(): Agent {
		const { deliveryTimeoutMs } = this.config;
		return new Agent({
			connections: 64,
			connectTimeout: deliveryTimeoutMs,
			headersTimeout: deliveryTimeoutMs,
			bodyTimeout: deliveryTimeoutMs,
		});
	}

	/** Posts a letter now (or when released, or never, as disturbances say). */
	send(letter: Letter): Delivery {
		const { signature = 'valid', ...rest } = letter;
		const headers: Record<string, string> = {
			'Content-Type': 'application/json',
			'User-Agent': 'KopoKopo-Sandbox/1.0 (test)',
			...letter.headers,
		};
		if (signature !== 'none') {
			const { apiKey } = this.config;
			const key = signature === 'wrong' ? `${apiKey} of somebody else` : apiKey;
			const digest = sign(letter.body, key);
			headers['X-KopoKopo-Signature'] = signature === 'prefixed' ? `sha256=${digest}` : digest;
		}
		const delivery: Delivery = {
			topic: null,
			resourceId: null,
			subscriptionId: null,
			...rest,
			id: randomUUID(),
			headers,
			state: 'sending',
			attempts: [],
		};
		this.log.push(delivery);
		this.byId.set(delivery.id, delivery);

		if (this.toLose > 0) {
			this.toLose -= 1;
			delivery.state = 'lost';
		} else if (this.held) {
			delivery.state = 'held';
			this.held.push(delivery);
		} else {
			this.dispatch(delivery);
		}
		return delivery;
	}

	/** Each of the next deliveries arrives once more per copy, as the guide warns they may (9). */
	duplicateNext(next = 1, copies = 1): void {
		this.duplicates = { next, copies };
	}

	/** The next deliveries never leave, as when the network swallows every attempt. */
	loseNext(next = 1): void {
		this.toLose = next;
	}

	/** Keeps deliveries back until `release`, which may turn their order round (9). */
	hold(): void {
		this.held ??= [];
	}

	/** Sends what was held, one after the other so that the order is the order of arrival. */
	async release(order: ReleaseOrder = 'same'): Promise<number> {
		const waiting = this.held ?? [];
		this.held = undefined;
		if (order === 'reverse') waiting.reverse();
		for (const delivery of waiting) {
			delivery.state = 'sending';
			await this.business.during(this.attempt(delivery));
		}
		return waiting.length;
	}

	/** Posts an earlier delivery once more, byte for byte. */
	again(id: string): Delivery | undefined {
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
		for (let copy = 0; copy < copies; copy += 1) void this.business.during(this.attempt(delivery));
	}

	private async attempt(delivery: Delivery): Promise<void> {
		if (!this.config.deliverToRemoteHosts && !NEARBY.test(new URL(delivery.url).hostname)) {
			delivery.state = 'withheld';
			return;
		}
		const { generation } = this;
		for (const delay of [0, ...this.config.webhookRetryDelaysMs]) {
			if (delay > 0 && !(await this.waits.wait(delay))) break;
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
		const attempt: Attempt = {
			at: new Date(started).toISOString(),
			status: null,
			error: null,
			ms: 0,
		};
		attempts.push(attempt);
		try {
			const response = await request(url, {
				method: 'POST',
				body,
				headers,
				dispatcher: this.agent,
			});
			attempt.status = response.statusCode;
			await response.body.dump();
		} catch (error) {
			attempt.error = error instanceof Error ? error.message || error.name : String(error);
		}
		attempt.ms = Date.now() - started;
		return attempt.status !== null && attempt.status >= 200 && attempt.status < 300;
	}

	/** Forgets everything; attempts under way are cut and nothing is tried again. */
	async clear(): Promise<void> {
		this.generation += 1;
		this.log = [];
		this.byId.clear();
		this.held = undefined;
		this.duplicates = { next: 0, copies: 0 };
		this.toLose = 0;
		const { agent } = this;
		this.agent = this.newAgent();
		await agent.destroy();
	}

	async close(): Promise<void> {
		await this.clear();
		await this.agent.destroy();
	}
}

/** How the sandbox ended a request; `pending` while it is still being handled. */
export type RequestOutcome = 'pending' | 'responded' | 'reset' | 'truncated' | 'stalled';

export interface RequestEntry {
	seq: number;
	at: string;
	method: string;
	path: string;
	query: string | null;
	userAgent: string | null;
	token: string | null;
	body: unknown;
	/** The status that the caller saw; null when the connection ended before one was sent. */
	status: number | null;
	outcome: RequestOutcome;
	/** IDs and kinds of the injected faults, for example `3:reset`. */
	faults: string[];
	/** Whether Kopo Kopo carried out the request, whatever response the caller got. */
	processed: boolean;
	resourceId: string | null;
	ms: number | null;
}

/** Why money moved. */
export interface MovementCause {
	/** The API request that asked for it; null for a walk-in payment and the like. */
	requestSeq: number | null;
	resourceId: string | null;
	resourceType: string;
}

export interface Movement extends MovementCause {
	seq: number;
	at: string;
	direction: 'in' | 'out';
	/** KES. */
	amount: number;
	from: string;
	to: string;
	/** The customer who paid or was paid, as +254…; null when neither side is a phone. */
	phone: string | null;
	reference: string | null;
}

export interface SubscriptionEntry {
	id: string;
	at: string;
	requestSeq: number;
	url: string;
	eventType: string;
	scope: 'till' | 'company';
	scopeReference: string | null;
	daraja: boolean;
}

export interface SubscriptionCount
	extends Pick<SubscriptionEntry, 'eventType' | 'url' | 'scope' | 'scopeReference'> {
	count: number;
}

export interface TokenEntry {
	token: string;
	at: string;
	expiresAt: string;
	requestSeq: number;
	state: 'active' | 'expired' | 'revoked' | 'replaced';
}

/** Everything that happened in the sandbox, in order. Tests check it. */
export class Ledger {
	requests: RequestEntry[] = [];
	movements: Movement[] = [];
	subscriptions: SubscriptionEntry[] = [];
	tokens: TokenEntry[] = [];
	private moneyIn = 0;
	private moneyOut = 0;
	private readonly counts = new Map<string, SubscriptionCount>();

	constructor(private readonly openingBalance: number) {}

	/** KES available: the opening balance plus what came in, less what went out. */
	get balance(): number {
		return this.openingBalance + this.moneyIn - this.moneyOut;
	}

	/** KES received and paid out since the last reset, and the balance. */
	get totals(): { in: number; out: number; balance: number } {
		return { in: this.moneyIn, out: this.moneyOut, balance: this.balance };
	}

	/** Subscriptions per event, URL, scope and reference; a count above one is a duplicate. */
	get subscriptionCounts(): SubscriptionCount[] {
		return [...this.counts.values()];
	}

	/** Adds a request and returns its entry, which the request pipeline completes. */
	recordRequest(
		request: Pick<RequestEntry, 'method' | 'path' | 'query' | 'userAgent' | 'token' | 'body'>,
	): RequestEntry {
		const entry: RequestEntry = {
			seq: this.requests.length + 1,
			at: new Date().toISOString(),
			...request,
			status: null,
			outcome: 'pending',
			faults: [],
			processed: false,
			resourceId: null,
			ms: null,
		};
		this.requests.push(entry);
		return entry;
	}

	/** Adds a movement of money, which changes the balance. */
	recordMovement(movement: Omit<Movement, 'seq' | 'at'>): void {
		if (movement.direction === 'in') this.moneyIn += movement.amount;
		else this.moneyOut += movement.amount;
		this.movements.push({
			seq: this.movements.length + 1,
			at: new Date().toISOString(),
			...movement,
		});
	}

	/** Adds an access token that was issued. */
	recordToken(token: TokenEntry): void {
		this.tokens.push(token);
	}

	/** Adds a webhook subscription. */
	recordSubscription(subscription: SubscriptionEntry): void {
		this.subscriptions.push(subscription);
		const { eventType, url, scope, scopeReference } = subscription;
		const key = JSON.stringify([eventType, url, scope, scopeReference]);
		const counted = this.counts.get(key);
		if (counted) counted.count += 1;
		else this.counts.set(key, { eventType, url, scope, scopeReference, count: 1 });
	}

	/** Forgets everything; the balance is the opening balance again. */
	clear(): void {
		this.requests = [];
		this.movements = [];
		this.subscriptions = [];
		this.tokens = [];
		this.moneyIn = 0;
		this.moneyOut = 0;
		this.counts.clear();
	}
}

export type Outcome = 'open' | 'answered' | 'reset' | 'cut' | 'stalled';

export interface RequestEntry {
	seq: number;
	at: string;
	method: string;
	path: string;
	query: string | null;
	userAgent: string | null;
	token: string | null;
	body: unknown;
	/** The status the caller saw; null when the connection was cut before one. */
	status: number | null;
	outcome: Outcome;
	/** Ids and kinds of the weather that struck, e.g. `3:reset`. */
	weather: string[];
	/** Whether Kopo Kopo did what was asked, whatever the caller was told. */
	worked: boolean;
	resourceId: string | null;
	ms: number | null;
}

export interface Cause {
	/** Null for what no API request asked for, e.g. a walk-in payment. */
	requestSeq: number | null;
	resourceId: string | null;
	resourceType: string;
}

export interface Movement extends Cause {
	seq: number;
	at: string;
	direction: 'in' | 'out';
	amount: number;
	from: string;
	to: string;
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
	state: 'live' | 'expired' | 'revoked' | 'replaced';
}

/** What happened here, in order: the evidence that tests read. */
export class Ledger {
	requests: RequestEntry[] = [];
	movements: Movement[] = [];
	subscriptions: SubscriptionEntry[] = [];
	tokens: TokenEntry[] = [];
	private moneyIn = 0;
	private moneyOut = 0;
	private readonly counts = new Map<string, SubscriptionCount>();

	constructor(private readonly openingBalance: number) {}

	/** Shillings available: the opening balance, plus what came in, less what went out. */
	get balance(): number {
		return this.openingBalance + this.moneyIn - this.moneyOut;
	}

	get totals(): { in: number; out: number; balance: number } {
		return { in: this.moneyIn, out: this.moneyOut, balance: this.balance };
	}

	/** Subscriptions per event, URL, scope and reference: a count above one is a double. */
	get subscriptionCounts(): SubscriptionCount[] {
		return [...this.counts.values()];
	}

	open(request: Pick<RequestEntry, 'method' | 'path' | 'query' | 'userAgent' | 'token' | 'body'>) {
		const entry: RequestEntry = {
			seq: this.requests.length + 1,
			at: new Date().toISOString(),
			...request,
			status: null,
			outcome: 'open',
			weather: [],
			worked: false,
			resourceId: null,
			ms: null,
		};
		this.requests.push(entry);
		return entry;
	}

	move(movement: Omit<Movement, 'seq' | 'at'>): void {
		if (movement.direction === 'in') this.moneyIn += movement.amount;
		else this.moneyOut += movement.amount;
		this.movements.push({
			seq: this.movements.length + 1,
			at: new Date().toISOString(),
			...movement,
		});
	}

	subscribe(subscription: SubscriptionEntry): void {
		this.subscriptions.push(subscription);
		const { eventType, url, scope, scopeReference } = subscription;
		const key = JSON.stringify([eventType, url, scope, scopeReference]);
		const counted = this.counts.get(key);
		if (counted) counted.count += 1;
		else this.counts.set(key, { eventType, url, scope, scopeReference, count: 1 });
	}

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

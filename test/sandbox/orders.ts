interface Act {
	deed: string;
}

export interface StandingOrder {
	/** How long the actor takes. */
	afterMs?: number;
	/** Serves so many resources; every further one when absent. */
	times?: number;
	/** Only resources of this data.type. */
	for?: string;
}

export type Ordered<A extends Act> = (A | { deed: 'ignore' }) & StandingOrder;

/** What the next or every customer (or banker) does unasked. */
export class Orders<A extends Act> {
	private standing: Array<{ order: Ordered<A>; left: number }> = [];

	add(order: Ordered<A>): void {
		this.standing.push({ order, left: order.times ?? Infinity });
	}

	/** The order for a new resource: counted orders in turn, then the latest unlimited one. */
	take(type: string): Ordered<A> | undefined {
		const fitting = this.standing.filter(
			({ order, left }) => left > 0 && (order.for === undefined || order.for === type),
		);
		const chosen = fitting.find(({ left }) => left !== Infinity) ?? fitting.at(-1);
		if (!chosen) return undefined;
		chosen.left -= 1;
		if (chosen.left === 0) this.standing = this.standing.filter((item) => item !== chosen);
		return chosen.order;
	}

	clear(): void {
		this.standing = [];
	}
}

/** What a customer does with a payment prompt (STK push) or a payment link. */
export interface CustomerAction {
	/** `expire`: the prompt times out, or the link reaches the end of its seven days. */
	action: 'pay' | 'refuse' | 'insufficient' | 'expire';
	/** Replaces the error text of a payment that failed. */
	reason?: string;
	/** Who pays a payment link. An STK push names its payer itself. */
	phone?: string;
}

/** What the bank does with a payout, a settlement or a reversal. */
export interface BankAction {
	action: 'transfer' | 'cancel' | 'partial';
	/** Replaces the error text of a cancelled transfer. */
	reason?: string;
	/** Destinations that a partial transfer leaves unpaid, counted from 0; by default the last. */
	cancelled?: number[];
	/** KES to return when a reversal names a transaction that this sandbox does not have. */
	amount?: number;
}

/** The action itself is named by a method or a route; these are its remaining fields. */
export type ActionDetails<Action extends { action: string }> = Omit<Action, 'action'>;

/** An action that cannot be carried out: 404, nothing has that ID; 409, its state does not allow it. */
export class ImpossibleActionError extends Error {
	constructor(
		message: string,
		readonly status: 404 | 409 = 409,
	) {
		super(message);
	}
}

export interface BehaviourScope {
	/** Milliseconds between the request and the action; 0 by default. */
	afterMs?: number;
	/** Applies to this many requests, then ends; unlimited by default. */
	times?: number;
	/** Applies only to resources of this `data.type`. */
	for?: string;
}

/** An action that is carried out automatically on new requests; `ignore` leaves them pending. */
export type Behaviour<Action extends { action: string }> = (Action | { action: 'ignore' }) &
	BehaviourScope;

/** The automatic behaviour of the customers, or of the bank. */
export class Behaviours<Action extends { action: string }> {
	private active: Array<{ behaviour: Behaviour<Action>; remaining: number }> = [];

	/** Adds a behaviour; it stays until it is used up or cleared. */
	add(behaviour: Behaviour<Action>): void {
		this.active.push({ behaviour, remaining: behaviour.times ?? Infinity });
	}

	/**
	 * Uses the behaviour that applies to a new resource of this type, if any: limited behaviours
	 * in the order in which they were added, then the latest unlimited one.
	 */
	use(type: string): Behaviour<Action> | undefined {
		const matching = this.active.filter(
			({ behaviour }) => behaviour.for === undefined || behaviour.for === type,
		);
		const chosen = matching.find(({ remaining }) => remaining !== Infinity) ?? matching.at(-1);
		if (!chosen) return undefined;
		chosen.remaining -= 1;
		if (chosen.remaining === 0) this.active = this.active.filter((item) => item !== chosen);
		return chosen.behaviour;
	}

	/** Removes every behaviour. */
	clear(): void {
		this.active = [];
	}
}

import { byTime, type ListedPayment } from './payments';

/** Payments whose executions have failed equally often. */
interface Group<Payment> {
	failures: number;
	/** Oldest first. */
	payments: Payment[];
	/** Index of the first payment that has not been taken. */
	next: number;
}

/**
 * The payments that can be emitted, oldest first. They are sorted once and then taken from the front, so that
 * the time for each payment does not grow with their number.
 */
export class WaitingPayments<Payment extends ListedPayment> {
	private readonly groups: Array<Group<Payment>>;

	/** @param failuresOf how often executions of a payment have failed */
	constructor(payments: Payment[], failuresOf: (payment: Payment) => number) {
		const groups = new Map<number, Group<Payment>>();
		for (const payment of [...payments].sort(byTime)) {
			const failures = failuresOf(payment);
			const group = groups.get(failures) ?? { failures, payments: [], next: 0 };
			groups.set(failures, group);
			group.payments.push(payment);
		}
		this.groups = [...groups.values()];
	}

	get isEmpty(): boolean {
		return this.groups.every(({ payments, next }) => next >= payments.length);
	}

	/**
	 * Takes the payments for the next execution: the oldest one, and payments whose executions have failed as
	 * often.
	 * @param sizeFor the maximum number of payments after this many failures
	 * @param isReady whether a payment can still be emitted; others are dropped
	 */
	take(sizeFor: (failures: number) => number, isReady: (payment: Payment) => boolean): Payment[] {
		let oldest: { group: Group<Payment>; payment: Payment } | undefined;
		for (const group of this.groups) {
			const payment = nextReady(group, isReady);
			if (payment === undefined) continue;
			if (oldest === undefined || byTime(payment, oldest.payment) < 0) oldest = { group, payment };
		}
		if (oldest === undefined) return [];
		const { group } = oldest;
		const batch: Payment[] = [];
		for (let size = sizeFor(group.failures); size > 0; size -= 1) {
			const payment = nextReady(group, isReady);
			if (payment === undefined) break;
			batch.push(payment);
			group.next += 1;
		}
		return batch;
	}
}

/** Moves to the first payment that can be emitted. @returns undefined if there is none */
function nextReady<Payment>(
	group: Group<Payment>,
	isReady: (payment: Payment) => boolean,
): Payment | undefined {
	for (; group.next < group.payments.length; group.next += 1) {
		const payment = group.payments[group.next];
		if (payment !== undefined && isReady(payment)) return payment;
	}
	return undefined;
}

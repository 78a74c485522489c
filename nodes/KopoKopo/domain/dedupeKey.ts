import { createHash } from 'node:crypto';
import { toCents } from './money';
import type { Payment } from './payment';
import { normalizeStatus } from './statusWords';

/** The keys by which a repeated delivery is recognized. */
export interface DeliveryKeys {
	/** Equal for every delivery of the same event, in whatever payload and through whatever subscription. */
	dedupeKey: string;
	/**
	 * For a received payment: equal for every delivery with the same receipt. A delivery with a new
	 * `dedupeKey` and a known `receiptKey` contains another amount than an earlier one.
	 */
	receiptKey?: string;
}

/**
 * A received payment is identified by its receipt and its amount
 * (docs/kopokopo-api.md#identity-of-a-delivery). Undefined where one of them is missing.
 */
export function receivedPaymentKeys({
	reference,
	amount,
}: Partial<Payment>): Required<DeliveryKeys> | undefined {
	if (typeof reference !== 'string' || typeof amount !== 'number') return undefined;
	const receipt = reference.trim().toUpperCase();
	return {
		dedupeKey: `payment:${receipt}:${toCents(amount)}`,
		receiptKey: `receipt:${receipt}`,
	};
}

/**
 * A result is identified by its topic, ID, status (without regard to case) and outcome, not by its texts. Undefined
 * where it has no ID.
 */
export function resultKeys(
	topic: string,
	{ id, status, outcome }: Partial<Payment>,
): DeliveryKeys | undefined {
	if (typeof id !== 'string') return undefined;
	return { dedupeKey: [topic, id, normalizeStatus(status), outcome].join(':') };
}

/** Characters of a hash. Of 10^11 new payments, one would be taken for one of 100,000 known ones. */
const HASH_LENGTH = 9;

/** A short hash of a payment's `dedupeKey`, under which the payment is remembered. */
export const hashOfKey = (dedupeKey: string): string =>
	createHash('sha256').update(dedupeKey).digest('base64url').slice(0, HASH_LENGTH);

/** Whether a text of concatenated hashes contains one of them, without splitting the text. */
export function containsHash(text: string, hash: string): boolean {
	let at = text.indexOf(hash);
	while (at !== -1 && at % HASH_LENGTH !== 0) at = text.indexOf(hash, at + 1);
	return at !== -1;
}

/** Splits a text of concatenated hashes. Characters at its end that are too few for a hash are left out. */
export function splitHashes(text: string): string[] {
	const count = Math.floor(text.length / HASH_LENGTH);
	return Array.from({ length: count }, (_, at) =>
		text.slice(at * HASH_LENGTH, (at + 1) * HASH_LENGTH),
	);
}

import { asTextOrNull } from './json';

/** A status for comparison: words are compared without regard to case and to the spaces around them. */
export const normalizeStatus = (value: unknown) => asTextOrNull(value)?.trim().toLowerCase() ?? '';

// The statuses after which Kopo Kopo does nothing more (docs/kopokopo-api.md#final-statuses). Every other
// word, also one that Kopo Kopo adds later, leaves the outcome pending.

/** A disbursement that has reached its destination. */
export const PAID_WORDS: ReadonlySet<string> = new Set(['transferred']);

/** A request that Kopo Kopo has ended without carrying it out. Other lists of failures include these words. */
export const REFUSED_WORDS: ReadonlySet<string> = new Set([
	'failed',
	'cancelled',
	'rejected',
	'declined',
]);

const REFUSED_OUTCOMES = [...REFUSED_WORDS].map((word) => [word, 'failure'] as const);

/** The status of a payment that was received and whose money has gone back to the payer. */
export const RETURNED_WORDS: ReadonlySet<string> = new Set(['reversed']);

/** A disbursement that will not reach its destination, or that came back. */
export const LOST_WORDS: ReadonlySet<string> = new Set([...REFUSED_WORDS, ...RETURNED_WORDS]);

/** Whether a disbursement, or another part of a body with a `status`, has reached its destination. */
export const isPaid = ({ status }: { status?: unknown }): boolean =>
	PAID_WORDS.has(normalizeStatus(status));

/** Whether a disbursement, or another part of a body with a `status`, will not reach its destination. */
export const isLost = ({ status }: { status?: unknown }): boolean =>
	LOST_WORDS.has(normalizeStatus(status));

/** A request that Kopo Kopo has handled, which by itself never proves that money has moved. */
export const HANDLED_WORDS: ReadonlySet<string> = new Set([
	'processed',
	'transferred',
	'success',
	'completed',
]);

/**
 * The status of a payment request. Without a received payment, `success` leaves it pending; with one, a
 * `failure` is a contradiction.
 */
export const REQUEST_OUTCOMES: ReadonlyMap<string, 'success' | 'failure'> = new Map([
	['success', 'success'],
	...REFUSED_OUTCOMES,
]);

/** The `status` of the payment inside an STK result, or in a row of a poll. */
export const RECEIVED_WORDS: ReadonlySet<string> = new Set(['received', 'complete']);

/** Whether a payment has no status, and so counts as received. A status that is not text says something else. */
export const isStatusMissing = (status: unknown) =>
	status === undefined || status === null || status === '';

/** The status of a payment link. */
export const LINK_OUTCOMES: ReadonlyMap<string, 'success' | 'failure'> = new Map([
	['paid', 'success'],
	['cancelled', 'failure'],
	['expired', 'failure'],
]);

/** Why the payment link with this status is not paid, for the message of its result. */
export const LINK_REASONS: ReadonlyMap<string, string> = new Map([
	['cancelled', 'the payment link was cancelled'],
	['expired', 'the payment link has expired'],
]);

/** The status of a poll or an SMS notification that is done. */
export const DONE_WORDS: ReadonlySet<string> = new Set(['success']);

/** The status of a merchant's own account or a recipient that can be used. */
export const APPROVED_WORDS: ReadonlySet<string> = new Set(['approved']);

/** The status of a flat body. */
export const FLAT_OUTCOMES: ReadonlyMap<string, 'success' | 'failure'> = new Map([
	['completed', 'success'],
	['success', 'success'],
	...REFUSED_OUTCOMES,
]);

import { asTextOrNull } from './json';

/** A status for comparison: words are compared without regard to case. */
export const normalizeStatus = (value: unknown) => asTextOrNull(value)?.toLowerCase() ?? '';

/**
 * Statuses after which Kopo Kopo does nothing more (docs/kopokopo-api.md#final-statuses). Any other status
 * can still change, and a new one may, too: it proves neither that money has moved nor that it has not.
 */

/** A disbursement that has reached its destination. */
export const PAID_WORDS: ReadonlySet<string> = new Set(['transferred']);

/** A disbursement that will not reach its destination, or that came back. */
export const LOST_WORDS: ReadonlySet<string> = new Set([
	'cancelled',
	'failed',
	'rejected',
	'declined',
	'reversed',
]);

/** A request that Kopo Kopo has ended without carrying it out. */
export const REFUSED_WORDS: ReadonlySet<string> = new Set([
	'failed',
	'cancelled',
	'rejected',
	'declined',
]);

/** A request that Kopo Kopo has handled, which by itself never proves that money has moved. */
export const HANDLED_WORDS: ReadonlySet<string> = new Set([
	'processed',
	'transferred',
	'success',
	'completed',
]);

/** The `status` of the payment inside an STK result. None at all counts as received. */
export const RECEIVED_WORDS: ReadonlySet<string> = new Set(['received', 'complete', '']);

/** The status of a payment link. */
export const LINK_OUTCOMES: ReadonlyMap<string, 'success' | 'failure'> = new Map([
	['paid', 'success'],
	['cancelled', 'failure'],
	['expired', 'failure'],
]);

import type { CustomerAction } from '../actions';

/** Kopo Kopo's error text for a payment or a transfer that the balance does not cover. */
export const INSUFFICIENT_BALANCE = 'The balance is insufficient for the transaction';

/** Error texts for a customer who does not pay; only that of the balance is Kopo Kopo's own. */
export const PAYMENT_ERRORS: Record<Exclude<CustomerAction['action'], 'pay'>, string> = {
	refuse: 'Request cancelled by user',
	insufficient: INSUFFICIENT_BALANCE,
	expire: 'The request timed out',
};

/** Kopo Kopo's error text for a payment that M-Pesa rejects, such as one with a wrong PIN. */
export const WRONG_PIN = 'The initiator information is invalid.';

import { flattenErrors } from './apiErrorText';
import { formatAmount } from './money';
import type { Payment } from './payment';

/** What was done, in the message of a payment. */
type Verb = 'Paid' | 'Refunded' | 'Settled';

interface Facts extends Pick<Payment, 'outcome'>, Partial<Pick<Payment, 'amount' | 'reference'>> {
	/** Kopo Kopo's errors, or the reason in other words. */
	reason?: string | null;
}

/** `Paid KES 1,500, receipt SBX0000003` */
function doneSentence(verb: Verb, { amount, reference }: Omit<Facts, 'outcome'>): string {
	const what = typeof amount === 'number' ? `${verb} ${formatAmount(amount)}` : verb;
	if (!reference) return what;
	return `${what}, ${reference.includes(', ') ? 'receipts' : 'receipt'} ${reference}`;
}

/** `Paid KES 500 of KES 1,000, 1 of 2 transfers`; without the amounts (KES) if one of them is not known. */
export function partSentence(
	verb: Verb,
	[paid, whole]: [number | null, number | null],
	[count, total]: [number, number],
): string {
	const sums =
		paid === null || whole === null ? '' : `${formatAmount(paid)} of ${formatAmount(whole)}, `;
	return `${verb} ${sums}${count} of ${total} transfers`;
}

/** The outcome of a payment as one sentence that the user can forward. */
export function outcomeMessage(verb: Verb, { outcome, reason = null, ...facts }: Facts): string {
	const undone = `Not ${verb.toLowerCase()}`;
	switch (outcome) {
		case 'success':
		case 'partial':
			return doneSentence(verb, facts) + (reason === null ? '' : `. Kopo Kopo adds: ${reason}`);
		case 'failure':
			return `${undone}: ${reason ?? 'Kopo Kopo gives no reason'}`;
		case 'pending':
			return `${undone} yet${reason === null ? '' : `: ${reason}`}`;
		case 'unknown':
			return `It is not known whether this was ${verb.toLowerCase()}${reason === null ? '' : `: ${reason}`}`;
	}
}

/** The message of a payment that was received and then returned. */
export const returnedMessage = (what: 'reversed' | 'voided') =>
	`The payment was ${what}; the money went back to the payer`;

/** Kopo Kopo's reason for a failure, worded for a message that the merchant can forward. */
export const paymentReason = (errors: unknown) =>
	flattenErrors(errors)?.replace(
		/^request cancell?ed by (?:the )?user\.?$/i,
		'cancelled by the customer',
	) ?? null;

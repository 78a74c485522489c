import type { IDataObject } from 'n8n-workflow';
import { asObject, asReference, asTextOrNull } from './json';
import { outcomeMessage, paymentReason, returnedMessage } from './paymentMessages';
import { asAmount } from './money';
import { payer } from './parties';
import type { Outcome, PartialPayment } from './payment';
import {
	isStatusMissing,
	normalizeStatus,
	RECEIVED_WORDS,
	REQUEST_OUTCOMES,
	RETURNED_WORDS,
} from './statusWords';

/** A received payment of a refused request contradicts it. */
function paymentOutcome(status: string, payment: IDataObject): Outcome {
	const word = normalizeStatus(payment.status);
	const hasReceipt = asReference(payment.reference) !== null;
	const outcome = REQUEST_OUTCOMES.get(status) ?? 'pending';
	if (outcome === 'failure') {
		return RECEIVED_WORDS.has(word) || (word === '' && hasReceipt) ? 'unknown' : 'failure';
	}
	const hasFacts = hasReceipt || asAmount(payment.amount) !== null;
	const isReceived = RECEIVED_WORDS.has(word) || (isStatusMissing(payment.status) && hasFacts);
	if (outcome === 'pending' || isReceived) return outcome;
	return RETURNED_WORDS.has(word) ? 'failure' : 'pending';
}

/** Reads an STK result (docs/kopokopo-api.md#incoming-payment-results). */
export function parsePaymentRequest(attributes: IDataObject, status: string): PartialPayment {
	const event = asObject(attributes.event);
	const payment = asObject(event.resource);
	const outcome = paymentOutcome(status, payment);
	const amount = asAmount(payment.amount);
	const reference = asReference(payment.reference);
	const contradiction = `the request is ${status}, but its payment was received`;
	const reason = paymentReason(event.errors) ?? (outcome === 'unknown' ? contradiction : null);
	return {
		...payer(payment),
		outcome,
		amount,
		reference,
		currency: asTextOrNull(payment.currency),
		occurredAt: asTextOrNull(payment.origination_time),
		tillNumber: asTextOrNull(payment.till_number),
		message:
			outcome === 'failure' && REQUEST_OUTCOMES.get(status) === 'success'
				? returnedMessage('reversed')
				: outcomeMessage('Paid', { outcome, amount, reference, reason }),
	};
}

import type { IDataObject } from 'n8n-workflow';
import { flattenErrors } from './apiErrorText';
import { asObject, asReference, asTextOrNull } from './json';
import { outcomeMessage } from './paymentMessages';
import { asAmount } from './money';
import type { Outcome, PartialPayment } from './payment';
import {
	HANDLED_WORDS,
	LOST_WORDS,
	normalizeStatus,
	PAID_WORDS,
	REFUSED_WORDS,
	RETURNED_WORDS,
} from './statusWords';

/** Reads a reversal; `reversal_bulk_payment` decides (docs/kopokopo-api.md#reversal-results). */
export function parseReversal(attributes: IDataObject, status: string): PartialPayment {
	const payment = asObject(attributes.reversal_bulk_payment);
	const paymentStatus = normalizeStatus(payment.status);
	const hasMoved = PAID_WORDS.has(paymentStatus);
	// A payment of a reversal that was itself reversed is not documented.
	const isLost = LOST_WORDS.has(paymentStatus) && !RETURNED_WORDS.has(paymentStatus);
	const paymentErrors = flattenErrors(payment.errors);
	const outcome = (): Outcome => {
		if (hasMoved && (paymentErrors !== null || REFUSED_WORDS.has(status))) return 'unknown';
		if (REFUSED_WORDS.has(status)) return paymentStatus === '' || isLost ? 'failure' : 'pending';
		if (!HANDLED_WORDS.has(status)) return 'pending';
		return hasMoved ? 'success' : isLost ? 'failure' : 'pending';
	};
	const amount = asAmount(payment.amount);
	const reference = asReference(payment.transaction_reference);
	const facts = { outcome: outcome(), amount, reference };
	return {
		...facts,
		currency: amount === null ? null : 'KES',
		occurredAt: hasMoved ? asTextOrNull(payment.origination_time) : null,
		message: outcomeMessage('Refunded', {
			...facts,
			reason: flattenErrors([attributes.errors, payment.errors]),
		}),
		reversedReference: asReference(attributes.transaction_reference),
		reason: asTextOrNull(attributes.reason),
	};
}

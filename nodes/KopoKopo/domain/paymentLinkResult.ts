import type { IDataObject } from 'n8n-workflow';
import { asObject, asReference, asTextOrNull } from './json';
import { outcomeMessage, paymentReason } from './paymentMessages';
import { asAmount } from './money';
import { asPhone } from './parties';
import type { PartialPayment } from './payment';
import { LINK_OUTCOMES, LINK_REASONS, normalizeStatus, REFUSED_WORDS } from './statusWords';

/**
 * Reads the three shapes of a payment link (docs/kopokopo-api.md#payment-link-results); a failed attempt
 * leaves it open.
 */
export function parsePaymentLink(attributes: IDataObject, requestStatus: string): PartialPayment {
	const link = asObject(attributes.payment_link);
	const status =
		asTextOrNull(link.status) ??
		asTextOrNull(link.payment_link_status) ??
		asTextOrNull(attributes.payment_link_status);
	const word = normalizeStatus(status);
	const isRefused = status === null && REFUSED_WORDS.has(requestStatus);
	const amount = asAmount(attributes.amount);
	const reference = asReference(link.transaction_reference);
	const stated = LINK_OUTCOMES.get(word) ?? (isRefused ? 'failure' : 'pending');
	// A link that was not paid has no receipt.
	const outcome = stated === 'failure' && reference !== null ? 'unknown' : stated;
	const stateReason = LINK_REASONS.get(word) ?? paymentReason(attributes.errors);
	const contradiction = `the link is ${word || requestStatus}, but it has the receipt ${reference}`;
	const reason = outcome === 'unknown' ? contradiction : stateReason;
	return {
		outcome,
		amount,
		reference,
		...(status !== null && { status }),
		currency: asTextOrNull(attributes.currency),
		phoneNumber: asPhone(link.sender_phone_number),
		occurredAt: asTextOrNull(link.origination_time),
		tillNumber: asTextOrNull(attributes.till_number),
		message: outcomeMessage('Paid', { outcome, amount, reference, reason }),
		link: asTextOrNull(link.link) ?? asTextOrNull(attributes.payment_link),
		paymentReference: asTextOrNull(attributes.payment_reference),
		expiresAt: asTextOrNull(link.expires_at),
	};
}

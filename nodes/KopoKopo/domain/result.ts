import type { IDataObject } from 'n8n-workflow';
import { flattenErrors } from './apiErrorText';
import { asObject, asTextOrNull } from './json';
import { outcomeMessage, paymentReason, returnedMessage } from './messages';
import { asAmount } from './money';
import { asPhone, payer } from './parties';
import type { Outcome, Payment } from './payment';
import {
	APPROVED_WORDS,
	DONE_WORDS,
	FLAT_OUTCOMES,
	HANDLED_WORDS,
	LINK_OUTCOMES,
	LINK_REASONS,
	LOST_WORDS,
	normalizeStatus,
	PAID_WORDS,
	RECEIVED_WORDS,
	REFUSED_WORDS,
	REQUEST_OUTCOMES,
	RETURNED_WORDS,
} from './statusWords';
import { parseSendMoney } from './sendMoneyResult';

/** The contents of a status body. */
export interface Result extends Payment {
	/**
	 * Whether the outcome can no longer change. `unknown` is not final: the response contradicts itself, and
	 * a later one may not.
	 */
	isFinal: boolean;
	id: string | null;
	/** Kopo Kopo's own word. */
	status: string | null;
	currency: string | null;
	metadata: IDataObject;
}

/** The fields that depend on the resource type; the others are the same for every type. */
type PartialResult = Pick<Result, 'outcome'> & Partial<Result>;

type AttributesParser = (attributes: IDataObject, status: string) => PartialResult;

/** A received payment of a refused request contradicts it. */
function paymentOutcome(status: string, payment: IDataObject): Outcome {
	const word = normalizeStatus(payment.status);
	const isReceived = RECEIVED_WORDS.has(word) && Object.keys(payment).length > 0;
	const outcome = REQUEST_OUTCOMES.get(status) ?? 'pending';
	const hasReceipt = word !== '' || asTextOrNull(payment.reference) !== null;
	if (outcome === 'failure') return isReceived && hasReceipt ? 'unknown' : 'failure';
	if (outcome === 'pending' || isReceived) return outcome;
	return RETURNED_WORDS.has(word) ? 'failure' : 'pending';
}

/** Reads an STK result (docs/kopokopo-api.md#incoming-payment-results). */
const incomingPayment: AttributesParser = (attributes, status) => {
	const event = asObject(attributes.event);
	const payment = asObject(event.resource);
	const outcome = paymentOutcome(status, payment);
	const amount = asAmount(payment.amount);
	const reference = asTextOrNull(payment.reference);
	const contradiction = `the request is ${status}, its payment is received`;
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
};

/** Reads a reversal; `reversal_bulk_payment` decides (docs/kopokopo-api.md#reversal-results). */
const reversal: AttributesParser = (attributes, status) => {
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
	const reference = asTextOrNull(payment.transaction_reference);
	const facts = { outcome: outcome(), amount, reference };
	return {
		...facts,
		currency: amount === null ? null : 'KES',
		occurredAt: hasMoved ? asTextOrNull(payment.origination_time) : null,
		message: outcomeMessage('Refunded', {
			...facts,
			reason: flattenErrors([attributes.errors, payment.errors]),
		}),
		reversedReference: asTextOrNull(attributes.transaction_reference),
		reason: asTextOrNull(attributes.reason),
	};
};

/**
 * Reads the three shapes of a payment link (docs/kopokopo-api.md#payment-link-results); a failed attempt
 * leaves it open.
 */
const paymentLink: AttributesParser = (attributes, requestStatus) => {
	const link = asObject(attributes.payment_link);
	const status =
		asTextOrNull(link.status) ??
		asTextOrNull(link.payment_link_status) ??
		asTextOrNull(attributes.payment_link_status);
	const word = normalizeStatus(status);
	const isRefused = status === null && REFUSED_WORDS.has(requestStatus);
	const outcome = LINK_OUTCOMES.get(word) ?? (isRefused ? 'failure' : 'pending');
	const amount = asAmount(attributes.amount);
	const reference = asTextOrNull(link.transaction_reference);
	const reason = LINK_REASONS.get(word) ?? paymentReason(attributes.errors);
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
};

/** Reads the status of resources that are not payments: polls, SMS notifications, accounts and recipients. */
const statusOnly =
	(done: ReadonlySet<string>, texts: Record<'success' | 'failure' | 'pending', string>) =>
	(attributes: IDataObject, status: string): PartialResult => {
		const isRefused = REFUSED_WORDS.has(status);
		const outcome = done.has(status) ? 'success' : isRefused ? 'failure' : 'pending';
		const errors = flattenErrors(attributes.errors);
		return { outcome, message: texts[outcome] + (errors === null ? '' : `: ${errors}`) };
	};

const poll = statusOnly(DONE_WORDS, {
	success: 'The transactions are ready',
	failure: 'Kopo Kopo could not list the transactions',
	pending: 'The transactions are not ready yet',
});

const smsNotification = statusOnly(DONE_WORDS, {
	success: 'The message was sent',
	failure: 'The message was not sent',
	pending: 'The message is not sent yet',
});

const approval = statusOnly(APPROVED_WORDS, {
	success: 'Approved',
	failure: 'Not approved',
	pending: 'Not approved yet',
});

/** Reads a merchant's own account or a recipient. Its reference may be the word Unavailable. */
const account: AttributesParser = (attributes, status) => {
	const reference =
		asTextOrNull(attributes.account_reference) ?? asTextOrNull(attributes.recipient_reference);
	return {
		...approval(attributes, status),
		reference: normalizeStatus(reference) === 'unavailable' ? null : reference,
		phoneNumber: asPhone(attributes.phone_number),
	};
};

/** Reads the flat bodies that only one document describes (docs/kopokopo-api.md#flat-v1-bodies). */
const flatBody: AttributesParser = (attributes, status) => {
	const outcome: Outcome = FLAT_OUTCOMES.get(status) ?? 'pending';
	const facts = {
		outcome,
		amount: asAmount(attributes.amount),
		reference:
			asTextOrNull(attributes.mpesa_receipt_number) ??
			asTextOrNull(attributes.mpesa_reference) ??
			asTextOrNull(attributes.bank_transaction_id),
	} satisfies PartialResult;
	return {
		...facts,
		currency: asTextOrNull(attributes.currency),
		phoneNumber: asPhone(attributes.phone_number),
		occurredAt: outcome === 'success' ? asTextOrNull(attributes.completed_at) : null,
		message: outcomeMessage('Paid', { ...facts, reason: asTextOrNull(attributes.failure_reason) }),
	};
};

/** The parsers by `data.type` (docs/kopokopo-api.md#final-statuses). */
const PARSERS: Record<string, AttributesParser> = {
	incoming_payment: incomingPayment,
	send_money: parseSendMoney,
	settlement_transfer: parseSendMoney,
	payment: parseSendMoney,
	reversal,
	reversals: reversal,
	payment_link: paymentLink,
	polling: poll,
	transaction_sms_notification: smsNotification,
	merchant_wallet: account,
	merchant_bank_account: account,
	pay_recipient: account,
	external_recipient: account,
};

const unknownType: AttributesParser = () => ({
	outcome: 'pending',
	message: 'There is no result yet. Look it up with Get later',
});

const FINAL_OUTCOMES: readonly Outcome[] = ['success', 'failure', 'partial'];

/** Reads a status body (`{ data: { id, type, attributes } }`, or flat) as a Result. Never throws. */
export function parseResult(body: unknown): Result {
	const data = asObject(asObject(body).data);
	const isFlat = data.type === undefined && data.attributes === undefined;
	const attributes = isFlat ? data : asObject(data.attributes);
	const type = asTextOrNull(data.type) ?? '';
	const flatParser = Object.keys(data).length > 0 ? flatBody : unknownType;
	const parse = isFlat ? flatParser : Object.hasOwn(PARSERS, type) ? PARSERS[type] : undefined;
	const status = asTextOrNull(attributes.status);
	const result = (parse ?? unknownType)(attributes, normalizeStatus(status));
	return {
		isFinal: FINAL_OUTCOMES.includes(result.outcome),
		amount: null,
		sender: null,
		phoneNumber: null,
		reference: null,
		occurredAt: null,
		tillNumber: null,
		message: null,
		status,
		currency: null,
		metadata: asObject(attributes.metadata),
		...result,
		id: asTextOrNull(data.id),
	};
}

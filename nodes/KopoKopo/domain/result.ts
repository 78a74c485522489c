import type { IDataObject } from 'n8n-workflow';
import { asObject, asObjects, asTextOrNull, flattenErrors, joinTexts } from './json';
import { asAmount, sumAmounts } from './money';

/** What became of a request, in four words that mean the same for every resource. */
export type Outcome = 'success' | 'failure' | 'pending' | 'unknown';

/** What a status body says; null where Kopo Kopo says nothing. */
export interface Result {
	id: string | null;
	outcome: Outcome;
	/** Whether the outcome can no longer change. */
	isFinal: boolean;
	/** Kopo Kopo's own word. */
	status: string | null;
	/** KES */
	amount: number | null;
	currency: string | null;
	/** The M-Pesa receipt; several separated by commas. */
	reference: string | null;
	phoneNumber: string | null;
	/** Why, when it did not succeed. */
	message: string | null;
	metadata: IDataObject;
	/** URL of a payment link; absent for all other resources. */
	link?: string | null;
}

/** What one resource's attributes say; the rest of a Result is the same everywhere. */
type PartialResult = Pick<Result, 'outcome'> & Partial<Result>;

type AttributesParser = (attributes: IDataObject, status: string) => PartialResult;

const normalizeStatus = (value: unknown) => asTextOrNull(value)?.toLowerCase() ?? '';

/** Success and Failed say it all (incoming payments name the payment beside Success). */
const incomingPayment: AttributesParser = (attributes, status) => {
	const event = asObject(attributes.event);
	const payment = asObject(event.resource);
	const isNamed = Object.keys(payment).length > 0;
	return {
		outcome:
			status === 'failed' ? 'failure' : status === 'success' && isNamed ? 'success' : 'pending',
		amount: asAmount(payment.amount),
		currency: asTextOrNull(payment.currency),
		reference: asTextOrNull(payment.reference),
		phoneNumber: asTextOrNull(payment.sender_phone_number),
		message: flattenErrors(event.errors),
	};
};

/**
 * Processed is said of both ends; only the disbursements tell. One that is Cancelled or carries errors
 * makes the whole a failure, once none of the others can change any more.
 */
const transfer: AttributesParser = (attributes, status) => {
	const disbursements = asObjects(attributes.transfer_batches).flatMap((batch) =>
		asObjects(batch.disbursements),
	);
	const destinations = asObjects(attributes.destinations);
	const isLost = (one: IDataObject) =>
		normalizeStatus(one.status) === 'cancelled' || flattenErrors(one.errors) !== null;
	const lost = disbursements.filter(isLost);
	const paid = disbursements.filter(
		(one) => normalizeStatus(one.status) === 'transferred' && !isLost(one),
	);
	// A destination without a disbursement yet can still go either way, and a large one may have several:
	// only the shillings tell whether all of it is settled.
	const isSettled =
		paid.length + lost.length === disbursements.length &&
		sumAmounts(disbursements) >= sumAmounts(destinations);
	const refusal = flattenErrors(attributes.errors);

	const outcome = (): Outcome => {
		if (disbursements.length === 0) return refusal === null ? 'pending' : 'failure';
		if (!isSettled) return 'pending';
		if (lost.length > 0 || refusal !== null) return 'failure';
		return status === 'processed' ? 'success' : 'pending';
	};
	const why =
		joinTexts([refusal, ...lost.map(({ errors }) => flattenErrors(errors))], '; ') ??
		(lost.length > 0 ? 'Cancelled' : null);
	const partly =
		paid.length > 0 && lost.length > 0
			? `${paid.length} of ${disbursements.length} disbursements were paid, KES ${sumAmounts(paid)}`
			: null;
	const rows = disbursements.length > 0 ? disbursements : destinations;
	const amount = asObject(attributes.amount);
	return {
		outcome: outcome(),
		amount: rows.length > 0 ? sumAmounts(rows) : asAmount(amount.value),
		currency: asTextOrNull(attributes.currency) ?? asTextOrNull(amount.currency),
		reference: joinTexts(
			paid.map(({ transaction_reference: receipt }) => receipt),
			', ',
		),
		phoneNumber: joinTexts(
			rows.map(({ phone_number: phone }) => phone),
			', ',
		),
		message: joinTexts([partly, why], ': '),
	};
};

/** Processed is said of both ends; the bulk payment tells. */
const reversal: AttributesParser = (attributes, status) => {
	const payment = asObject(attributes.reversal_bulk_payment);
	const end = status === 'processed' ? normalizeStatus(payment.status) : '';
	return {
		outcome: end === 'transferred' ? 'success' : end === 'cancelled' ? 'failure' : 'pending',
		amount: asAmount(payment.amount),
		currency: asAmount(payment.amount) === null ? null : 'KES',
		reference: asTextOrNull(payment.transaction_reference),
		message: flattenErrors(attributes.errors),
	};
};

const PAYMENT_LINK_OUTCOMES = new Map<string, Outcome>([
	['paid', 'success'],
	['cancelled', 'failure'],
	['expired', 'failure'],
]);

/**
 * Three shapes of a payment link (docs/kopokopo-api.md#payment-link-results); a failed attempt
 * leaves it open.
 */
const paymentLink: AttributesParser = (attributes) => {
	const link = asObject(attributes.payment_link);
	const status =
		asTextOrNull(link.status) ??
		asTextOrNull(link.payment_link_status) ??
		asTextOrNull(attributes.payment_link_status);
	return {
		outcome: PAYMENT_LINK_OUTCOMES.get(normalizeStatus(status)) ?? 'pending',
		...(status !== null && { status }),
		amount: asAmount(attributes.amount),
		reference: asTextOrNull(link.transaction_reference),
		phoneNumber: asTextOrNull(link.sender_phone_number),
		message: flattenErrors(attributes.errors),
		link: asTextOrNull(link.link) ?? asTextOrNull(attributes.payment_link),
	};
};

/** Own accounts and recipients: approved or not yet; the reference may be the word Unavailable. */
const account: AttributesParser = (attributes, status) => {
	const reference =
		asTextOrNull(attributes.account_reference) ?? asTextOrNull(attributes.recipient_reference);
	return {
		outcome: status === 'approved' ? 'success' : 'pending',
		reference: normalizeStatus(reference) === 'unavailable' ? null : reference,
		phoneNumber: asTextOrNull(attributes.phone_number),
	};
};

const successOnly: AttributesParser = (attributes, status) => ({
	outcome: status === 'success' ? 'success' : 'pending',
	message: flattenErrors(attributes.errors),
});

/** The flat answers that only one document claims (docs/kopokopo-api.md#flat-v1-bodies). */
const flatBody: AttributesParser = (attributes, status) => ({
	outcome:
		status === 'completed' || status === 'success'
			? 'success'
			: status === 'failed'
				? 'failure'
				: 'pending',
	amount: asAmount(attributes.amount),
	currency: asTextOrNull(attributes.currency),
	reference:
		asTextOrNull(attributes.mpesa_receipt_number) ??
		asTextOrNull(attributes.mpesa_reference) ??
		asTextOrNull(attributes.bank_transaction_id),
	phoneNumber: asTextOrNull(attributes.phone_number),
	message: asTextOrNull(attributes.failure_reason),
});

/**
 * THE table of outcomes, by `data.type` (docs/kopokopo-api.md#final-statuses). Statuses are
 * compared without regard to case, and one that is not listed stays pending: a new word is no proof
 * that money moved.
 */
const PARSERS: Record<string, AttributesParser> = {
	incoming_payment: incomingPayment,
	send_money: transfer,
	settlement_transfer: transfer,
	payment: transfer,
	reversal,
	reversals: reversal,
	payment_link: paymentLink,
	polling: successOnly,
	transaction_sms_notification: successOnly,
	merchant_wallet: account,
	merchant_bank_account: account,
	pay_recipient: account,
	external_recipient: account,
};

const unknownType: AttributesParser = () => ({ outcome: 'pending' });

/** Reads a status body (`{ data: { id, type, attributes } }`, or flat) as a Result. Never throws. */
export function parseResult(body: unknown): Result {
	const data = asObject(asObject(body).data);
	const isFlat = data.type === undefined && data.attributes === undefined;
	const attributes = isFlat ? data : asObject(data.attributes);
	const type = asTextOrNull(data.type) ?? '';
	const parse = isFlat ? flatBody : Object.hasOwn(PARSERS, type) ? PARSERS[type] : undefined;
	const status = asTextOrNull(attributes.status);
	const result = (parse ?? unknownType)(attributes, normalizeStatus(status));
	const { outcome } = result;
	return {
		id: asTextOrNull(data.id),
		isFinal: outcome === 'success' || outcome === 'failure',
		status,
		amount: null,
		currency: null,
		reference: null,
		phoneNumber: null,
		message: null,
		metadata: asObject(attributes.metadata),
		...result,
	};
}

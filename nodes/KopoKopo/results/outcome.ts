import type { IDataObject } from 'n8n-workflow';
import { asAmount, asObject, asObjects, asTextOrNull, joinErrors, joinTexts } from './values';

/** What became of a request, in four words that mean the same for every resource. */
export type Outcome = 'success' | 'failure' | 'pending' | 'unknown';

/** A status body as flat fields, ready to use; null where Kopo Kopo says nothing. */
export interface Result extends IDataObject {
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
}

/** What one resource's attributes say; the rest of a Result is the same everywhere. */
type Reading = Pick<Result, 'outcome'> & Partial<Result>;
type Reader = (attributes: IDataObject, status: string) => Reading;

const word = (value: unknown) => asTextOrNull(value)?.toLowerCase() ?? '';

/** Success and Failed say it all (incoming payments name the payment beside Success). */
const incomingPayment: Reader = (attributes, status) => {
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
		message: joinErrors(event.errors),
	};
};

const sumOf = (rows: IDataObject[]) =>
	rows.reduce((sum, { amount }) => sum + (asAmount(amount) ?? 0), 0);

/**
 * Processed is said of both ends; only the disbursements tell. One that is Cancelled or carries errors
 * makes the whole a failure, once none of the others can change any more.
 */
const transfer: Reader = (attributes, status) => {
	const disbursements = asObjects(attributes.transfer_batches).flatMap((batch) =>
		asObjects(batch.disbursements),
	);
	const destinations = asObjects(attributes.destinations);
	const isLost = (one: IDataObject) =>
		word(one.status) === 'cancelled' || joinErrors(one.errors) !== null;
	const lost = disbursements.filter(isLost);
	const paid = disbursements.filter((one) => word(one.status) === 'transferred' && !isLost(one));
	// A destination without a disbursement yet can still go either way, and a large one may have several:
	// only the shillings tell whether all of it is settled.
	const isSettled =
		paid.length + lost.length === disbursements.length &&
		sumOf(disbursements) >= sumOf(destinations);
	const refusal = joinErrors(attributes.errors);

	const outcome = (): Outcome => {
		if (disbursements.length === 0) return refusal === null ? 'pending' : 'failure';
		if (!isSettled) return 'pending';
		if (lost.length > 0 || refusal !== null) return 'failure';
		return status === 'processed' ? 'success' : 'pending';
	};
	const why =
		joinTexts([refusal, ...lost.map(({ errors }) => joinErrors(errors))], '; ') ??
		(lost.length > 0 ? 'Cancelled' : null);
	const partly =
		paid.length > 0 && lost.length > 0
			? `${paid.length} of ${disbursements.length} disbursements were paid, KES ${sumOf(paid)}`
			: null;
	const rows = disbursements.length > 0 ? disbursements : destinations;
	const amount = asObject(attributes.amount);
	return {
		outcome: outcome(),
		amount: rows.length > 0 ? sumOf(rows) : asAmount(amount.value),
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
const reversal: Reader = (attributes, status) => {
	const payment = asObject(attributes.reversal_bulk_payment);
	const end = status === 'processed' ? word(payment.status) : '';
	return {
		outcome: end === 'transferred' ? 'success' : end === 'cancelled' ? 'failure' : 'pending',
		amount: asAmount(payment.amount),
		currency: asAmount(payment.amount) === null ? null : 'KES',
		reference: asTextOrNull(payment.transaction_reference),
		message: joinErrors(attributes.errors),
	};
};

const LINK_ENDS = new Map<string, Outcome>([
	['paid', 'success'],
	['cancelled', 'failure'],
	['expired', 'failure'],
]);

/** Three shapes of a payment link (contract, section 12.9); a failed attempt leaves it open. */
const paymentLink: Reader = (attributes) => {
	const link = asObject(attributes.payment_link);
	const status =
		asTextOrNull(link.status) ??
		asTextOrNull(link.payment_link_status) ??
		asTextOrNull(attributes.payment_link_status);
	return {
		outcome: LINK_ENDS.get(word(status)) ?? 'pending',
		...(status !== null && { status }),
		amount: asAmount(attributes.amount),
		reference: asTextOrNull(link.transaction_reference),
		phoneNumber: asTextOrNull(link.sender_phone_number),
		message: joinErrors(attributes.errors),
		link: asTextOrNull(link.link) ?? asTextOrNull(attributes.payment_link),
	};
};

/** Own accounts and recipients: approved or not yet; the reference may be the word Unavailable. */
const account: Reader = (attributes, status) => {
	const reference =
		asTextOrNull(attributes.account_reference) ?? asTextOrNull(attributes.recipient_reference);
	return {
		outcome: status === 'approved' ? 'success' : 'pending',
		reference: word(reference) === 'unavailable' ? null : reference,
		phoneNumber: asTextOrNull(attributes.phone_number),
	};
};

const successOnly: Reader = (attributes, status) => ({
	outcome: status === 'success' ? 'success' : 'pending',
	message: joinErrors(attributes.errors),
});

/** The flat answers that only one document claims (contract, sections 5 and 12.21). */
const flat: Reader = (attributes, status) => ({
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
 * THE table of outcomes, by `data.type` (contract, section 8). Statuses are compared without regard to
 * case, and one that is not listed stays pending: a new word is no proof that money moved.
 */
const READERS: Record<string, Reader> = {
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

const unlisted: Reader = () => ({ outcome: 'pending' });

/** Reads a status body (`{ data: { id, type, attributes } }`, or flat) as a Result. Never throws. */
export function readResult(body: unknown): Result {
	const data = asObject(asObject(body).data);
	const isFlat = data.type === undefined && data.attributes === undefined;
	const attributes = isFlat ? data : asObject(data.attributes);
	const type = asTextOrNull(data.type) ?? '';
	const read = isFlat ? flat : Object.hasOwn(READERS, type) ? READERS[type] : undefined;
	const status = asTextOrNull(attributes.status);
	// Apart for its place: people see the fields in this order.
	const { outcome, ...details } = (read ?? unlisted)(attributes, word(status));
	const result: Result = {
		id: asTextOrNull(data.id),
		outcome,
		isFinal: outcome === 'success' || outcome === 'failure',
		status,
		amount: null,
		currency: null,
		reference: null,
		phoneNumber: null,
		message: null,
		metadata: asObject(attributes.metadata),
		...details,
	};
	// Ten fields are what people can survey: a link takes the place of the currency, which is always KES.
	if ('link' in result) delete (result as Partial<Result>).currency;
	return result;
}

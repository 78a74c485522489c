import type { IDataObject } from 'n8n-workflow';
import { isPaid } from './statusWords';

/**
 * The outcome of a payment, in words that mean the same for every resource. `partial`: some of the money
 * has moved and some has not. `unknown`: it is not known whether money has moved.
 */
export type Outcome = 'success' | 'failure' | 'partial' | 'pending' | 'unknown';

/** The result of one destination of a Send Money request. */
export interface Disbursement {
	/** The receipt. */
	reference: string | null;
	/** KES */
	amount: number | null;
	/** A phone number, an account number, a till, a paybill or the reference of an own account. */
	destination: string | null;
	/** Kopo Kopo's own word. */
	status: string | null;
	/** Kopo Kopo's errors for this destination. */
	message: string | null;
}

/** The fields that every simplified payment has; null where nothing is known. */
interface LeadingFields {
	/** The field to test in a workflow. */
	outcome: Outcome;
	/** KES. The amount that has moved or, if none has, the amount that was requested. */
	amount: number | null;
	/** Who paid or is paid: a name, a till or a masked card. */
	sender: string | null;
	/** `+254…`; several are separated by commas. */
	phoneNumber: string | null;
	/** The M-Pesa receipt; several are separated by commas. */
	reference: string | null;
	/** When the money moved, ISO 8601. */
	occurredAt: string | null;
	/** The merchant's own till. */
	tillNumber: string | null;
	/** A sentence that the user can forward. */
	message: string | null;
}

/** A payment, as any of Kopo Kopo's bodies describes it. */
export interface Payment extends LeadingFields {
	/** URL of a payment link. */
	link?: string | null;
	/** What the payer of a paybill entered as the account. */
	accountReference?: string | null;
	/** SHA-256 of the payer's phone number (docs/kopokopo-api.md#phone-number-hashes). */
	payerHash?: string | null;
	/** Kopo Kopo's own word. */
	status?: string | null;
	currency?: string | null;
	metadata?: IDataObject;
	/** The merchant's own reference of a payment link. */
	paymentReference?: string | null;
	/** When a payment link expires, ISO 8601. */
	expiresAt?: string | null;
	/** The payment that a reversal returns. */
	reversedReference?: string | null;
	/** Why a payment is reversed, or why a delivery is not recognized. */
	reason?: string | null;
	disbursements?: Disbursement[];
	/** The till of the business that paid. */
	sendingTill?: string | null;
	/** The account that a settlement went to. */
	accountNumber?: string | null;
	/** Whether a card payment is settled. */
	settled?: boolean;
	/** The payments that a poll found. */
	transactions?: IDataObject[];
	/** Kopo Kopo's name of a payment type that has no topic. */
	type?: string | null;
	/** Nothing was sent, because an identical request, or one with the same Duplicate Protection Key, was sent before. */
	isDuplicate?: true;
	/** A delivery with the same receipt and another amount came before this one. */
	isAmountChanged?: true;
	/** This version does not know the type of the delivery. */
	isRecognized?: false;
	/** URL of the request. */
	location?: string | null;
	id?: string | null;
	/** Of the delivery. */
	eventId?: string | null;
	topic?: string | null;
	/** Equal for every delivery of the same event. */
	dedupeKey?: string | null;
}

/** What one kind of body says about a payment. Fields that it does not have are missing. */
export type PartialPayment = Pick<Payment, 'outcome'> & Partial<Payment>;

/** The fields that every simplified payment has, in the order in which people look for them. */
export const LEADING_FIELDS = [
	'outcome',
	'amount',
	'sender',
	'phoneNumber',
	'reference',
	'occurredAt',
	'tillNumber',
	'message',
] as const satisfies ReadonlyArray<keyof LeadingFields>;

/**
 * The other fields in their order, each present only if it has a value. `link` comes before the leading
 * fields.
 */
export const TRAILING_FIELDS = [
	'accountReference',
	'payerHash',
	'status',
	'currency',
	'metadata',
	'paymentReference',
	'expiresAt',
	'reversedReference',
	'reason',
	'disbursements',
	'sendingTill',
	'accountNumber',
	'settled',
	'transactions',
	'type',
	'isDuplicate',
	'isAmountChanged',
	'isRecognized',
	'location',
	'id',
	'eventId',
	'topic',
	'dedupeKey',
] as const satisfies ReadonlyArray<keyof Payment>;

const isFilled = (value: unknown) =>
	value !== undefined &&
	value !== null &&
	value !== '' &&
	!(typeof value === 'object' && Object.keys(value).length === 0 && !Array.isArray(value));

/**
 * A payment as the flat item that the user sees, whatever its source: result, Get, event, poll row or
 * pause. The leading fields are always present, every other field only if it has a value.
 */
export function paymentItem(payment: Partial<Payment>): IDataObject {
	const fields: IDataObject = { ...payment } as IDataObject;
	const item: IDataObject = {};
	if (isFilled(fields.link)) item.link = fields.link;
	for (const name of LEADING_FIELDS) item[name] = fields[name] ?? null;
	for (const name of TRAILING_FIELDS) {
		if (isFilled(fields[name])) item[name] = fields[name];
	}
	return item;
}

/** Whether a payout has paid something, but not everything. What it was to pay is not what it has paid. */
const isPartlyPaid = ({ outcome, disbursements = [] }: Partial<Payment>) =>
	outcome === 'partial' || (outcome === 'pending' && disbursements.some(isPaid));

/** A result, completed with the requested values where it has none. */
export function withRequested(
	requested: Partial<Payment> | undefined,
	result: Partial<Payment>,
): Partial<Payment> {
	const known = Object.entries(result).filter(([, value]) => isFilled(value));
	const payment = { ...requested, ...(Object.fromEntries(known) as Partial<Payment>) };
	return isPartlyPaid(result) ? { ...payment, amount: result.amount ?? null } : payment;
}

/** The fields of a simplified payment that an AI model gets, at most ten. Other items are returned unchanged. */
export function compactItem(item: IDataObject): IDataObject {
	if (!LEADING_FIELDS.every((name) => name in item)) return item;
	const shown = new Set<string>(['link', ...LEADING_FIELDS, 'id']);
	// Only this list shows which destinations of a partial payout were paid.
	if (item.outcome === 'partial') shown.add('disbursements');
	// Tells an item that was not sent from one whose outcome is unknown.
	if (item.isDuplicate === true) shown.add('isDuplicate');
	return Object.fromEntries(Object.entries(item).filter(([name]) => shown.has(name)));
}

/** The outcome of a request that is not a payment, such as an SMS. */
export function statusItem(
	{ outcome, message, status, id }: Partial<Payment>,
	more: IDataObject = {},
): IDataObject {
	return { outcome, message, status: status ?? null, ...more, id: id ?? null } as IDataObject;
}

import type { IDataObject } from 'n8n-workflow';
import { flattenErrors } from './apiErrorText';
import { asObject, asTextOrNull } from './json';
import { outcomeMessage } from './paymentMessages';
import { asAmount } from './money';
import { asPhone } from './parties';
import type { Outcome, PartialPayment, Payment } from './payment';
import { parsePaymentLink } from './paymentLinkResult';
import { parsePaymentRequest } from './paymentRequestResult';
import { parseReversal } from './reversalResult';
import { parseSendMoney } from './sendMoneyResult';
import {
	APPROVED_WORDS,
	DONE_WORDS,
	FLAT_OUTCOMES,
	normalizeStatus,
	REFUSED_WORDS,
} from './statusWords';

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

/** Reads the fields that depend on the resource type; the others are the same for every type. */
type AttributesParser = (attributes: IDataObject, status: string) => PartialPayment;

/** Reads the status of resources that are not payments: polls, SMS notifications, accounts and recipients. */
const statusOnly =
	(done: ReadonlySet<string>, texts: Record<'success' | 'failure' | 'pending', string>) =>
	(attributes: IDataObject, status: string): PartialPayment => {
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
	pending: 'The message has not been sent yet',
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
	} satisfies PartialPayment;
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
	incoming_payment: parsePaymentRequest,
	send_money: parseSendMoney,
	settlement_transfer: parseSendMoney,
	payment: parseSendMoney,
	reversal: parseReversal,
	reversals: parseReversal,
	payment_link: parsePaymentLink,
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

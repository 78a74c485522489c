import type { IDataObject } from 'n8n-workflow';
import { flattenErrors } from './apiErrorText';
import { asObject, asObjectList, asReference, asTextOrNull, joinTexts } from './json';
import { outcomeMessage, partSentence } from './paymentMessages';
import { asAmount } from './money';
import { asPhone } from './parties';
import type { Outcome, PartialPayment } from './payment';
import {
	areCovered,
	disbursementItem,
	isPaidDespiteFailure,
	readableSum,
	withoutCopies,
} from './sendMoneyCoverage';
import { HANDLED_WORDS, isLost, isPaid, REFUSED_WORDS } from './statusWords';

/** The disbursements of a Send Money body, grouped by their result. */
interface Disbursements {
	all: IDataObject[];
	paid: IDataObject[];
	lost: IDataObject[];
	/** Paid according to the status, and not paid according to the errors. */
	contradictory: IDataObject[];
}

function sortDisbursements(all: IDataObject[]): Disbursements {
	const transferred = all.filter(isPaid);
	const hasErrors = ({ errors }: IDataObject) => flattenErrors(errors) !== null;
	return {
		all,
		paid: transferred.filter((one) => !hasErrors(one)),
		lost: all.filter(isLost),
		contradictory: transferred.filter(hasErrors),
	};
}

/**
 * The outcome of a Send Money request (docs/kopokopo-api.md#send-money-results). The outer status alone
 * never means that money has moved. A request counts as failed only if no money can have moved, because
 * the user may pay again after a failure.
 */
function sendMoneyOutcome(
	status: string,
	{ all, paid, lost, contradictory }: Disbursements,
	destinations: IDataObject[],
): Outcome {
	const isRefused = REFUSED_WORDS.has(status);
	if (contradictory.length > 0) return 'unknown';
	if (all.length === 0) return isRefused ? 'failure' : 'pending';
	if (paid.length + lost.length < all.length) return 'pending';
	if (isPaidDespiteFailure(paid, lost, destinations)) return 'unknown';
	const isHandled = HANDLED_WORDS.has(status);
	const isComplete = areCovered(all, destinations, isHandled || isRefused);
	if (lost.length > 0) {
		// Money that is not in a disbursement yet can still be paid, unless Kopo Kopo has ended the request.
		if (!isComplete && !isRefused) return 'pending';
		return paid.length > 0 ? 'partial' : 'failure';
	}
	// The request was not carried out, and all of its disbursements were paid.
	if (isRefused) return 'unknown';
	return isComplete && isHandled ? 'success' : 'pending';
}

/** The last time at which money was disbursed. The offset is the same for all of them. */
const lastTime = (rows: IDataObject[]) =>
	rows
		.map(({ origination_time: time }) => asTextOrNull(time))
		.filter((time) => time !== null)
		.sort()
		.at(-1) ?? null;

/**
 * What is to be paid: the destinations, or the whole amount of a version 1 transfer. A transfer of all funds
 * names neither.
 */
function wantedRows(destinations: IDataObject[], { value }: IDataObject): IDataObject[] {
	return destinations.length > 0 || asAmount(value) === null ? destinations : [{ amount: value }];
}

/** Reads the attributes of a Send Money, settlement transfer or v1 payment body. */
export function parseSendMoney(attributes: IDataObject, status: string): PartialPayment {
	const destinations = asObjectList(attributes.destinations);
	const requested = asObject(attributes.amount);
	const wanted = wantedRows(destinations, requested);
	const listed = asObjectList(attributes.transfer_batches).flatMap((batch) =>
		asObjectList(batch.disbursements),
	);
	const disbursements = sortDisbursements(withoutCopies(listed, wanted));
	const { all, paid, lost } = disbursements;
	const outcome = sendMoneyOutcome(status, disbursements, wanted);
	const rows = all.length > 0 ? all : destinations;
	const totalRows = wanted.length > 0 ? wanted : all;
	const total = totalRows.length > 0 ? readableSum(totalRows) : null;
	const paidAmount = readableSum(paid);
	const isPartlyPaid = outcome === 'partial' || (outcome === 'pending' && paid.length > 0);
	const amount = isPartlyPaid ? paidAmount : outcome === 'success' ? (paidAmount ?? total) : total;
	const reference = joinTexts(
		paid.map(({ transaction_reference: receipt }) => asReference(receipt)),
		', ',
	);
	const errors = [attributes.errors, ...all.map((one) => one.errors)].map(flattenErrors);
	const reason =
		joinTexts(errors, '; ') ??
		joinTexts(
			lost.map((one) => one.status),
			', ',
		);
	const count = Math.max(all.length, destinations.length);
	const partly = partSentence('Paid', [paidAmount, total], [paid.length, count]);
	const messages: Partial<Record<Outcome, string>> = {
		partial: `${partly}. Not paid: ${reason}`,
		...(paid.length > 0 && { pending: `${partly} so far${reason === null ? '' : `: ${reason}`}` }),
		unknown: `It is not known whether the money was paid: Kopo Kopo's response contradicts itself (${reason ?? `the request is ${status}, its disbursements are paid`}). Look it up at Kopo Kopo before you pay again`,
	};
	return {
		outcome,
		amount,
		currency: asTextOrNull(attributes.currency) ?? asTextOrNull(requested.currency),
		sender: joinTexts(
			rows.map(({ account_name: name }) => name),
			', ',
		),
		phoneNumber: joinTexts(
			rows.map(({ phone_number: phone }) => asPhone(phone)),
			', ',
		),
		reference,
		occurredAt: lastTime(paid),
		tillNumber: asTextOrNull(attributes.source_identifier),
		message: messages[outcome] ?? outcomeMessage('Paid', { outcome, amount, reference, reason }),
		...(all.length > 0 && { disbursements: all.map(disbursementItem) }),
	};
}

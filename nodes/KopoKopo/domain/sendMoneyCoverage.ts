import type { IDataObject } from 'n8n-workflow';
import { flattenErrors } from './apiErrorText';
import { asReference, asTextOrNull } from './json';
import { asAmount, sumAmounts, toCents } from './money';
import { asPhone, joinNames } from './parties';
import type { Disbursement } from './payment';
import { isPaid } from './statusWords';

/** Whether the amount of every row can be read. */
const areReadable = (rows: IDataObject[]) => rows.every(({ amount }) => asAmount(amount) !== null);

/** The sum of the amounts, in KES; null if one of them cannot be read. */
export const readableSum = (rows: IDataObject[]): number | null =>
	areReadable(rows) ? sumAmounts(rows) : null;

/** The recipient of a destination or a disbursement, as one text. */
export function recipientOf(row: IDataObject): string | null {
	return (
		asPhone(row.phone_number) ??
		asTextOrNull(row.account_number) ??
		asTextOrNull(row.till_number) ??
		joinNames(row.paybill_number, row.paybill_account_number) ??
		asTextOrNull(row.destination_reference)
	);
}

/** A disbursement as the item shows it. */
export const disbursementItem = (row: IDataObject): Disbursement => ({
	reference: asReference(row.transaction_reference),
	amount: asAmount(row.amount),
	destination: recipientOf(row),
	status: asTextOrNull(row.status),
	message: flattenErrors(row.errors),
});

/**
 * The disbursements without copies of a paid one that is listed twice, with the same receipt, recipient, amount
 * and errors. A recipient that is not known is the same one if there is only one destination.
 */
export function withoutCopies(disbursements: IDataObject[], destinations: IDataObject[]) {
	const seen = new Set<string>();
	return disbursements.filter((row) => {
		const receipt = asReference(row.transaction_reference);
		const recipient = recipientOf(row);
		if (receipt === null || !isPaid(row)) return true;
		if (recipient === null && destinations.length > 1) return true;
		const facts = [receipt, recipient, asAmount(row.amount), flattenErrors(row.errors)];
		const key = JSON.stringify(facts);
		const isCopy = seen.has(key);
		seen.add(key);
		return !isCopy;
	});
}

/** Destinations of one recipient, and the disbursements to it. */
interface Recipient {
	destinations: IDataObject[];
	disbursements: IDataObject[];
}

/** By recipient; all together if it is not known of every row. */
function groupByRecipient(disbursements: IDataObject[], destinations: IDataObject[]): Recipient[] {
	const recipients = new Map<string | null, Recipient>();
	for (const destination of destinations) {
		// An own account has its reference under another name than a disbursement.
		const key = recipientOf(destination) ?? asTextOrNull(destination.reference);
		const known = recipients.get(key) ?? { destinations: [], disbursements: [] };
		known.destinations.push(destination);
		recipients.set(key, known);
	}
	const isKnown = (row: IDataObject) => recipients.has(recipientOf(row));
	if (recipients.has(null) || !disbursements.every(isKnown)) {
		return [{ destinations, disbursements }];
	}
	for (const row of disbursements) recipients.get(recipientOf(row))?.disbursements.push(row);
	return [...recipients.values()];
}

/**
 * Whether the disbursements to a recipient are all that it will get. Once the request has ended, a fee can be
 * missing from each of them. A shortfall that is as large as the smallest one for each of them can be
 * disbursements that are not listed yet.
 */
function isComplete({ destinations, disbursements }: Recipient, isEnded: boolean): boolean {
	const mayLackFees = isEnded && disbursements.length >= destinations.length;
	if (!areReadable([...destinations, ...disbursements])) return mayLackFees;
	const shortfall = toCents(sumAmounts(destinations)) - toCents(sumAmounts(disbursements));
	const isLarger = ({ amount }: IDataObject) =>
		toCents(asAmount(amount) ?? 0) * disbursements.length > shortfall;
	return shortfall <= 0 || (mayLackFees && disbursements.every(isLarger));
}

/**
 * Whether every destination has all of its disbursements (docs/kopokopo-api.md#send-money-results). A
 * destination can be split over several, so their number alone does not tell.
 * @param destinations empty if it is not known what is to be paid
 * @param isEnded whether Kopo Kopo has handled or refused the request: until then, more disbursements can follow
 */
export const areCovered = (
	disbursements: IDataObject[],
	destinations: IDataObject[],
	isEnded: boolean,
): boolean =>
	destinations.length === 0
		? isEnded
		: groupByRecipient(disbursements, destinations).every((one) => isComplete(one, isEnded));

/**
 * Whether a recipient was paid everything, although a disbursement to it has failed: Kopo Kopo may have repeated
 * it. The failed one must not be taken for money that is still to be paid.
 */
export const isPaidDespiteFailure = (
	paid: IDataObject[],
	lost: IDataObject[],
	destinations: IDataObject[],
): boolean =>
	destinations.length > 0 &&
	groupByRecipient([...paid, ...lost], destinations).some((recipient) => {
		if (recipient.disbursements.every((row) => paid.includes(row))) return false;
		const received = recipient.disbursements.filter((row) => paid.includes(row));
		if (!areReadable(recipient.destinations)) return false;
		return toCents(sumAmounts(received)) >= toCents(sumAmounts(recipient.destinations));
	});

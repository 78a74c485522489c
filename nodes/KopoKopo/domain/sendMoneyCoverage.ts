import type { IDataObject } from 'n8n-workflow';
import { asTextOrNull } from './json';
import { asAmount, sumAmounts, toCents } from './money';
import { asPhone, joinNames } from './parties';

/** Whether the amount of every row can be read. */
export const areReadable = (rows: IDataObject[]) =>
	rows.every(({ amount }) => asAmount(amount) !== null);

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

/** The largest fee that is assumed, in cents: M-Pesa takes up to KES 108, transfers to banks a few hundred. */
const MAX_FEE_CENTS = 500_00;

/** The largest part of an amount that is assumed to be a fee. */
const MAX_FEE_SHARE = 0.1;

/**
 * Whether a shortfall can be a fee. One that is as large as a disbursement, or larger than fees are, can be
 * another disbursement that is not listed yet.
 */
const isFee = (shortfall: number, whole: number, disbursements: IDataObject[]): boolean =>
	shortfall <= MAX_FEE_CENTS &&
	shortfall <= whole * MAX_FEE_SHARE &&
	disbursements.every(({ amount }) => toCents(asAmount(amount) ?? 0) > shortfall);

/**
 * Whether the disbursements to a recipient are all that it will get. A fee can be deducted from those of one
 * destination.
 */
function isComplete({ destinations, disbursements }: Recipient, isEnded: boolean): boolean {
	if (disbursements.length === 0) return false;
	const mayLackFee = isEnded && destinations.length === 1;
	if (!areReadable([...destinations, ...disbursements])) {
		return mayLackFee && disbursements.length === 1;
	}
	const whole = toCents(sumAmounts(destinations));
	const shortfall = whole - toCents(sumAmounts(disbursements));
	return shortfall <= 0 || (mayLackFee && isFee(shortfall, whole, disbursements));
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
		const received = recipient.disbursements.filter(
			(row) => paid.includes(row) && areReadable([row]),
		);
		if (received.length === 0 || !areReadable(recipient.destinations)) return false;
		return toCents(sumAmounts(received)) >= toCents(sumAmounts(recipient.destinations));
	});

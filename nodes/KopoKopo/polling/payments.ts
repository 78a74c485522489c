import type { IDataObject } from 'n8n-workflow';
import { hashOfKey } from '../domain/dedupeKey';
import { asTextOrNull } from '../domain/json';
import { parseTransactions, transactionItem } from '../domain/transaction';
import { reachesMinimum } from '../parsers/amount';
import type { Settings } from './settings';

/** A payment in the result of a poll. */
export interface ListedPayment {
	/** Hash of its `dedupeKey`. */
	hash: string;
	/** The receipt, or the ID of a payment without one. */
	receipt: string;
	/** When it was made, ms since the epoch by Kopo Kopo's clock. */
	at: number;
	/** The last time at which a poll can list it, ms since the epoch. */
	until: number;
	/** The payment as Kopo Kopo listed it. The item is made from it when the payment is emitted. */
	row: IDataObject;
}

/**
 * Kopo Kopo may record a payment this much later than it was made, in ms. It is not documented which of the two
 * times the period of a poll refers to.
 */
const REPORTING_DELAY_MS = 24 * 60 * 60_000;

/** The item of a payment, with the values that identify it. */
function identify(row: IDataObject) {
	const item = transactionItem(row);
	const kind = asTextOrNull(item.topic) ?? asTextOrNull(item.type) ?? 'payment';
	const receipt = asTextOrNull(item.reference);
	const id = asTextOrNull(item.id) ?? receipt ?? hashOfKey(JSON.stringify(row));
	const dedupeKey = asTextOrNull(item.dedupeKey) ?? `${kind}:${id}`;
	return { item, dedupeKey, receipt: receipt ?? id };
}

/** What a poll has listed. Reversed payments are left out. */
export interface PaymentList {
	/** Received payments, oldest first. */
	received: ListedPayment[];
	/**
	 * Payments of which the row does not say whether the money was received, or that have neither an amount nor a
	 * receipt. A later poll lists them again.
	 */
	unknown: ListedPayment[];
}

/**
 * The payments in the status body of a poll.
 * @param period the period of the poll, ms since the epoch
 */
export function listPayments(
	body: unknown,
	period: { from: number; to: number },
	{ minimumAmount }: Pick<Settings, 'minimumAmount'>,
): PaymentList {
	const list: PaymentList = { received: [], unknown: [] };
	for (const row of parseTransactions(body, false)) {
		const { item, dedupeKey, receipt } = identify(row);
		const { amount, outcome } = item;
		if (outcome === 'failure') continue;
		if (!reachesMinimum(amount, minimumAmount)) continue;
		const occurredAt = Date.parse(asTextOrNull(item.occurredAt) ?? '');
		const at = Number.isNaN(occurredAt) ? period.from : occurredAt;
		const until = Math.min(period.to, at + REPORTING_DELAY_MS);
		const payments = outcome === 'success' ? list.received : list.unknown;
		payments.push({ hash: hashOfKey(dedupeKey), receipt, at, until, row });
	}
	list.received.sort(byTime);
	return list;
}

/** The item of a payment, as the workflow gets it. */
export function workflowItem({ row }: ListedPayment, { simplify }: Pick<Settings, 'simplify'>) {
	const { item, dedupeKey } = identify(row);
	const raw = {
		topic: item.topic ?? null,
		dedupeKey,
		isRecognized: item.topic !== undefined,
		body: row,
	};
	return { json: simplify ? { ...item, dedupeKey } : raw };
}

/** Sorts payments, oldest first. Payments of the same time are sorted by receipt. */
export function byTime(a: ListedPayment, b: ListedPayment): number {
	return a.at - b.at || (a.receipt < b.receipt ? -1 : 1);
}

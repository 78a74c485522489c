import type { IDataObject } from 'n8n-workflow';
import { hashOfKey } from '../domain/identity';
import { asTextOrNull } from '../domain/json';
import { parseTransactions, transactionItem } from '../domain/transaction';
import type { Settings } from './settings';

/** A payment that a poll has listed. */
export interface ListedPayment {
	/** Of its identity. */
	hash: string;
	/** The receipt, or what names the payment if there is none. */
	receipt: string;
	/** When it was made, ms since the epoch by Kopo Kopo's clock. */
	at: number;
	/** The last moment at which a poll can list it. */
	until: number;
	json: IDataObject;
}

/**
 * How much later than it was made Kopo Kopo may have recorded a payment. It is not documented whether the
 * period of a poll is about the one time or the other.
 */
const REPORTING_DELAY_MS = 24 * 60 * 60_000;

/**
 * The received payments in a poll's status body, oldest first. Reversed ones are left out, and so are those
 * that a poll lists with a word that does not say whether the money was received: a later poll looks again.
 * @param period of the poll, ms since the epoch
 */
export function listPayments(
	body: unknown,
	period: { from: number; to: number },
	{ simplify, minimumAmount }: Pick<Settings, 'simplify' | 'minimumAmount'>,
): ListedPayment[] {
	const payments: ListedPayment[] = [];
	for (const row of parseTransactions(body, false)) {
		const item = transactionItem(row);
		const { amount } = item;
		if (item.outcome !== 'success') continue;
		if (typeof amount === 'number' && amount < minimumAmount) continue;
		const kind = asTextOrNull(item.topic) ?? asTextOrNull(item.type) ?? 'payment';
		const id =
			asTextOrNull(item.id) ?? asTextOrNull(item.reference) ?? hashOfKey(JSON.stringify(row));
		const dedupeKey = asTextOrNull(item.dedupeKey) ?? `${kind}:${id}`;
		const occurredAt = Date.parse(asTextOrNull(item.occurredAt) ?? '');
		const at = Number.isNaN(occurredAt) ? period.from : occurredAt;
		payments.push({
			hash: hashOfKey(dedupeKey),
			receipt: asTextOrNull(item.reference) ?? id,
			at,
			until: Math.min(period.to, at + REPORTING_DELAY_MS),
			json: simplify
				? { ...item, dedupeKey }
				: {
						topic: item.topic ?? null,
						dedupeKey,
						isRecognized: item.topic !== undefined,
						body: row,
					},
		});
	}
	return payments.sort(byTime);
}

/** Oldest first; of one moment, by receipt. */
export function byTime(a: ListedPayment, b: ListedPayment): number {
	return a.at - b.at || (a.receipt < b.receipt ? -1 : 1);
}

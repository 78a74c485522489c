import type { IDataObject } from 'n8n-workflow';
import { eventPayment, type Topic } from './eventCatalogue';
import { receivedPaymentKeys } from './dedupeKey';
import { asObject, asObjectList, asTextOrNull } from './json';
import { outcomeMessage } from './paymentMessages';
import { paymentItem } from './payment';
import { isStatusMissing, normalizeStatus, RECEIVED_WORDS } from './statusWords';

/**
 * The kinds of payments that a poll's result lists (docs/kopokopo-api.md#poll-results), and those whose name
 * says that the money went back, as event.type names them.
 */
const TOPICS: Readonly<Record<string, Topic>> = {
	'buygoods transaction': 'buygoods_transaction_received',
	'external till to till transaction': 'b2b_transaction_received',
	'external till to till reversal transaction': 'b2b_transaction_reversed',
	'card void transaction': 'card_transaction_voided',
	'card reversal transaction': 'card_transaction_reversed',
};

/**
 * One transaction of a poll, as the item of its event. `type` is Kopo Kopo's name of a type that has no
 * topic.
 */
export function transactionItem({ type, resource }: IDataObject): IDataObject {
	const fields = asObject(resource);
	const kind = normalizeStatus(type);
	const topic = Object.hasOwn(TOPICS, kind) ? TOPICS[kind] : undefined;
	const payment = eventPayment(topic, fields);
	return paymentItem({
		...payment,
		...rowOutcome(fields, payment),
		...(topic === undefined ? { type: asTextOrNull(type) } : { topic }),
		dedupeKey: receivedPaymentKeys(payment)?.dedupeKey ?? null,
	});
}

/** The outcome of a transaction in a poll. A row without an amount and a receipt is no payment that was received. */
function rowOutcome({ status }: IDataObject, payment: ReturnType<typeof eventPayment>) {
	if (payment.outcome === 'failure') return {};
	const isReceived = isStatusMissing(status) || RECEIVED_WORDS.has(normalizeStatus(status));
	if (isReceived && (payment.amount !== null || payment.reference !== null)) return {};
	return {
		outcome: 'pending',
		message: outcomeMessage('Paid', { ...payment, outcome: 'pending' }),
	} as const;
}

/** The transactions of a poll's status body; none when the list is empty, null or absent. */
export function parseTransactions(body: unknown, simplify: boolean): IDataObject[] {
	const attributes = asObject(asObject(asObject(body).data).attributes);
	const rows = asObjectList(attributes.transactions);
	return simplify ? rows.map(transactionItem) : rows;
}

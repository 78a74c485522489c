import type { IDataObject } from 'n8n-workflow';
import { eventPayment, type Topic } from './eventCatalogue';
import { receivedPaymentKeys } from './dedupeKey';
import { asObject, asObjects, asTextOrNull } from './json';
import { outcomeMessage, returnedMessage } from './paymentMessages';
import { paymentItem } from './payment';
import { normalizeStatus, RECEIVED_WORDS, RETURNED_WORDS } from './statusWords';

/**
 * The two kinds in a poll's result, as event.type names them (docs/kopokopo-api.md#poll-results).
 */
const TOPICS: Readonly<Record<string, Topic>> = {
	'buygoods transaction': 'buygoods_transaction_received',
	'external till to till transaction': 'b2b_transaction_received',
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

/** The outcome of a transaction in a poll. It has no topic, so its status says whether it was reversed. */
function rowOutcome({ status }: IDataObject, payment: ReturnType<typeof eventPayment>) {
	const word = normalizeStatus(status);
	if (RETURNED_WORDS.has(word)) {
		return { outcome: 'failure', message: returnedMessage('reversed') } as const;
	}
	if (RECEIVED_WORDS.has(word)) return {};
	return {
		outcome: 'pending',
		message: outcomeMessage('Paid', { ...payment, outcome: 'pending' }),
	} as const;
}

/** The transactions of a poll's status body; none when the list is empty, null or absent. */
export function parseTransactions(body: unknown, simplify: boolean): IDataObject[] {
	const attributes = asObject(asObject(asObject(body).data).attributes);
	const rows = asObjects(attributes.transactions);
	return simplify ? rows.map(transactionItem) : rows;
}

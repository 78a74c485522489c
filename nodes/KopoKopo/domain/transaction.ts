import type { IDataObject } from 'n8n-workflow';
import { eventOf, isTopic, type Topic } from './events';
import { asObject, asObjects, asTextOrNull } from './json';
import { asAmount } from './money';

/**
 * The two kinds in a poll's result, as event.type names them (docs/kopokopo-api.md#poll-results).
 */
const TRANSACTION_TYPES: Record<string, { type: string; topic: Topic }> = {
	'buygoods transaction': { type: 'buygoods', topic: 'buygoods_transaction_received' },
	'external till to till transaction': { type: 'b2b', topic: 'b2b_transaction_received' },
};

/** One transaction as ten flat fields; `type` is buygoods, b2b, or Kopo Kopo's word for a new kind. */
function transactionItem({ type, resource }: IDataObject): IDataObject {
	const fields = asObject(resource);
	const kind = TRANSACTION_TYPES[asTextOrNull(type)?.toLowerCase() ?? ''];
	const details =
		kind !== undefined && isTopic(kind.topic) ? eventOf(kind.topic).details(fields) : {};
	return {
		id: asTextOrNull(fields.id),
		type: kind?.type ?? asTextOrNull(type),
		status: asTextOrNull(fields.status),
		amount: asAmount(fields.amount),
		currency: asTextOrNull(fields.currency),
		reference: asTextOrNull(fields.reference),
		phoneNumber: details.phoneNumber ?? null,
		sender: details.sender ?? null,
		tillNumber: asTextOrNull(fields.till_number),
		occurredAt: asTextOrNull(fields.origination_time),
	};
}

/** The transactions of a poll's status body; none when the list is empty, null or absent. */
export function parseTransactions(body: unknown, simplify: boolean): IDataObject[] {
	const attributes = asObject(asObject(asObject(body).data).attributes);
	const rows = asObjects(attributes.transactions);
	return simplify ? rows.map(transactionItem) : rows;
}

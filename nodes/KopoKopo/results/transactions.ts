import type { IDataObject } from 'n8n-workflow';
import { eventOf, isTopic, type Topic } from '../trigger/events';
import { asAmount, asObject, asObjects, asTextOrNull } from './values';

/** The two kinds in a poll's result, as event.type names them (contract, sections 8 and 9). */
const KINDS: Record<string, { type: string; topic: Topic }> = {
	'buygoods transaction': { type: 'buygoods', topic: 'buygoods_transaction_received' },
	'external till to till transaction': { type: 'b2b', topic: 'b2b_transaction_received' },
};

/** One transaction as ten flat fields; `type` is buygoods, b2b, or Kopo Kopo's word for a new kind. */
function flatTransaction({ type, resource }: IDataObject): IDataObject {
	const fields = asObject(resource);
	const kind = KINDS[asTextOrNull(type)?.toLowerCase() ?? ''];
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
export function transactionsOf(body: unknown, simplify: boolean): IDataObject[] {
	const attributes = asObject(asObject(asObject(body).data).attributes);
	const rows = asObjects(attributes.transactions);
	return simplify ? rows.map(flatTransaction) : rows;
}

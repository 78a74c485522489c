import type { IDataObject } from 'n8n-workflow';
import { parseResult } from './result';
import { asObject, asTextOrNull } from './json';

/** An own account or a recipient as at most ten flat fields; `reference` is what Send Money wants of it. */
export function accountItem(body: unknown): IDataObject {
	const { id, outcome, isFinal, status, reference, phoneNumber } = parseResult(body);
	const attributes = asObject(asObject(asObject(body).data).attributes);
	const person = [attributes.first_name, attributes.last_name]
		.map(asTextOrNull)
		.filter((name) => name !== null)
		.join(' ');
	return {
		id,
		outcome,
		isFinal,
		status,
		reference,
		name:
			asTextOrNull(attributes.account_name) ??
			asTextOrNull(attributes.till_name) ??
			asTextOrNull(attributes.paybill_name) ??
			(person || null),
		number:
			asTextOrNull(attributes.account_number) ??
			asTextOrNull(attributes.till_number) ??
			asTextOrNull(attributes.paybill_number),
		phoneNumber,
		type:
			asTextOrNull(attributes.recipient_type) ?? asTextOrNull(asObject(asObject(body).data).type),
	};
}

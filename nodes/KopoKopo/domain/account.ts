import type { IDataObject } from 'n8n-workflow';
import { asObject, asTextOrNull } from './json';
import { joinNames } from './parties';
import { parseResult } from './result';

/** A merchant's own account or a recipient as flat fields. `reference` is the value that Send Money needs. */
export function accountItem(body: unknown): IDataObject {
	const { id, outcome, status, reference, phoneNumber } = parseResult(body);
	const data = asObject(asObject(body).data);
	const attributes = asObject(data.attributes);
	return {
		outcome,
		name:
			asTextOrNull(attributes.account_name) ??
			asTextOrNull(attributes.till_name) ??
			asTextOrNull(attributes.paybill_name) ??
			joinNames(attributes.first_name, attributes.last_name),
		number:
			asTextOrNull(attributes.account_number) ??
			asTextOrNull(attributes.till_number) ??
			asTextOrNull(attributes.paybill_number),
		phoneNumber,
		type: asTextOrNull(attributes.recipient_type) ?? asTextOrNull(data.type),
		reference,
		status,
		id,
	};
}

import type { IDataObject } from 'n8n-workflow';
import { asTextOrNull } from './json';

export const joinNames = (...names: unknown[]) =>
	names
		.map(asTextOrNull)
		.filter((name) => name !== null)
		.join(' ') || null;

export const payer = (resource: IDataObject) => ({
	phoneNumber: asTextOrNull(resource.sender_phone_number),
	sender: joinNames(
		resource.sender_first_name,
		resource.sender_middle_name,
		resource.sender_last_name,
	),
});

export const card = (resource: IDataObject) => ({
	sender: asTextOrNull(resource.customer_cc_number),
});

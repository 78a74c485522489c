import type { IDataObject } from 'n8n-workflow';
import { asTextOrNull } from './json';

/** The names that are not empty, joined by spaces, or null. */
export const joinNames = (...names: unknown[]) =>
	names
		.map(asTextOrNull)
		.filter((name) => name !== null)
		.join(' ') || null;

/**
 * A phone number that Kopo Kopo sent as `254…`, `+254…`, a JSON number, `0…` or nine digits
 * (docs/kopokopo-api.md#phone-numbers), always as `+254…`. Anything else stays unchanged.
 */
export function asPhone(value: unknown): string | null {
	const text = asTextOrNull(value);
	const digits = /^(?:\+?254|0?(?=[17]))(\d{9})$/.exec(text?.replace(/[\s-]/g, '') ?? '')?.[1];
	return digits === undefined ? text : `+254${digits}`;
}

/** A hash of the payer's phone number (docs/kopokopo-api.md#phone-number-hashes), or null. */
export function asPayerHash(value: unknown): string | null {
	const text = asTextOrNull(value) ?? '';
	return /^[0-9a-f]{64}$/i.test(text) ? text.toLowerCase() : null;
}

/** The customer who paid, as buygoods transactions name them. */
export const payer = (resource: IDataObject) => ({
	sender: joinNames(
		resource.sender_first_name,
		resource.sender_middle_name,
		resource.sender_last_name,
	),
	phoneNumber: asPhone(resource.sender_phone_number),
	payerHash: asPayerHash(resource.hashed_sender_phone),
});

/** The business that paid. Only Daraja payloads contain its name; otherwise `sender` is its till. */
export const payingBusiness = (resource: IDataObject) => ({
	sender:
		joinNames(resource.sender_first_name, resource.sender_middle_name, resource.sender_last_name) ??
		asTextOrNull(resource.sending_till),
	sendingTill: asTextOrNull(resource.sending_till),
});

/** Whether a card payment is settled (docs/kopokopo-api.md#event-resources), as a boolean or as text. */
const settledFlags = new Map<unknown, boolean>([
	[true, true],
	[false, false],
	['true', true],
	['false', false],
]);

/** The card that paid, masked, and whether Kopo Kopo has settled the payment. */
export function card(resource: IDataObject) {
	const { settled: flag } = resource;
	const settled = settledFlags.get(typeof flag === 'string' ? flag.trim().toLowerCase() : flag);
	return {
		sender: asTextOrNull(resource.customer_cc_number),
		...(settled !== undefined && { settled }),
	};
}

import type { IDataObject } from 'n8n-workflow';
import { topicOfTransactionType, type Topic } from '../domain/eventCatalogue';
import { asReference, asTextOrNull } from '../domain/json';
import { asPayerHash, asPhone } from '../domain/parties';

/** A Daraja payload, converted to Kopo Kopo's own event of the same payment. */
interface DarajaPayload {
	topic: Topic | null;
	/** Kopo Kopo's name of the payment type; null if the payload does not name it. */
	transactionType: string | null;
	/** The receipt. */
	eventId: string;
	/** ISO 8601 */
	createdAt: string | null;
	resource: IDataObject;
}

/**
 * `YYYYMMDDhhmmss` without a zone (docs/kopokopo-api.md#times), read as Kenyan time, which has no
 * daylight saving time.
 */
function parseDarajaTime(stamp: unknown): string | null {
	const parts = /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})$/.exec(asTextOrNull(stamp) ?? '');
	if (parts === null) return null;
	const [, year, month, day, hour, minute, second] = parts;
	return `${year}-${month}-${day}T${hour}:${minute}:${second}+03:00`;
}

/**
 * `MSISDN` holds the hash of the payer's number, the number itself, or the till of a business that paid
 * (docs/kopokopo-api.md#daraja-payloads).
 */
function parseMsisdn(value: unknown, topic: Topic | null): IDataObject {
	if (topic === 'b2b_transaction_received') return { sending_till: asTextOrNull(value) };
	const phone = asPhone(value);
	return phone !== null && /^\+254\d{9}$/.test(phone)
		? { sender_phone_number: phone }
		: { hashed_sender_phone: asPayerHash(value) };
}

/**
 * Reads a Daraja payload (docs/kopokopo-api.md#daraja-payloads), whatever its type. Keys differ in case
 * between senders. Undefined for any other body.
 */
export function parseDaraja(body: IDataObject): DarajaPayload | undefined {
	const keys = new Map(Object.entries(body).map(([key, value]) => [key.toLowerCase(), value]));
	const transactionType = keys.get('transactiontype') ?? null;
	const receipt = asReference(keys.get('transid'));
	if (receipt === null) return undefined;
	// Without its type, a payload is recognized by its receipt and its amount.
	const isNamed = typeof transactionType === 'string';
	const hasAmount = asTextOrNull(keys.get('transamount')) !== null;
	if (!isNamed && (transactionType !== null || !hasAmount)) return undefined;
	const topic = isNamed ? (topicOfTransactionType(transactionType) ?? null) : null;
	const time = parseDarajaTime(keys.get('transtime'));
	return {
		topic,
		transactionType,
		eventId: receipt,
		createdAt: time,
		resource: {
			amount: keys.get('transamount'),
			currency: 'KES',
			reference: receipt,
			till_number: asTextOrNull(keys.get('businessshortcode')),
			account_reference: asTextOrNull(keys.get('billrefnumber')),
			origination_time: time,
			...parseMsisdn(keys.get('msisdn'), topic),
			sender_first_name: asTextOrNull(keys.get('firstname')),
			sender_middle_name: asTextOrNull(keys.get('middlename')),
			sender_last_name: asTextOrNull(keys.get('lastname')),
		},
	};
}

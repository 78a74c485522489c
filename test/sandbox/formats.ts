const EAST_AFRICA_OFFSET_MS = 3 * 60 * 60 * 1000;

/** UTC text of the same clock time in East Africa. */
export function inEastAfrica(date: Date): string {
	return new Date(date.getTime() + EAST_AFRICA_OFFSET_MS).toISOString();
}

/**
 * ISO 8601 at +03:00 with milliseconds, as in created_at and initiation_time
 * (docs/kopokopo-api.md#times).
 */
export function isoTimeWithMilliseconds(date: Date): string {
	return inEastAfrica(date).replace('Z', '+03:00');
}

/**
 * ISO 8601 at +03:00 without milliseconds, as in webhooks and M-Pesa times
 * (docs/kopokopo-api.md#times).
 */
export function isoTime(date: Date): string {
	return `${inEastAfrica(date).slice(0, 19)}+03:00`;
}

/**
 * Daraja's TransTime: YYYYMMDDhhmmss in East African time, without an offset
 * (docs/kopokopo-api.md#times).
 */
export function darajaTime(date: Date): string {
	return inEastAfrica(date).slice(0, 19).replace(/\D/g, '');
}

/**
 * KES as Kopo Kopo writes an amount: text with at least one decimal (docs/kopokopo-api.md#amounts).
 */
export function decimalAmount(shillings: number): string {
	return Number.isInteger(shillings) ? shillings.toFixed(1) : String(shillings);
}

/**
 * Any accepted form of a Kenyan phone number as +254…, the form in received payments
 * (docs/kopokopo-api.md#phone-numbers).
 */
export function internationalPhone(phone: string): string {
	return phone.replace(/^(\+?254|0)/, '+254');
}

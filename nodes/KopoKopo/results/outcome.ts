import type { IDataObject } from 'n8n-workflow';

/** What became of a request, in four words that mean the same for every resource. */
export type Outcome = 'success' | 'failure' | 'pending' | 'unknown';

/** A status body as flat fields, ready to use; null where Kopo Kopo says nothing. */
export interface Result extends IDataObject {
	id: string | null;
	outcome: Outcome;
	/** Whether the outcome can still change. */
	isFinal: boolean;
	/** Kopo Kopo's own word. */
	status: string | null;
	/** KES */
	amount: number | null;
	currency: string | null;
	/** The M-Pesa receipt. */
	reference: string | null;
	phoneNumber: string | null;
	/** Why, when it did not succeed. */
	message: string | null;
	metadata: IDataObject;
}

/** An object to read from, whatever came. */
export function asObject(value: unknown): IDataObject {
	return typeof value === 'object' && value !== null && !Array.isArray(value)
		? (value as IDataObject)
		: {};
}

/** Text as it came; numbers as text; null for nothing. */
export function asTextOrNull(value: unknown): string | null {
	if (typeof value === 'number') return String(value);
	return typeof value === 'string' && value !== '' ? value : null;
}

/** Amounts arrive as decimal text or as numbers (contract, section 7): a number in KES, or null. */
export function asAmount(value: unknown): number | null {
	if (typeof value !== 'string' && typeof value !== 'number') return null;
	const amount = typeof value === 'string' && value.trim() === '' ? NaN : Number(value);
	return Number.isFinite(amount) ? amount : null;
}

/** `errors` is null, a text, a list or an object holding a list (contract, section 8): one sentence, or null. */
export function joinErrors(errors: unknown): string | null {
	const nested = asObject(errors).errors;
	const source = nested === undefined ? errors : nested;
	const lines = (Array.isArray(source) ? source : [source])
		.map(asTextOrNull)
		.filter((line): line is string => line !== null);
	return lines.length === 0 ? null : lines.join('; ');
}

/** What one resource's attributes say; the rest of a Result is the same everywhere. */
type Reading = Pick<Result, 'outcome'> & Partial<Result>;

/**
 * THE table of outcomes, by `data.type` (contract, section 8). Statuses are compared without regard to
 * case, and one that is not listed stays pending: a new word is no proof that money moved.
 */
const READERS: Record<string, (attributes: IDataObject, status: string) => Reading> = {
	incoming_payment(attributes, status) {
		const event = asObject(attributes.event);
		const payment = asObject(event.resource);
		const reading = {
			amount: asAmount(payment.amount),
			currency: asTextOrNull(payment.currency),
			reference: asTextOrNull(payment.reference),
			phoneNumber: asTextOrNull(payment.sender_phone_number),
			message: joinErrors(event.errors),
		};
		if (status === 'failed') return { ...reading, outcome: 'failure' };
		// Success is stated together with the payment itself; the word alone would name no money.
		if (status === 'success' && Object.keys(payment).length > 0) {
			return { ...reading, outcome: 'success' };
		}
		return { ...reading, outcome: 'pending' };
	},
};

/** Reads a status body (`{ data: { id, type, attributes } }`) as a Result. Never throws. */
export function readResult(body: unknown): Result {
	const data = asObject(asObject(body).data);
	const attributes = asObject(data.attributes);
	const status = asTextOrNull(attributes.status);
	const reading: Reading = READERS[String(data.type)]?.(
		attributes,
		status?.toLowerCase() ?? '',
	) ?? { outcome: 'pending' };
	return {
		id: asTextOrNull(data.id),
		outcome: reading.outcome,
		isFinal: reading.outcome === 'success' || reading.outcome === 'failure',
		status,
		amount: reading.amount ?? null,
		currency: reading.currency ?? null,
		reference: reading.reference ?? null,
		phoneNumber: reading.phoneNumber ?? null,
		message: reading.message ?? null,
		metadata: asObject(attributes.metadata),
	};
}

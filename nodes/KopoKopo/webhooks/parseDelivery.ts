import type { IDataObject } from 'n8n-workflow';
import { createHash } from 'node:crypto';
import { type CallbackTopic, topicOfCallback } from '../domain/callbacks';
import { eventOf, isTopic, type Topic, topicOfTransactionType } from '../domain/events';
import { asObject, asTextOrNull } from '../domain/json';
import { asAmount } from '../domain/money';
import { paymentItem } from '../domain/payment';
import { parseResult } from '../domain/result';
import { parseTransactions } from '../domain/transaction';
import type { VerifiedBody } from './signature';

/** What a signed delivery turned out to be. */
export type Delivery =
	| { kind: 'event'; topic: Topic | CallbackTopic; item: IDataObject; raw: IDataObject }
	/** A kind or a shape this version does not know: shown as it came, never dropped. */
	| { kind: 'unrecognized'; topic: string | null; raw: IDataObject };

interface Envelope {
	topic: string | null;
	eventId: string | null;
	/** When Kopo Kopo made the event, ISO 8601. */
	createdAt: string | null;
	resource: unknown;
}

/**
 * `YYYYMMDDhhmmss` without a zone (docs/kopokopo-api.md#times): Kenyan time, which knows no summer
 * time.
 */
function parseDarajaTime(stamp: unknown): string | null {
	const parts = /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})$/.exec(asTextOrNull(stamp) ?? '');
	if (parts === null) return null;
	const [, year, month, day, hour, minute, second] = parts;
	return `${year}-${month}-${day}T${hour}:${minute}:${second}+03:00`;
}

/**
 * A Daraja body as the K2 resource it stands for; keys differ in case between senders
 * (docs/kopokopo-api.md#daraja-payloads).
 */
function parseDaraja(body: IDataObject): Envelope | undefined {
	const keys = new Map(Object.entries(body).map(([key, value]) => [key.toLowerCase(), value]));
	const transactionType = keys.get('transactiontype');
	const receipt = asTextOrNull(keys.get('transid'));
	if (typeof transactionType !== 'string' || receipt === null) return undefined;
	const topic = topicOfTransactionType(transactionType) ?? null;
	const time = parseDarajaTime(keys.get('transtime'));
	return {
		topic,
		eventId: receipt,
		createdAt: time,
		resource: {
			amount: keys.get('transamount'),
			currency: 'KES',
			reference: receipt,
			till_number: asTextOrNull(keys.get('businessshortcode')),
			origination_time: time,
			// A hash for buygoods, the paying till for B2B (docs/kopokopo-api.md#daraja-payloads): never
			// a phone number.
			sending_till: topic === 'b2b_transaction_received' ? asTextOrNull(keys.get('msisdn')) : null,
			sender_first_name: asTextOrNull(keys.get('firstname')),
			sender_middle_name: asTextOrNull(keys.get('middlename')),
			sender_last_name: asTextOrNull(keys.get('lastname')),
		},
	};
}

function parseEnvelope(body: IDataObject): Envelope | undefined {
	if (typeof body.topic === 'string' && typeof body.event === 'object' && body.event !== null) {
		return {
			topic: body.topic,
			eventId: asTextOrNull(body.id),
			createdAt: asTextOrNull(body.created_at),
			resource: asObject(body.event).resource,
		};
	}
	return parseDaraja(body);
}

/** The flat fields of a recognised event; `dedupeKey` names the topic too, for samples share ids across topics. */
function toItem(
	topic: Topic,
	resource: IDataObject,
	createdAt: string | null,
	head: IDataObject,
): IDataObject {
	const event = eventOf(topic);
	const { sender, ...details } = event.details(resource);
	return {
		...head,
		id: asTextOrNull(resource.id),
		outcome: event.outcome,
		isFinal: true,
		status: asTextOrNull(resource.status),
		amount: asAmount(resource.amount),
		currency: asTextOrNull(resource.currency),
		reference: asTextOrNull(resource.reference),
		phoneNumber: null,
		message: null,
		metadata: asObject(resource.metadata),
		...details,
		sender: sender ?? null,
		tillNumber: asTextOrNull(resource.till_number),
		occurredAt: asTextOrNull(resource.origination_time) ?? createdAt,
	};
}

function parseJson(body: VerifiedBody): unknown {
	try {
		return JSON.parse(body.toString('utf8'));
	} catch {
		return body.toString('utf8');
	}
}

/** A result callback as the item that looking the request up would give, or undefined. */
function parseCallback(body: IDataObject): Delivery | undefined {
	const data = asObject(body.data);
	const topic = topicOfCallback({ type: data.type, event: body.event });
	if (topic === undefined || Object.keys(data).length === 0) return undefined;
	const result = parseResult(body);
	// A payment link that was tried in vain stays open, so the attempt has to be part of the key.
	const dedupeKey = [topic, result.id, result.status, result.message ?? ''].join(':');
	const head = { eventId: result.id, topic, dedupeKey };
	return {
		kind: 'event',
		topic,
		item: {
			...head,
			...paymentItem(result),
			...(topic === 'polling_result' && { transactions: parseTransactions(body, true) }),
		},
		raw: { ...head, isRecognized: true, body },
	};
}

/** Reads a delivery whose signature was checked. Never throws: a signed event is about money. */
export function parseDelivery(body: VerifiedBody): Delivery {
	const payload = parseJson(body);
	const object = asObject(payload);
	const result = parseCallback(object);
	if (result !== undefined) return result;
	const envelope = parseEnvelope(object);
	const fingerprint = () => createHash('sha256').update(body).digest('hex');
	const head = {
		eventId: envelope?.eventId ?? asTextOrNull(object.id) ?? asTextOrNull(asObject(object.data).id),
		topic: envelope?.topic ?? null,
		dedupeKey: envelope?.eventId ? `${envelope.topic}:${envelope.eventId}` : fingerprint(),
	};
	const unrecognized = (reason: string): Delivery => ({
		kind: 'unrecognized',
		topic: head.topic,
		raw: { ...head, isRecognized: false, reason, body: payload as IDataObject },
	});

	if (envelope === undefined) {
		return unrecognized('Kopo Kopo signed this, but it is not an event this version knows');
	}
	const { topic } = envelope;
	if (!isTopic(topic)) {
		return unrecognized(`This version does not know the event '${String(topic)}'`);
	}
	const checked = eventOf(topic).schema().safeParse(envelope.resource);
	if (!checked.success) {
		const where = checked.error.issues
			.map(({ path, message }) => `${path.join('.') || 'resource'}: ${message}`)
			.join('; ');
		return unrecognized(`The event does not have the shape it had before (${where})`);
	}
	return {
		kind: 'event',
		topic,
		item: toItem(topic, checked.data as IDataObject, envelope.createdAt, head),
		raw: { ...head, isRecognized: true, body: payload as IDataObject },
	};
}

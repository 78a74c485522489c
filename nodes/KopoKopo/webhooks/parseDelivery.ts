import type { IDataObject } from 'n8n-workflow';
import { createHash } from 'node:crypto';
import { type CallbackTopic, topicOfCallback } from '../domain/callbacks';
import {
	eventOf,
	eventPayment,
	isReceivedPayment,
	isReturned,
	isTopic,
	normalizeTopic,
	type Topic,
} from '../domain/eventCatalogue';
import { type DeliveryKeys, receivedPaymentKeys, resultKeys } from '../domain/dedupeKey';
import { asObject, asTextOrNull } from '../domain/json';
import { asAmount } from '../domain/money';
import { type Payment, paymentItem } from '../domain/payment';
import { parseResult } from '../domain/result';
import { parseTransactions } from '../domain/transaction';
import { parseDaraja } from './daraja';
import type { VerifiedBody } from './signature';

/** A signed delivery. */
export type Delivery =
	| {
			kind: 'event';
			topic: Topic | CallbackTopic;
			/** The flat fields. */
			item: IDataObject;
			/** The item with Simplify off: the unchanged body, and what identifies the delivery. */
			raw: IDataObject;
			keys: DeliveryKeys;
	  }
	/** A type or a shape that this version does not know: returned unchanged, never dropped. */
	| {
			kind: 'unrecognized';
			topic: string | null;
			/** The flat fields, if the body describes a payment nevertheless. */
			item?: IDataObject;
			raw: IDataObject;
			keys: DeliveryKeys;
	  };

interface Envelope {
	topic: string | null;
	eventId: string | null;
	/** When Kopo Kopo created the event, ISO 8601. */
	createdAt: string | null;
	resource: unknown;
	/** Of a Daraja payload; null if it does not name its type. */
	transactionType?: string | null;
}

function parseEnvelope(body: IDataObject): Envelope | undefined {
	if (typeof body.topic === 'string' && typeof body.event === 'object' && body.event !== null) {
		return {
			topic: normalizeTopic(body.topic),
			eventId: asTextOrNull(body.id),
			createdAt: asTextOrNull(body.created_at),
			resource: asObject(body.event).resource,
		};
	}
	return parseDaraja(body);
}

function parseJson(body: VerifiedBody): unknown {
	try {
		return JSON.parse(body.toString('utf8'));
	} catch {
		return body.toString('utf8');
	}
}

const fingerprint = (body: VerifiedBody): DeliveryKeys => ({
	dedupeKey: createHash('sha256').update(body).digest('hex'),
});

/**
 * The keys by which a repeated delivery is recognized (docs/kopokopo-api.md#identity-of-a-delivery): the
 * receipt and the amount of a received payment, the ID of any other event, the bytes of anything else.
 */
function eventKeys(envelope: Envelope, body: VerifiedBody): DeliveryKeys {
	const { topic, eventId, transactionType } = envelope;
	const { reference, amount, status } = asObject(envelope.resource);
	// A payment that has been reversed since is not the delivery that told of its receipt.
	const isReceived =
		transactionType !== undefined || (isReceivedPayment(topic) && !isReturned(status));
	const payment = { reference: asTextOrNull(reference), amount: asAmount(amount) };
	const keys = isReceived ? receivedPaymentKeys(payment) : undefined;
	if (keys !== undefined) return keys;
	// The topic is part of the key, since samples use one ID for events of several topics.
	return eventId === null ? fingerprint(body) : { dedupeKey: `${topic ?? 'event'}:${eventId}` };
}

/** Reads a result callback as the item that Get would return; undefined for any other body. */
function parseCallback(payload: IDataObject, body: VerifiedBody): Delivery | undefined {
	const data = asObject(payload.data);
	const topic = topicOfCallback({ type: data.type, event: payload.event });
	if (topic === undefined || Object.keys(data).length === 0) return undefined;
	const result = parseResult(payload);
	const keys = resultKeys(topic, result) ?? fingerprint(body);
	const head = { eventId: result.id, topic, dedupeKey: keys.dedupeKey };
	const transactions = topic === 'polling_result' ? parseTransactions(payload, true) : undefined;
	return {
		kind: 'event',
		topic,
		item: paymentItem({ ...result, ...head, ...(transactions && { transactions }) }),
		raw: { ...head, isRecognized: true, body: payload },
		keys,
	};
}

/**
 * Reads a delivery whose signature was checked. Never throws, because a signed event is about money and
 * must not be lost.
 */
export function parseDelivery(body: VerifiedBody): Delivery {
	const payload = parseJson(body);
	const object = asObject(payload);
	const result = parseCallback(object, body);
	if (result !== undefined) return result;
	const envelope = parseEnvelope(object);
	const keys = envelope === undefined ? fingerprint(body) : eventKeys(envelope, body);
	const head = {
		eventId: envelope?.eventId ?? asTextOrNull(object.id) ?? asTextOrNull(asObject(object.data).id),
		topic: envelope?.topic ?? null,
		dedupeKey: keys.dedupeKey,
	};
	const unrecognized = (reason: string, item?: IDataObject): Delivery => ({
		kind: 'unrecognized',
		topic: head.topic,
		...(item && { item }),
		raw: { ...head, isRecognized: false, reason, body: payload as IDataObject },
		keys,
	});

	if (envelope === undefined) {
		return unrecognized(
			'The signature is valid, but this version does not know this type of delivery',
		);
	}
	const { topic, transactionType } = envelope;
	const schema = eventOf(isTopic(topic) ? topic : 'buygoods_transaction_received').schema();
	const checked = schema.safeParse(envelope.resource);
	const itemOf = (known?: Topic, more: Partial<Payment> = {}): IDataObject => {
		const payment = eventPayment(known, checked.data as IDataObject);
		const occurredAt = payment.occurredAt ?? envelope.createdAt;
		return paymentItem({ ...payment, occurredAt, ...more, ...head });
	};
	if (!isTopic(topic)) {
		if (transactionType === undefined) {
			return unrecognized(`This version does not know the event '${String(topic)}'`);
		}
		const reason =
			transactionType === null
				? 'The Daraja payload does not name its TransactionType'
				: `This version does not know the TransactionType '${transactionType}'`;
		const more = { type: transactionType, isRecognized: false, reason } as const;
		return unrecognized(reason, checked.success ? itemOf(undefined, more) : undefined);
	}
	if (!checked.success) {
		const where = checked.error.issues
			.map(({ path, message }) => `${path.join('.') || 'resource'}: ${message}`)
			.join('; ');
		return unrecognized(`The event does not have the expected shape (${where})`);
	}
	return {
		kind: 'event',
		topic,
		item: itemOf(topic),
		raw: { ...head, isRecognized: true, body: payload as IDataObject },
		keys,
	};
}

/** The ID of the request that a result callback is about (`data.id`); undefined for any other body. */
export const requestIdOf = (body: VerifiedBody): unknown =>
	asObject(asObject(parseJson(body)).data).id;

import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import type { IDataObject } from 'n8n-workflow';
import { parseDelivery, type Delivery } from '../../nodes/KopoKopo/webhooks/parseDelivery';
import { paymentItem } from '../../nodes/KopoKopo/domain/payment';
import { parseResult } from '../../nodes/KopoKopo/domain/result';
import { EVENTS, isTopic, topicOfTransactionType } from '../../nodes/KopoKopo/domain/events';
import {
	isCallbackTopic,
	CALLBACKS,
	topicOfCallback,
	type CallbackTopic,
} from '../../nodes/KopoKopo/domain/callbacks';
import type { VerifiedBody } from '../../nodes/KopoKopo/webhooks/signature';
import { readFixtures } from './testData';

const deliver = (text: string): Delivery => parseDelivery(Buffer.from(text) as VerifiedBody);
const deliverJson = (body: unknown): Delivery => deliver(JSON.stringify(body));

const fixtures = readFixtures('webhooks');

function bodyOf(name: string): IDataObject {
	const body = fixtures.find((fixture) => fixture.name === name)?.body;
	if (!body) throw new Error(`There is no webhook fixture ${name}`);
	return structuredClone(body);
}

/** The fixture's body with some of its resource's fields replaced; undefined takes one away. */
function withResource(name: string, changed: Record<string, unknown>): IDataObject {
	const body = bodyOf(name);
	const event = body.event as IDataObject;
	event.resource = { ...(event.resource as IDataObject), ...changed } as IDataObject;
	return body;
}

function itemOf(delivery: Delivery): IDataObject {
	if (delivery.kind !== 'event') throw new Error(`Not recognised: ${String(delivery.raw.reason)}`);
	return delivery.item;
}

const flat = { message: null, phoneNumber: null, metadata: {}, isFinal: true, currency: 'KES' };

/** The whole item of every delivery that is recognised. */
const expected: Record<string, IDataObject> = {
	'b2b_transaction_received.daraja': {
		...flat,
		eventId: 'OJM6Q1W84K',
		topic: 'b2b_transaction_received',
		dedupeKey: 'b2b_transaction_received:OJM6Q1W84K',
		id: null,
		outcome: 'success',
		status: null,
		amount: 100,
		reference: 'OJM6Q1W84K',
		sender: '112233',
		tillNumber: '000000',
		occurredAt: '2026-05-01T19:15:15+03:00',
	},
	'b2b_transaction_received.k2': {
		...flat,
		eventId: 'bcfb7175-bc7f-46e8-9727-eb46e6f88ef1',
		topic: 'b2b_transaction_received',
		dedupeKey: 'b2b_transaction_received:bcfb7175-bc7f-46e8-9727-eb46e6f88ef1',
		id: 'fbygwu7175-bc7f-46e8-9727-f88edyy',
		outcome: 'success',
		status: 'Complete',
		amount: 313,
		reference: 'OJQ8USH5XK',
		sender: '890642',
		tillNumber: '000000',
		occurredAt: '2020-10-29T08:18:45+03:00',
	},
	'b2b_transaction_reversed.k2': {
		...flat,
		eventId: '98adf21e-5721-476a-8643-609b4a6513a2',
		topic: 'b2b_transaction_reversed',
		dedupeKey: 'b2b_transaction_reversed:98adf21e-5721-476a-8643-609b4a6513a2',
		id: '86345adf21e-5721-476a-8643-609b4a863',
		outcome: 'failure',
		status: 'Reversed',
		amount: 233,
		reference: 'OJM6Q1W84K',
		message: 'The payment was reversed; the money went back to the payer',
		sender: 'Sending till',
		tillNumber: '000000',
		occurredAt: '2020-10-29T08:06:49+03:00',
	},
	'buygoods_transaction_received.daraja': {
		...flat,
		eventId: 'OJM6Q1W84K',
		topic: 'buygoods_transaction_received',
		dedupeKey: 'buygoods_transaction_received:OJM6Q1W84K',
		id: null,
		outcome: 'success',
		status: null,
		amount: 100,
		reference: 'OJM6Q1W84K',
		sender: 'Jane',
		tillNumber: '000000',
		occurredAt: '2026-05-01T19:15:15+03:00',
	},
	'buygoods_transaction_received.k2': {
		...flat,
		eventId: '2133dbfb-24b9-40fc-ae57-2d7559785760',
		topic: 'buygoods_transaction_received',
		dedupeKey: 'buygoods_transaction_received:2133dbfb-24b9-40fc-ae57-2d7559785760',
		id: '458712f-gr76y-24b9-40fc-ae57-2d35785760',
		outcome: 'success',
		status: 'Received',
		amount: 100,
		reference: 'OJM6Q1W84K',
		phoneNumber: '+254999999999',
		sender: 'Jane',
		tillNumber: '000000',
		occurredAt: '2026-05-01T10:43:19+03:00',
	},
	'buygoods_transaction_received.k2.no-hash': {
		...flat,
		eventId: '2133dbfb-24b9-40fc-ae57-2d7559785760',
		topic: 'buygoods_transaction_received',
		dedupeKey: 'buygoods_transaction_received:2133dbfb-24b9-40fc-ae57-2d7559785760',
		id: '458712f-gr76y-24b9-40fc-ae57-2d35785760',
		outcome: 'success',
		status: 'Received',
		amount: 100,
		reference: 'OJM6Q1W84K',
		phoneNumber: '+254999999999',
		sender: 'Jane Doe',
		tillNumber: '000000',
		occurredAt: '2026-05-01T10:43:19+03:00',
	},
	'buygoods_transaction_reversed.k2': {
		...flat,
		eventId: '98adf21e-5721-476a-8643-609b4a6513a2',
		topic: 'buygoods_transaction_reversed',
		dedupeKey: 'buygoods_transaction_reversed:98adf21e-5721-476a-8643-609b4a6513a2',
		id: '86345adf21e-5721-476a-8643-609b4a863',
		outcome: 'failure',
		status: 'Reversed',
		amount: 233,
		reference: 'OJM6Q1W84K',
		phoneNumber: '+254999999999',
		message: 'The payment was reversed; the money went back to the payer',
		sender: 'Jane Doe',
		tillNumber: '000000',
		occurredAt: '2020-10-29T08:06:49+03:00',
	},
	'card_transaction_received.k2': {
		...flat,
		eventId: '4b981325-abf8-4f6e-ba2c-f1bf682687ca',
		topic: 'card_transaction_received',
		dedupeKey: 'card_transaction_received:4b981325-abf8-4f6e-ba2c-f1bf682687ca',
		id: '00f5311d-8b93-433f-987e-08278a64e1a9',
		outcome: 'success',
		status: 'Received',
		amount: 1000,
		reference: 'PENDINGCARD-1750335484',
		sender: '450875XXXXXX1019',
		tillNumber: '7600314301',
		occurredAt: '2025-06-19T15:18:03+03:00',
	},
	'card_transaction_reversed.k2': {
		...flat,
		eventId: '4b981325-abf8-4f6e-ba2c-f1bf682687ca',
		topic: 'card_transaction_reversed',
		dedupeKey: 'card_transaction_reversed:4b981325-abf8-4f6e-ba2c-f1bf682687ca',
		id: '00f5311d-8b93-433f-987e-08278a64e1a9',
		outcome: 'failure',
		status: 'Complete',
		amount: 1000,
		reference: 'PENDINGCARD-1750335484',
		message: 'The payment was reversed; the money went back to the payer',
		sender: '450875XXXXXX1019',
		tillNumber: '7600314301',
		occurredAt: '2025-06-19T15:18:03+03:00',
	},
	'card_transaction_voided.k2': {
		...flat,
		eventId: '4b981325-abf8-4f6e-ba2c-f1bf682687ca',
		topic: 'card_transaction_voided',
		dedupeKey: 'card_transaction_voided:4b981325-abf8-4f6e-ba2c-f1bf682687ca',
		id: '00f5311d-8b93-433f-987e-08278a64e1a9',
		outcome: 'failure',
		status: 'Complete',
		amount: 1000,
		reference: 'PENDINGCARD-1750335484',
		message: 'The payment was voided; the money went back to the payer',
		sender: '450875XXXXXX1019',
		tillNumber: '7600314301',
		occurredAt: '2025-06-19T15:18:03+03:00',
	},
	'customer_created.k2': {
		...flat,
		eventId: 'f720ecf5-ff98-4ca8-a3f2-d70a65c4a02c',
		topic: 'customer_created',
		dedupeKey: 'customer_created:f720ecf5-ff98-4ca8-a3f2-d70a65c4a02c',
		id: null,
		outcome: 'success',
		status: null,
		amount: null,
		currency: null,
		reference: null,
		phoneNumber: '+254999999999',
		sender: 'Jane M Doe',
		tillNumber: null,
		occurredAt: '2020-10-29T08:49:02+03:00',
	},
	'settlement_transfer_completed.bank.k2': {
		...flat,
		eventId: '052b7b2a-745b-4ca1-866b-b92d4a1418c3',
		topic: 'settlement_transfer_completed',
		dedupeKey: 'settlement_transfer_completed:052b7b2a-745b-4ca1-866b-b92d4a1418c3',
		id: '270b7b2a-745b-6735752-b92d4a141847-5d33',
		outcome: 'success',
		status: 'Transferred',
		amount: 49452,
		reference: null,
		sender: 'Test Account',
		tillNumber: null,
		occurredAt: '2021-01-27T10:57:58.444+03:00',
	},
	'settlement_transfer_completed.wallet.k2.inferred': {
		...flat,
		eventId: '052b7b2a-745b-4ca1-866b-b92d4a1418c3',
		topic: 'settlement_transfer_completed',
		dedupeKey: 'settlement_transfer_completed:052b7b2a-745b-4ca1-866b-b92d4a1418c3',
		id: '270b7b2a-745b-6735752-b92d4a141847-5d33',
		outcome: 'success',
		status: 'Transferred',
		amount: 786,
		reference: 'OJGT5H53D7',
		phoneNumber: '+254999999999',
		sender: 'Jane Doe',
		tillNumber: null,
		occurredAt: '2021-01-27T10:57:58.444+03:00',
	},
	'third-party.incoming_payment.completed': {
		...flat,
		eventId: 'incoming_payment_8f9a7c3b2e1d4a5f',
		topic: 'incoming_payment_result',
		dedupeKey: 'incoming_payment_result:incoming_payment_8f9a7c3b2e1d4a5f:COMPLETED:',
		id: 'incoming_payment_8f9a7c3b2e1d4a5f',
		outcome: 'success',
		status: 'COMPLETED',
		amount: 1500,
		reference: 'MPF12A45G78H',
		phoneNumber: '+254712345678',
	},
	'third-party.incoming_payment.failed': {
		...flat,
		eventId: 'incoming_payment_8f9a7c3b2e1d4a5f',
		topic: 'incoming_payment_result',
		dedupeKey:
			'incoming_payment_result:incoming_payment_8f9a7c3b2e1d4a5f:FAILED:User Denied Transaction',
		id: 'incoming_payment_8f9a7c3b2e1d4a5f',
		outcome: 'failure',
		status: 'FAILED',
		amount: 1500,
		reference: null,
		phoneNumber: '+254712345678',
		message: 'User Denied Transaction',
	},
	'third-party.pay.completed': {
		...flat,
		eventId: 'payout_b4f2a8e7d1c9g5h3',
		topic: 'send_money_result',
		dedupeKey: 'send_money_result:payout_b4f2a8e7d1c9g5h3:COMPLETED:',
		id: 'payout_b4f2a8e7d1c9g5h3',
		outcome: 'success',
		status: 'COMPLETED',
		amount: 1000,
		reference: 'MU5C7H6YT2',
		phoneNumber: '+254712345678',
	},
	'third-party.pay.failed': {
		...flat,
		eventId: 'payout_b4f2a8e7d1c9g5h3',
		topic: 'send_money_result',
		dedupeKey: 'send_money_result:payout_b4f2a8e7d1c9g5h3:FAILED:Invalid M-Pesa account',
		id: 'payout_b4f2a8e7d1c9g5h3',
		outcome: 'failure',
		status: 'FAILED',
		amount: 1000,
		reference: null,
		phoneNumber: '+254712345678',
		message: 'Invalid M-Pesa account',
	},
};
/** Not in Kopo Kopo's v2 document, and not understood either: shown raw. */
const isForeign = (name: string) => name.startsWith('m2m_');

describe('every delivery of the contract', () => {
	const recognised = fixtures.filter(({ name }) => !isForeign(name));
	const foreign = fixtures.filter(({ name }) => isForeign(name));

	test.each(recognised)('$name becomes its item', ({ name, body }) => {
		const delivery = deliverJson(body);

		expect(delivery).toMatchObject({ kind: 'event', topic: expected[name]?.topic });
		expect(itemOf(delivery)).toEqual(expected[name]);
	});

	test.each(recognised)('$name is there in full without Simplify', ({ name, body }) => {
		const { eventId, topic, dedupeKey } = expected[name] ?? {};

		expect(deliverJson(body).raw).toEqual({ eventId, topic, dedupeKey, isRecognized: true, body });
	});

	test.each(foreign)('$name is shown raw and flagged', ({ body }) => {
		const { kind, raw } = deliverJson(body);

		expect(kind).toBe('unrecognized');
		expect(raw).toMatchObject({ isRecognized: false, body });
		expect(raw.reason).toEqual(expect.any(String));
	});

	test('every topic of the catalogue is proven by a delivery', () => {
		const proven = new Set(Object.values(expected).map(({ topic }) => topic));
		expect(Object.keys(EVENTS).filter((topic) => !proven.has(topic))).toEqual([]);
	});
});

describe('a known event that changed', () => {
	const received = 'buygoods_transaction_received.k2';

	test('new fields do no harm', () => {
		const body = withResource(received, { loyalty: { points: 7 }, tags: ['a'] });

		expect(itemOf(deliverJson({ ...body, version: 3 }))).toEqual(expected[received]);
	});

	test.each<[string, Record<string, unknown>, IDataObject]>([
		['amount as a number', { amount: 100 }, { amount: 100 }],
		['a phone as a number', { sender_phone_number: 254712345678 }, { phoneNumber: '254712345678' }],
		['no phone', { sender_phone_number: undefined }, { phoneNumber: null }],
		['no names', { sender_first_name: null }, { sender: null }],
		[
			'all three names',
			{ sender_first_name: 'Jane', sender_middle_name: 'M', sender_last_name: 'Doe' },
			{ sender: 'Jane M Doe' },
		],
		['no id', { id: undefined }, { id: null }],
		['no time of its own', { origination_time: null }, { occurredAt: '2026-05-01T10:43:20+03:00' }],
		['metadata', { metadata: { invoice: 'INV-7' } }, { metadata: { invoice: 'INV-7' } }],
	])('%s', (_what, changed, wanted) => {
		expect(itemOf(deliverJson(withResource(received, changed)))).toEqual({
			...expected[received],
			...wanted,
		});
	});

	test.each<[string, unknown]>([
		['no amount', undefined],
		['null for an amount', null],
		['an empty amount', ''],
		['words for an amount', 'a lot'],
		['an object for an amount', { value: '100.0', currency: 'KES' }],
		['a list for an amount', ['100.0']],
		['yes for an amount', true],
	])('%s is flagged, and the reason names the field', (_what, amount) => {
		const body = withResource(received, { amount });

		const { kind, raw } = deliverJson(body);

		expect(kind).toBe('unrecognized');
		expect(raw).toMatchObject({
			eventId: '2133dbfb-24b9-40fc-ae57-2d7559785760',
			topic: 'buygoods_transaction_received',
			dedupeKey: 'buygoods_transaction_received:2133dbfb-24b9-40fc-ae57-2d7559785760',
			isRecognized: false,
			body: JSON.parse(JSON.stringify(body)) as IDataObject,
		});
		expect(raw.reason).toContain('amount');
	});

	test.each<[string, unknown]>([
		['none', undefined],
		['null', null],
		['text', 'resource'],
		['a list', []],
	])('a resource that is %s is flagged', (_what, resource) => {
		const body = bodyOf(received);

		const { kind, raw } = deliverJson({
			...body,
			event: { type: 'Buygoods Transaction', resource },
		});

		expect(kind).toBe('unrecognized');
		expect(raw).toMatchObject({ isRecognized: false, topic: 'buygoods_transaction_received' });
	});

	test('a settlement to several payouts names all receipts', () => {
		const disbursements = [
			{ amount: '1.0', transaction_reference: 'AAA1' },
			{ amount: '2.0', transaction_reference: null },
			{ amount: '3.0', transaction_reference: 'BBB2' },
		];
		const body = withResource('settlement_transfer_completed.wallet.k2.inferred', {
			disbursements,
		});

		expect(itemOf(deliverJson(body)).reference).toBe('AAA1, BBB2');
	});
});

describe('what is no event of this version', () => {
	test.each(['gift_card_received', 'm2m_transaction_received', '', 'constructor', '__proto__'])(
		'topic %j is shown raw with its name',
		(topic) => {
			const body = { ...bodyOf('buygoods_transaction_received.k2'), topic };

			const delivery = deliverJson(body);

			expect(delivery).toMatchObject({ kind: 'unrecognized', topic });
			expect(delivery.raw).toMatchObject({
				eventId: '2133dbfb-24b9-40fc-ae57-2d7559785760',
				isRecognized: false,
				body,
			});
		},
	);

	test('a result of a request is shown raw, with its id', () => {
		const body = { data: { id: 'a652f86f', type: 'incoming_payment', attributes: {} } };

		expect(deliverJson(body).raw).toMatchObject({ eventId: 'a652f86f', body });
	});

	test.each<[string, unknown]>([
		['', ''],
		['not JSON', 'not JSON'],
		['{"topic":', '{"topic":'],
		['null', null],
		['7', 7],
		['"text"', 'text'],
		['[]', []],
		['[{"topic":"buygoods_transaction_received"}]', [{ topic: 'buygoods_transaction_received' }]],
		['{}', {}],
	])('the body %j is kept as it came', (text, body) => {
		const delivery = deliver(text);

		expect(delivery).toMatchObject({ kind: 'unrecognized', topic: null });
		expect(delivery.raw).toMatchObject({
			eventId: null,
			dedupeKey: createHash('sha256').update(text).digest('hex'),
			isRecognized: false,
			body,
		});
	});

	test('the same bytes have the same key and other bytes another', () => {
		expect(deliver('one').raw.dedupeKey).toBe(deliver('one').raw.dedupeKey);
		expect(deliver('one').raw.dedupeKey).not.toBe(deliver('two').raw.dedupeKey);
	});
});

describe("Safaricom's Daraja form", () => {
	const name = 'buygoods_transaction_received.daraja';
	const withKeys = (change: (key: string) => string) =>
		Object.fromEntries(Object.entries(bodyOf(name)).map(([key, value]) => [change(key), value]));

	test.each<[string, (key: string) => string]>([
		['lower case', (key) => key.toLowerCase()],
		['upper case', (key) => key.toUpperCase()],
		['camel case', (key) => key.charAt(0).toLowerCase() + key.slice(1)],
		['ThirdPartyTransID', (key) => key.replace(/TransId$/, 'TransID')],
	])('keys in %s mean the same', (_how, change) => {
		expect(itemOf(deliverJson(withKeys(change)))).toEqual(expected[name]);
	});

	test.each(['Buygoods', 'buygoods', 'BUYGOODS', ' Buygoods '])(
		'%j is a buygoods payment',
		(type) => {
			expect(topicOfTransactionType(type)).toBe('buygoods_transaction_received');
		},
	);

	test.each(['Pay Bill', 'Business Payment', ''])('%j is shown raw, with its receipt', (type) => {
		const delivery = deliverJson({ ...bodyOf(name), TransactionType: type });

		expect(delivery).toMatchObject({ kind: 'unrecognized', topic: null });
		expect(delivery.raw).toMatchObject({ eventId: 'OJM6Q1W84K', isRecognized: false });
	});

	test('the hash that stands for the phone never becomes a phone number or a name', () => {
		const item = itemOf(deliverJson(bodyOf(name)));

		expect(JSON.stringify(item)).not.toContain('rbFvT0GstruVPN');
	});

	test.each(['', null, '2026', '2026-05-01', 20260501191515])(
		'TransTime %j never breaks the delivery',
		(TransTime) => {
			const { occurredAt } = itemOf(deliverJson({ ...bodyOf(name), TransTime }));

			expect(occurredAt).toBe(TransTime === 20260501191515 ? '2026-05-01T19:15:15+03:00' : null);
		},
	);

	test('no amount is flagged', () => {
		expect(deliverJson({ ...bodyOf(name), TransAmount: '' })).toMatchObject({
			kind: 'unrecognized',
			topic: 'buygoods_transaction_received',
		});
	});
});

describe('for any body', () => {
	/** Every place in a JSON value, as the keys that lead there. */
	const placesIn = (value: unknown, path: string[] = []): string[][] =>
		typeof value === 'object' && value !== null
			? Object.entries(value).flatMap(([key, inner]) => [
					[...path, key],
					...placesIn(inner, [...path, key]),
				])
			: [];
	/** A copy in which one place holds something else, or nothing. */
	const changedAt = (value: unknown, [key, ...rest]: string[], put: unknown): unknown => {
		if (key === undefined) return put;
		const inner = (value as Record<string, unknown>)[key];
		return {
			...(value as Record<string, unknown>),
			[key]: changedAt(inner, rest, put),
		};
	};
	const anything = fc.oneof(
		fc.constantFrom<unknown>(undefined, null, '', '0', 0, -1, true, [], {}, '100.0', 'KES'),
		fc.jsonValue(),
	);
	const changedFixture = fc.constantFrom(...fixtures.map(({ body }) => body)).chain((body) =>
		fc
			.array(fc.tuple(fc.constantFrom(...placesIn(body)), anything), {
				minLength: 1,
				maxLength: 2,
			})
			.map((changes) =>
				changes.reduce<unknown>(
					(changed, [path, put]) =>
						placesIn(changed).some((place) => place.join('/') === path.join('/'))
							? changedAt(changed, path, put)
							: changed,
					body,
				),
			),
	);

	function check(delivery: Delivery): void {
		expect(typeof delivery.raw.dedupeKey).toBe('string');
		expect(delivery.raw.isRecognized).toBe(delivery.kind === 'event');
		if (delivery.kind === 'unrecognized') return;
		const { item, topic } = delivery;
		for (const name of ['eventId', 'id', 'status', 'reference', 'phoneNumber']) {
			expect(item[name] === null || typeof item[name] === 'string').toBe(true);
		}
		if (isCallbackTopic(topic)) {
			expect(item.amount === null || Number.isFinite(item.amount)).toBe(true);
			return;
		}
		expect(isTopic(topic)).toBe(true);
		expect(item.sender === null || typeof item.sender === 'string').toBe(true);
		if (topic !== 'customer_created') expect(Number.isFinite(item.amount)).toBe(true);
	}

	test('a changed delivery is an event with an amount, or flagged; nothing is thrown', () => {
		fc.assert(
			fc.property(changedFixture, (body) => {
				check(deliverJson(body));
			}),
			{ numRuns: 500 },
		);
	});

	test('so are bytes of any kind', () => {
		fc.assert(
			fc.property(fc.uint8Array(), (bytes) => {
				check(parseDelivery(Buffer.from(bytes) as VerifiedBody));
			}),
		);
	});

	test('so is JSON of any kind', () => {
		fc.assert(
			fc.property(fc.json(), (text) => {
				check(deliver(text));
			}),
		);
	});
});

describe('results that are called back', () => {
	const results = readFixtures('results').filter(({ envelope }) => envelope === 'result');
	const isAnEvent = (kind: string) => topicOfCallback({ type: kind }) !== undefined;

	test.each(results.filter(({ kind }) => isAnEvent(kind)))(
		'$name becomes the item that looking it up would give',
		({ body }) => {
			const delivery = deliverJson(body);

			expect(delivery.topic).toMatch(/_result$/);
			expect(itemOf(delivery)).toMatchObject(paymentItem(parseResult(body)));
			expect(itemOf(delivery).eventId).toBe(parseResult(body).id);
		},
	);

	test('every kind of result has a fixture', () => {
		const proven = new Set(results.map(({ kind }) => topicOfCallback({ type: kind })));
		expect(Object.keys(CALLBACKS).filter((topic) => !proven.has(topic as CallbackTopic))).toEqual(
			[],
		);
	});
});

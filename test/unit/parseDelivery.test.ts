import { createHash } from 'node:crypto';
import type { IDataObject } from 'n8n-workflow';
import { parseDelivery, type Delivery } from '../../nodes/KopoKopo/webhooks/parseDelivery';
import { paymentItem } from '../../nodes/KopoKopo/domain/payment';
import { parseResult } from '../../nodes/KopoKopo/domain/result';
import { EVENTS } from '../../nodes/KopoKopo/domain/eventCatalogue';
import {
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

/** The body of a fixture with some fields of its resource replaced, or removed if undefined. */
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

/** The whole item of each recognized delivery, with its fields in order. */
const expected: Record<string, IDataObject> = {
	'b2b_transaction_received.daraja': {
		outcome: 'success',
		amount: 100,
		sender: 'Organization name',
		phoneNumber: null,
		reference: 'OJM6Q1W84K',
		occurredAt: '2026-05-01T19:15:15+03:00',
		tillNumber: '000000',
		message: 'Paid KES 100, receipt OJM6Q1W84K',
		currency: 'KES',
		sendingTill: '112233',
		eventId: 'OJM6Q1W84K',
		topic: 'b2b_transaction_received',
		dedupeKey: 'payment:OJM6Q1W84K:10000',
	},
	'b2b_transaction_received.k2': {
		outcome: 'success',
		amount: 313,
		sender: '890642',
		phoneNumber: null,
		reference: 'OJQ8USH5XK',
		occurredAt: '2020-10-29T08:18:45+03:00',
		tillNumber: '000000',
		message: 'Paid KES 313, receipt OJQ8USH5XK',
		status: 'Complete',
		currency: 'KES',
		sendingTill: '890642',
		id: 'fbygwu7175-bc7f-46e8-9727-f88edyy',
		eventId: 'bcfb7175-bc7f-46e8-9727-eb46e6f88ef1',
		topic: 'b2b_transaction_received',
		dedupeKey: 'payment:OJQ8USH5XK:31300',
	},
	'b2b_transaction_reversed.k2': {
		outcome: 'failure',
		amount: 233,
		sender: 'Sending till',
		phoneNumber: null,
		reference: 'OJM6Q1W84K',
		occurredAt: '2020-10-29T08:06:49+03:00',
		tillNumber: '000000',
		message: 'The payment was reversed; the money went back to the payer',
		status: 'Reversed',
		currency: 'KES',
		sendingTill: 'Sending till',
		id: '86345adf21e-5721-476a-8643-609b4a863',
		eventId: '98adf21e-5721-476a-8643-609b4a6513a2',
		topic: 'b2b_transaction_reversed',
		dedupeKey: 'b2b_transaction_reversed:98adf21e-5721-476a-8643-609b4a6513a2',
	},
	'buygoods_transaction_received.daraja': {
		outcome: 'success',
		amount: 100,
		sender: 'Jane',
		phoneNumber: null,
		reference: 'OJM6Q1W84K',
		occurredAt: '2026-05-01T19:15:15+03:00',
		tillNumber: '000000',
		message: 'Paid KES 100, receipt OJM6Q1W84K',
		currency: 'KES',
		eventId: 'OJM6Q1W84K',
		topic: 'buygoods_transaction_received',
		dedupeKey: 'payment:OJM6Q1W84K:10000',
	},
	'buygoods_transaction_received.k2': {
		outcome: 'success',
		amount: 100,
		sender: 'Jane',
		phoneNumber: '+254999999999',
		reference: 'OJM6Q1W84K',
		occurredAt: '2026-05-01T10:43:19+03:00',
		tillNumber: '000000',
		message: 'Paid KES 100, receipt OJM6Q1W84K',
		payerHash: 'cbc504704d2c654f8bf08de98945980b77567d8c611d355ca3aef480c960ad9c',
		status: 'Received',
		currency: 'KES',
		id: '458712f-gr76y-24b9-40fc-ae57-2d35785760',
		eventId: '2133dbfb-24b9-40fc-ae57-2d7559785760',
		topic: 'buygoods_transaction_received',
		dedupeKey: 'payment:OJM6Q1W84K:10000',
	},
	'buygoods_transaction_received.k2.no-hash': {
		outcome: 'success',
		amount: 100,
		sender: 'Jane Doe',
		phoneNumber: '+254999999999',
		reference: 'OJM6Q1W84K',
		occurredAt: '2026-05-01T10:43:19+03:00',
		tillNumber: '000000',
		message: 'Paid KES 100, receipt OJM6Q1W84K',
		status: 'Received',
		currency: 'KES',
		id: '458712f-gr76y-24b9-40fc-ae57-2d35785760',
		eventId: '2133dbfb-24b9-40fc-ae57-2d7559785760',
		topic: 'buygoods_transaction_received',
		dedupeKey: 'payment:OJM6Q1W84K:10000',
	},
	'buygoods_transaction_reversed.k2': {
		outcome: 'failure',
		amount: 233,
		sender: 'Jane Doe',
		phoneNumber: '+254999999999',
		reference: 'OJM6Q1W84K',
		occurredAt: '2020-10-29T08:06:49+03:00',
		tillNumber: '000000',
		message: 'The payment was reversed; the money went back to the payer',
		status: 'Reversed',
		currency: 'KES',
		id: '86345adf21e-5721-476a-8643-609b4a863',
		eventId: '98adf21e-5721-476a-8643-609b4a6513a2',
		topic: 'buygoods_transaction_reversed',
		dedupeKey: 'buygoods_transaction_reversed:98adf21e-5721-476a-8643-609b4a6513a2',
	},
	'card_transaction_received.k2': {
		outcome: 'success',
		amount: 1000,
		sender: '450875XXXXXX1019',
		phoneNumber: null,
		reference: 'PENDINGCARD-1750335484',
		occurredAt: '2025-06-19T15:18:03+03:00',
		tillNumber: '7600314301',
		message: 'Paid KES 1,000, receipt PENDINGCARD-1750335484',
		status: 'Received',
		currency: 'KES',
		settled: false,
		id: '00f5311d-8b93-433f-987e-08278a64e1a9',
		eventId: '4b981325-abf8-4f6e-ba2c-f1bf682687ca',
		topic: 'card_transaction_received',
		dedupeKey: 'payment:PENDINGCARD-1750335484:100000',
	},
	'card_transaction_reversed.k2': {
		outcome: 'failure',
		amount: 1000,
		sender: '450875XXXXXX1019',
		phoneNumber: null,
		reference: 'PENDINGCARD-1750335484',
		occurredAt: '2025-06-19T15:18:03+03:00',
		tillNumber: '7600314301',
		message: 'The payment was reversed; the money went back to the payer',
		status: 'Complete',
		currency: 'KES',
		id: '00f5311d-8b93-433f-987e-08278a64e1a9',
		eventId: '4b981325-abf8-4f6e-ba2c-f1bf682687ca',
		topic: 'card_transaction_reversed',
		dedupeKey: 'card_transaction_reversed:4b981325-abf8-4f6e-ba2c-f1bf682687ca',
	},
	'card_transaction_voided.k2': {
		outcome: 'failure',
		amount: 1000,
		sender: '450875XXXXXX1019',
		phoneNumber: null,
		reference: 'PENDINGCARD-1750335484',
		occurredAt: '2025-06-19T15:18:03+03:00',
		tillNumber: '7600314301',
		message: 'The payment was voided; the money went back to the payer',
		status: 'Complete',
		currency: 'KES',
		id: '00f5311d-8b93-433f-987e-08278a64e1a9',
		eventId: '4b981325-abf8-4f6e-ba2c-f1bf682687ca',
		topic: 'card_transaction_voided',
		dedupeKey: 'card_transaction_voided:4b981325-abf8-4f6e-ba2c-f1bf682687ca',
	},
	'customer_created.k2': {
		outcome: 'success',
		amount: null,
		sender: 'Jane M Doe',
		phoneNumber: '+254999999999',
		reference: null,
		occurredAt: '2020-10-29T08:49:02+03:00',
		tillNumber: null,
		message: 'New customer: Jane M Doe',
		eventId: 'f720ecf5-ff98-4ca8-a3f2-d70a65c4a02c',
		topic: 'customer_created',
		dedupeKey: 'customer_created:f720ecf5-ff98-4ca8-a3f2-d70a65c4a02c',
	},
	'settlement_transfer_completed.bank.k2': {
		outcome: 'success',
		amount: 49452,
		sender: 'Test Account',
		phoneNumber: null,
		reference: null,
		occurredAt: '2021-01-27T10:57:58.444+03:00',
		tillNumber: null,
		message: 'Settled KES 49,452',
		status: 'Transferred',
		currency: 'KES',
		accountNumber: '1234',
		id: '270b7b2a-745b-6735752-b92d4a141847-5d33',
		eventId: '052b7b2a-745b-4ca1-866b-b92d4a1418c3',
		topic: 'settlement_transfer_completed',
		dedupeKey: 'settlement_transfer_completed:052b7b2a-745b-4ca1-866b-b92d4a1418c3',
	},
	'settlement_transfer_completed.wallet.k2.inferred': {
		outcome: 'success',
		amount: 786,
		sender: 'Jane Doe',
		phoneNumber: '+254999999999',
		reference: 'OJGT5H53D7',
		occurredAt: '2021-01-27T10:57:58.444+03:00',
		tillNumber: null,
		message: 'Settled KES 786, receipt OJGT5H53D7',
		status: 'Transferred',
		currency: 'KES',
		id: '270b7b2a-745b-6735752-b92d4a141847-5d33',
		eventId: '052b7b2a-745b-4ca1-866b-b92d4a1418c3',
		topic: 'settlement_transfer_completed',
		dedupeKey: 'settlement_transfer_completed:052b7b2a-745b-4ca1-866b-b92d4a1418c3',
	},
	'third-party.incoming_payment.completed': {
		outcome: 'success',
		amount: 1500,
		sender: null,
		phoneNumber: '+254712345678',
		reference: 'MPF12A45G78H',
		occurredAt: null,
		tillNumber: null,
		message: 'Paid KES 1,500, receipt MPF12A45G78H',
		status: 'COMPLETED',
		currency: 'KES',
		id: 'incoming_payment_8f9a7c3b2e1d4a5f',
		eventId: 'incoming_payment_8f9a7c3b2e1d4a5f',
		topic: 'incoming_payment_result',
		dedupeKey: 'incoming_payment_result:incoming_payment_8f9a7c3b2e1d4a5f:completed:success',
	},
	'third-party.incoming_payment.failed': {
		outcome: 'failure',
		amount: 1500,
		sender: null,
		phoneNumber: '+254712345678',
		reference: null,
		occurredAt: null,
		tillNumber: null,
		message: 'Not paid: User Denied Transaction',
		status: 'FAILED',
		currency: 'KES',
		id: 'incoming_payment_8f9a7c3b2e1d4a5f',
		eventId: 'incoming_payment_8f9a7c3b2e1d4a5f',
		topic: 'incoming_payment_result',
		dedupeKey: 'incoming_payment_result:incoming_payment_8f9a7c3b2e1d4a5f:failed:failure',
	},
	'third-party.pay.completed': {
		outcome: 'success',
		amount: 1000,
		sender: null,
		phoneNumber: '+254712345678',
		reference: 'MU5C7H6YT2',
		occurredAt: '2025-02-24T10:35:03Z',
		tillNumber: null,
		message: 'Paid KES 1,000, receipt MU5C7H6YT2',
		status: 'COMPLETED',
		currency: 'KES',
		id: 'payout_b4f2a8e7d1c9g5h3',
		eventId: 'payout_b4f2a8e7d1c9g5h3',
		topic: 'send_money_result',
		dedupeKey: 'send_money_result:payout_b4f2a8e7d1c9g5h3:completed:success',
	},
	'third-party.pay.failed': {
		outcome: 'failure',
		amount: 1000,
		sender: null,
		phoneNumber: '+254712345678',
		reference: null,
		occurredAt: null,
		tillNumber: null,
		message: 'Not paid: Invalid M-Pesa account',
		status: 'FAILED',
		currency: 'KES',
		id: 'payout_b4f2a8e7d1c9g5h3',
		eventId: 'payout_b4f2a8e7d1c9g5h3',
		topic: 'send_money_result',
		dedupeKey: 'send_money_result:payout_b4f2a8e7d1c9g5h3:failed:failure',
	},
};

/** Events that are not in Kopo Kopo's v2 documentation, and that the node does not recognize. */
const isForeign = (name: string) => name.startsWith('m2m_');

describe('every delivery of the contract', () => {
	const recognised = fixtures.filter(({ name }) => !isForeign(name));
	const foreign = fixtures.filter(({ name }) => isForeign(name));

	test.each(recognised)('$name becomes its item', ({ name, body }) => {
		const delivery = deliverJson(body);

		expect(delivery).toMatchObject({ kind: 'event', topic: expected[name]?.topic });
		expect(itemOf(delivery)).toEqual(expected[name]);
		expect(Object.keys(itemOf(delivery))).toEqual(Object.keys(expected[name] ?? {}));
	});

	test.each(recognised)('$name is returned unchanged when Simplify is off', ({ name, body }) => {
		const { eventId, topic, dedupeKey } = expected[name] ?? {};

		expect(deliverJson(body).raw).toEqual({ eventId, topic, dedupeKey, isRecognized: true, body });
	});

	test.each(foreign)('$name becomes an unrecognized item with the unchanged body', ({ body }) => {
		const { kind, raw } = deliverJson(body);

		expect(kind).toBe('unrecognized');
		expect(raw).toMatchObject({ isRecognized: false, body });
		expect(raw.reason).toEqual(expect.any(String));
	});

	test('every topic of the catalogue has a sample delivery', () => {
		const proven = new Set(Object.values(expected).map(({ topic }) => topic));
		expect(Object.keys(EVENTS).filter((topic) => !proven.has(topic))).toEqual([]);
	});
});

describe('a known event with a changed body', () => {
	const received = 'buygoods_transaction_received.k2';

	test('is recognized with new fields', () => {
		const body = withResource(received, { loyalty: { points: 7 }, tags: ['a'] });

		expect(itemOf(deliverJson({ ...body, version: 3 }))).toEqual(expected[received]);
	});

	test.each<[string, Record<string, unknown>, IDataObject]>([
		['amount as a number', { amount: 100 }, { amount: 100 }],
		['a till as a number', { till_number: 112233 }, { tillNumber: '112233' }],
		[
			'a phone as a number',
			{ sender_phone_number: 254712345678 },
			{ phoneNumber: '+254712345678' },
		],
		['no phone', { sender_phone_number: undefined }, { phoneNumber: null }],
		['no names', { sender_first_name: null }, { sender: null }],
		[
			'all three names',
			{ sender_first_name: 'Jane', sender_middle_name: 'M', sender_last_name: 'Doe' },
			{ sender: 'Jane M Doe' },
		],
		['no id', { id: undefined }, { id: undefined }],
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
	])('with %s is not recognized, and the reason names the field', (_what, amount) => {
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
	])('with a resource that is %s is not recognized', (_what, resource) => {
		const body = bodyOf(received);

		const { kind, raw } = deliverJson({
			...body,
			event: { type: 'Buygoods Transaction', resource },
		});

		expect(kind).toBe('unrecognized');
		expect(raw).toMatchObject({ isRecognized: false, topic: 'buygoods_transaction_received' });
		expect(raw.reason).toMatch(/^The event does not have the expected shape \(resource: [^:;]+\)$/);
	});

	test('with several unexpected values has all of them in its reason', () => {
		const { raw } = deliverJson(withResource(received, { amount: 'a lot', till_number: {} }));

		expect(raw.reason).toMatch(/\(amount: is not an amount; till_number: [^;]+\)$/);
	});

	test('with an unexpected value inside an object has its path in the reason', () => {
		const body = withResource('settlement_transfer_completed.wallet.k2.inferred', {
			destination: { type: {} },
		});

		expect(deliverJson(body).raw.reason).toMatch(/\(destination\.type: [^;]+\)$/);
	});

	test('contains all receipts of a settlement with several payouts', () => {
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

	test('a settlement whose receipt is a number is recognized', () => {
		const body = withResource('settlement_transfer_completed.wallet.k2.inferred', {
			disbursements: [{ amount: '786', transaction_reference: 1757640471 }],
		});

		expect(itemOf(deliverJson(body))).toMatchObject({ amount: 786, reference: '1757640471' });
	});

	test.each<[string, string, string]>([
		['buygoods_transaction_received.k2', 'till_number', 'tillNumber'],
		['buygoods_transaction_received.k2', 'reference', 'reference'],
		['b2b_transaction_received.k2', 'sending_till', 'sender'],
		['card_transaction_received.k2', 'customer_cc_number', 'sender'],
		['card_transaction_received.k2', 'id', 'id'],
	])('%s: %s becomes the text %s', (name, field, shown) => {
		const delivery = deliverJson(withResource(name, { [field]: 4508751019 }));

		expect(itemOf(delivery)[shown]).toBe('4508751019');
	});

	test('a settlement to a wallet without disbursements has its own receipt', () => {
		const body = withResource('settlement_transfer_completed.wallet.k2.inferred', {
			disbursements: undefined,
			transaction_reference: 'LBA10034460',
		});

		expect(itemOf(deliverJson(body))).toMatchObject({
			reference: 'LBA10034460',
			message: 'Settled KES 786, receipt LBA10034460',
		});
	});
});

describe('a body that is not a known event', () => {
	test.each(['gift_card_received', 'm2m_transaction_received', '', 'constructor', '__proto__'])(
		'with the topic %j becomes an unrecognized item with the topic and the unchanged body',
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

	test('with a known topic in other letters and spaces is that event', () => {
		const topic = ' BUYGOODS_transaction_received\n';
		const body = { ...bodyOf('buygoods_transaction_received.k2'), topic };
		expect(deliverJson(body)).toMatchObject({
			kind: 'event',
			topic: 'buygoods_transaction_received',
			item: { outcome: 'success', topic: 'buygoods_transaction_received' },
			raw: { body },
		});
	});

	test('that is the result of a request is returned unchanged, with its ID', () => {
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
	])('is returned unchanged: %j', (text, body) => {
		const delivery = deliver(text);

		expect(delivery).toMatchObject({ kind: 'unrecognized', topic: null });
		expect(delivery.raw).toMatchObject({
			eventId: null,
			dedupeKey: createHash('sha256').update(text).digest('hex'),
			isRecognized: false,
			body,
		});
	});

	test.each<[string, object]>([
		['a topic without an event', { topic: 'customer_created', id: '7' }],
		['a topic with an event that is text', { topic: 'customer_created', id: '7', event: 'text' }],
		['a topic with an event that is null', { topic: 'customer_created', id: '7', event: null }],
		['an event without a topic', { id: '7', event: { resource: { first_name: 'Jane' } } }],
		['the name of a result without data', { id: '7', event: 'incoming_payment.failed', data: {} }],
		['a result of an unknown type', { id: '7', data: { id: '8', type: 'loan' } }],
	])('with %s is of an unknown type', (_what, body) => {
		const text = JSON.stringify(body);
		expect(deliver(text)).toMatchObject({
			kind: 'unrecognized',
			topic: null,
			keys: { dedupeKey: createHash('sha256').update(text).digest('hex') },
			raw: {
				eventId: '7',
				reason: 'The signature is valid, but this version does not know this type of delivery',
			},
		});
	});

	test('has its own key if it has neither a receipt nor an ID', () => {
		const keyOf = (changed: object) => {
			const text = JSON.stringify({ ...bodyOf('customer_created.k2'), id: null, ...changed });
			const { dedupeKey } = deliver(text).raw;
			expect(dedupeKey).toBe(createHash('sha256').update(text).digest('hex'));
			return dedupeKey;
		};
		expect(keyOf({})).not.toBe(keyOf({ created_at: '2026-05-01T10:43:20+03:00' }));
	});

	test('has the same key as the same bytes, and another key than other bytes', () => {
		expect(deliver('one').raw.dedupeKey).toBe(deliver('one').raw.dedupeKey);
		expect(deliver('one').raw.dedupeKey).not.toBe(deliver('two').raw.dedupeKey);
	});
});

describe('a Daraja payload', () => {
	const name = 'buygoods_transaction_received.daraja';
	const withKeys = (change: (key: string) => string) =>
		Object.fromEntries(Object.entries(bodyOf(name)).map(([key, value]) => [change(key), value]));

	test.each<[string, (key: string) => string]>([
		['lower case', (key) => key.toLowerCase()],
		['upper case', (key) => key.toUpperCase()],
		['camel case', (key) => key.charAt(0).toLowerCase() + key.slice(1)],
		['ThirdPartyTransID', (key) => key.replace(/TransId$/, 'TransID')],
	])('has the same meaning with keys in %s', (_how, change) => {
		expect(itemOf(deliverJson(withKeys(change)))).toEqual(expected[name]);
	});

	const payBill = {
		...bodyOf(name),
		TransactionType: 'Pay Bill',
		TransID: 'TJX9AB12CD',
		BillRefNumber: 'HSE-12B',
		MSISDN: '254712345678',
	};

	test.each(['Pay Bill', 'Business Payment', ''])(
		'of the unknown type %j has the fields of a payment, and a reason with the type (W03)',
		(type) => {
			const delivery = deliverJson({ ...payBill, TransactionType: type });

			expect(delivery).toMatchObject({ kind: 'unrecognized', topic: null });
			expect(delivery.raw).toMatchObject({
				eventId: 'TJX9AB12CD',
				dedupeKey: 'payment:TJX9AB12CD:10000',
				isRecognized: false,
				reason: expect.stringContaining(`'${type}'`) as string,
			});
			expect(delivery.item).toEqual({
				outcome: 'success',
				amount: 100,
				sender: 'Jane',
				phoneNumber: '+254712345678',
				reference: 'TJX9AB12CD',
				occurredAt: '2026-05-01T19:15:15+03:00',
				tillNumber: '000000',
				message: 'Paid KES 100, receipt TJX9AB12CD',
				accountReference: 'HSE-12B',
				currency: 'KES',
				...(type !== '' && { type }),
				reason: `This version does not know the TransactionType '${type}'`,
				isRecognized: false,
				eventId: 'TJX9AB12CD',
				dedupeKey: 'payment:TJX9AB12CD:10000',
			});
		},
	);

	test.each([null, undefined])(
		'that does not name its type (%j) has the fields of a payment, and a reason',
		(type) => {
			const reason = 'The Daraja payload does not name its TransactionType';
			const delivery = deliverJson({ ...payBill, TransactionType: type });

			expect(delivery).toMatchObject({ kind: 'unrecognized', topic: null, raw: { reason } });
			expect(delivery.item).toMatchObject({
				outcome: 'success',
				amount: 100,
				reference: 'TJX9AB12CD',
				tillNumber: '000000',
				reason,
				isRecognized: false,
				dedupeKey: 'payment:TJX9AB12CD:10000',
			});
			expect(delivery.item).not.toHaveProperty('type');
		},
	);

	test('of an unknown type without an amount has no item, only the unchanged body', () => {
		const delivery = deliverJson({ ...payBill, TransAmount: null });
		expect(delivery.item).toBeUndefined();
		expect(delivery.keys).toEqual({ dedupeKey: 'event:TJX9AB12CD' });
	});

	test.each<[unknown, string | null]>([
		['254712345678', '+254712345678'],
		[254712345678, '+254712345678'],
		['+254112345678', '+254112345678'],
		['0712345678', '+254712345678'],
		['112233', null],
		['', null],
		[null, null],
	])('with the MSISDN %j has the phone number %j', (MSISDN, phoneNumber) => {
		expect(itemOf(deliverJson({ ...bodyOf(name), MSISDN })).phoneNumber).toBe(phoneNumber);
	});

	test('with a MSISDN of 64 hexadecimal digits has it as payerHash', () => {
		const hash = createHash('sha256').update('254712345678').digest('hex');

		for (const MSISDN of [hash, hash.toUpperCase()]) {
			expect(itemOf(deliverJson({ ...bodyOf(name), MSISDN }))).toMatchObject({
				payerHash: hash,
				phoneNumber: null,
			});
		}
	});

	test('never shows the hash of the phone number as a phone number or a name', () => {
		const item = itemOf(deliverJson(bodyOf(name)));

		expect(JSON.stringify(item)).not.toContain('rbFvT0GstruVPN');
	});

	test.each(['', null, '2026', '2026-05-01', 20260501191515])(
		'with the TransTime %j is recognized',
		(TransTime) => {
			const { occurredAt } = itemOf(deliverJson({ ...bodyOf(name), TransTime }));

			expect(occurredAt).toBe(TransTime === 20260501191515 ? '2026-05-01T19:15:15+03:00' : null);
		},
	);

	test('is not recognized without an amount', () => {
		expect(deliverJson({ ...bodyOf(name), TransAmount: '' })).toMatchObject({
			kind: 'unrecognized',
			topic: 'buygoods_transaction_received',
		});
	});
});

describe('result callbacks', () => {
	const results = readFixtures('results').filter(({ envelope }) => envelope === 'result');
	const isAnEvent = (kind: string) => topicOfCallback({ type: kind }) !== undefined;

	test.each(results.filter(({ kind }) => isAnEvent(kind)))(
		'$name becomes the item that Get returns',
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

describe('the identity of a received payment', () => {
	const k2 = (changed: Record<string, unknown> = {}, id = 'event-1'): IDataObject => ({
		...withResource('buygoods_transaction_received.k2', { reference: 'TJX9AB12CD', ...changed }),
		id,
	});
	const daraja = (changed: Record<string, unknown> = {}) => ({
		...bodyOf('buygoods_transaction_received.daraja'),
		TransID: 'TJX9AB12CD',
		...changed,
	});
	const keysOf = (body: unknown) => deliverJson(body).keys;

	test('is its receipt and its amount for any payload, topic and event ID', () => {
		const same = [
			k2(),
			k2({}, 'event-2'),
			k2({ amount: 100, till_number: 'K112233' }),
			k2({ reference: ' tjx9ab12cd ' }),
			{ ...k2(), topic: 'card_transaction_received' },
			daraja(),
			daraja({ TransAmount: 100 }),
			daraja({ TransactionType: 'Pay Bill' }),
			daraja({ TransactionType: null }),
			daraja({ TransactionType: undefined }),
			{ ...k2(), topic: ' Buygoods_Transaction_Received ' },
			daraja({ TransactionType: 'Organization To Organization Transfer' }),
		];

		expect(new Set(same.map((body) => keysOf(body).dedupeKey))).toEqual(
			new Set(['payment:TJX9AB12CD:10000']),
		);
	});

	test('is the event ID of a received payment that has been reversed since', () => {
		expect(keysOf(k2({ status: 'Reversed' }, 'event-2'))).toEqual({
			dedupeKey: 'buygoods_transaction_received:event-2',
		});
		expect(itemOf(deliverJson(k2({ status: ' reversed ' })))).toMatchObject({
			outcome: 'failure',
			message: 'The payment was reversed; the money went back to the payer',
		});
	});

	test('is the same for a result whose status is repeated in other letters', () => {
		const result = (status: string) => ({
			data: {
				id: 'request-1',
				type: 'incoming_payment',
				attributes: { status, event: { resource: { status: 'Received', amount: '1' } } },
			},
		});
		expect(keysOf(result(' SUCCESS'))).toEqual(keysOf(result('Success')));
	});

	test.each(['100.01', '1000', 99])(
		'differs for the amount %j and the same receipt, and receiptKey does not',
		(amount) => {
			const [first, second] = [keysOf(k2()), keysOf(daraja({ TransAmount: amount }))];

			expect(second.dedupeKey).not.toBe(first.dedupeKey);
			expect(second.receiptKey).toBe(first.receiptKey);
			expect(first.receiptKey).toBe('receipt:TJX9AB12CD');
		},
	);

	test('is the same in the row of a poll', () => {
		const { event } = k2();
		const body = {
			data: {
				id: '7',
				type: 'polling',
				attributes: {
					status: 'Success',
					transactions: [{ ...(event as IDataObject), type: 'Buygoods Transaction' }],
				},
			},
		};
		const [row] = itemOf(deliverJson(body)).transactions as IDataObject[];

		expect(row?.dedupeKey).toBe(keysOf(k2()).dedupeKey);
	});

	test('is the event ID if it has no receipt', () => {
		expect(keysOf(k2({ reference: null }))).toEqual({
			dedupeKey: 'buygoods_transaction_received:event-1',
		});
	});

	test('differs from that of its reversal, which has the same receipt', () => {
		const reversal = {
			...withResource('buygoods_transaction_reversed.k2', { reference: 'TJX9AB12CD' }),
			id: 'event-3',
		};

		expect(keysOf(reversal)).toEqual({ dedupeKey: 'buygoods_transaction_reversed:event-3' });
	});
});

describe('the identity of a result', () => {
	const reversalWith = (status: string, errors: unknown = null) => ({
		data: {
			id: 'reversal-1',
			type: 'reversals',
			attributes: {
				status: 'Processed',
				reversal_bulk_payment: { status, amount: '400.0' },
				errors,
			},
		},
	});
	const keyOf = (body: unknown) => deliverJson(body).keys.dedupeKey;

	test('changes with the outcome even if the status is the same', () => {
		expect(keyOf(reversalWith('Scheduled'))).toBe('reversal_result:reversal-1:processed:pending');
		expect(keyOf(reversalWith('Transferred'))).toBe('reversal_result:reversal-1:processed:success');
	});

	test('does not depend on the texts of errors', () => {
		expect(keyOf(reversalWith('Cancelled', ['No money']))).toBe(
			keyOf(reversalWith('Cancelled', { base: ['Too late'] })),
		);
	});

	test('is the hash of its bytes if it has no ID', () => {
		const withoutId = (status: string) => ({
			data: { type: 'incoming_payment', attributes: { status } },
		});

		expect(keyOf(withoutId('Failed'))).toMatch(/^[0-9a-f]{64}$/);
		expect(keyOf(withoutId('Failed'))).not.toBe(keyOf(withoutId('failed')));
	});
});

import {
	eventOf,
	eventPayment,
	EVENTS,
	isTopic,
	type Topic,
	topicOfTransactionType,
} from '../../nodes/KopoKopo/domain/events';
import { CALLBACKS, isCallbackTopic, topicOfCallback } from '../../nodes/KopoKopo/domain/callbacks';
import { receivedPaymentKeys, resultKeys } from '../../nodes/KopoKopo/domain/identity';
import { parseTransactions } from '../../nodes/KopoKopo/domain/transaction';

const customerPayment = {
	id: 'transaction-1',
	reference: 'SBX0000003',
	origination_time: '2026-05-01T10:43:19+03:00',
	amount: '1500.0',
	currency: 'KES',
	till_number: 'K123456',
	account_reference: 'HSE-12B',
	status: 'Received',
	metadata: { order: '7' },
	sender_first_name: 'Jane',
	sender_last_name: 'Doe',
	sender_phone_number: '254712345678',
};
const facts = {
	amount: 1500,
	reference: 'SBX0000003',
	occurredAt: '2026-05-01T10:43:19+03:00',
	tillNumber: 'K123456',
	accountReference: 'HSE-12B',
	status: 'Received',
	currency: 'KES',
	metadata: { order: '7' },
	id: 'transaction-1',
};
const customer = { sender: 'Jane Doe', phoneNumber: '+254712345678', payerHash: null };
const business = { sender: 'Jane Doe', sendingTill: null };
const cardOf = { sender: null };

describe('eventPayment', () => {
	test.each<[Topic | undefined, object]>([
		[undefined, { ...customer, outcome: 'success', message: 'Paid KES 1,500, receipt SBX0000003' }],
		[
			'buygoods_transaction_received',
			{ ...customer, outcome: 'success', message: 'Paid KES 1,500, receipt SBX0000003' },
		],
		[
			'buygoods_transaction_reversed',
			{
				...customer,
				outcome: 'failure',
				message: 'The payment was reversed; the money went back to the payer',
			},
		],
		[
			'b2b_transaction_received',
			{ ...business, outcome: 'success', message: 'Paid KES 1,500, receipt SBX0000003' },
		],
		[
			'b2b_transaction_reversed',
			{
				...business,
				outcome: 'failure',
				message: 'The payment was reversed; the money went back to the payer',
			},
		],
		[
			'card_transaction_received',
			{ ...cardOf, outcome: 'success', message: 'Paid KES 1,500, receipt SBX0000003' },
		],
		[
			'card_transaction_reversed',
			{
				...cardOf,
				outcome: 'failure',
				message: 'The payment was reversed; the money went back to the payer',
			},
		],
		[
			'card_transaction_voided',
			{
				...cardOf,
				outcome: 'failure',
				message: 'The payment was voided; the money went back to the payer',
			},
		],
	])('of %s has what all transactions have, and what only it has', (topic, expected) => {
		expect(eventPayment(topic, customerPayment)).toEqual({ ...facts, ...expected });
	});

	test.each([
		[
			{ first_name: 'Jane', middle_name: 'W', last_name: 'Doe', phone_number: '0712345678' },
			'Jane W Doe',
			'+254712345678',
			'New customer: Jane W Doe',
		],
		[{ phone_number: '254712345678' }, null, '+254712345678', 'New customer: +254712345678'],
		[{}, null, null, 'New customer: no name'],
	])('of a new customer %j names them', (resource, sender, phoneNumber, message) => {
		expect(eventPayment('customer_created', resource)).toMatchObject({
			sender,
			phoneNumber,
			message,
		});
	});

	test('of a settlement has the account and all receipts', () => {
		expect(
			eventPayment('settlement_transfer_completed', {
				amount: '593268.18',
				transaction_reference: 'WHOLE',
				destination: { resource: { account_name: 'Duka', account_number: '0123' } },
				disbursements: [{ transaction_reference: 1757640471 }, { transaction_reference: 'B2' }],
			}),
		).toMatchObject({
			outcome: 'success',
			sender: 'Duka',
			phoneNumber: null,
			reference: '1757640471, B2',
			accountNumber: '0123',
			message: 'Settled KES 593,268.18, receipts 1757640471, B2',
		});
	});

	test('of a settlement to a wallet has its owner, and its own receipt', () => {
		expect(
			eventPayment('settlement_transfer_completed', {
				transaction_reference: 'WHOLE',
				destination: {
					resource: { first_name: 'Jane', last_name: 'Doe', phone_number: '254712345678' },
				},
			}),
		).toMatchObject({
			sender: 'Jane Doe',
			phoneNumber: '+254712345678',
			reference: 'WHOLE',
			accountNumber: null,
			message: 'Settled, receipt WHOLE',
		});
	});
});

describe('the catalogue of events', () => {
	test.each(Object.keys(EVENTS) as Topic[])('%s has a name and a description', (topic) => {
		expect(eventOf(topic).name).toMatch(/^[A-Z]\w+(?: [A-Z]\w+)+$/);
		expect(eventOf(topic).description.length).toBeGreaterThan(15);
		expect(isTopic(topic)).toBe(true);
	});

	test('knows which events are only for the whole company', () => {
		const companyOnly = (Object.keys(EVENTS) as Topic[]).filter(
			(topic) => eventOf(topic).companyOnly,
		);
		expect(companyOnly).toEqual(['customer_created', 'settlement_transfer_completed']);
	});

	test.each([undefined, null, 7, 'toString', '__proto__', 'gift_card_received'])(
		'%j is no topic of an event, and of no result',
		(topic) => {
			expect(isTopic(topic)).toBe(false);
			expect(isCallbackTopic(topic)).toBe(false);
		},
	);

	test.each<[string, Topic | undefined]>([
		['Buygoods', 'buygoods_transaction_received'],
		[' BUYGOODS ', 'buygoods_transaction_received'],
		['organization to organization transfer', 'b2b_transaction_received'],
		['Pay Bill', undefined],
		['', undefined],
	])('the TransactionType %j is the topic %j', (type, topic) => {
		expect(topicOfTransactionType(type)).toBe(topic);
	});
});

describe('the catalogue of results', () => {
	test.each(Object.entries(CALLBACKS))(
		'%s is found by each of its types',
		(topic, { types, name, description }) => {
			expect(types.map((type) => topicOfCallback({ type }))).toEqual(types.map(() => topic));
			expect(isCallbackTopic(topic)).toBe(true);
			expect(name).toMatch(/^Result of [A-Z]/);
			expect(description).toMatch(/\.$/);
		},
	);

	test.each<[object, string | undefined]>([
		[{ event: 'incoming_payment.success' }, 'incoming_payment_result'],
		[{ event: 'pay.failed' }, 'send_money_result'],
		[{ event: 'pay' }, 'send_money_result'],
		[{ event: 'payment.failed' }, undefined],
		[{ event: 7 }, undefined],
		[{ event: undefined }, undefined],
		[{ type: undefined }, undefined],
		[{ type: 'gift' }, undefined],
		[{}, undefined],
	])('the body with %j is of %j', (body, topic) => {
		expect(topicOfCallback(body)).toBe(topic);
	});
});

describe('the identity of a payment', () => {
	test('is its receipt, whatever its case and blanks, and its amount in cents', () => {
		expect(receivedPaymentKeys({ reference: ' tjx9ab12cd ', amount: 10.5 })).toEqual({
			dedupeKey: 'payment:TJX9AB12CD:1050',
			receiptKey: 'receipt:TJX9AB12CD',
		});
	});

	test.each([{ reference: 'A1', amount: null }, { reference: null, amount: 1 }, {}])(
		'is unknown for %j',
		(payment) => {
			expect(receivedPaymentKeys(payment)).toBeUndefined();
		},
	);

	test('of a result is its topic, id, status and outcome', () => {
		const result = { id: '7', status: 'Processed', outcome: 'partial' } as const;
		expect(resultKeys('send_money_result', result)).toEqual({
			dedupeKey: 'send_money_result:7:Processed:partial',
		});
		expect(resultKeys('polling_result', { ...result, status: null })).toEqual({
			dedupeKey: 'polling_result:7::partial',
		});
		expect(resultKeys('polling_result', { ...result, id: null })).toBeUndefined();
	});
});

describe('parseTransactions', () => {
	const poll = (...transactions: unknown[]) => ({ data: { attributes: { transactions } } });
	const row = (type: unknown, changed: object = {}) => ({
		type,
		resource: { ...customerPayment, ...changed },
	});

	test.each([
		[
			'Buygoods Transaction',
			{ topic: 'buygoods_transaction_received', phoneNumber: '+254712345678' },
		],
		[
			'BUYGOODS TRANSACTION',
			{ topic: 'buygoods_transaction_received', phoneNumber: '+254712345678' },
		],
		['External Till to Till Transaction', { topic: 'b2b_transaction_received', phoneNumber: null }],
		['Gift Transaction', { type: 'Gift Transaction', phoneNumber: '+254712345678' }],
		['constructor', { type: 'constructor', phoneNumber: '+254712345678' }],
	])('a row of the type %s is the item of its event', (type, expected) => {
		const [item] = parseTransactions(poll(row(type)), true);

		expect(item).toMatchObject({
			outcome: 'success',
			amount: 1500,
			sender: 'Jane Doe',
			message: 'Paid KES 1,500, receipt SBX0000003',
			dedupeKey: 'payment:SBX0000003:150000',
			...expected,
		});
		expect('topic' in (item ?? {})).toBe('topic' in expected);
		expect('type' in (item ?? {})).toBe('type' in expected);
	});

	test.each([
		['Received', 'success', 'Paid KES 1,500, receipt SBX0000003'],
		['complete', 'success', 'Paid KES 1,500, receipt SBX0000003'],
		[null, 'success', 'Paid KES 1,500, receipt SBX0000003'],
		['REVERSED', 'failure', 'The payment was reversed; the money went back to the payer'],
		['Voided', 'pending', 'Not paid yet'],
	])('a row with the status %j is a %s', (status, outcome, message) => {
		const [item] = parseTransactions(poll(row('Buygoods Transaction', { status })), true);

		expect(item).toMatchObject({ outcome, message });
	});

	test('a row without a receipt has no dedupeKey', () => {
		const [item] = parseTransactions(poll(row('Buygoods Transaction', { reference: null })), true);

		expect(item).not.toHaveProperty('dedupeKey');
	});

	test('without Simplify the rows are as they came', () => {
		const given = row('Buygoods Transaction');

		expect(parseTransactions(poll(given), false)).toEqual([given]);
	});

	test.each([null, {}, poll(), { data: { attributes: { transactions: null } } }])(
		'%j has none',
		(body) => {
			expect(parseTransactions(body, true)).toEqual([]);
		},
	);
});

import type { IDataObject } from 'n8n-workflow';
import {
	eventOf,
	eventPayment,
	EVENTS,
	isListedByPolls,
	isReceivedPayment,
	isTopic,
	type Topic,
	normalizeTopic,
	topicOfTransactionType,
} from '../../nodes/KopoKopo/domain/eventCatalogue';
import { isCallbackTopic } from '../../nodes/KopoKopo/domain/callbacks';
import { customerPayment } from './testData';

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
	])('gives an event of %s the fields of all payments and its own', (topic, expected) => {
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
	])('names a new customer: %j', (resource, sender, phoneNumber, message) => {
		expect(eventPayment('customer_created', resource)).toMatchObject({
			sender,
			phoneNumber,
			message,
		});
	});

	test('gives a settlement the account and all receipts', () => {
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

	test('gives a settlement to a wallet its owner, and its own receipt', () => {
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

	const part = (status: unknown, more: object = {}) => ({
		amount: '500.0',
		status,
		transaction_reference: null,
		...more,
	});
	const settled = (status: unknown, disbursements: unknown) =>
		eventPayment('settlement_transfer_completed', {
			amount: '1000.0',
			status,
			disbursements,
		} as IDataObject);

	test.each<[string, unknown, unknown]>([
		['its status is lost', 'Failed', []],
		['its only disbursement is lost', 'Transferred', [part('Cancelled')]],
		['one object in place of the list is lost', 'Transferred', part('cancelled ')],
		['all disbursements are lost', 'Transferred', [part('Failed'), part('Rejected')]],
		['everything is lost', 'REVERSED', [part('Reversed')]],
	])('a settlement is a failure if %s', (_why, status, disbursements) => {
		const payment = settled(status, disbursements);
		expect(payment).toMatchObject({ outcome: 'failure', amount: 1000, reference: null });
		expect(payment.message).toMatch(/^Not settled: [A-Za-z, ]+$/);
	});

	test('a settlement of which a disbursement was lost is partial', () => {
		const payment = settled('Transferred', [
			part('Transferred', { transaction_reference: 'B2' }),
			part('Failed', { errors: ['Account closed'], transaction_reference: 'LOST' }),
		]);
		expect(payment).toMatchObject({
			outcome: 'partial',
			amount: 500,
			reference: 'B2',
			message: 'Settled KES 500 of KES 1,000, 1 of 2 transfers. Not settled: Account closed',
			disbursements: [
				{ reference: 'B2', amount: 500, status: 'Transferred' },
				{ reference: 'LOST', amount: 500, status: 'Failed', message: 'Account closed' },
			],
		});
		const unreadable = [part('Transferred', { amount: null }), part('Failed')];
		expect(settled('Transferred', unreadable)).toMatchObject({
			outcome: 'partial',
			amount: null,
			message: 'Settled 1 of 2 transfers. Not settled: Failed',
		});
	});

	test('the message of a settlement has the words of what was lost, or the errors', () => {
		const lost = [part('Cancelled'), part('Rejected')];
		expect(settled('Failed', lost).message).toBe('Not settled: Failed, Cancelled, Rejected');
		const paid = [part('Transferred', { errors: ['Late'] })];
		expect(settled('Transferred', paid).message).toBe('Settled KES 1,000. Kopo Kopo adds: Late');
	});

	test.each<[string, unknown, unknown]>([
		['its status is lost and its disbursements are paid', 'Failed', [part('Transferred')]],
		['a disbursement is lost and another one unclear', null, [part('Failed'), part('Scheduled')]],
	])('it is unknown whether a settlement was paid if %s', (_why, status, disbursements) => {
		const payment = settled(status, disbursements);
		expect(payment).toMatchObject({ outcome: 'unknown', amount: 1000 });
		expect(payment.message).toBe('It is not known whether this was settled: Failed');
	});

	test.each([
		['Transferred', [part('Transferred')]],
		[null, [part(null)]],
		[undefined, null],
		['Completed', [part('Scheduled')]],
	])('a settlement with the status %j is a success without a lost disbursement', (status, rows) => {
		expect(settled(status, rows)).toMatchObject({
			outcome: 'success',
			message: 'Settled KES 1,000',
		});
		expect(settled(status, rows)).not.toHaveProperty('disbursements');
	});

	test.each([
		'buygoods_transaction_received',
		'b2b_transaction_received',
		'card_transaction_received',
		undefined,
	] as const)('a received payment with the status Reversed is a failure (%s)', (topic) => {
		for (const status of ['Reversed', ' REVERSED ']) {
			expect(eventPayment(topic, { amount: '100.0', reference: 'R1', status })).toMatchObject({
				outcome: 'failure',
				amount: 100,
				message: 'The payment was reversed; the money went back to the payer',
			});
		}
	});

	test('a voided payment stays voided whatever its status', () => {
		const voided = eventPayment('card_transaction_voided', { amount: '1', status: 'Reversed' });
		expect(voided.message).toBe('The payment was voided; the money went back to the payer');
	});
});

describe('the catalogue of events', () => {
	test.each(Object.keys(EVENTS) as Topic[])('%s has a name and a description', (topic) => {
		expect(eventOf(topic).name).toMatch(/^[A-Z][\w-]+(?: \(?[A-Z]\w+\)?)+$/);
		expect(eventOf(topic).description.length).toBeGreaterThan(15);
		expect(isTopic(topic)).toBe(true);
	});

	test('contains two events that only a whole company can subscribe to', () => {
		const companyOnly = (Object.keys(EVENTS) as Topic[]).filter(
			(topic) => eventOf(topic).companyOnly,
		);
		expect(companyOnly).toEqual(['settlement_transfer_completed', 'customer_created']);
	});

	test.each([undefined, null, 7, 'toString', '__proto__', 'gift_card_received'])(
		'%j is not a topic of an event or a result',
		(topic) => {
			expect(isTopic(topic)).toBe(false);
			expect(isCallbackTopic(topic)).toBe(false);
		},
	);

	test.each([
		[' Buygoods_Transaction_Received\n', 'buygoods_transaction_received'],
		['CUSTOMER_CREATED', 'customer_created'],
		['Gift_Card_Received', 'Gift_Card_Received'],
		[' ', ' '],
		['', ''],
	])('the topic %j is read as %j', (topic, expected) => {
		expect(normalizeTopic(topic)).toBe(expected);
	});

	test.each<[string, Topic | undefined]>([
		['Buygoods', 'buygoods_transaction_received'],
		['buygoods', 'buygoods_transaction_received'],
		[' BUYGOODS ', 'buygoods_transaction_received'],
		['organization to organization transfer', 'b2b_transaction_received'],
		['Pay Bill', undefined],
		['', undefined],
	])('the TransactionType %j is the topic %j', (type, topic) => {
		expect(topicOfTransactionType(type)).toBe(topic);
	});
});

test.each<[topic: string | null, isReceived: boolean]>([
	['buygoods_transaction_received', true],
	['buygoods_transaction_reversed', false],
	// Kopo Kopo may add events.
	['cash_transaction_received', true],
	['received_cash_transaction', false],
	['cash_transaction_returned', false],
	[null, false],
])('%j is an event about a received payment: %j', (topic, isReceived) => {
	expect(isReceivedPayment(topic)).toBe(isReceived);
});

test.each([
	['buygoods_transaction_received', true],
	['card_transaction_received', false],
	['customer_created', false],
	['cash_transaction_received', true],
])('the payment of %j can be in the list of a poll: %j', (topic, isListed) => {
	expect(isListedByPolls(topic)).toBe(isListed);
});

test('a list of a topic is no topic', () => {
	expect(isTopic(['customer_created'])).toBe(false);
});

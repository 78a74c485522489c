import { parseTransactions } from '../../nodes/KopoKopo/domain/transaction';
import { customerPayment } from './testData';

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
	])('gives a row of the type %s the item of its event', (type, expected) => {
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
	])('gives a row with the status %j the outcome %s', (status, outcome, message) => {
		const [item] = parseTransactions(poll(row('Buygoods Transaction', { status })), true);

		expect(item).toMatchObject({ outcome, message });
	});

	test('gives a row without a receipt no dedupeKey', () => {
		const [item] = parseTransactions(poll(row('Buygoods Transaction', { reference: null })), true);

		expect(item).not.toHaveProperty('dedupeKey');
	});

	test('returns the rows unchanged when Simplify is off', () => {
		const given = row('Buygoods Transaction');

		expect(parseTransactions(poll(given), false)).toEqual([given]);
	});

	test.each([null, {}, poll(), { data: { attributes: { transactions: null } } }])(
		'finds no transactions in %j',
		(body) => {
			expect(parseTransactions(body, true)).toEqual([]);
		},
	);
});

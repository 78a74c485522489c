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
		['Card Transaction', { type: 'Card Transaction', phoneNumber: '+254712345678' }],
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
		[' Received ', 'success', 'Paid KES 1,500, receipt SBX0000003'],
		[false, 'pending', 'Not paid yet'],
		[{}, 'pending', 'Not paid yet'],
	])('gives a row with the status %j the outcome %s', (status, outcome, message) => {
		const [item] = parseTransactions(poll(row('Buygoods Transaction', { status })), true);

		expect(item).toMatchObject({ outcome, message });
	});

	test.each([
		['Card Void Transaction', 'card_transaction_voided', 'voided'],
		['card reversal transaction', 'card_transaction_reversed', 'reversed'],
		['External Till To Till Reversal Transaction', 'b2b_transaction_reversed', 'reversed'],
	])('gives a row of the type %s the failure of its event', (type, topic, what) => {
		const [item] = parseTransactions(poll(row(type, { status: 'Complete' })), true);

		expect(item).toMatchObject({
			outcome: 'failure',
			amount: 1500,
			reference: 'SBX0000003',
			topic,
			message: `The payment was ${what}; the money went back to the payer`,
		});
	});

	test.each([
		null,
		'text',
		{},
		row('Buygoods Transaction', { amount: null, reference: null }),
		row('Buygoods Transaction', { amount: 'none', reference: ' ' }),
		{ type: 'Buygoods Transaction', resource: null },
	])('does not take a row without an amount and a receipt for a received payment: %j', (given) => {
		const items = parseTransactions(poll(given, row('Buygoods Transaction')), true);

		expect(items.map(({ outcome }) => outcome)).toEqual(['pending', 'success']);
	});

	test('gives a row with only an amount or only a receipt the outcome success', () => {
		const rows = [{ amount: null }, { reference: null }].map((one) =>
			row('Buygoods Transaction', one),
		);

		expect(parseTransactions(poll(...rows), true).map(({ outcome }) => outcome)).toEqual([
			'success',
			'success',
		]);
	});

	test('reads one transaction in place of a list', () => {
		const given = row('Buygoods Transaction');
		const body = { data: { attributes: { transactions: given } } };

		expect(parseTransactions(body, true)).toEqual(parseTransactions(poll(given), true));
	});

	test('shows a receipt without the spaces around it', () => {
		const given = row('Buygoods Transaction', { reference: ' SBX0000003\n' });

		expect(parseTransactions(poll(given), true)).toMatchObject([
			{ reference: 'SBX0000003', message: 'Paid KES 1,500, receipt SBX0000003' },
		]);
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

import { listPayments } from '../../nodes/KopoKopo/polling/payments';
import { customerPayment } from './testData';

const row = (changed: object = {}, type = 'Buygoods Transaction') => ({
	type,
	resource: { ...customerPayment, ...changed },
});

/** The number of received and of unclear payments in the result of a poll. */
function countsOf(transactions: unknown, minimumAmount = 0) {
	const body = { data: { attributes: { transactions } } };
	const { received, unknown } = listPayments(body, { from: 0, to: 1 }, { minimumAmount });
	return [received.length, unknown.length];
}

test.each([null, 'text', {}, { resource: null }, row({ amount: null, reference: null })])(
	'a row without an amount and a receipt is not taken for a received payment: %j',
	(given) => {
		expect(countsOf([given])).toEqual([0, 1]);
		expect(countsOf([given, row()])).toEqual([1, 1]);
	},
);

test.each(['Card Void Transaction', 'Card Reversal Transaction'])(
	'a row of the type %s is left out',
	(type) => {
		expect(countsOf([row({ status: 'Complete' }, type)])).toEqual([0, 0]);
	},
);

test('one transaction in place of a list is listed', () => {
	expect(countsOf(row())).toEqual([1, 0]);
});

test('a negative amount is left out only if there is a minimum amount', () => {
	expect(countsOf([row({ amount: '-100.0' })])).toEqual([1, 0]);
	expect(countsOf([row({ amount: '-100.0' })], 1)).toEqual([0, 0]);
});

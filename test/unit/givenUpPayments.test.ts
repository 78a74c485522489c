import { GivenUpPayments } from '../../nodes/KopoKopo/polling/givenUpPayments';

const payment = (n: number) => ({ hash: `hash-${n}`, receipt: `RECEIPT-${n}` });

let payments: GivenUpPayments;

beforeEach(() => {
	payments = new GivenUpPayments();
	for (const n of [1, 2, 3]) payments.add(payment(n));
});

describe('payments that the trigger has given up on', () => {
	test('are all named, by several errors if there are many', () => {
		expect(payments.take(2)).toEqual(['RECEIPT-1', 'RECEIPT-2']);
		expect(payments.take(2)).toEqual(['RECEIPT-3']);
		expect(payments.take(2)).toEqual([]);
	});

	test('are named after a restart, unless an error had named them', () => {
		payments.take(1);
		const stored = JSON.parse(JSON.stringify(payments)) as unknown;
		const restarted = new GivenUpPayments();
		restarted.load(stored);

		expect(restarted.take(5)).toEqual(['RECEIPT-2', 'RECEIPT-3']);
	});

	test('are not named again if n8n had stored them before an error named them', () => {
		const stored = JSON.parse(JSON.stringify(payments)) as unknown;
		payments.take(3);
		payments.load(stored);
		expect(payments.take(5)).toEqual([]);

		payments.add(payment(2));
		expect(payments.take(5)).toEqual(['RECEIPT-2']);
	});

	test('are no more than 1,000', () => {
		for (let n = 4; n < 1000; n++) payments.add(payment(n));
		expect(payments.isFull).toBe(false);
		payments.add(payment(1000));
		expect(payments.isFull).toBe(true);
		payments.take(1);
		expect(payments.isFull).toBe(false);
	});
});

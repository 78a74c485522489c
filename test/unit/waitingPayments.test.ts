import { WaitingPayments } from '../../nodes/KopoKopo/polling/waitingPayments';

/** Payments named by their receipt, each with the time that follows the name. */
const payments = (...names: string[]) =>
	names.map((name) => ({
		hash: name,
		receipt: name,
		at: Number(name.slice(1)),
		until: 0,
		row: {},
	}));

const always = () => true;
const receipts = (batch: ReturnType<typeof payments>) => batch.map(({ receipt }) => receipt);

describe('waiting payments', () => {
	test('are taken oldest first, in batches', () => {
		const waiting = new WaitingPayments(payments('C3', 'A1', 'B2'), () => 0);

		expect(receipts(waiting.take(() => 2, always))).toEqual(['A1', 'B2']);
		expect(waiting.isEmpty).toBe(false);
		expect(receipts(waiting.take(() => 2, always))).toEqual(['C3']);
		expect(waiting.isEmpty).toBe(true);
		expect(waiting.take(() => 2, always)).toEqual([]);
	});

	test('are taken by receipt if their times are equal', () => {
		const waiting = new WaitingPayments(payments('B1', 'A1'), () => 0);

		expect(receipts(waiting.take(() => 2, always))).toEqual(['A1', 'B1']);
	});

	test('share a batch only with payments that have failed as often', () => {
		const waiting = new WaitingPayments(payments('A1', 'X2', 'B3', 'X4'), ({ receipt }) =>
			receipt.startsWith('X') ? 3 : 0,
		);
		const sizeFor = (failures: number) => (failures === 0 ? 10 : 1);

		expect(receipts(waiting.take(sizeFor, always))).toEqual(['A1', 'B3']);
		expect(receipts(waiting.take(sizeFor, always))).toEqual(['X2']);
		expect(receipts(waiting.take(sizeFor, always))).toEqual(['X4']);
	});

	test('are dropped if they cannot be emitted any more', () => {
		const waiting = new WaitingPayments(payments('A1', 'B2', 'C3'), () => 0);
		const isReady = ({ receipt }: { receipt: string }) => receipt !== 'A1' && receipt !== 'C3';

		expect(receipts(waiting.take(() => 3, isReady))).toEqual(['B2']);
		expect(waiting.isEmpty).toBe(true);
	});
});

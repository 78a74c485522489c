import {
	containsHash,
	hashOfKey,
	receivedPaymentKeys,
	resultKeys,
	splitHashes,
} from '../../nodes/KopoKopo/domain/dedupeKey';

describe('the identity of a payment', () => {
	test('is its receipt, trimmed and in upper case, and its amount in cents', () => {
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

	test('is its topic, ID, status and outcome if it is the result of a request', () => {
		const result = { id: '7', status: 'Processed', outcome: 'partial' } as const;
		expect(resultKeys('send_money_result', result)).toEqual({
			dedupeKey: 'send_money_result:7:processed:partial',
		});
		expect(resultKeys('polling_result', { ...result, status: null })).toEqual({
			dedupeKey: 'polling_result:7::partial',
		});
		expect(resultKeys('polling_result', { ...result, id: null })).toBeUndefined();
	});
});

describe('concatenated hashes', () => {
	const hashes = ['first', 'second', 'third'].map(hashOfKey);
	const text = hashes.join('');

	test('are split, without what remains at the end', () => {
		expect(splitHashes(`${text}rest`)).toEqual(hashes);
	});

	test('contain each hash, and no text across two of them', () => {
		for (const hash of hashes) expect(containsHash(text, hash)).toBe(true);
		expect(containsHash(text, text.slice(1, 10))).toBe(false);
		expect(containsHash(text, hashOfKey('fourth'))).toBe(false);
	});
});

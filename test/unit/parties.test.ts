import {
	asPayerHash,
	asPhone,
	card,
	joinNames,
	payer,
	payingBusiness,
} from '../../nodes/KopoKopo/domain/parties';

const HASH = 'ab'.repeat(32);

describe('joinNames', () => {
	test.each<[unknown[], string | null]>([
		[['Jane', 'Wanjiku', 'Doe'], 'Jane Wanjiku Doe'],
		[['Jane', null, 'Doe'], 'Jane Doe'],
		[['', 'Doe', undefined], 'Doe'],
		[[888888, 'A12'], '888888 A12'],
		[[null, undefined, ''], null],
		[[], null],
		[[{ first: 'Jane' }], null],
	])('%j become %j', (names, joined) => {
		expect(joinNames(...names)).toBe(joined);
	});
});

describe('asPhone', () => {
	test.each<[unknown, string | null]>([
		['254712345678', '+254712345678'],
		['+254712345678', '+254712345678'],
		[254712345678, '+254712345678'],
		['0712345678', '+254712345678'],
		['0112345678', '+254112345678'],
		['254 712 345 678', '+254712345678'],
		['+254 712-345 678', '+254712345678'],
		['+254999999999', '+254999999999'],
		['2547123456789', '2547123456789'],
		['25471234567', '25471234567'],
		['0202345678', '0202345678'],
		['712345678', '+254712345678'],
		[112345678, '+254112345678'],
		['999999999', '999999999'],
		['7123456789', '7123456789'],
		['+0712345678', '+0712345678'],
		['tel:254712345678', 'tel:254712345678'],
		['254712345678 (home)', '254712345678 (home)'],
		['254-712 345 67*', '254-712 345 67*'],
		['2547****5678', '2547****5678'],
		['', null],
		[null, null],
		[undefined, null],
		[{}, null],
	])('%j is shown as %j', (value, phone) => {
		expect(asPhone(value)).toBe(phone);
	});
});

describe('asPayerHash', () => {
	test.each<[unknown, string | null]>([
		[HASH, HASH],
		[HASH.toUpperCase(), HASH],
		[`${HASH}0`, null],
		[`x${HASH}`, null],
		[HASH.slice(1), null],
		[`${HASH.slice(1)}g`, null],
		['', null],
		[null, null],
		[7, null],
	])('%j is %j', (value, hash) => {
		expect(asPayerHash(value)).toBe(hash);
	});
});

test('payer has all names of the customer, the phone number and its hash', () => {
	expect(
		payer({
			sender_first_name: 'Jane',
			sender_middle_name: 'Wanjiku',
			sender_last_name: 'Doe',
			sender_phone_number: '254712345678',
			hashed_sender_phone: HASH,
		}),
	).toEqual({ sender: 'Jane Wanjiku Doe', phoneNumber: '+254712345678', payerHash: HASH });
	expect(payer({})).toEqual({ sender: null, phoneNumber: null, payerHash: null });
});

describe('payingBusiness', () => {
	test('is known by its till', () => {
		expect(payingBusiness({ sending_till: 832921 })).toEqual({
			sender: '832921',
			sendingTill: '832921',
		});
	});

	test('is known by its name if a Daraja payload has one', () => {
		expect(
			payingBusiness({
				sender_first_name: 'Duka',
				sender_middle_name: 'La',
				sender_last_name: 'Mama',
				sending_till: 'K832921',
			}),
		).toEqual({ sender: 'Duka La Mama', sendingTill: 'K832921' });
	});
});

describe('card', () => {
	test.each([true, false])('has its masked number and settled: %j', (settled) => {
		expect(card({ customer_cc_number: '411111******1111', settled })).toEqual({
			sender: '411111******1111',
			settled,
		});
	});

	test.each([
		['true', true],
		[' False ', false],
	])('has settled as text: %j', (settled, expected) => {
		expect(card({ settled })).toEqual({ sender: null, settled: expected });
	});

	test.each([undefined, null, 'yes', '', 1])('has no settled if Kopo Kopo sends %j', (settled) => {
		expect(card({ settled } as never)).toStrictEqual({ sender: null });
	});
});

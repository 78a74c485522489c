import { asAmount, formatAmount, sumAmounts, toCents } from '../../nodes/KopoKopo/domain/money';

describe('asAmount', () => {
	test.each<[unknown, number | null]>([
		['100', 100],
		['313', 313],
		[1500, 1500],
		['0', 0],
		['100.05', 100.05],
		[' 100.0 ', 100],
		['-5', -5],
		[-5, -5],
		[0, 0],
		[10.5, 10.5],
		['1,500', null],
		['KES 100', null],
		['100 KES', null],
		['100.', null],
		['.5', null],
		['1.2.3', null],
		['1e3', null],
		[1e21, null],
		['9'.repeat(400), null],
		[Infinity, null],
		[NaN, null],
		['', null],
		['  ', null],
		['a lot', null],
		[null, null],
		[undefined, null],
		[true, null],
		[['100'], null],
		[{ value: '100' }, null],
	])('%j is %j', (value, amount) => {
		expect(asAmount(value)).toBe(amount);
	});
});

describe('toCents', () => {
	test.each([
		[0, 0],
		[1, 100],
		[278135.48, 27813548],
		[1.005, 100],
		[4.35, 435],
		[-0.01, -1],
	])('KES %d is %d cents', (amount, cents) => {
		expect(toCents(amount)).toBe(cents);
	});
});

describe('sumAmounts', () => {
	test.each<[unknown[], number]>([
		[['278135.48', '173985.68', '141147.02'], 593268.18],
		[[0.1, 0.2], 0.3],
		[['100', null, 'a lot', 50], 150],
		[[], 0],
	])('adds %j up to %d', (amounts, sum) => {
		expect(sumAmounts(amounts.map((amount) => ({ amount }) as never))).toBe(sum);
	});
});

describe('formatAmount', () => {
	test.each([
		[0, 'KES 0'],
		[10.5, 'KES 10.50'],
		[999, 'KES 999'],
		[1500, 'KES 1,500'],
		[593268.18, 'KES 593,268.18'],
		[1234567, 'KES 1,234,567'],
	])('%d is %s', (amount, text) => {
		expect(formatAmount(amount)).toBe(text);
	});
});

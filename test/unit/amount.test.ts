import * as fc from 'fast-check';
import { parseAmount, parseWholeAmount } from '../../nodes/KopoKopo/parsers/amount';
import { anyInput, isAccepted, rejectionOf } from './parserChecks';
import { contextWith } from './testData';

const context = contextWith();

test.each([
	[
		'an empty amount',
		() => parseAmount(' ', context),
		"'The Field' is empty",
		"Enter a value for 'The Field', in Kenyan shillings, e.g. 1500.",
	],
	[
		'an amount that is not a number',
		() => parseAmount('ten', context),
		"'The Field' is not a number: ten",
		'Enter one amount above zero in Kenyan shillings, such as 1500 or 1,500.00.',
	],
	[
		'a spreadsheet error',
		() => parseAmount('#REF!', context),
		"'The Field' is a spreadsheet error: #REF!",
		'Correct the formula in the spreadsheet.',
	],
	[
		'a number in scientific notation',
		() => parseAmount('1.5E+03', context),
		"'The Field' was shortened to an exponent: 1.5E+03",
		'Format the column as text in the spreadsheet, then enter the value again.',
	],
	[
		'what an expression returns for nothing',
		() => parseAmount('undefined', context),
		"'The Field' has no value: undefined",
		'Check the expression. It returns nothing for this item.',
	],
	[
		'an amount with cents where Kopo Kopo sends whole shillings',
		() => parseWholeAmount('10.50', context),
		"'The Field' has cents: 10.5",
		'Kopo Kopo sends whole shillings only. Enter a whole number, such as 1500.',
	],
])('rejects %s with a message and a remedy', (_what, parse, message, remedy) => {
	expect(rejectionOf(parse)).toMatchObject({ message, remedy });
});

describe('parseAmount', () => {
	test.each<[unknown, number]>([
		[1500, 1500],
		['1500', 1500],
		[' 1500 ', 1500],
		['1,500', 1500],
		['1500.00', 1500],
		['1,500.00', 1500],
		['1,234,567.89', 1234567.89],
		['1 500', 1500],
		['1\u00a0500', 1500],
		['1\u202f500', 1500],
		['1 500 000.50', 1500000.5],
		['\u00a01 500\u00a0', 1500],
		['Ksh 1 500/=', 1500],
		['1500 /=', 1500],
		['1500/ =', 1500],
		['1500 shs', 1500],
		['1500 Ksh', 1500],
		['1,500.00 KES', 1500],
		['Ksh 1500.00', 1500],
		['1,500/=', 1500],
		['1500/= KES', 1500],
		['Shs 1500', 1500],
		["'1500", 1500],
		['\ufeff1500', 1500],
		['\u200e1,500\u200e', 1500],
		['KES 1500', 1500],
		['kes1,500', 1500],
		['Ksh 1,500', 1500],
		['Ksh. 1,500', 1500],
		['K.Sh. 1,500', 1500],
		['1,500 K.sh', 1500],
		['KSh 1500/=', 1500],
		['1500/-', 1500],
		['0010', 10],
		['007', 7],
		['012345', 12345],
		['0.50', 0.5],
		['10.50', 10.5],
		['0.5', 0.5],
		[0.1 + 0.2, 0.3],
		[1.1 * 3, 3.3],
		['100.0', 100],
		[1_000_000_000, 1_000_000_000],
	])('parses %j as KES %d', (typed, amount) => {
		expect(parseAmount(typed, context)).toBe(amount);
	});

	test.each<[unknown, string]>([
		[0, 'is zero'],
		['0', 'is zero'],
		['0.00', 'is zero'],
		['KES 0', 'is zero'],
		[-5, 'is negative'],
		['-5', 'is negative'],
		['KES -5', 'is negative'],
		['', 'is empty'],
		['  ', 'is empty'],
		['KES', 'is empty'],
		[null, 'is empty'],
		[undefined, 'is empty'],
		['ten', 'is not a number'],
		['12abc', 'contains letters'],
		['1,50', 'has a comma, a point or a space in the wrong place'],
		['10,00', 'has a comma, a point or a space in the wrong place'],
		['1,5000', 'has a comma, a point or a space in the wrong place'],
		['1.500,00', 'has a comma, a point or a space in the wrong place'],
		['1e3', 'contains a letter'],
		['0x10', 'contains a letter'],
		['1.', 'has a comma, a point or a space in the wrong place'],
		['.5', 'has a comma, a point or a space in the wrong place'],
		['1500 USD', 'contains letters'],
		['1500 2000', 'has a comma, a point or a space in the wrong place'],
		['100 50', 'has a comma, a point or a space in the wrong place'],
		['15 00', 'has a comma, a point or a space in the wrong place'],
		['1500 200', 'has a comma, a point or a space in the wrong place'],
		['1 5000', 'has a comma, a point or a space in the wrong place'],
		['1  500', 'has a comma, a point or a space in the wrong place'],
		['1 500,000', 'has a comma, a point or a space in the wrong place'],
		['1, 500', 'has a comma, a point or a space in the wrong place'],
		['1 500 .00', 'has a comma, a point or a space in the wrong place'],
		['1500, 2000', 'has a comma, a point or a space in the wrong place'],
		['1500;2000', 'contains the character ";"'],
		['1500/2000', 'contains the character "/"'],
		['1500/5=', 'contains the character "/"'],
		['15kes00', 'contains letters'],
		['1 500 KES 2 000', 'contains letters'],
		['1500\n2000', 'contains a line break or a tab'],
		['1500\r\n2000', 'contains a line break or a tab'],
		['1\n500', 'contains a line break or a tab'],
		['1500\t2000', 'contains a line break or a tab'],
		['1\t500', 'contains a line break or a tab'],
		['1500\n', 'contains a line break or a tab'],
		['\t1500', 'contains a line break or a tab'],
		['1500\u20282000', 'contains a line break or a tab'],
		['USD 1500', 'contains letters'],
		['$1500', 'contains the character "$"'],
		['٣', 'is not a number'],
		[NaN, 'is not a number'],
		[Infinity, 'is not a number'],
		[true, 'is not a number'],
		[[1500], 'is not a number'],
		[{ value: 1500 }, 'is not a number'],
		['0712345678', 'begins with a zero, as a phone number or an account number does'],
		['KES 0712345678.00', 'begins with a zero, as a phone number or an account number does'],
		['0 712 345', 'begins with a zero, as a phone number or an account number does'],
		['00123456', 'begins with a zero, as a phone number or an account number does'],
		['10.555', 'has more than two decimals'],
		['100.000', 'has more than two decimals'],
		['1.500', 'has more than two decimals'],
		[10.555, 'has more than two decimals'],
		[0.001, 'has more than two decimals'],
	])('rejects %j: it %s', (typed, problem) => {
		const rejection = rejectionOf(() => parseAmount(typed, contextWith({ label: 'Amount' })));

		expect(rejection.message).toContain(`'Amount' ${problem}`);
		expect(rejection.remedy).toContain('Kenyan shillings');
	});

	test.each([
		['254712345678', undefined, '1,000,000,000'],
		[1_000_000_001, undefined, '1,000,000,000'],
		['600000', 500_000, '500,000'],
	])('rejects %j, which is above the limit of %s', (typed, maximum, limit) => {
		const rejection = rejectionOf(() =>
			parseAmount(typed, contextWith({ label: 'Amount' }), maximum),
		);

		expect(rejection.message).toBe(`'Amount' is above the limit of KES ${limit}: ${typed}`);
		expect(rejection.remedy).toBe(
			'Check the amount. If it is correct, split it into several payments.',
		);
	});

	test('accepts spaces only between thousands', () => {
		const spaced = fc
			.array(fc.stringMatching(/^\d{1,4}$/), { minLength: 2, maxLength: 4 })
			.chain((groups) =>
				fc.constantFrom(' ', '\u00a0', '\u202f').map((space) => ({ groups, space })),
			);
		fc.assert(
			fc.property(spaced, ({ groups, space }) => {
				const [first = '', ...others] = groups;
				const isGrouped = first.length <= 3 && others.every(({ length }) => length === 3);
				const amount = Number(groups.join(''));
				// Zero and six digits more are a number of another column.
				const isOther = /^0\d{6,}$/.test(groups.join(''));
				const isPayable = isGrouped && !isOther && amount > 0 && amount <= 1_000_000_000;
				expect(isAccepted(() => parseAmount(groups.join(space), context))).toBe(isPayable);
				if (isPayable) expect(parseAmount(groups.join(space), context)).toBe(amount);
			}),
		);
	});

	test('rejects a line break or a tab in any position', () => {
		fc.assert(
			fc.property(
				fc.integer({ min: 1, max: 1_000_000 }).map(String),
				fc.nat(),
				fc.constantFrom('\n', '\r\n', '\r', '\t', '\v', '\u2028', '\u2029', '\u0085'),
				(amount, position, breaks) => {
					const at = position % (amount.length + 1);
					const typed = amount.slice(0, at) + breaks + amount.slice(at);
					expect(isAccepted(() => parseAmount(typed, context))).toBe(false);
				},
			),
		);
	});

	test('gives the same shillings and cents for a number and for text, with and without commas', () => {
		fc.assert(
			fc.property(fc.integer({ min: 1, max: 100_000_000_000 }), (cents) => {
				const amount = cents / 100;
				const withCommas = amount.toLocaleString('en-KE', {
					minimumFractionDigits: 2,
					maximumFractionDigits: 2,
				});
				expect(parseAmount(amount, context)).toBe(amount);
				expect(parseAmount(amount.toFixed(2), context)).toBe(amount);
				expect(parseAmount(withCommas, context)).toBe(amount);
				expect(parseAmount(`KES ${withCommas}`, context)).toBe(amount);
				expect(parseAmount(parseAmount(amount, context), context)).toBe(amount);
			}),
		);
	});

	test('gives a number above zero in whole cents for any input that it accepts', () => {
		fc.assert(
			fc.property(fc.oneof(anyInput, fc.double(), fc.integer()), (typed) => {
				if (!isAccepted(() => parseAmount(typed, context))) return;
				const amount = parseAmount(typed, context);
				expect(amount).toBeGreaterThan(0);
				expect(Number(amount.toFixed(2))).toBe(amount);
			}),
		);
	});
});

test.each([
	["15'00", `contains the character "'"`],
	['15/-00', 'contains the character "/"'],
	['15-00', 'contains the character "-"'],
	['-15', 'is negative'],
])('parseAmount says that %j %s', (typed, problem) => {
	expect(rejectionOf(() => parseAmount(typed, context)).message).toBe(
		`'The Field' ${problem}: ${typed}`,
	);
});

test.each([[" '1500"], ["\u200b '1500 "]])('parseAmount reads %j as 1500', (typed) => {
	expect(parseAmount(typed, context)).toBe(1500);
});

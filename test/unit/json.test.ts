import {
	asObject,
	asObjects,
	asTextOrNull,
	flattenErrors,
	joinTexts,
} from '../../nodes/KopoKopo/domain/json';

describe('asObject', () => {
	test('gives back an object', () => {
		const object = { a: 1 };
		expect(asObject(object)).toBe(object);
	});

	test.each([null, undefined, [], ['a'], 'text', 7, true])('of %j is empty', (value) => {
		expect(asObject(value)).toEqual({});
		expect(Array.isArray(asObject(value))).toBe(false);
	});
});

test('asObjects returns one object for each entry of a list, and an empty list for any other value', () => {
	expect(asObjects([{ a: 1 }, null, 'text'])).toEqual([{ a: 1 }, {}, {}]);
	for (const value of [null, undefined, {}, { length: 2 }, 'text', 7]) {
		expect(asObjects(value)).toEqual([]);
	}
});

test.each<[unknown, string | null]>([
	['K112233', 'K112233'],
	[' ', ' '],
	[1757640471, '1757640471'],
	[0, '0'],
	['', null],
	[null, null],
	[undefined, null],
	[true, null],
	[['a'], null],
	[{}, null],
])('asTextOrNull of %j is %j', (value, text) => {
	expect(asTextOrNull(value)).toBe(text);
});

test.each<[unknown[], string | null]>([
	[['a', 'b'], 'a, b'],
	[['a', 'b', 'a'], 'a, b'],
	[[null, 'a', '', 7], 'a, 7'],
	[[], null],
	[[null, '', {}], null],
])('joinTexts of %j is %j', (values, text) => {
	expect(joinTexts(values, ', ')).toBe(text);
});

describe('flattenErrors', () => {
	test.each<[unknown, string | null]>([
		[' Insufficient funds ', 'Insufficient funds'],
		[
			{ base: ['Insufficient funds'], amount: [{ message: 'Too much' }] },
			'Insufficient funds; Too much',
		],
		[['a', ['b', { c: 'a' }], 'd'], 'a; b; d'],
		[{ code: 17, text: 'Declined' }, 'Declined'],
		[['one', null, ''], 'one'],
		[[{ message: 'one' }, { message: 'two' }], 'one; two'],
		[{ a: { b: [{ c: 'one' }] }, d: 7 }, 'one'],
		[{ errors: ['one', 'two'] }, 'one; two'],
		[{ errors: 'one' }, 'one'],
		[17, '17'],
		[{ code: 17 }, '{"code":17}'],
		[[0], '[0]'],
		[true, 'true'],
		[[true, null], '[true,null]'],
		[null, null],
		[undefined, null],
		[false, null],
		['', null],
		['  ', null],
		[[], null],
		[[null], null],
		[{ base: [] }, null],
		[{}, null],
		[{ base: [null, '', false, undefined, { deep: [] }] }, null],
	])('of %j is %j', (errors, text) => {
		expect(flattenErrors(errors)).toBe(text);
	});

	test('reads errors that are nested deeper than the call stack', () => {
		let errors: unknown = 'Declined';
		for (let depth = 0; depth < 50_000; depth++) errors = [errors];
		expect(flattenErrors(errors)).toBe('Declined');
	});

	test('says so where errors without text cannot be written as JSON', () => {
		const errors = { code: 17n };
		expect(flattenErrors(errors)).toBe('errors that cannot be shown');
		expect(flattenErrors(Symbol('code'))).toBe('Symbol(code)');
	});
});

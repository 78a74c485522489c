import {
	asObject,
	asObjectList,
	asObjects,
	asReference,
	asTextOrNull,
	joinTexts,
} from '../../nodes/KopoKopo/domain/json';

describe('asObject', () => {
	test('returns an object unchanged', () => {
		const object = { a: 1 };
		expect(asObject(object)).toBe(object);
	});

	test.each([null, undefined, [], ['a'], 'text', 7, true])('reads %j as empty', (value) => {
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

test('asObjectList reads one object like the only one of a list', () => {
	expect(asObjectList({ a: 1 })).toEqual([{ a: 1 }]);
	expect(asObjectList([{ a: 1 }, null])).toEqual([{ a: 1 }, {}]);
	for (const value of [null, undefined, {}, [], 'text', 7]) {
		expect(asObjectList(value)).toEqual([]);
	}
});

test.each<[unknown, string | null]>([
	[' SBX0000003\n', 'SBX0000003'],
	[1757640471, '1757640471'],
	['  ', null],
	['', null],
	[null, null],
	[{}, null],
])('asReference of %j is %j', (value, text) => {
	expect(asReference(value)).toBe(text);
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

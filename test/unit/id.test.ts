import * as fc from 'fast-check';
import { parseId } from '../../nodes/KopoKopo/parsers/id';
import { anyInput, isAccepted, rejectionOf } from './parserChecks';
import { contextWith } from './testData';

const context = contextWith();

describe('parseId', () => {
	const id = '247b1bd8-f5a0-4b71-a898-f62f67b8ae1c';

	test.each<[string]>([
		[id],
		[`  ${id}\n`],
		[`https://sandbox.kopokopo.com/api/v2/incoming_payments/${id}`],
		[`https://sandbox.kopokopo.com/api/v2/incoming_payments/${id}/`],
		[`https://sandbox.kopokopo.com/api/v2/incoming_payments/${id}?a=b/c#d/e`],
		[`http://localhost:3000/api/v2/incoming_payments/${id}`],
		[`HTTPS://API.KOPOKOPO.COM/webhook-subscriptions/${id}`],
		[`sandbox.kopokopo.com/api/v2/incoming_payments/${id}`],
		[`/api/v2/incoming_payments/${id}`],
		[`localhost:3000/api/v2/incoming_payments/${id}`],
		[`https://sandbox.kopokopo.com/api/v2/payment_links/${id}/cancel`],
		[`/api/v2/payment_links/${id}/cancel/?a=b`],
	])('finds the ID in %s', (pasted) => {
		expect(parseId(pasted, context)).toBe(id);
	});

	test('keeps an ID that begins like the name of an action', () => {
		expect(parseId('/api/v2/payment_links/cancel-42', context)).toBe('cancel-42');
	});

	test.each<[unknown]>([
		[''],
		['  '],
		[null],
		[undefined],
		['/'],
		['https://sandbox.kopokopo.com'],
		['https://sandbox.kopokopo.com/'],
		['https://sandbox.kopokopo.com/?id=7'],
		['two words'],
		['https://sandbox.kopokopo.com/api/v2/payment_links'],
		['https://sandbox.kopokopo.com/api/v2/payment_links/cancel'],
		['https://sandbox.kopokopo.com/api/v10/payment_links'],
		['%20'],
		['1.23457E+12'],
		['#REF!'],
		['#N/A'],
		['N/A'],
		['12345.0'],
		['undefined'],
		[Number('12345678901234567890')],
		[1.5],
		[true],
		[{ id }],
		[[id]],
		[`${id}\n${id}`],
	])('rejects %j, which contains no ID, and names the field', (pasted) => {
		const rejection = rejectionOf(() =>
			parseId(pasted, contextWith({ label: 'Payment Request ID' })),
		);

		expect(rejection.message).toContain("'Payment Request ID'");
	});

	test('says what to paste instead of an address without an ID', () => {
		expect(rejectionOf(() => parseId('https://api.kopokopo.com/', context))).toMatchObject({
			message: "'The Field' contains no ID: https://api.kopokopo.com/",
			remedy: 'Paste the ID that Kopo Kopo returned, or the whole address that ends with it.',
		});
	});

	test.each([
		['TJX9AB12CD,TJX9AB12CE'],
		['TJX9AB12CD; TJX9AB12CE'],
		['TJX9AB12CD TJX9AB12CE'],
		['TJX9AB12CD/TJX9AB12CE'],
		['https://api.kopokopo.com/a/1 https://api.kopokopo.com/a/2'],
		['https://api.kopokopo.com/a/1,https://api.kopokopo.com/a/2'],
	])('rejects the two IDs in %j instead of taking one', (typed) => {
		expect(rejectionOf(() => parseId(typed, context))).toMatchObject({
			message: expect.stringMatching(/^'The Field' contains more than one ID: /) as string,
			remedy: 'Enter one. Use one item for each ID.',
		});
	});

	test('keeps an ID that is the word of an action', () => {
		expect(parseId('cancel', context)).toBe('cancel');
	});

	test('gives an ID without whitespace for any input that it accepts', () => {
		fc.assert(
			fc.property(anyInput, (typed) => {
				if (isAccepted(() => parseId(typed, context)))
					expect(parseId(typed, context)).toMatch(/^\S+$/);
			}),
		);
	});
});

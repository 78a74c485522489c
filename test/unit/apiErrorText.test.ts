import { flattenErrors, parseApiMessage } from '../../nodes/KopoKopo/domain/apiErrorText';

describe('the message in an error body', () => {
	test.each<[string, unknown, string | undefined]>([
		[
			'K2',
			{ error_code: 400, error_message: "Till number can't be blank" },
			"Till number can't be blank",
		],
		['K2, several', { error_message: ['one', 'two'] }, 'one; two'],
		['OAuth', { error: 'invalid_client', error_description: 'Not you' }, 'Not you'],
		['OAuth without description', { error: 'invalid_client' }, 'invalid_client'],
		['another gateway', { error: { message: 'Too low', code: 'X' } }, 'Too low'],
		['a third party', { status: 'error', message: 'Not found' }, 'Not found'],
		['Rails', { errors: ['one', 'two'] }, 'one; two'],
		['errors by field', { errors: { base: ['one'], till: ['two'] } }, 'one; two'],
		['errors as objects', { errors: [{ message: 'one' }], error: 'Bad request' }, 'one'],
		['empty errors by field', { errors: { base: [] } }, undefined],
		['K2 with a blank message', { error_message: '  ', message: 'Not found' }, 'Not found'],
		['an empty list', { error_message: [] }, undefined],
		['K2 without text', { error_message: {}, error: null, message: null }, undefined],
		['an HTML page', '<html>Bad gateway</html>', undefined],
		['an empty text', '', undefined],
		['null', null, undefined],
		['a list', [{ message: 'one' }, 'two', {}], 'one; two'],
		['an empty list without names', [], undefined],
		['nothing', undefined, undefined],
		['a message by field', { error_message: { till: ['one'], base: 'two' } }, 'one; two'],
		['a description by field', { error_description: { base: 'one' }, error: 'two' }, 'one'],
		['another message by field', { message: { base: [{ text: 'one' }] } }, 'one'],
		['an error without message', { error: { details: ['one'], code: 7 } }, 'one'],
		['an error among other texts', { error: 'one', at: 'two' }, 'one'],
		['a list of errors', { error: ['one', 'two'] }, 'one; two'],
		['texts and objects', { error_message: ['one', { message: 'two' }, null] }, 'one; two'],
		['a text and a number', { errors: ['one', 7] }, 'one; 7'],
		['errors that are true', { errors: true }, undefined],
		['an error that is a number', { error: 7 }, undefined],
		['a text', 'Insufficient funds', 'Insufficient funds'],
		['a text with spaces', ' Insufficient funds\n', 'Insufficient funds'],
		['a result', { data: { id: '7', attributes: { status: 'Failed', errors: ['one'] } } }, 'one'],
		['a result with errors by field', { data: { attributes: { errors: { a: ['one'] } } } }, 'one'],
		['a detail', { detail: 'one', type: 'about:blank' }, 'one'],
		['a reason', { reason: 'one', code: 'X' }, 'one'],
		['a detail and a reason', { reason: 'two', detail: ['one'] }, 'one'],
		['K2 in other letters', { Error_Code: 400, Error_Message: 'one' }, 'one'],
		['other fields', { fault: { texts: ['one', { more: 'two' }, ''] }, at: 7 }, 'one; two'],
		['numbers', { code: 7, at: [8], ok: false }, undefined],
		['a page with spaces before it', '\n <!DOCTYPE html>', undefined],
		['a page in a field', { page: '<p>Bad gateway</p>', hint: 'one' }, 'one'],
		['a comparison', 'amount < 10', 'amount < 10'],
		[
			'the request itself',
			{ client_id: 'a', client_secret: 'b', token: { value: 'c' }, apiKey: 'd', grant: 'one' },
			'one',
		],
	])('is found in a body of the form %s', (_envelope, body, said) => {
		expect(parseApiMessage(body)).toBe(said);
	});

	test('is the first of error_message, error_description, error.message and message', () => {
		const envelope: Array<[string, unknown]> = [
			['error_message', '1'],
			['error_description', '2'],
			['error', { message: '3' }],
			['message', '4'],
		];
		const said = envelope.map((_, first) =>
			parseApiMessage(Object.fromEntries(envelope.slice(first).reverse())),
		);

		expect(said).toEqual(['1', '2', '3', '4']);
	});

	test('is the text of error rather than that of detail, but never a status code', () => {
		expect(parseApiMessage({ error: 'invalid_client', detail: 'No client' })).toBe(
			'invalid_client',
		);
		expect(parseApiMessage({ error: 404, detail: 'No client' })).toBe('No client');
	});

	test('is at most 500 characters long', () => {
		expect(parseApiMessage({ error_message: 'x'.repeat(10_000) })).toHaveLength(500);
		expect(parseApiMessage('x'.repeat(10_000))).toHaveLength(500);
	});
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
	])('reads %j as %j', (errors, text) => {
		expect(flattenErrors(errors)).toBe(text);
	});

	test('reads errors that are nested deeper than the call stack', () => {
		let errors: unknown = 'Declined';
		for (let depth = 0; depth < 50_000; depth++) errors = [errors];
		expect(flattenErrors(errors)).toBe('Declined');
	});

	test('says so if errors without text cannot be written as JSON', () => {
		const errors = { code: 17n };
		expect(flattenErrors(errors)).toBe('errors that cannot be shown');
		expect(flattenErrors(Symbol('code'))).toBe('Symbol(code)');
	});
});

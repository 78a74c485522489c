import * as fc from 'fast-check';
import type { IDataObject } from 'n8n-workflow';
import { flattenErrors } from '../../nodes/KopoKopo/domain/json';
import { asAmount } from '../../nodes/KopoKopo/domain/money';
import { LEADING_FIELDS, paymentItem } from '../../nodes/KopoKopo/domain/payment';
import { parseResult } from '../../nodes/KopoKopo/domain/result';
import { readFixtures } from './testData';

/** All but the answers about tokens, which are no status of a resource. */
const fixtures = readFixtures('results').filter(({ envelope }) => envelope !== 'oauth');

/** The documents' word for a failed attempt, which leaves a link open. */
const OUTCOMES: Record<string, string> = { attempt_failed: 'pending' };

function bodyOf(name: string): IDataObject {
	const body = fixtures.find((fixture) => fixture.name === name)?.body;
	if (!body) throw new Error(`There is no result fixture ${name}`);
	return body;
}

/** A payment request with this status; the payment itself stands there unless told. */
function paymentWith(status: unknown, event: unknown = { resource: { amount: '10.0' } }) {
	return { data: { id: '7', type: 'incoming_payment', attributes: { status, event } } };
}

describe('the samples of the contract', () => {
	test.each(fixtures)('$name ($status) is a $outcome', ({ body, outcome, terminal }) => {
		const result = parseResult(body);

		expect(result.outcome).toBe(OUTCOMES[outcome] ?? outcome);
		// Of accounts the contract says nothing here: approved is where they end.
		expect(result.isFinal).toBe(terminal ?? true);
	});

	test.each(fixtures)('$name has the leading fields first, and says what happened', ({ body }) => {
		const result = parseResult(body);
		const names = Object.keys(paymentItem(result)).filter((name) => name !== 'link');

		expect(names.slice(0, LEADING_FIELDS.length)).toEqual([...LEADING_FIELDS]);
		expect(names.at(-1)).toBe('id');
		expect(names).not.toContain('isFinal');
		expect(result.amount === null || Number.isFinite(result.amount)).toBe(true);
		expect(result.message).toEqual(expect.any(String));
	});

	test('Processed alone is not a success', () => {
		const bare = fixtures
			.filter(({ status }) => String(status).startsWith('Processed'))
			.map(({ kind }) => ({ data: { id: '7', type: kind, attributes: { status: 'Processed' } } }));

		expect(bare.length).toBeGreaterThan(5);
		expect(bare.map((body) => parseResult(body).outcome)).toEqual(bare.map(() => 'pending'));
	});

	const metadata = {
		customer_id: '123456789',
		reference: '123456',
		notes: 'Payment for invoice 12345',
	};

	test('a paid request has the payment in flat fields', () => {
		expect(parseResult(bodyOf('incoming-payment.success'))).toEqual({
			id: 'a652f86f-f2aa-4d70-baa2-ccfe4b78f4fc',
			outcome: 'success',
			isFinal: true,
			status: 'Success',
			amount: 100,
			currency: 'KES',
			sender: 'Joe Buyer',
			reference: 'OJJ1MPU40Z',
			phoneNumber: '+254999999999',
			payerHash: null,
			occurredAt: '2020-10-19T09:24:54+03:00',
			tillNumber: 'K000000',
			message: 'Paid KES 100, receipt OJJ1MPU40Z',
			metadata,
		});
	});

	test('a failed request has the reason in its message', () => {
		expect(parseResult(bodyOf('incoming-payment.failed'))).toEqual({
			id: '09bc45fc-3b97-4c44-b860-42a7bcbd7480',
			outcome: 'failure',
			isFinal: true,
			status: 'Failed',
			amount: null,
			currency: null,
			sender: null,
			reference: null,
			phoneNumber: null,
			payerHash: null,
			occurredAt: null,
			tillNumber: null,
			message: 'Not paid: The initiator information is invalid.',
			metadata,
		});
	});
});

describe('status words', () => {
	test.each(['success', 'SUCCESS', 'Success'])('%s is a success in any case', (status) => {
		expect(parseResult(paymentWith(status))).toMatchObject({ outcome: 'success', status });
	});

	test.each(['failed', 'FAILED', 'Failed'])('%s is a failure in any case', (status) => {
		expect(parseResult(paymentWith(status)).outcome).toBe('failure');
	});

	test.each([
		'Pending',
		'Processed',
		'COMPLETED',
		'Received',
		'Successful',
		'Reversed',
		'',
		null,
		1,
	])('%j is not final, even beside a payment', (status) => {
		expect(parseResult(paymentWith(status))).toMatchObject({ outcome: 'pending', isFinal: false });
	});

	test.each([null, {}, { resource: null }, { resource: {} }, { resource: [] }, 'text'])(
		'Success without a payment is not believed: %j',
		(event) => {
			expect(parseResult(paymentWith('Success', event)).outcome).toBe('pending');
		},
	);

	test.each<[unknown, string, string]>([
		['Received', 'success', 'Paid KES 10'],
		['COMPLETE', 'success', 'Paid KES 10'],
		[null, 'success', 'Paid KES 10'],
		['Reversed', 'failure', 'The payment was reversed; the money went back to the payer'],
		['reversed', 'failure', 'The payment was reversed; the money went back to the payer'],
		['Pending', 'pending', 'Not paid yet'],
		['Voided', 'pending', 'Not paid yet'],
	])('Success with a payment that is %j is a %s', (status, outcome, message) => {
		const body = paymentWith('Success', { resource: { amount: '10.0', status } });

		expect(parseResult(body)).toMatchObject({ outcome, message });
	});

	test('an unknown kind of result is pending', () => {
		const body = { data: { id: '7', type: 'gift', attributes: { status: 'Success' } } };

		expect(parseResult(body)).toMatchObject({ id: '7', outcome: 'pending', status: 'Success' });
	});

	test.each(['constructor', 'toString', '__proto__'])(
		'a result of the kind %s is pending',
		(type) => {
			expect(parseResult({ data: { type, attributes: { status: 'Success' } } }).outcome).toBe(
				'pending',
			);
		},
	);
});

describe('errors in all their forms become one sentence', () => {
	test.each<[unknown, string | null]>([
		[null, null],
		[undefined, null],
		['', null],
		[[], null],
		['The request was cancelled', 'The request was cancelled'],
		[['one', 'two'], 'one; two'],
		[['one', null, ''], 'one'],
		[{ base: ['one'] }, 'one'],
		[{ message: 'one' }, 'one'],
		[[{ message: 'one' }, { message: 'two' }], 'one; two'],
		[{ a: { b: [{ c: 'one' }] }, d: 7 }, 'one'],
		[{ code: 17 }, '{"code":17}'],
		[17, '17'],
		[[null], null],
		[{ base: [] }, null],
		[false, null],
		[{ errors: ['one', 'two'] }, 'one; two'],
		[{ errors: 'one' }, 'one'],
		[{}, null],
	])('%j', (errors, sentence) => {
		expect(flattenErrors(errors)).toBe(sentence);
	});
});

describe('amounts in all their forms become a number', () => {
	test.each<[unknown, number | null]>([
		['100.0', 100],
		['313', 313],
		[1500, 1500],
		['0', 0],
		['', null],
		['  ', null],
		[null, null],
		[undefined, null],
		['a lot', null],
		[NaN, null],
		[Infinity, null],
		[['100'], null],
		[true, null],
	])('%j is %j', (value, amount) => {
		expect(asAmount(value)).toBe(amount);
	});
});

describe('for any body', () => {
	const attributes = fc.record({
		status: fc.oneof(fc.constantFrom('Success', 'Failed', 'Pending'), fc.jsonValue()),
		event: fc.jsonValue(),
		metadata: fc.jsonValue(),
	});
	const body = fc.oneof(
		fc.jsonValue(),
		fc.record({
			data: fc.record({ id: fc.jsonValue(), type: fc.constant('incoming_payment'), attributes }),
		}),
	);

	test('a result is returned, and it is final only if its outcome is', () => {
		fc.assert(
			fc.property(body, (given) => {
				const result = parseResult(given);
				expect(['success', 'failure', 'pending']).toContain(result.outcome);
				expect(result.isFinal).toBe(result.outcome !== 'pending');
				expect(typeof (result.amount ?? 0)).toBe('number');
				expect(result.message).toEqual(expect.any(String));
			}),
		);
	});
});

describe('results of other resources', () => {
	test('a paid link has its payment, its reference and when it expires', () => {
		expect(paymentItem(parseResult(bodyOf('payment-link.paid')))).toEqual({
			link: 'https://sandbox.kopokopo.com/links/d1a13e07-e92f-4c01-b49e-05294049793e',
			outcome: 'success',
			amount: 350,
			sender: null,
			phoneNumber: '+254996930902',
			reference: 'DAVSTK1777240982',
			occurredAt: '2026-04-27T01:02:34.000+03:00',
			tillNumber: 'till_number',
			message: 'Paid KES 350, receipt DAVSTK1777240982',
			status: 'Paid',
			currency: 'KES',
			metadata: { something: 'test', something_else: 'Test data' },
			paymentReference: 'daud',
			expiresAt: '2026-05-04T00:58:43.424+03:00',
			id: '55f74f06-5dea-4f1a-afba-e3decea28e03',
		});
	});

	test('a link has its address first', () => {
		expect(Object.keys(paymentItem(parseResult(bodyOf('payment-link.active'))))[0]).toBe('link');
	});

	test('a reversal has the payment that it returns, and why', () => {
		expect(paymentItem(parseResult(bodyOf('reversal.transferred')))).toMatchObject({
			outcome: 'success',
			message: 'Refunded KES 400, receipt ce430292-899b-4543-beb8-4195875dc063',
			reversedReference: '059278a2-8ffe-4f31-b3b4-d6c76770c72f',
			reason: 'Testing Reversals',
		});
	});

	test.each([
		'Request cancelled by user',
		'request cancelled by the user',
		'Request canceled by user',
	])('%s is said in the words of the merchant', (text) => {
		const body = paymentWith('Failed', { resource: null, errors: [text] });

		expect(parseResult(body).message).toBe('Not paid: cancelled by the customer');
	});

	test.each<[unknown, unknown]>([
		['254712345678', '+254712345678'],
		[254712345678, '+254712345678'],
		['+254712345678', '+254712345678'],
		['0712345678', '+254712345678'],
		['254 712 345 678', '+254712345678'],
		['2547****5678', '2547****5678'],
		[null, null],
		['', null],
	])('the phone %j is shown as %j everywhere', (sent, shown) => {
		const attributes = { status: 'Success', phone_number: sent };
		const phones = [
			parseResult(paymentWith('Success', { resource: { sender_phone_number: sent } })),
			parseResult({
				data: { type: 'payment_link', attributes: { payment_link: { sender_phone_number: sent } } },
			}),
			parseResult({
				data: { type: 'send_money', attributes: { destinations: [{ phone_number: sent }] } },
			}),
			parseResult({ data: { type: 'merchant_wallet', attributes } }),
			parseResult({ data: attributes }),
		].map(({ phoneNumber }) => phoneNumber);

		expect(new Set(phones)).toEqual(new Set([shown]));
	});

	test.each(['Failed', 'failed', 'Rejected', 'Declined', 'Cancelled'])(
		'a poll that is %s is over, with the reason (R07)',
		(status) => {
			const body = {
				data: {
					id: '7',
					type: 'polling',
					attributes: { status, errors: ['The period is too long'] },
				},
			};

			expect(parseResult(body)).toMatchObject({
				outcome: 'failure',
				isFinal: true,
				message: 'Kopo Kopo could not list the transactions: The period is too long',
			});
		},
	);
});

describe('a reversal that contradicts itself', () => {
	const reversalWith = (status: string, payment: IDataObject) => ({
		data: { id: '7', type: 'reversals', attributes: { status, reversal_bulk_payment: payment } },
	});

	test.each<[string, IDataObject]>([
		['Processed', { status: 'Transferred', errors: { base: ['No'] } }],
		['Failed', { status: 'Transferred' }],
	])('is unknown: %s with %j', (status, payment) => {
		expect(parseResult(reversalWith(status, payment))).toMatchObject({
			outcome: 'unknown',
			isFinal: false,
		});
	});
});

import type { IDataObject } from 'n8n-workflow';
import { LEADING_FIELDS, paymentItem } from '../../nodes/KopoKopo/domain/payment';
import { parseResult } from '../../nodes/KopoKopo/domain/result';
import { readFixtures } from './testData';

/** All except the responses about tokens, which contain no status. */
const fixtures = readFixtures('results').filter(({ envelope }) => envelope !== 'oauth');

/** After a failed attempt a payment link can still be paid. */
const OUTCOMES: Record<string, string> = { attempt_failed: 'pending' };

function bodyOf(name: string): IDataObject {
	const body = fixtures.find((fixture) => fixture.name === name)?.body;
	if (!body) throw new Error(`There is no result fixture ${name}`);
	return body;
}

/** A payment request with this status, and with a payment unless `event` says otherwise. */
function paymentWith(status: unknown, event: unknown = { resource: { amount: '10.0' } }) {
	return { data: { id: '7', type: 'incoming_payment', attributes: { status, event } } };
}

describe('the samples of the contract', () => {
	test.each(fixtures)('$name ($status) is a $outcome', ({ body, outcome, terminal }) => {
		const result = parseResult(body);

		expect(result.outcome).toBe(OUTCOMES[outcome] ?? outcome);
		// The fixtures of accounts do not say whether they are final. Approved is.
		expect(result.isFinal).toBe(terminal ?? true);
	});

	test.each(fixtures)('$name has the leading fields first, and a message', ({ body }) => {
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
	])('%j is not final, even with a payment', (status) => {
		expect(parseResult(paymentWith(status))).toMatchObject({ outcome: 'pending', isFinal: false });
	});

	test.each([null, {}, { resource: null }, { resource: {} }, { resource: [] }, 'text'])(
		'Success without a payment is pending: %j',
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
		['', 'success', 'Paid KES 10'],
		[' ', 'pending', 'Not paid yet'],
		[false, 'pending', 'Not paid yet'],
		[{}, 'pending', 'Not paid yet'],
		[0, 'pending', 'Not paid yet'],
	])('Success with a payment that is %j is a %s', (status, outcome, message) => {
		const body = paymentWith('Success', { resource: { amount: '10.0', status } });

		expect(parseResult(body)).toMatchObject({ outcome, message });
	});

	test('Success with a payment without a status needs an amount or a receipt', () => {
		const outcomeOf = (resource: unknown) =>
			parseResult(paymentWith('Success', { resource })).outcome;
		expect(outcomeOf({ status: null, amount: null, reference: null })).toBe('pending');
		expect(outcomeOf({ status: '', amount: 'none', reference: ' ' })).toBe('pending');
		expect(outcomeOf({ sender_first_name: 'Jane' })).toBe('pending');
		expect(outcomeOf({ amount: '10.0' })).toBe('success');
		expect(outcomeOf({ reference: 'R1' })).toBe('success');
		expect(outcomeOf({ status: 'Received', amount: null })).toBe('success');
	});

	test('receipts are shown without the spaces around them', () => {
		const resource = { status: 'Received', amount: '10.0', reference: ' R1\n' };
		expect(parseResult(paymentWith(' success ', { resource }))).toMatchObject({
			outcome: 'success',
			reference: 'R1',
			message: 'Paid KES 10, receipt R1',
		});
		const reversal = {
			status: 'Processed',
			transaction_reference: ' R1 ',
			reversal_bulk_payment: { status: ' Transferred', transaction_reference: 'R2 ' },
		};
		expect(parseResult({ data: { type: 'reversal', attributes: reversal } })).toMatchObject({
			outcome: 'success',
			reference: 'R2',
			reversedReference: 'R1',
		});
	});

	test.each(['Failed', 'Cancelled', 'REJECTED', 'declined'])(
		'a request that is %s is a failure, unless a received payment contradicts it',
		(status) => {
			const returned = { amount: '10.0', status: 'Reversed', reference: 'R1' };
			const payments = [null, { amount: '10.0' }, returned, { ...returned, status: 'Voided' }];
			for (const event of [null, {}, ...payments.map((resource) => ({ resource }))]) {
				expect(parseResult(paymentWith(status, event))).toMatchObject({
					outcome: 'failure',
					isFinal: true,
				});
			}
			for (const evidence of [
				{ status: 'Received' },
				{ status: 'complete' },
				{ reference: 'R1' },
			]) {
				const body = paymentWith(status, { resource: { amount: '10.0', ...evidence } });
				expect(parseResult(body)).toMatchObject({
					outcome: 'unknown',
					isFinal: false,
					message: `It is not known whether this was paid: the request is ${status.toLowerCase()}, but its payment was received`,
				});
			}
		},
	);

	test.each(['Pending', 'Scheduled'])(
		'a request that is %s is pending, whatever its payment',
		(status) => {
			for (const word of ['Received', 'Reversed', '', 'Voided']) {
				const body = paymentWith(status, { resource: { amount: '10.0', status: word } });
				expect(parseResult(body)).toMatchObject({ outcome: 'pending', isFinal: false });
			}
		},
	);

	test('a contradiction has the errors of Kopo Kopo as its reason', () => {
		const body = paymentWith('Failed', {
			resource: { amount: '10.0', status: 'Received' },
			errors: ['Timed out'],
		});
		expect(parseResult(body).message).toBe('It is not known whether this was paid: Timed out');
	});

	test.each(['Failed', 'Cancelled', 'REJECTED', 'declined'])(
		'a flat body that is %s is a failure',
		(status) => {
			expect(parseResult({ data: { id: '7', status } })).toMatchObject({
				outcome: 'failure',
				isFinal: true,
			});
		},
	);

	test.each(['constructor', 'toString', '__proto__'])(
		'a result of the kind %s is pending',
		(type) => {
			expect(parseResult({ data: { type, attributes: { status: 'Success' } } }).outcome).toBe(
				'pending',
			);
		},
	);
});

describe('results of other resources', () => {
	test('a paid payment link has the payment, its reference and its expiry', () => {
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

	test('a payment link has its URL first', () => {
		expect(Object.keys(paymentItem(parseResult(bodyOf('payment-link.active'))))[0]).toBe('link');
	});

	test('a reversal has the receipt of the payment and the reason', () => {
		expect(paymentItem(parseResult(bodyOf('reversal.transferred')))).toMatchObject({
			outcome: 'success',
			message: 'Refunded KES 400, receipt ce430292-899b-4543-beb8-4195875dc063',
			reversedReference: '059278a2-8ffe-4f31-b3b4-d6c76770c72f',
			reason: 'Testing Reversals',
		});
	});

	test.each<[unknown, unknown]>([
		['254712345678', '+254712345678'],
		[254712345678, '+254712345678'],
		[null, null],
	])('the phone number %j is %j in every kind of result', (sent, shown) => {
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
});

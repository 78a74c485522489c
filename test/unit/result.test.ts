import * as fc from 'fast-check';
import type { IDataObject } from 'n8n-workflow';
import { flattenErrors } from '../../nodes/KopoKopo/domain/json';
import { asAmount } from '../../nodes/KopoKopo/domain/money';
import { paymentItem } from '../../nodes/KopoKopo/domain/payment';
import { parseResult } from '../../nodes/KopoKopo/domain/result';
import { readFixtures } from './testData';

/** All but the answers about tokens, which are no status of a resource. */
const fixtures = readFixtures('results').filter(({ envelope }) => envelope !== 'oauth');

/** The contract's finer words in ours: a failed attempt leaves a link open, part of the money is not all. */
const OUTCOMES: Record<string, string> = { attempt_failed: 'pending', partial: 'failure' };

function bodyOf(name: string): IDataObject {
	const body = fixtures.find((fixture) => fixture.name === name)?.body;
	if (!body) throw new Error(`There is no result fixture ${name}`);
	return body;
}

/** A payment request with this status; the payment itself stands there unless told. */
function paymentWith(status: unknown, event: unknown = { resource: { amount: '10.0' } }) {
	return { data: { id: '7', type: 'incoming_payment', attributes: { status, event } } };
}

describe('what the contract says of its own samples', () => {
	test.each(fixtures)('$name ($status) is a $outcome', ({ body, outcome, terminal }) => {
		const result = parseResult(body);

		expect(result.outcome).toBe(OUTCOMES[outcome] ?? outcome);
		// Of accounts the contract says nothing here: approved is where they end.
		expect(result.isFinal).toBe(terminal ?? true);
	});

	test.each(fixtures)(
		'$name has ten flat fields, and says why when it is a failure',
		({ body }) => {
			const result = parseResult(body);
			const item = paymentItem(result);

			expect(Object.keys(item)).toHaveLength(10);
			expect(Object.keys(item)).toEqual(
				expect.arrayContaining(['id', 'outcome', 'isFinal', 'status', 'amount', 'reference']),
			);
			expect(result.amount === null || Number.isFinite(result.amount)).toBe(true);
			if (result.outcome === 'success') expect(result.message).toBeNull();
		},
	);

	test('Processed alone is never a success', () => {
		const bare = fixtures
			.filter(({ status }) => String(status).startsWith('Processed'))
			.map(({ kind }) => ({ data: { id: '7', type: kind, attributes: { status: 'Processed' } } }));

		expect(bare.length).toBeGreaterThan(5);
		expect(bare.map((body) => parseResult(body).outcome)).toEqual(bare.map(() => 'pending'));
	});

	test('part of the money says how much of it', () => {
		expect(parseResult(bodyOf('send-money.partial.inferred'))).toMatchObject({
			outcome: 'failure',
			amount: 2000,
			message: expect.stringContaining('1 of 2') as string,
		});
	});

	const metadata = {
		customer_id: '123456789',
		reference: '123456',
		notes: 'Payment for invoice 12345',
	};

	test('a paid request names the payment in flat fields', () => {
		expect(parseResult(bodyOf('incoming-payment.success'))).toEqual({
			id: 'a652f86f-f2aa-4d70-baa2-ccfe4b78f4fc',
			outcome: 'success',
			isFinal: true,
			status: 'Success',
			amount: 100,
			currency: 'KES',
			reference: 'OJJ1MPU40Z',
			phoneNumber: '+254999999999',
			message: null,
			metadata,
		});
	});

	test('a failed one says why', () => {
		expect(parseResult(bodyOf('incoming-payment.failed'))).toEqual({
			id: '09bc45fc-3b97-4c44-b860-42a7bcbd7480',
			outcome: 'failure',
			isFinal: true,
			status: 'Failed',
			amount: null,
			currency: null,
			reference: null,
			phoneNumber: null,
			message: 'The initiator information is invalid.',
			metadata,
		});
	});
});

describe('words that were not promised', () => {
	test.each(['success', 'SUCCESS', 'Success'])('%s is a success, whatever its case', (status) => {
		expect(parseResult(paymentWith(status))).toMatchObject({ outcome: 'success', status });
	});

	test.each(['failed', 'FAILED', 'Failed'])('%s is a failure, whatever its case', (status) => {
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

	test('an unknown kind of result is pending', () => {
		const body = { data: { id: '7', type: 'gift', attributes: { status: 'Success' } } };

		expect(parseResult(body)).toMatchObject({ id: '7', outcome: 'pending', status: 'Success' });
	});

	test.each(['constructor', 'toString', '__proto__'])('nor does the kind %s mislead', (type) => {
		expect(parseResult({ data: { type, attributes: { status: 'Success' } } }).outcome).toBe(
			'pending',
		);
	});
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

	test('a result comes out, and only a final one is final', () => {
		fc.assert(
			fc.property(body, (given) => {
				const result = parseResult(given);
				expect(['success', 'failure', 'pending']).toContain(result.outcome);
				expect(result.isFinal).toBe(result.outcome !== 'pending');
				expect(typeof (result.amount ?? 0)).toBe('number');
				expect(Object.keys(result)).toHaveLength(10);
			}),
		);
	});
});

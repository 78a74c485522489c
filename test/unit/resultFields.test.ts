import { parseResult } from '../../nodes/KopoKopo/domain/result';

const result = (type: string, attributes: object) =>
	parseResult({ data: { id: '7', type, attributes } });

const nothing = {
	amount: null,
	sender: null,
	phoneNumber: null,
	reference: null,
	occurredAt: null,
	tillNumber: null,
	status: null,
	currency: null,
	metadata: {},
	id: '7',
};

describe('a payment request', () => {
	const paid = {
		amount: '10.0',
		currency: 'KES',
		reference: 'A1',
		origination_time: '2026-05-01T10:43:19+03:00',
		till_number: 'K123456',
		sender_first_name: 'Jane',
		sender_phone_number: '254712345678',
	};

	test('whose payment was reversed is a failure, although its status is SUCCESS', () => {
		expect(
			result('incoming_payment', {
				status: 'SUCCESS',
				event: { resource: { ...paid, status: 'Reversed' } },
			}),
		).toEqual({
			...nothing,
			outcome: 'failure',
			isFinal: true,
			status: 'SUCCESS',
			amount: 10,
			currency: 'KES',
			sender: 'Jane',
			phoneNumber: '+254712345678',
			payerHash: null,
			reference: 'A1',
			occurredAt: '2026-05-01T10:43:19+03:00',
			tillNumber: 'K123456',
			message: 'The payment was reversed; the money went back to the payer',
		});
	});

	test.each(['Pending', 'Failed'])(
		'that is %s does not say that a payment was reversed',
		(status) => {
			const { message } = result('incoming_payment', {
				status,
				event: { resource: { status: 'Reversed' } },
			});
			expect(message).toMatch(/^Not paid/);
		},
	);

	test.each<[unknown, string]>([
		[['Request cancelled by user'], 'Not paid: cancelled by the customer'],
		['request cancelled by the user', 'Not paid: cancelled by the customer'],
		['Request canceled by user', 'Not paid: cancelled by the customer'],
		['Request Cancelled by the user.', 'Not paid: cancelled by the customer'],
		['Request cancelled by user because', 'Not paid: Request cancelled by user because'],
		['The request cancelled by user', 'Not paid: The request cancelled by user'],
		[{ base: ['Wrong PIN'] }, 'Not paid: Wrong PIN'],
		[null, 'Not paid: Kopo Kopo gives no reason'],
	])('that failed with %j has the message: %s', (errors, message) => {
		expect(result('incoming_payment', { status: 'Failed', event: { errors } }).message).toBe(
			message,
		);
	});
});

describe('a reversal', () => {
	const moved = {
		status: 'Transferred',
		amount: '400.0',
		transaction_reference: 'R1',
		origination_time: '2026-05-01T10:43:19+03:00',
	};
	const reversal = (status: string, payment: object | null, more: object = {}) =>
		result('reversal', {
			status,
			transaction_reference: 'P1',
			reason: 'Wrong amount',
			reversal_bulk_payment: payment,
			...more,
		});

	test('that was paid back has both receipts, the time and the reason', () => {
		expect(reversal('Processed', moved, { metadata: { order: '7' } })).toEqual({
			...nothing,
			outcome: 'success',
			isFinal: true,
			status: 'Processed',
			amount: 400,
			currency: 'KES',
			reference: 'R1',
			occurredAt: '2026-05-01T10:43:19+03:00',
			message: 'Refunded KES 400, receipt R1',
			reversedReference: 'P1',
			reason: 'Wrong amount',
			metadata: { order: '7' },
		});
	});

	test.each<[string, string, object | null, string]>([
		['Processed', 'Cancelled', null, 'failure'],
		['Processed', 'Failed', null, 'failure'],
		['Processed', 'Reversed', null, 'pending'],
		['Processed', 'Scheduled', null, 'pending'],
		['Processed', '', null, 'pending'],
		['Failed', '', null, 'failure'],
		['Failed', 'Cancelled', null, 'failure'],
		['Failed', 'Reversed', null, 'pending'],
		['Failed', 'Scheduled', null, 'pending'],
		['Failed', 'Transferred', null, 'unknown'],
		['Processed', 'Transferred', ['Late'], 'unknown'],
		['Scheduled', 'Transferred', null, 'pending'],
		['Scheduled', 'Cancelled', null, 'pending'],
	])(
		'that is %s, with a payment that is %j and has the errors %j, has the outcome %s',
		(status, word, errors, outcome) => {
			expect(reversal(status, { status: word, errors } as object)).toMatchObject({
				outcome,
				isFinal: outcome === 'failure',
			});
		},
	);

	test('that has not moved has no time and no currency, and says why', () => {
		expect(
			reversal(
				'Processed',
				{ status: 'Failed', origination_time: '2026-05-01', errors: ['Closed'] },
				{ errors: { base: ['Late'] } },
			),
		).toMatchObject({
			outcome: 'failure',
			amount: null,
			currency: null,
			occurredAt: null,
			message: 'Not refunded: Late; Closed',
		});
	});
});

describe('a payment link', () => {
	test('that was paid has the payment', () => {
		expect(
			result('payment_link', {
				status: 'Success',
				amount: '350.0',
				currency: 'KES',
				till_number: 'K123456',
				payment_reference: 'INV-7',
				payment_link: {
					status: 'PAID',
					link: 'https://x/l',
					transaction_reference: 'A1',
					sender_phone_number: '254712345678',
					origination_time: '2026-05-01T10:43:19+03:00',
					expires_at: '2026-05-04T10:43:19+03:00',
				},
			}),
		).toEqual({
			...nothing,
			outcome: 'success',
			isFinal: true,
			status: 'PAID',
			amount: 350,
			currency: 'KES',
			phoneNumber: '+254712345678',
			reference: 'A1',
			occurredAt: '2026-05-01T10:43:19+03:00',
			tillNumber: 'K123456',
			message: 'Paid KES 350, receipt A1',
			link: 'https://x/l',
			paymentReference: 'INV-7',
			expiresAt: '2026-05-04T10:43:19+03:00',
		});
	});

	test.each<[object, string, string | null, string]>([
		[
			{ payment_link: { status: 'Cancelled' } },
			'failure',
			'Cancelled',
			'Not paid: the payment link was cancelled',
		],
		[
			{ payment_link: { payment_link_status: 'expired' } },
			'failure',
			'expired',
			'Not paid: the payment link has expired',
		],
		[
			{ payment_link: 'https://x/l', payment_link_status: 'active' },
			'pending',
			'active',
			'Not paid yet',
		],
		[
			{ status: 'Failed', payment_link: { status: 'active' }, errors: ['Wrong PIN'] },
			'pending',
			'active',
			'Not paid yet: Wrong PIN',
		],
		[
			{ status: 'Failed', errors: 'request cancelled by user' },
			'failure',
			'Failed',
			'Not paid: cancelled by the customer',
		],
		[{ status: 'Pending' }, 'pending', 'Pending', 'Not paid yet'],
		[
			{ payment_link: { status: 'Expired', transaction_reference: ' R1 ' } },
			'unknown',
			'Expired',
			'It is not known whether this was paid: the link is expired, but it has the receipt R1',
		],
		[
			{ payment_link: { status: 'Cancelled', transaction_reference: 17 } },
			'unknown',
			'Cancelled',
			'It is not known whether this was paid: the link is cancelled, but it has the receipt 17',
		],
		[
			{ status: 'Failed', payment_link: { transaction_reference: 'R1' } },
			'unknown',
			'Failed',
			'It is not known whether this was paid: the link is failed, but it has the receipt R1',
		],
		[
			{ payment_link: { status: 'Expired', transaction_reference: ' ' } },
			'failure',
			'Expired',
			'Not paid: the payment link has expired',
		],
		[
			{ payment_link: { status: 'Active', transaction_reference: 'R1' } },
			'pending',
			'Active',
			'Not paid yet',
		],
	])('%j is a %s', (attributes, outcome, status, message) => {
		expect(result('payment_link', attributes)).toMatchObject({ outcome, status, message });
	});

	test('that is only a URL has it as link', () => {
		expect(result('payment_link', { payment_link: 'https://x/l' }).link).toBe('https://x/l');
	});
});

describe('a result that is not a payment', () => {
	test.each<[string, object, string, string]>([
		['polling', { status: 'success' }, 'success', 'The transactions are ready'],
		['polling', { status: 'Scheduled' }, 'pending', 'The transactions are not ready yet'],
		[
			'polling',
			{ status: 'Failed', errors: 'Too long' },
			'failure',
			'Kopo Kopo could not list the transactions: Too long',
		],
		['transaction_sms_notification', { status: 'Success' }, 'success', 'The message was sent'],
		[
			'transaction_sms_notification',
			{ status: 'Sending' },
			'pending',
			'The message has not been sent yet',
		],
		['transaction_sms_notification', { status: 'Rejected' }, 'failure', 'The message was not sent'],
		['merchant_wallet', { status: 'Approved' }, 'success', 'Approved'],
		['merchant_bank_account', { status: 'Pending' }, 'pending', 'Not approved yet'],
		[
			'external_recipient',
			{ status: 'Declined', errors: ['Name'] },
			'failure',
			'Not approved: Name',
		],
		['pay_recipient', { status: 'success' }, 'pending', 'Not approved yet'],
		['gift', { status: 'Success' }, 'pending', 'There is no result yet. Look it up with Get later'],
	])('%s %j is a %s', (type, attributes, outcome, message) => {
		expect(result(type, attributes)).toMatchObject({
			outcome,
			message,
			isFinal: outcome !== 'pending',
		});
	});

	test.each<[object, string | null]>([
		[{ account_reference: 'ref-1', recipient_reference: 'ref-2' }, 'ref-1'],
		[{ recipient_reference: 'ref-2' }, 'ref-2'],
		[{ account_reference: 'UNAVAILABLE' }, null],
		[{}, null],
	])('an account with %j has the reference %j', (attributes, reference) => {
		expect(result('merchant_wallet', attributes).reference).toBe(reference);
	});
});

describe('a flat body', () => {
	test('that is completed has the payment', () => {
		expect(
			parseResult({
				data: {
					id: 7,
					status: 'Completed',
					amount: 100,
					currency: 'KES',
					phone_number: '254712345678',
					mpesa_reference: 'A1',
					completed_at: '2026-05-01T10:43:19+03:00',
					metadata: { order: '7' },
				},
			}),
		).toEqual({
			...nothing,
			outcome: 'success',
			isFinal: true,
			status: 'Completed',
			amount: 100,
			currency: 'KES',
			phoneNumber: '+254712345678',
			reference: 'A1',
			occurredAt: '2026-05-01T10:43:19+03:00',
			message: 'Paid KES 100, receipt A1',
			metadata: { order: '7' },
		});
	});

	test.each<[object, object]>([
		[
			{ status: 'success', mpesa_receipt_number: 'A1', mpesa_reference: 'B2' },
			{ outcome: 'success', reference: 'A1' },
		],
		[
			{ status: 'success', bank_transaction_id: 'C3' },
			{ outcome: 'success', reference: 'C3' },
		],
		[
			{ status: 'failed', failure_reason: 'No funds', completed_at: '2026' },
			{ outcome: 'failure', message: 'Not paid: No funds', occurredAt: null },
		],
		[
			{ status: 'processing', completed_at: '2026' },
			{ outcome: 'pending', message: 'Not paid yet', occurredAt: null },
		],
		[{ id: '7' }, { outcome: 'pending', message: 'Not paid yet' }],
	])('%j', (data, expected) => {
		expect(parseResult({ data })).toMatchObject(expected);
	});

	test.each([null, undefined, {}, { data: {} }, { data: [] }, 'text'])(
		'of %j has no result',
		(body) => {
			expect(parseResult(body)).toEqual({
				...nothing,
				outcome: 'pending',
				isFinal: false,
				message: 'There is no result yet. Look it up with Get later',
				id: null,
			});
		},
	);

	test.each([
		{ type: 'gift', status: 'success' },
		{ attributes: {}, status: 'success' },
	])('%j is not flat', (data) => {
		expect(parseResult({ data })).toMatchObject({ outcome: 'pending', status: null });
	});
});

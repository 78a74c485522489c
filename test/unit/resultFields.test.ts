import {
	compactItem,
	paymentItem,
	statusItem,
	withRequested,
} from '../../nodes/KopoKopo/domain/payment';
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

	test('says that a reversed payment went back, and not that it was paid', () => {
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
		'a reversed payment of a %s request is not a reversal',
		(status) => {
			const { message } = result('incoming_payment', {
				status,
				event: { resource: { status: 'Reversed' } },
			});
			expect(message).toMatch(/^Not paid/);
		},
	);

	test.each<[unknown, string]>([
		['Request Cancelled by the user.', 'Not paid: cancelled by the customer'],
		['Request cancelled by user because', 'Not paid: Request cancelled by user because'],
		['The request cancelled by user', 'Not paid: The request cancelled by user'],
		[{ base: ['Wrong PIN'] }, 'Not paid: Wrong PIN'],
		[null, 'Not paid: Kopo Kopo gives no reason'],
	])('that failed with %j: %s', (errors, message) => {
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
		'that is %s with a payment that is %j and has the errors %j: %s',
		(status, word, errors, outcome) => {
			expect(reversal(status, { status: word, errors } as object).outcome).toBe(outcome);
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
	])('%j is a %s', (attributes, outcome, status, message) => {
		expect(result('payment_link', attributes)).toMatchObject({ outcome, status, message });
	});

	test('that is only an address has it', () => {
		expect(result('payment_link', { payment_link: 'https://x/l' }).link).toBe('https://x/l');
	});
});

describe('what is no payment', () => {
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
			'The message is not sent yet',
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

describe('a Send Money result', () => {
	const paid = (more: object) => ({ status: 'Transferred', amount: '10', ...more });
	const transfer = (rows: object[], more: object = {}) =>
		result('send_money', {
			status: 'Processed',
			transfer_batches: [{ disbursements: rows }],
			...more,
		});

	test.each<[object, string | null]>([
		[{ phone_number: '254712345678', account_number: '0123' }, '+254712345678'],
		[{ account_number: '0123', till_number: 'K1' }, '0123'],
		[{ till_number: 'K1', paybill_number: '888880' }, 'K1'],
		[{ paybill_number: '888880', paybill_account_number: 'A12' }, '888880 A12'],
		[{ destination_reference: 'ref-1' }, 'ref-1'],
		[{}, null],
	])('names the destination of %j', (row, destination) => {
		const [first] = transfer([paid(row)]).disbursements ?? [];
		expect(first?.destination).toBe(destination);
	});

	test('has names, numbers and receipts of all, each once, and the latest time', () => {
		expect(
			transfer(
				[
					paid({
						account_name: 'Jane',
						phone_number: '254712345678',
						transaction_reference: 'A1',
						origination_time: '2026-05-01T10:00:00+03:00',
					}),
					paid({
						account_name: 'John',
						phone_number: '254712345678',
						transaction_reference: 'B2',
						origination_time: '2026-05-01T11:00:00+03:00',
					}),
					paid({ transaction_reference: 'A1', origination_time: '2026-05-01T09:00:00+03:00' }),
				],
				{ source_identifier: 'K123456', currency: 'KES' },
			),
		).toMatchObject({
			outcome: 'success',
			amount: 30,
			currency: 'KES',
			sender: 'Jane, John',
			phoneNumber: '+254712345678',
			reference: 'A1, B2',
			occurredAt: '2026-05-01T11:00:00+03:00',
			tillNumber: 'K123456',
			message: 'Paid KES 30, receipts A1, B2',
		});
	});

	test('that is pending has what was asked for', () => {
		const destinations = [
			{ amount: 10, account_name: 'Jane', phone_number: '0712345678' },
			{ amount: 20, account_name: 'John' },
		];
		const pending = result('send_money', { status: 'Scheduled', destinations });

		expect(pending).toMatchObject({
			outcome: 'pending',
			amount: 30,
			sender: 'Jane, John',
			phoneNumber: '+254712345678',
			reference: null,
			occurredAt: null,
			message: 'Not paid yet',
		});
		expect(pending).not.toHaveProperty('disbursements');
		expect(
			result('payment', { status: 'Scheduled', amount: { value: '15.0', currency: 'KES' } }),
		).toMatchObject({ amount: 15, currency: 'KES' });
	});

	test('says how much of it was paid so far', () => {
		const open = { status: 'Scheduled', amount: 20 };
		expect(transfer([paid({}), open]).message).toBe(
			'Paid KES 10 of KES 30, 1 of 2 destinations so far',
		);
		expect(transfer([open]).message).toBe('Not paid yet');
	});

	test('says by its status why a destination was not paid', () => {
		expect(
			transfer([
				{ status: 'Rejected', amount: 5 },
				{ status: 'Cancelled', amount: 5 },
			]),
		).toMatchObject({
			outcome: 'failure',
			amount: 10,
			message: 'Not paid: Rejected, Cancelled',
		});
		expect(transfer([paid({}), { status: 'Rejected', amount: 5 }]).message).toBe(
			'Paid KES 10 of KES 15, 1 of 2 destinations. Not paid: Rejected',
		);
	});

	test('has no amount where that of a paid destination cannot be read', () => {
		const unreadable = paid({ amount: null });
		expect(transfer([paid({}), unreadable, { status: 'Rejected', amount: 5 }]).amount).toBeNull();
		expect(
			transfer([paid({}), unreadable], { destinations: [{ amount: 10 }, { amount: 7 }] }).amount,
		).toBe(17);
	});

	test('that contradicts itself says so', () => {
		const rest = 'Look it up at Kopo Kopo before you pay again';
		expect(transfer([paid({})], { status: 'Failed' }).message).toBe(
			`It is not known whether the money was paid: Kopo Kopo's answer contradicts itself (the request is failed, its disbursements are paid). ${rest}`,
		);
		expect(transfer([paid({ errors: 'No funds' })]).message).toBe(
			`It is not known whether the money was paid: Kopo Kopo's answer contradicts itself (No funds). ${rest}`,
		);
	});
});

describe('items', () => {
	test('leave out what is empty, and keep false, zero and an empty list', () => {
		const item = paymentItem({
			outcome: 'success',
			link: '',
			status: '',
			metadata: {},
			currency: null,
			settled: false,
			transactions: [],
			id: '7',
		});
		expect(item).toEqual({
			outcome: 'success',
			amount: null,
			sender: null,
			phoneNumber: null,
			reference: null,
			occurredAt: null,
			tillNumber: null,
			message: null,
			settled: false,
			transactions: [],
			id: '7',
		});
	});

	test('keep what was asked for where a result says nothing', () => {
		expect(
			withRequested(
				{ amount: 5, currency: 'KES', metadata: { a: 1 } },
				{ amount: 0, currency: '', metadata: {} },
			),
		).toEqual({ amount: 0, currency: 'KES', metadata: { a: 1 } });
		expect(withRequested(undefined, { amount: 5 })).toEqual({ amount: 5 });
	});

	test('for an AI model have the disbursements only where some were paid and some not', () => {
		const disbursements = [
			{ reference: 'A1', amount: 1, destination: null, status: null, message: null },
		];
		const shown = (outcome: 'partial' | 'success') =>
			compactItem(paymentItem({ outcome, disbursements, id: '7', status: 'Processed' }));

		expect(shown('partial')).toHaveProperty('disbursements');
		expect(shown('success')).not.toHaveProperty('disbursements');
		expect(shown('success')).not.toHaveProperty('status');
	});

	test('of what is no payment have outcome, message, status and id', () => {
		expect(
			Object.entries(statusItem({ outcome: 'pending', message: 'Not sent yet' }, { more: 1 })),
		).toEqual([
			['outcome', 'pending'],
			['message', 'Not sent yet'],
			['status', null],
			['more', 1],
			['id', null],
		]);
		expect(statusItem({ outcome: 'success', message: null, status: 'Success', id: '7' })).toEqual({
			outcome: 'success',
			message: null,
			status: 'Success',
			id: '7',
		});
	});
});

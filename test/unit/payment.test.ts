import type { IDataObject } from 'n8n-workflow';
import {
	compactItem,
	LEADING_FIELDS,
	paymentItem,
	statusItem,
	TRAILING_FIELDS,
	withRequested,
} from '../../nodes/KopoKopo/domain/payment';
import { parseResult } from '../../nodes/KopoKopo/domain/result';
import { parseTransactions } from '../../nodes/KopoKopo/domain/transaction';
import { presentItems, resultItem } from '../../nodes/KopoKopo/execution/output';
import type { Run } from '../../nodes/KopoKopo/execution/run';
import { resources } from '../../nodes/KopoKopo/resources';
import { parseDelivery } from '../../nodes/KopoKopo/webhooks/parseDelivery';
import type { VerifiedBody } from '../../nodes/KopoKopo/webhooks/signature';

/** One payment, as a K2 resource. */
const RESOURCE = {
	id: 'transaction-1',
	reference: 'SBX0000003',
	origination_time: '2026-05-01T10:43:19+03:00',
	sender_phone_number: '+254712345678',
	hashed_sender_phone: 'a'.repeat(64),
	amount: '1500.0',
	currency: 'KES',
	till_number: 'K123456',
	system: 'Lipa Na M-PESA',
	status: 'Received',
	sender_first_name: 'Jane',
	sender_middle_name: null,
	sender_last_name: 'Doe',
};

const STATUS: IDataObject = {
	data: {
		id: 'request-1',
		type: 'incoming_payment',
		attributes: {
			status: 'Success',
			event: { type: 'Incoming Payment Request', resource: RESOURCE, errors: null },
			metadata: { order: '7' },
		},
	},
};

const request = resources
	.find(({ value }) => value === 'paymentRequest')
	?.operations.find(({ value }) => value === 'request');
if (request === undefined) throw new Error('There is no operation to request a payment');

const params = {
	amount: 1500,
	phoneNumber: '+254712345678',
	tillNumber: 'K123456',
	additionalFields: {},
};
const deliver = (body: unknown): IDataObject =>
	parseDelivery(Buffer.from(JSON.stringify(body)) as VerifiedBody).item ?? {};

/** What the action node shows for a request whose status is `body`, after it has waited for it. */
function waitedFor(body: IDataObject): IDataObject {
	const run = { operation: request, context: { getNode: () => ({}) } } as unknown as Run;
	const [item] = presentItems(run, {
		kind: 'accepted',
		accepted: { id: 'request-1', location: 'https://x/request-1', awaited: { body } },
		params,
		settings: { output: { simplify: true } },
		itemIndex: 0,
	} as unknown as Parameters<typeof presentItems>[1]);
	return item ?? {};
}

const sources = (status: IDataObject): Record<string, IDataObject> => ({
	result: waitedFor(status),
	Get: paymentItem(parseResult(status)),
	callback: deliver(status),
	event: deliver({
		topic: 'buygoods_transaction_received',
		id: 'event-1',
		created_at: '2026-05-01T10:43:20+03:00',
		event: { type: 'Buygoods Transaction', resource: RESOURCE },
	}),
	'poll row': parseTransactions(
		{
			data: {
				type: 'polling',
				attributes: { transactions: [{ type: 'Buygoods Transaction', resource: RESOURCE }] },
			},
		},
		true,
	)[0] as IDataObject,
	pause: resultItem(request, request.summary?.(params as never) ?? {}, parseResult(status)),
});

describe('one payment from six sources', () => {
	const facts = {
		outcome: 'success',
		amount: 1500,
		sender: 'Jane Doe',
		phoneNumber: '+254712345678',
		reference: 'SBX0000003',
		occurredAt: '2026-05-01T10:43:19+03:00',
		tillNumber: 'K123456',
		message: 'Paid KES 1,500, receipt SBX0000003',
		payerHash: 'a'.repeat(64),
		currency: 'KES',
	};

	test.each(Object.entries(sources(STATUS)))('%s has the same facts', (_source, item) => {
		expect(item).toMatchObject(facts);
	});

	test.each(Object.entries(sources(STATUS)))(
		'%s has its fields in the same order',
		(_source, item) => {
			const order = ['link', ...LEADING_FIELDS, ...TRAILING_FIELDS] as string[];
			const names = Object.keys(item);

			expect(names.slice(0, LEADING_FIELDS.length)).toEqual([...LEADING_FIELDS]);
			expect(names).toEqual(order.filter((name) => names.includes(name)));
		},
	);

	test.each(Object.entries(sources(STATUS)))(
		'%s has no null outside of the leading fields',
		(_source, item) => {
			const others = Object.entries(item).filter(
				([name]) => !(LEADING_FIELDS as readonly string[]).includes(name),
			);
			expect(others.filter(([, value]) => value === null || value === '')).toEqual([]);
			expect(item).not.toHaveProperty('isFinal');
		},
	);
});

describe('the requested values (B04)', () => {
	const refused: IDataObject = {
		data: {
			id: 'request-1',
			type: 'incoming_payment',
			attributes: {
				status: 'Failed',
				event: { resource: null, errors: ['Request cancelled by user'] },
			},
		},
	};

	test.each(['result', 'pause'])('are kept in the %s of a rejected payment', (source) => {
		expect(sources(refused)[source]).toEqual({
			outcome: 'failure',
			amount: 1500,
			sender: null,
			phoneNumber: '+254712345678',
			reference: null,
			occurredAt: null,
			tillNumber: 'K123456',
			message: 'Not paid: cancelled by the customer',
			status: 'Failed',
			currency: 'KES',
			id: 'request-1',
		});
	});

	test('are kept in the result of a payment that is still pending', () => {
		const pending = { data: { id: 'request-1', type: 'incoming_payment', attributes: {} } };

		expect(waitedFor(pending)).toMatchObject({
			outcome: 'pending',
			amount: 1500,
			phoneNumber: '+254712345678',
			message: 'Not paid yet. Look it up with Get later',
			location: 'https://x/request-1',
		});
	});
});

describe('the item for an AI model', () => {
	test('has the leading fields and the id', () => {
		expect(Object.keys(compactItem(paymentItem(parseResult(STATUS))))).toEqual([
			...LEADING_FIELDS,
			'id',
		]);
	});

	test('has the link', () => {
		const payment = { link: 'https://x/l', disbursements: [], id: '7', status: 'Paid' };

		expect(Object.keys(compactItem(paymentItem(payment)))).toEqual([
			'link',
			...LEADING_FIELDS,
			'id',
		]);
	});

	test('has the disbursements of a partial payout only', () => {
		const disbursements = [
			{ reference: 'A1', amount: 1, destination: null, status: null, message: null },
		];
		const shown = (outcome: 'partial' | 'success') =>
			compactItem(paymentItem({ outcome, disbursements, id: '7', status: 'Processed' }));

		expect(shown('partial')).toHaveProperty('disbursements');
		expect(shown('success')).not.toHaveProperty('disbursements');
		expect(shown('success')).not.toHaveProperty('status');
	});

	test('says that nothing was sent, since an equal request was sent before', () => {
		expect(
			compactItem(paymentItem({ outcome: 'unknown', message: 'Not sent', isDuplicate: true })),
		).toMatchObject({ outcome: 'unknown', message: 'Not sent', isDuplicate: true });
	});

	test('is the whole item if it is not a payment', () => {
		const account = { outcome: 'success', name: 'Jane Doe', id: '7' };

		expect(compactItem(account)).toBe(account);
	});
});

describe('paymentItem', () => {
	test('omits empty values, and keeps false, zero and an empty list', () => {
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
});

describe('statusItem', () => {
	test('has the outcome, the message, the status and the ID', () => {
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

test('withRequested prefers the values of Kopo Kopo to the requested ones, except for empty values', () => {
	expect(
		withRequested(
			{ amount: 5, currency: 'KES', metadata: { a: 1 } },
			{ amount: 0, currency: '', metadata: {} },
		),
	).toEqual({ amount: 0, currency: 'KES', metadata: { a: 1 } });
	expect(
		withRequested({ amount: 1500, message: 'Requested' }, { amount: 950, message: null }),
	).toEqual({ amount: 950, message: 'Requested' });
	expect(withRequested(undefined, { amount: 5 })).toEqual({ amount: 5 });
});

describe('the amount of a payout that has paid a part', () => {
	const paid = { status: 'Transferred', reference: 'R1', destination: null, message: null };
	const asked = { amount: 300 };

	test.each(['partial', 'pending'] as const)(
		'is not what was asked for if what was paid cannot be read: %s',
		(outcome) => {
			const disbursements = [
				{ ...paid, amount: null },
				{ ...paid, status: 'Failed', amount: null },
			];
			expect(withRequested(asked, { outcome, amount: null, disbursements }).amount).toBeNull();
			expect(withRequested(asked, { outcome, disbursements }).amount).toBeNull();
			expect(withRequested(asked, { outcome, amount: 100, disbursements }).amount).toBe(100);
		},
	);

	test('is what was asked for while nothing is paid', () => {
		const disbursements = [{ ...paid, status: 'Scheduled', amount: null }];
		const pending = { outcome: 'pending', amount: null } as const;
		expect(withRequested(asked, pending).amount).toBe(300);
		expect(withRequested(asked, { ...pending, disbursements }).amount).toBe(300);
	});

	test('is what was asked for if everything is paid and cannot be read', () => {
		const disbursements = [{ ...paid, amount: null }];
		const result = { outcome: 'success', amount: null, disbursements } as const;
		expect(withRequested(asked, result).amount).toBe(300);
	});
});

import type { IDataObject } from 'n8n-workflow';
import { paymentItem } from '../../nodes/KopoKopo/domain/payment';
import { parseResult } from '../../nodes/KopoKopo/domain/result';
import { ERROR_SHAPES } from './testData';

type Row = IDataObject;

const sent = (amount: unknown, more: object = {}): Row =>
	({ status: 'Transferred', amount, transaction_reference: 'RCT0000001', ...more }) as Row;
const lost = (status: string, more: object = {}): Row =>
	({ status, amount: '1000.0', transaction_reference: null, ...more }) as Row;

/** A Send Money body with one batch, and destinations of 1,000 each. */
function transferBody(
	status: unknown,
	disbursements: Row[] | null,
	{ destinations = 1, type = 'send_money', ...more }: IDataObject & { destinations?: number } = {},
): IDataObject {
	return {
		data: {
			id: '7',
			type,
			attributes: {
				status,
				destinations: Array.from({ length: destinations }, () => ({ amount: 1000 })),
				currency: 'KES',
				transfer_batches: disbursements && [{ status: 'Processed', disbursements }],
				errors: null,
				...more,
			},
		},
	} as IDataObject;
}

/** The message must contain `text`; the rest is compared as it is. */
const containing = (text: string) => expect.stringContaining(text) as string;

describe('one object in place of a list', () => {
	test.each<[string, IDataObject]>([
		['a batch', { transfer_batches: { disbursements: [sent('1000.0')] } }],
		['a disbursement', { transfer_batches: [{ disbursements: sent('1000.0') }] }],
	])('%s is read like the only one in a list', (_what, more) => {
		expect(parseResult(transferBody('Processed', [sent('1000.0')], more))).toMatchObject({
			outcome: 'success',
			amount: 1000,
		});
		const refused = transferBody('Failed', [sent('1000.0')], more);
		expect(parseResult(refused).outcome).toBe('unknown');
	});

	test('a destination is read like the only one in a list', () => {
		const attributes = { status: 'Failed', destinations: { amount: 1000 } };
		expect(parseResult({ data: { type: 'send_money', attributes } }).amount).toBe(1000);
	});

	test.each([{}, '', 'none', 7, false])('%j is an empty list', (empty) => {
		for (const batches of [empty, [{ disbursements: empty }]]) {
			const body = transferBody('Failed', null, { transfer_batches: batches });
			expect(parseResult(body).outcome).toBe('failure');
		}
	});
});

// docs/kopokopo-api.md#errors-in-results
describe('errors of any JSON shape', () => {
	test.each(ERROR_SHAPES)(
		'a Transferred disbursement with the errors %j is unknown, never a success',
		(errors) => {
			expect(parseResult(transferBody('Processed', [sent('1000.0', { errors })]))).toMatchObject({
				outcome: 'unknown',
				isFinal: false,
				message: containing('Insufficient funds'),
			});
		},
	);

	test.each(ERROR_SHAPES)('a Failed disbursement with the errors %j is lost', (errors) => {
		expect(parseResult(transferBody('Processed', [lost('Failed', { errors })]))).toMatchObject({
			outcome: 'failure',
			isFinal: true,
			message: 'Not paid: Insufficient funds',
		});
	});

	test.each(ERROR_SHAPES)('a rejected request without batches has the reason: %j', (errors) => {
		for (const batches of [null, [], [{ disbursements: [] }], [{}], undefined]) {
			const body = transferBody('Failed', null, {
				errors,
				transfer_batches: batches,
			} as IDataObject);
			expect(parseResult(body)).toMatchObject({
				outcome: 'failure',
				isFinal: true,
				message: 'Not paid: Insufficient funds',
			});
		}
	});

	test.each([[{ code: 17 }], 17, true, [{ code: 17, at: null }]])(
		'errors without text are shown as JSON: %j',
		(errors) => {
			const body = transferBody('Processed', [sent('1000', { errors })]);
			expect(parseResult(body)).toMatchObject({
				outcome: 'unknown',
				message: containing(JSON.stringify(errors)),
			});
		},
	);

	test.each([null, undefined, '', ' ', [], {}, false, { base: [] }, [null], [''], { errors: {} }])(
		'%j are no errors',
		(errors) => {
			const body = transferBody('Processed', [sent('1000.0', { errors })]);
			expect(parseResult(body)).toMatchObject({
				outcome: 'success',
				message: 'Paid KES 1,000, receipt RCT0000001',
			});
		},
	);

	test('several texts are joined, each once, in their order', () => {
		const errors = { amount: ['Too much', 'Too late'], base: [{ message: 'Too much' }, 'No'] };
		const body = transferBody('Rejected', null, { errors });
		expect(parseResult(body).message).toBe('Not paid: Too much; Too late; No');
	});

	test('errors of an open disbursement do not end it', () => {
		const body = transferBody('Processed', [lost('Scheduled', { errors: ['Retrying'] })]);
		expect(parseResult(body)).toMatchObject({
			outcome: 'pending',
			message: containing('Retrying'),
		});
	});
});

// docs/kopokopo-api.md#final-statuses
describe('words that end a request', () => {
	test.each(['send_money', 'settlement_transfer', 'payment'])(
		'a %s that is Transferred as a whole and in its only disbursement is a success',
		(type) => {
			for (const status of ['Transferred', 'TRANSFERRED', 'Processed', 'success', 'Completed']) {
				expect(parseResult(transferBody(status, [sent('1000.0')], { type }))).toMatchObject({
					outcome: 'success',
					isFinal: true,
					amount: 1000,
				});
			}
		},
	);

	test.each(['Failed', 'Rejected', 'Declined', 'Reversed', 'Cancelled', 'cANCELLED', 'REVERSED'])(
		'a disbursement that is %s without errors is lost',
		(status) => {
			expect(parseResult(transferBody('Processed', [lost(status)]))).toMatchObject({
				outcome: 'failure',
				isFinal: true,
				amount: 1000,
				message: `Not paid: ${status}`,
			});
		},
	);

	test.each(['Failed', 'Cancelled', 'Rejected', 'Declined', 'FAILED', 'declined'])(
		'a request that is %s and has no disbursements is a failure',
		(status) => {
			expect(parseResult(transferBody(status, null))).toMatchObject({
				outcome: 'failure',
				isFinal: true,
				amount: 1000,
			});
		},
	);

	test('a cancelled disbursement without an amount is lost', () => {
		const body = transferBody('Processed', [lost('Cancelled', { amount: null })]);
		expect(parseResult(body)).toMatchObject({ outcome: 'failure', isFinal: true });
	});

	test('a fee that was deducted does not keep a payout pending', () => {
		expect(parseResult(transferBody('Processed', [sent('950.0')]))).toMatchObject({
			outcome: 'success',
			amount: 950,
			message: 'Paid KES 950, receipt RCT0000001',
		});
	});

	test.each(['Scheduled', 'Pending', 'Processing', 'Sent', 'Successful', '', 'Paid', null, 7])(
		'the word %j stays pending, for a request and for a disbursement',
		(status) => {
			const bodies = [
				transferBody(status, null),
				transferBody(status, [sent('1000.0')]),
				transferBody('Processed', [sent('1000.0', { status: status as string })]),
			];
			for (const body of bodies) {
				expect(parseResult(body)).toMatchObject({ outcome: 'pending', isFinal: false });
			}
		},
	);

	test('Processed without disbursements proves nothing, with errors or without', () => {
		for (const errors of [null, ['Insufficient funds']]) {
			expect(parseResult(transferBody('Processed', null, { errors }))).toMatchObject({
				outcome: 'pending',
				isFinal: false,
			});
		}
	});

	test('a rejected request whose disbursements are all paid is unknown', () => {
		expect(parseResult(transferBody('Failed', [sent('1000.0')]))).toMatchObject({
			outcome: 'unknown',
			isFinal: false,
			message: containing('contradicts itself'),
		});
	});
});

// docs/kopokopo-api.md#send-money-results
describe('money that moved in part', () => {
	const two = { destinations: 2 };
	const half = transferBody(
		'Processed',
		[
			sent('1000.0', { phone_number: '254712345678' }),
			lost('Cancelled', { phone_number: 254700000001, errors: ['Insufficient funds'] }),
		],
		two,
	);

	test('is partial and final, and says which destination got what', () => {
		expect(parseResult(half)).toMatchObject({
			outcome: 'partial',
			isFinal: true,
			amount: 1000,
			reference: 'RCT0000001',
			phoneNumber: '+254712345678, +254700000001',
			message: 'Paid KES 1,000 of KES 2,000, 1 of 2 transfers. Not paid: Insufficient funds',
			disbursements: [
				{
					reference: 'RCT0000001',
					amount: 1000,
					destination: '+254712345678',
					status: 'Transferred',
					message: null,
				},
				{
					reference: null,
					amount: 1000,
					destination: '+254700000001',
					status: 'Cancelled',
					message: 'Insufficient funds',
				},
			],
		});
	});

	test('lists the disbursements before the ids', () => {
		const names = Object.keys(paymentItem(parseResult(half)));
		expect(names.slice(-2)).toEqual(['disbursements', 'id']);
	});

	test('is pending while a destination has no disbursement, with the errors of the request', () => {
		const body = transferBody('Processed', [sent('1000.0')], {
			...two,
			errors: ['Unknown number'],
		});
		expect(parseResult(body)).toMatchObject({
			outcome: 'pending',
			isFinal: false,
			amount: 1000,
			message: 'Paid KES 1,000 of KES 2,000, 1 of 2 transfers so far: Unknown number',
		});
	});

	test('is pending while a disbursement can still change', () => {
		const body = transferBody('Processed', [sent('1000.0'), lost('Scheduled')], two);
		expect(parseResult(body)).toMatchObject({ outcome: 'pending', isFinal: false });
	});

	test('ends with the request where a destination has no disbursement', () => {
		const rows = [sent('1000.0'), lost('Failed')];
		const three = { destinations: 3 };
		expect(parseResult(transferBody('Processed', rows, three)).outcome).toBe('pending');
		expect(parseResult(transferBody('Failed', rows, three)).outcome).toBe('partial');
	});

	test('is a success when all was paid, even if the request has errors', () => {
		const body = transferBody('Processed', [sent('1000.0'), sent('1000.0')], {
			...two,
			errors: ['Late'],
		});
		expect(parseResult(body)).toMatchObject({
			outcome: 'success',
			isFinal: true,
			amount: 2000,
			message: 'Paid KES 2,000, receipt RCT0000001. Kopo Kopo adds: Late',
		});
	});

	test('is unknown when one of several disbursements contradicts itself', () => {
		const rows = [sent('1000.0'), sent('1000.0', { errors: ['No'] }), lost('Cancelled')];
		expect(parseResult(transferBody('Processed', rows, { destinations: 3 })).outcome).toBe(
			'unknown',
		);
	});

	test('is unknown, not partial, when a failed disbursement was repeated and paid', () => {
		const rows = [lost('Failed'), sent('1000.0')];
		expect(parseResult(transferBody('Processed', rows, { destinations: 1 }))).toMatchObject({
			outcome: 'unknown',
			isFinal: false,
			message: containing('contradicts itself (Failed)'),
		});
	});

	test('is partial when the paid disbursement is less than the destination', () => {
		const rows = [lost('Failed', { amount: '500.0' }), sent('500.0')];
		expect(parseResult(transferBody('Processed', rows, { destinations: 1 })).outcome).toBe(
			'partial',
		);
	});
});

// docs/kopokopo-api.md#amounts
describe('sums', () => {
	const SWEEP = [278135.48, 173985.68, 141147.02];

	test.each<[string, IDataObject]>([
		['destinations of the same amounts', { destinations: SWEEP.map((amount) => ({ amount })) }],
		['one destination of the whole', { destinations: [{ amount: 593268.18 }] }],
		['no destinations', { destinations: null }],
	])('are exact to the cent, with %s', (_what, more) => {
		const body = transferBody(
			'Processed',
			SWEEP.map((amount) => sent(String(amount))),
			{
				...more,
			} as IDataObject & { destinations?: number },
		);
		Object.assign(((body.data as IDataObject).attributes as IDataObject) ?? {}, more);
		expect(parseResult(body)).toMatchObject({
			outcome: 'success',
			amount: 593268.18,
			message: containing('Paid KES 593,268.18'),
		});
	});

	test('a cent that is missing from a split destination keeps it pending', () => {
		const body = transferBody('Processed', [sent('499.99'), sent('500')], { destinations: 3 });
		Object.assign((body.data as IDataObject).attributes as IDataObject, {
			destinations: [{ amount: 400 }, { amount: 300 }, { amount: 300 }],
		});
		expect(parseResult(body).outcome).toBe('pending');
	});

	const withDestinations = (disbursements: Row[], destinations: IDataObject[]) => {
		const body = transferBody('Processed', disbursements);
		Object.assign((body.data as IDataObject).attributes as IDataObject, { destinations });
		return parseResult(body).outcome;
	};

	test('two destinations that were paid together are a success once all of it was paid', () => {
		const destinations = [{ amount: 600 }, { amount: 400 }];
		expect(withDestinations([sent('1000')], destinations)).toBe('success');
		expect(withDestinations([sent('1000.01')], destinations)).toBe('success');
		expect(withDestinations([sent('999.99')], destinations)).toBe('pending');
	});

	test('a destination whose amount cannot be read is not covered by the others', () => {
		expect(withDestinations([sent('400')], [{ amount: null }, { amount: 400 }])).toBe('pending');
	});

	test('an amount of a destination that cannot be read counts as not covered', () => {
		const body = transferBody('Processed', [sent('1000')]);
		Object.assign((body.data as IDataObject).attributes as IDataObject, {
			destinations: [{ amount: null }, {}],
		});
		expect(parseResult(body).outcome).toBe('pending');
	});
});

// docs/kopokopo-api.md#send-money-results
describe('destinations that are split over several disbursements', () => {
	const JANE = { phone_number: '254712345678' };
	const JOHN = { phone_number: '254700000001' };
	const bodyOf = (status: string, destinations: Row[], disbursements: Row[], more = {}) => {
		const attributes = { status, destinations, transfer_batches: [{ disbursements }], ...more };
		return { data: { id: '7', type: 'send_money', attributes } } as IDataObject;
	};
	const pair = [
		{ ...JANE, amount: 100 },
		{ ...JOHN, amount: 200 },
	];
	const both = (row: (amount: string, more?: object) => Row, more: object = JANE) => [
		row('50', more),
		row('50', { ...more, transaction_reference: 'RCT0000002' }),
	];
	const failed = (amount: string, more: object = {}) => lost('Failed', { ...more, amount });

	test.each<[string, Row[], Row[]]>([
		['with recipients', pair, both(failed)],
		['without recipients', [{ amount: 100 }, { amount: 200 }], both(failed, {})],
		['with the same recipient', pair.map((row) => ({ ...row, ...JANE })), both(failed)],
		['without the amount of a destination', [{ ...JANE }, { ...JOHN, amount: 200 }], both(failed)],
		['of a retried disbursement', pair, [failed('100', JANE), ...both(failed), ...both(failed)]],
	])('the failed parts of one are no failure while another is open, %s', (_what, wanted, rows) => {
		for (const status of ['Processed', 'Scheduled']) {
			expect(parseResult(bodyOf(status, wanted, rows))).toMatchObject({
				outcome: 'pending',
				isFinal: false,
			});
		}
		expect(parseResult(bodyOf('Failed', wanted, rows)).outcome).toBe('failure');
	});

	test('the paid parts of one are no success while another is open', () => {
		expect(parseResult(bodyOf('Processed', pair, both(sent)))).toMatchObject({
			outcome: 'pending',
			isFinal: false,
			amount: 100,
			message: 'Paid KES 100 of KES 300, 2 of 2 transfers so far',
		});
		const partly = [sent('50', JANE), failed('50', JANE)];
		expect(parseResult(bodyOf('Processed', pair, partly)).outcome).toBe('pending');
	});

	test('all parts together are final, with a fee or without', () => {
		const john = sent('200', JOHN);
		const outcomeOf = (rows: Row[]) => parseResult(bodyOf('Processed', pair, rows)).outcome;
		expect(outcomeOf([...both(sent), john])).toBe('success');
		expect(outcomeOf([sent('50', JANE), sent('48', JANE), john])).toBe('success');
		expect(outcomeOf([...both(failed), john])).toBe('partial');
		expect(outcomeOf([...both(failed), failed('200', JOHN)])).toBe('failure');
		expect(outcomeOf([sent('95', JANE), sent('190', JOHN)])).toBe('success');
	});

	test('a shortfall that is as large as the smallest disbursement for each of them is no fee', () => {
		const outcomeOf = (rows: Row[], amount = 150) =>
			parseResult(bodyOf('Processed', [{ ...JANE, amount }], rows)).outcome;
		expect(outcomeOf(both(sent), 200)).toBe('pending');
		expect(outcomeOf(both(failed), 200)).toBe('pending');
		expect(outcomeOf(both(sent), 199)).toBe('success');
		expect(outcomeOf(both(failed), 199)).toBe('failure');
		expect(outcomeOf([sent('75', JANE)])).toBe('pending');
		expect(outcomeOf([sent('76', JANE)])).toBe('success');
		const parts = [sent('50', JANE), sent('60', JANE), failed('40', JANE)];
		expect(parseResult(bodyOf('Processed', [{ ...JANE, amount: 150 }], parts)).message).toBe(
			'Paid KES 110 of KES 150, 2 of 3 transfers. Not paid: Failed',
		);
	});

	test('a failed disbursement that was repeated and paid is unknown, also beside another recipient', () => {
		const rows = [failed('100', JANE), sent('100', JANE), sent('200', JOHN)];
		expect(parseResult(bodyOf('Processed', pair, rows)).outcome).toBe('unknown');
	});

	test('a failed disbursement beside a paid one is partial if it is not known how much is to be paid', () => {
		const rows = [failed('50', JANE), sent('50', JANE)];
		expect(parseResult(bodyOf('Processed', [{ ...JANE }], rows)).outcome).toBe('partial');
	});

	test('the largest part does not make a fee of the shortfall', () => {
		const rows = [sent('100', JANE), sent('10', JANE)];
		expect(parseResult(bodyOf('Processed', [{ ...JANE, amount: 150 }], rows)).outcome).toBe(
			'pending',
		);
	});

	test.each<[string, Row[], Row[], string]>([
		['of a disbursement', pair, [sent('100', JANE), sent('200')], 'success'],
		['of a disbursement with a fee', pair, [sent('100', JANE), sent('190')], 'success'],
		['of a small disbursement', pair, [sent('100', JANE), sent('50')], 'pending'],
		[
			'of a destination',
			[pair[0] ?? {}, { amount: 200 }],
			[sent('100', JANE), sent('200')],
			'success',
		],
		['of both', [pair[0] ?? {}, { amount: 200 }], [sent('100', JANE), sent('190')], 'success'],
		['of both, with one disbursement', [pair[0] ?? {}, { amount: 200 }], [sent('290')], 'pending'],
	])(
		'without the recipient %s, the sum of all and its fees count',
		(_what, wanted, rows, outcome) => {
			expect(parseResult(bodyOf('Processed', wanted, rows)).outcome).toBe(outcome);
		},
	);

	test('disbursements without amounts are all if there are as many as destinations', () => {
		const row = lost('Cancelled', { amount: null });
		const outcomeOf = (wanted: Row[], rows: Row[], status = 'Processed') =>
			parseResult(bodyOf(status, wanted, rows)).outcome;
		const two = [{ amount: 100 }, { amount: 100 }];
		expect(outcomeOf([{ amount: 100 }], [row, row])).toBe('failure');
		expect(outcomeOf(two, [row, row])).toBe('failure');
		expect(outcomeOf(two, [sent('100'), row])).toBe('partial');
		expect(outcomeOf(two, [row])).toBe('pending');
		expect(outcomeOf(two, [row, row], 'Scheduled')).toBe('pending');
		expect(
			outcomeOf(pair, [
				{ ...row, ...JANE },
				{ ...row, ...JANE },
			]),
		).toBe('pending');
	});

	test.each<[string, Row[], Row[], string, number | null]>([
		[
			'two destinations of one phone',
			[
				{ ...JANE, amount: 500 },
				{ ...JANE, amount: 500 },
			],
			[sent('475', JANE), sent('475', { ...JANE, transaction_reference: 'RCT0000002' })],
			'success',
			950,
		],
		[
			'three destinations without recipients',
			[{ amount: 100 }, { amount: 100 }, { amount: 100 }],
			[sent('95'), sent('95'), sent('95')],
			'success',
			285,
		],
		[
			'a disbursement that failed',
			[{ amount: 100 }, { amount: 100 }],
			[sent('95'), failed('100')],
			'partial',
			95,
		],
		['one disbursement of 400', [{ amount: 1000 }], [sent('400')], 'pending', 400],
		[
			'halves of two large destinations',
			[{ amount: 500_000 }, { amount: 500_000 }],
			[sent('250000'), sent('250000')],
			'pending',
			500_000,
		],
	])(
		'fees are told from money that is still to be paid: %s',
		(_what, wanted, rows, ...expected) => {
			const { outcome, amount } = parseResult(bodyOf('Processed', wanted, rows));
			expect([outcome, amount]).toEqual(expected);
		},
	);

	test('one receipt that is listed twice is one disbursement', () => {
		const read = (wanted: Row[], rows: Row[]) => parseResult(bodyOf('Processed', wanted, rows));
		const thousand = [{ ...JANE, amount: 1000 }];
		expect(read(thousand, [sent('500', JANE), sent('500', JANE)])).toMatchObject({
			outcome: 'pending',
			amount: 500,
		});
		expect(read(thousand, [sent('1000', JANE), sent('1000.0', JANE)])).toMatchObject({
			outcome: 'success',
			amount: 1000,
			disbursements: [{ reference: 'RCT0000001' }],
		});
		const two = [
			{ ...JANE, amount: 500 },
			{ ...JANE, amount: 500 },
		];
		const spaced = { ...JANE, transaction_reference: ' RCT0000001 ' };
		expect(read(two, [sent('500', JANE), sent('500', spaced)]).outcome).toBe('pending');
		expect(read([{ amount: 1000 }], [sent('500'), sent('500')]).outcome).toBe('pending');
	});

	test.each<[string, object]>([
		['no receipt', { transaction_reference: null }],
		['another receipt', { transaction_reference: 'RCT0000002' }],
		['another amount', { amount: '501' }],
		['another recipient', JOHN],
		['another result', { status: 'Failed' }],
	])('a disbursement with %s is counted', (_what, more) => {
		const row = sent('500', { ...JANE, ...(_what === 'no receipt' && more) });
		const rows = [row, sent('500', { ...JANE, ...more })];
		expect(parseResult(bodyOf('Processed', [], rows)).disbursements).toHaveLength(2);
	});

	test('disbursements that were lost are not compared by a receipt', () => {
		const row = failed('500', { ...JANE, transaction_reference: 'R1', amount: null });
		const wanted = [
			{ ...JANE, amount: 500 },
			{ ...JANE, amount: 500 },
		];
		expect(parseResult(bodyOf('Processed', wanted, [row, row])).outcome).toBe('failure');
	});

	test('one receipt for two destinations without recipients can be two disbursements', () => {
		const wanted = [{ amount: 500 }, { amount: 500 }];
		expect(parseResult(bodyOf('Processed', wanted, [sent('500'), sent('500')]))).toMatchObject({
			outcome: 'success',
			amount: 1000,
		});
	});

	test('errors of the second listing of a disbursement are not overlooked', () => {
		const rows = [sent('500', JANE), sent('500', { ...JANE, errors: ['No funds'] })];
		expect(parseResult(bodyOf('Processed', [{ ...JANE, amount: 500 }], rows)).outcome).toBe(
			'unknown',
		);
	});

	test('a fee is only assumed once Kopo Kopo has handled the request', () => {
		const wanted = [{ ...JANE, amount: 100 }];
		const outcomeOf = (status: string) =>
			parseResult(bodyOf(status, wanted, [failed('95', JANE)])).outcome;
		expect(outcomeOf('Scheduled')).toBe('pending');
		expect(outcomeOf('Processed')).toBe('failure');
	});

	test('an own account is recognized by its reference', () => {
		const wanted = [
			{ reference: 'ref-1', amount: 100 },
			{ reference: 'ref-2', amount: 200 },
		];
		const to = (amount: string, reference: string) =>
			sent(amount, { destination_reference: reference });
		const outcomeOf = (rows: Row[]) => parseResult(bodyOf('Processed', wanted, rows)).outcome;
		expect(outcomeOf([to('95', 'ref-1'), to('190', 'ref-2')])).toBe('success');
		expect(outcomeOf([to('95', 'ref-1'), to('190', 'ref-1')])).toBe('pending');
	});

	test('a transfer of version 1 is measured by its whole amount', () => {
		const outcomeOf = (value: unknown, rows: Row[]) =>
			parseResult(bodyOf('Processed', [], rows, { amount: { currency: 'KES', value } })).outcome;
		expect(outcomeOf('300', both(sent))).toBe('pending');
		expect(outcomeOf('100', both(sent))).toBe('success');
		expect(outcomeOf(null, both(sent))).toBe('success');
		const amount = { currency: 'KES', value: '100' };
		expect(parseResult(bodyOf('Processed', pair, both(sent), { amount })).outcome).toBe('pending');
	});

	test('a transfer of all funds has no amount before its disbursements', () => {
		expect(parseResult(bodyOf('Processed', [], [])).amount).toBeNull();
	});

	test('disbursements of all funds are final once Kopo Kopo has handled the request', () => {
		const outcomeOf = (status: string) => parseResult(bodyOf(status, [], both(failed))).outcome;
		expect(outcomeOf('Scheduled')).toBe('pending');
		expect(outcomeOf('Processed')).toBe('failure');
	});
});

describe('the fields of a Send Money result', () => {
	const result = (type: string, attributes: object) =>
		parseResult({ data: { id: '7', type, attributes } });
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
	])('the destination of %j is %j', (row, destination) => {
		const [first] = transfer([paid(row)]).disbursements ?? [];
		expect(first?.destination).toBe(destination);
	});

	test('include each name, number and receipt once, and the latest time', () => {
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

	test('have the time of the destinations that have one', () => {
		const time = '2026-05-01T10:00:00+03:00';
		expect(transfer([paid({ origination_time: time }), paid({})]).occurredAt).toBe(time);
		expect(transfer([paid({}), paid({})]).occurredAt).toBeNull();
	});

	test('have the errors of each destination', () => {
		const refused = (errors: string) => ({ status: 'Failed', amount: 5, errors });
		expect(transfer([refused('No funds'), refused('Unknown number')]).message).toBe(
			'Not paid: No funds; Unknown number',
		);
	});

	test('contain the requested values while it is pending', () => {
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

	test('say how much was paid so far', () => {
		const open = { status: 'Scheduled', amount: 20 };
		expect(transfer([paid({}), open]).message).toBe(
			'Paid KES 10 of KES 30, 1 of 2 transfers so far',
		);
		expect(transfer([open]).message).toBe('Not paid yet');
	});

	test('give the status as the reason if a destination without errors was not paid', () => {
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
			'Paid KES 10 of KES 15, 1 of 2 transfers. Not paid: Rejected',
		);
	});

	test('have no amount if that of a paid destination cannot be read', () => {
		const unreadable = paid({ amount: null });
		expect(transfer([paid({}), unreadable, { status: 'Rejected', amount: 5 }]).amount).toBeNull();
		expect(
			transfer([paid({}), unreadable], { destinations: [{ amount: 10 }, { amount: 7 }] }).amount,
		).toBe(17);
	});

	test('name no sum of amounts that cannot be read', () => {
		const unreadable = paid({ amount: null });
		const refused = { status: 'Rejected', amount: 5 };
		expect(transfer([unreadable, refused]).message).toBe(
			'Paid 1 of 2 transfers. Not paid: Rejected',
		);
		expect(transfer([paid({}), { status: 'Rejected' }])).toMatchObject({
			outcome: 'partial',
			amount: 10,
			message: 'Paid 1 of 2 transfers. Not paid: Rejected',
		});
		expect(transfer([unreadable], { destinations: [{ amount: 10 }, { amount: 7 }] }).message).toBe(
			'Paid 1 of 2 transfers so far',
		);
		expect(transfer([unreadable]).amount).toBeNull();
		expect(transfer([refused, { status: 'Rejected' }])).toMatchObject({
			outcome: 'failure',
			amount: null,
		});
		expect(
			result('send_money', { status: 'Scheduled', destinations: [{ amount: 10 }, {}] }).amount,
		).toBeNull();
	});

	test('say that a response contradicts itself', () => {
		const rest = 'Look it up at Kopo Kopo before you pay again';
		expect(transfer([paid({})], { status: 'Failed' }).message).toBe(
			`It is not known whether the money was paid: Kopo Kopo's response contradicts itself (the request is failed, its disbursements are paid). ${rest}`,
		);
		expect(transfer([paid({ errors: 'No funds' })]).message).toBe(
			`It is not known whether the money was paid: Kopo Kopo's response contradicts itself (No funds). ${rest}`,
		);
	});

	test('name only the receipts and times of money that was paid without a contradiction', () => {
		const body = transferBody('Processed', [
			sent('10', { origination_time: '2026-05-01T10:00:00+03:00' }),
			sent('10', {
				transaction_reference: 'RCT0000002',
				origination_time: '2026-05-01T11:00:00+03:00',
				errors: 'No funds',
			}),
		]);
		expect(parseResult(body)).toMatchObject({
			outcome: 'unknown',
			reference: 'RCT0000001',
			occurredAt: '2026-05-01T10:00:00+03:00',
		});
	});
});

import { loadAnew } from '../support/isolatedModules';

type Schemas = typeof import('../../nodes/KopoKopo/domain/eventSchemas');

let schemas: Schemas;
beforeEach(() => {
	// The module makes each schema once.
	schemas = loadAnew(() => jest.requireActual<Schemas>('../../nodes/KopoKopo/domain/eventSchemas'));
});

/** What every transaction has. */
const TRANSACTION = {
	id: 'transaction-1',
	amount: '100.0',
	status: 'Received',
	currency: 'KES',
	reference: 'SBX0000003',
	till_number: '112233',
	origination_time: '2026-05-01T10:43:19+03:00',
};

/** An object without some of its fields. */
const without = (object: object, ...fields: string[]) =>
	Object.fromEntries(Object.entries(object).filter(([name]) => !fields.includes(name)));

/** The fields of each kind that an item relies on. */
const EXAMPLES = {
	buygoodsTransaction: {
		...TRANSACTION,
		sender_phone_number: '+254712345678',
		sender_first_name: 'Jane',
		sender_middle_name: 'Wanjiku',
		sender_last_name: 'Doe',
	},
	tillToTillTransaction: { ...TRANSACTION, sending_till: '445566' },
	cardTransaction: { ...TRANSACTION, customer_cc_number: '411111******1111' },
	settlementTransfer: {
		...without(TRANSACTION, 'till_number', 'reference'),
		amount: '100.0',
		destination: { type: 'Bank' },
		disbursements: [{ transaction_reference: 'SBX0000004' }],
	},
	customer: {
		first_name: 'Jane',
		middle_name: 'Wanjiku',
		last_name: 'Doe',
		phone_number: '+254712345678',
	},
};
type Kind = keyof typeof EXAMPLES;

const isAccepted = (kind: Kind, resource: object) => schemas[kind]().safeParse(resource).success;

describe.each(Object.keys(EXAMPLES) as Kind[])('%s', (kind) => {
	const example: Record<string, unknown> = EXAMPLES[kind];

	test('accepts what Kopo Kopo sends, and fields that it adds', () => {
		expect(isAccepted(kind, example)).toBe(true);
		expect(isAccepted(kind, { ...example, added: { by: 'Kopo Kopo' } })).toBe(true);
	});

	test.each(Object.keys(example).filter((field) => field !== 'amount'))(
		'accepts that %s is missing or null',
		(field) => {
			expect(isAccepted(kind, without(example, field))).toBe(true);
			expect(isAccepted(kind, { ...example, [field]: null })).toBe(true);
		},
	);

	test.each(Object.keys(example))('rejects that %s has another type', (field) => {
		expect(isAccepted(kind, { ...example, [field]: true })).toBe(false);
	});
});

test.each(['till_number', 'reference'])('a settlement may have any %s', (field) => {
	expect(isAccepted('settlementTransfer', { ...EXAMPLES.settlementTransfer, [field]: {} })).toBe(
		true,
	);
});

test.each([
	['destination', { type: {} }],
	['disbursements', [{ transaction_reference: {} }]],
])('a settlement whose %s is %j is rejected', (field, value) => {
	expect(isAccepted('settlementTransfer', { ...EXAMPLES.settlementTransfer, [field]: value })).toBe(
		false,
	);
});

test.each([5, '5', '1500.00'])('%j is an amount', (amount) => {
	expect(isAccepted('cardTransaction', { ...TRANSACTION, amount })).toBe(true);
});

test.each(['much', '', null, undefined])('%j is no amount', (amount) => {
	const said = schemas.cardTransaction().safeParse({ ...TRANSACTION, amount });
	expect(said.success).toBe(false);
});

test('a wrong amount is named', () => {
	const said = schemas.cardTransaction().safeParse({ ...TRANSACTION, amount: 'much' });
	expect(said.error?.issues.map(({ path, message }) => [path, message])).toEqual([
		[['amount'], 'is not an amount'],
	]);
});

test.each([
	{ destination: { type: true } },
	{ disbursements: [{ transaction_reference: true }] },
	{ disbursements: 'all' },
])('a settlement with %j is rejected', (wrong) => {
	expect(isAccepted('settlementTransfer', { ...EXAMPLES.settlementTransfer, ...wrong })).toBe(
		false,
	);
});

test.each([
	{ destination: { by: 'bank' } },
	{ disbursements: [{ added: 5 }] },
	{ disbursements: { transaction_reference: 'SBX0000004' } },
])('a settlement with %j is accepted', (more) => {
	expect(isAccepted('settlementTransfer', { ...EXAMPLES.settlementTransfer, ...more })).toBe(true);
});

test('each schema is made once', () => {
	for (const kind of Object.keys(EXAMPLES) as Kind[]) expect(schemas[kind]()).toBe(schemas[kind]());
});

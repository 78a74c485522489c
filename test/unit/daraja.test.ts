import { parseDaraja } from '../../nodes/KopoKopo/webhooks/daraja';

const HASH = 'b'.repeat(64);

/** A Daraja payload of a till (docs/kopokopo-api.md#daraja-payloads). */
const PAYLOAD = {
	TransactionType: 'Buygoods',
	TransID: 'OJM6Q1W84K',
	TransTime: '20260501104319',
	TransAmount: '1500.00',
	BusinessShortCode: '112233',
	BillRefNumber: 'invoice 7',
	MSISDN: '254712345678',
	FirstName: 'Jane',
	MiddleName: 'Wanjiku',
	LastName: 'Doe',
};

test('a payload becomes the Kopo Kopo event of the same payment', () => {
	expect(parseDaraja(PAYLOAD)).toEqual({
		topic: 'buygoods_transaction_received',
		transactionType: 'Buygoods',
		eventId: 'OJM6Q1W84K',
		createdAt: '2026-05-01T10:43:19+03:00',
		resource: {
			amount: '1500.00',
			currency: 'KES',
			reference: 'OJM6Q1W84K',
			till_number: '112233',
			account_reference: 'invoice 7',
			origination_time: '2026-05-01T10:43:19+03:00',
			sender_phone_number: '+254712345678',
			sender_first_name: 'Jane',
			sender_middle_name: 'Wanjiku',
			sender_last_name: 'Doe',
		},
	});
});

test('keys may differ in case', () => {
	const upper = Object.fromEntries(
		Object.entries(PAYLOAD).map(([key, value]) => [key.toUpperCase(), value]),
	);
	expect(parseDaraja(upper)).toEqual(parseDaraja(PAYLOAD));
});

test.each([
	['2026050110431', null],
	['202605011043190', null],
	['x20260501104319', null],
	['2026-05-01T10:43:19', null],
	[undefined, null],
	[20260501104319, '2026-05-01T10:43:19+03:00'],
])('the time %j is %j', (TransTime, expected) => {
	expect(parseDaraja({ ...PAYLOAD, TransTime: TransTime as never })?.createdAt).toBe(expected);
});

test.each([
	['254712345678', { sender_phone_number: '+254712345678' }],
	['712345678', { sender_phone_number: '+254712345678' }],
	[HASH, { hashed_sender_phone: HASH }],
	['25571234567', { hashed_sender_phone: null }],
	['2547123456789', { hashed_sender_phone: null }],
	['+2547123456789', { hashed_sender_phone: null }],
	['call +254712345678', { hashed_sender_phone: null }],
	[undefined, { hashed_sender_phone: null }],
])('the payer %j is %j', (MSISDN, expected) => {
	const { sender_phone_number, hashed_sender_phone } =
		parseDaraja({ ...PAYLOAD, MSISDN: MSISDN as never })?.resource ?? {};
	expect({ sender_phone_number, hashed_sender_phone }).toEqual({
		sender_phone_number: undefined,
		hashed_sender_phone: undefined,
		...expected,
	});
});

test('the payer of a payment between businesses is a till', () => {
	const between = parseDaraja({
		...PAYLOAD,
		TransactionType: 'Organization To Organization Transfer',
	});
	expect(between?.topic).toBe('b2b_transaction_received');
	expect(between?.resource.sending_till).toBe('254712345678');
	expect(between?.resource).not.toHaveProperty('sender_phone_number');
});

test('an unknown type has no topic', () => {
	expect(parseDaraja({ ...PAYLOAD, TransactionType: 'Barter' })).toMatchObject({
		topic: null,
		transactionType: 'Barter',
		eventId: 'OJM6Q1W84K',
	});
});

test.each([null, undefined])('a type that is %j has no topic', (TransactionType) => {
	expect(parseDaraja({ ...PAYLOAD, TransactionType: TransactionType as never })).toMatchObject({
		topic: null,
		transactionType: null,
		eventId: 'OJM6Q1W84K',
		resource: { amount: '1500.00', reference: 'OJM6Q1W84K', till_number: '112233' },
	});
});

test.each([
	{ ...PAYLOAD, TransactionType: 5 },
	{ ...PAYLOAD, TransactionType: undefined, TransAmount: undefined },
	{ ...PAYLOAD, TransactionType: null, TransAmount: null },
	{ ...PAYLOAD, TransID: '' },
	{ ...PAYLOAD, TransID: undefined },
	{},
])('%j is no payload of Daraja', (body) => {
	expect(parseDaraja(body as never)).toBeUndefined();
});

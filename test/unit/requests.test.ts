import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { KopoKopoApi } from '../../credentials/KopoKopoApi.credentials';
import { readParameters } from '../../nodes/KopoKopo/operations/parameters';
import { unusedCallbackUrl } from '../../nodes/KopoKopo/parsers/url';
import { resources } from '../../nodes/KopoKopo/resources';
import type { ApiRequest } from '../../nodes/KopoKopo/transport/client';
import { USER_AGENT } from '../../nodes/KopoKopo/transport/environment';
import { rejectionOf } from './parserChecks';
import { type Fixture, contextWith, readFixtures, storedCredential } from './testData';
import { legacyRows } from './requestCasesV1';
import { rows as currentRows, type Ruling } from './requestCases';

/** n8n's context: the stored value, or the default if the workflow does not contain the parameter. */
function storing(parameters: IDataObject): Pick<IExecuteFunctions, 'getNodeParameter'> {
	const getNodeParameter = (name: string, _itemIndex: number, fallback?: unknown) =>
		Object.hasOwn(parameters, name) ? parameters[name] : fallback;
	return { getNodeParameter } as unknown as Pick<IExecuteFunctions, 'getNodeParameter'>;
}

// Some samples call back over plain http, which only Custom allows.
const custom = contextWith({ allowHttp: true });

/** The body after the credential has put the client's secrets on requests that are signed with them. */
async function authenticated(request: ApiRequest, wanted: IDataObject | null) {
	const stored = storedCredential({
		clientId: String(wanted?.client_id ?? ''),
		clientSecret: String(wanted?.client_secret ?? ''),
	});
	const headers = { 'User-Agent': USER_AGENT };
	const { method, path: url, body } = request;
	return await new KopoKopoApi().authenticate(stored, { method, url, body, headers });
}

function requestOf(
	resource: string,
	name: string,
	parameters: IDataObject,
	context = contextWith(),
): ApiRequest {
	const operation = resources
		.find(({ value }) => value === resource)
		?.operations.find(({ value }) => value === name);
	if (operation === undefined) throw new Error(`${resource} has no ${name}`);
	const params = readParameters(storing(parameters), operation.fields, 0, context);
	const collection = params.additionalFields as IDataObject | undefined;
	const callbackUrl = params.callbackUrl ?? collection?.callbackUrl ?? unusedCallbackUrl(context);
	return operation.request(params, String(callbackUrl));
}

/** The body as it is sent: without undefined values. */
const onTheWire = (body: IDataObject | undefined): unknown =>
	body === undefined ? null : JSON.parse(JSON.stringify(body));

interface RequestFixture extends Fixture {
	response: { headers: Record<string, string> };
}

const fixtures = new Map(
	readFixtures<RequestFixture>('requests').map((fixture) => [fixture.name, fixture]),
);

function fixtureNamed(name: string): RequestFixture {
	const fixture = fixtures.get(name);
	if (fixture === undefined) throw new Error(`There is no request fixture ${name}`);
	return fixture;
}

type Expected = Pick<Fixture, 'method' | 'path' | 'query' | 'body'>;

/** The request of a row: the fixture as it is documented, or a GET of the Location that its create returns. */
function printedRequest(name: string): Expected {
	const created = /^location of (?<name>.+)$/.exec(name)?.groups?.name;
	if (created === undefined) return fixtureNamed(name);
	const { Location: location = '' } = fixtureNamed(created).response.headers;
	return { method: 'GET', path: new URL(location).pathname, body: null };
}

/** The same with the corrections of docs/kopokopo-api.md. */
function ruledRequest(name: string, ruling?: Ruling): Expected {
	const { method, path, query, body } = printedRequest(name);
	return {
		method,
		path: ruling?.path ?? path,
		...(query && { query }),
		body: ruling?.body === undefined ? body : ruling.body(body ?? {}),
	};
}

/** A query with all values as text. */
const inTheAddress = (query: IDataObject | undefined) =>
	Object.fromEntries(
		Object.entries(query ?? {}).flatMap(([key, value]) =>
			value === undefined ? [] : [[key, String(value)]],
		),
	);

const rows = [...currentRows, ...legacyRows];

describe('requests match the samples of the contract', () => {
	test.each(rows)(
		'%s comes from %s, %s',
		async (name, resource, operation, parameters, ruling = undefined) => {
			const { method, path, query, body } = ruledRequest(name, ruling);

			const request = requestOf(resource, operation, parameters, custom);

			expect(request.method).toBe(method);
			expect(request.path).toBe(path);
			expect(inTheAddress(request.query)).toEqual(inTheAddress(query));
			const sent = await authenticated(request, body);
			expect(onTheWire(sent.body as IDataObject | undefined)).toEqual(body);
		},
	);
});

describe('the table of requests is complete', () => {
	const offered = resources.flatMap(({ value: resource, operations }) =>
		operations.map(({ value }) => `${resource}.${value}`),
	);
	const proven = new Set(rows.map(([, resource, operation]) => `${resource}.${operation}`));

	test('every operation of the node has a row, and every row an operation', () => {
		expect([...proven].sort()).toEqual([...offered].sort());
	});

	test('no two operations have the same resource and value in v1 and v2', () => {
		expect(new Set(offered).size).toBe(offered.length);
	});

	/**
	 * Not sent by an operation: the credential gets its tokens itself (docs/kopokopo-api.md#tokens;
	 * credentialType.test.ts and token.test.ts).
	 */
	const elsewhere = ['oauth.token'];

	test('every fixture has a row', () => {
		const covered = new Set(rows.map(([name]) => name));
		const uncovered = [...fixtures.keys()].filter((name) => !covered.has(name));

		expect(uncovered).toEqual(elsewhere);
	});

	const ruled = rows.flatMap(([name, , , , ruling]) =>
		ruling === undefined ? [] : [{ name, ruling }],
	);

	test.each(ruled)(
		'$name differs from its sample because of $ruling.source',
		({ name, ruling }) => {
			// docs.test.ts checks that the headings exist.
			expect(ruling.source).toMatch(
				/^docs\/kopokopo-api\.md#[a-z\d-]+(?:, docs\/kopokopo-api\.md#[a-z\d-]+)*$/,
			);
			expect(ruling.because).not.toBe('');
			// A correction that changes nothing is no longer needed.
			expect(ruledRequest(name, ruling)).not.toEqual(ruledRequest(name));
		},
	);

	test('nothing else differs from a sample', () => {
		expect(ruled.map(({ name }) => name).sort()).toEqual([
			'external-recipient.create.bank-account.as-printed',
			'merchant-bank-account.get',
			'payment-link.create',
			'v1.incoming-payment.create.skill-nested',
			'v1.merchant-wallet.create',
			'v1.pay-recipient.create.skill-bank-account',
			'v1.pay-recipient.create.skill-mobile-wallet',
			'v1.payment.create.sdk',
			'v1.payment.create.skill',
			'v1.transfer.create.skill',
		]);
	});
});

describe('v1', () => {
	const legacyOperations = resources
		.filter(({ apiVersion }) => apiVersion === 'v1')
		.flatMap(({ value: resource, operations }) =>
			operations.map((operation) => ({ key: `${resource}.${operation.value}`, ...operation })),
		);
	/** Documented by one third party only (docs/kopokopo-api.md#api-v1). */
	const claimedByOne = [
		'paymentRequestV1.requestWithoutTill',
		'paymentRequestV1.getAll',
		'payoutV1.create',
		'payoutV1.get',
		'payoutV1.getAll',
		'settlementTransferV1.createForSettlementAccount',
		'transferV1.create',
		'transferV1.get',
	];

	test('is offered completely', () => {
		expect(legacyOperations).toHaveLength(27);
	});

	test.each(legacyOperations)('$key says that it is legacy', ({ key, action, description }) => {
		expect(action).toMatch(/ \(legacy\)$/);
		expect(description).toMatch(
			claimedByOne.includes(key)
				? /\. Legacy \(v1\)\. Described by one unofficial document only\.$/
				: /\. Legacy \(v1\)\.$/,
		);
	});

	const base = { method: 'GET', path: '/api/v1/pay' };

	test.each<[string, IDataObject, IDataObject]>([
		['requests no more than the limit', { limit: 7 }, { page: 1, per_page: 7 }],
		[
			'requests the largest pages for Return All',
			{ returnAll: true, limit: 7 },
			{ page: 1, per_page: 100 },
		],
		['requests the largest pages for a large limit', { limit: 250 }, { page: 1, per_page: 100 }],
		[
			'omits empty days',
			{ limit: 1, filters: { fromDate: '', toDate: null } },
			{ page: 1, per_page: 1 },
		],
		[
			'accepts one day as a period',
			{ limit: 1, filters: { fromDate: '2025-02-01', toDate: '2025-02-01' } },
			{ page: 1, per_page: 1, from_date: '2025-02-01', to_date: '2025-02-01' },
		],
	])('a list %s', (_what, parameters, query) => {
		const request = requestOf('payoutV1', 'getAll', parameters);

		expect({ ...request, query: inTheAddress(request.query) }).toEqual({
			...base,
			query: inTheAddress(query),
		});
	});

	test('a day is the day in Nairobi', () => {
		const days = { fromDate: '2025-02-01T00:00:00', toDate: '2025-02-28T21:30:00Z' };
		const { query } = requestOf('payoutV1', 'getAll', { filters: days });

		expect(query).toMatchObject({ from_date: '2025-02-01', to_date: '2025-03-01' });
	});
});

describe('empty optional fields are not sent', () => {
	const least = { tillNumber: 'K000000', phoneNumber: '0712345678', amount: 10 };

	test('a payment request contains only the given fields', () => {
		const { body } = requestOf('paymentRequest', 'request', least);

		expect(onTheWire(body)).toEqual({
			payment_channel: 'M-PESA STK Push',
			till_number: 'K000000',
			subscriber: { phone_number: '+254712345678' },
			amount: { currency: 'KES', value: 10 },
			_links: { callback_url: 'https://n8n.example.com/webhook/kopo-kopo/result-not-awaited' },
		});
	});

	test.each<[string, unknown, boolean | undefined]>([
		['true', true, true],
		['false', false, false],
		['TRUE of a cell', 'TRUE', true],
		['FALSE of a cell', 'FALSE', false],
		['nothing, when it was not set', undefined, undefined],
		['nothing, when an expression finds nothing', null, undefined],
	])('Favourite is sent as %s', (_what, favourite, sent) => {
		const till = { tillNumber: 567567, amount: 10, description: 'Stock', favourite };
		const { body } = requestOf('sendMoney', 'toPeopleOrBusinesses', {
			destinations: { till: [till as IDataObject] },
		});

		expect(onTheWire(body)).toMatchObject({
			destinations: [
				{
					type: 'till',
					till_number: '567567',
					amount: 10,
					description: 'Stock',
					...(sent !== undefined && { favourite: sent }),
				},
			],
		});
		expect(JSON.stringify(body).includes('favourite')).toBe(sent !== undefined);
	});

	test('optional fields that were added and left empty are not sent', () => {
		const { body } = requestOf('paymentRequest', 'request', {
			...least,
			additionalFields: {
				firstName: '',
				lastName: '  ',
				email: '',
				metadata: {},
				metadataJson: '{}',
			},
		});

		expect(onTheWire(body)).toEqual(onTheWire(requestOf('paymentRequest', 'request', least).body));
	});

	test('a Daraja payload is not requested for events without one, even if the hidden field is on', () => {
		const { body } = requestOf('webhookSubscription', 'create', {
			event: 'card_transaction_received',
			url: 'https://myapplication.com/webhooks',
			scope: 'company',
			darajaPayload: true,
		});

		expect(body).toMatchObject({ enable_daraja_payload: false, scope_reference: null });
	});
});

describe('invalid input is rejected with the label of its field and a remedy', () => {
	const payment = { tillNumber: 'K000000', phoneNumber: '0712345678', amount: 10 };
	const destination = (kind: string, row: IDataObject) => ({
		destinations: { [kind]: [{ amount: 10, description: 'Stock', ...row }] },
	});
	const bankAccount = (accountNumber: unknown) =>
		destination('bankAccount', {
			bankBranchReference: 'c7f300c0-f1ef-4151-9bbe-005005aa3747',
			accountName: 'Nathan Otieno',
			accountNumber,
		} as IDataObject);
	const paybill = (paybillNumber: unknown, paybillAccountNumber: unknown) =>
		destination('paybill', { paybillNumber, paybillAccountNumber } as IDataObject);
	const payout = ['sendMoney', 'toPeopleOrBusinesses'] as const;
	const subscription = {
		event: 'buygoods_transaction_received',
		url: 'https://myapplication.com/webhooks',
		scope: 'company',
	};

	const toAccount = { amount: 10, accountReference: 'af033d43-75f7-4123-b5c3-252377d96739' };
	const till = { tillNumber: '567567', amount: 10, description: 'Bread' };
	const payee = { phoneNumber: '0712345678', amount: 10, description: 'Salary' };
	const toAll = (destinations: IDataObject) => ({ destinations });
	const pairs = Object.fromEntries([1, 2, 3, 4, 5, 6].map((count) => [`name${count}`, count]));
	const period = { from: '2026-05-01T00:00:00+03:00', to: '2026-05-02T00:00:00+03:00' };

	test.each<[string, string, string, IDataObject, remedy?: string]>([
		["'Till Number' is empty", 'paymentRequest', 'request', { ...payment, tillNumber: '' }],
		[
			"'Till Number' contains a letter other than a K at the beginning",
			'paymentRequest',
			'request',
			{ ...payment, tillNumber: 'K12A' },
		],
		["'Account Number' was shortened to an exponent", ...payout, bankAccount('1.23457E+12')],
		["'Account Number' is a spreadsheet error", ...payout, bankAccount('#REF!')],
		["'Account Number' was changed to a decimal", ...payout, bankAccount('12345.0')],
		["'Account Number' is a number", ...payout, bankAccount(Number('12345678901234567890'))],
		["'Account Number' is a number", ...payout, bankAccount(1234567890)],
		["'Paybill Number' was shortened to an exponent", ...payout, paybill('8.8888E+05', 'A1')],
		["'Paybill Account Number' is a spreadsheet error", ...payout, paybill('888880', '#N/A')],
		["'Paybill Account Number' is a number", ...payout, paybill('888880', 98457)],
		["'Till Number' was shortened", ...payout, destination('till', { tillNumber: '5.67567E+05' })],
		[
			"'Phone Number' is not a Kenyan mobile number",
			...payout,
			destination('mpesaNumber', { phoneNumber: '254 0712 345 67' }),
		],
		[
			"'Amount' contains a line break",
			...payout,
			destination('till', { tillNumber: 7, amount: '1500\n2000' }),
		],
		[
			"'Description' is a spreadsheet error",
			...payout,
			destination('till', { tillNumber: 7, description: '#VALUE!' }),
		],
		["'Phone Number' is empty", 'paymentRequest', 'request', { ...payment, phoneNumber: '' }],
		["'Phone Number'", 'paymentRequest', 'request', { ...payment, phoneNumber: 'Jane' }],
		["'Amount' is empty", 'paymentRequest', 'request', { ...payment, amount: '' }],
		["'Amount' is zero", 'paymentRequest', 'request', { ...payment, amount: 0 }],
		[
			"'Callback URL'",
			'paymentRequest',
			'request',
			{ ...payment, callbackUrl: 'http://a.example' },
		],
		[
			"'Metadata (JSON)' is not a JSON object",
			'paymentRequest',
			'request',
			{ ...payment, additionalFields: { metadataJson: '[1]' } },
		],
		["'Payment Request ID' is empty", 'paymentRequest', 'get', { paymentRequestId: '' }],
		["'Payment Request ID' is empty", 'paymentRequest', 'get', { paymentRequestId: ' ' }],
		["'URL' is empty", 'webhookSubscription', 'create', { ...subscription, url: '' }],
		[
			"'URL' is not an https address",
			'webhookSubscription',
			'create',
			{ ...subscription, url: 'http://a.example' },
		],
		["'Event' cannot be", 'webhookSubscription', 'create', { ...subscription, event: 'x' }],
		["'Scope' cannot be", 'webhookSubscription', 'create', { ...subscription, scope: 'Till' }],
		["'Till Number' is empty", 'webhookSubscription', 'create', { ...subscription, scope: 'till' }],
		[
			"'To Date' is before 'From Date'",
			'paymentRequestV1',
			'getAll',
			{ filters: { fromDate: '2025-02-02', toDate: '2025-02-01' } },
			"a 'To Date' that is not before 'From Date'",
		],
		["'From Date' is not a date", 'payoutV1', 'getAll', { filters: { fromDate: 'last week' } }],
		["'Status' cannot be", 'payoutV1', 'getAll', { filters: { status: 'Success' } }],
		["'Limit' is not a whole number above zero", 'payoutV1', 'getAll', { limit: 0 }],
		[
			"'Customer Created' only exists for the whole company",
			'webhookSubscriptionV1',
			'create',
			{ ...subscription, event: 'customer_created', scope: 'till', tillNumber: '112233' },
		],
		[
			"'Customer Created' only exists for the whole company",
			'webhookSubscription',
			'create',
			{ ...subscription, event: 'customer_created', scope: 'till', tillNumber: '112233' },
		],
		[
			"'Phone Number' is not",
			'paymentRequest',
			'request',
			{ ...payment, phoneNumber: '0812345678' },
			'0712345678',
		],
		[
			"'Amount' is negative",
			'paymentRequest',
			'request',
			{ ...payment, amount: '-5' },
			'above zero',
		],
		[
			"'Callback URL' is not an https address",
			'paymentRequest',
			'request',
			{ ...payment, callbackUrl: 'ftp://n8n.example.com/x' },
			'Kopo Kopo Trigger',
		],
		[
			"'Metadata (JSON)' has 6 pairs",
			'paymentRequest',
			'request',
			{ ...payment, additionalFields: { metadataJson: pairs } },
			'Remove some',
		],
		[
			"'Amount' has more than two decimals",
			'paymentLink',
			'create',
			{ tillNumber: '112233', amount: '10.005' },
			'Kenyan shillings',
		],
		[
			"'Account Reference' contains no ID",
			'sendMoney',
			'toMyAccount',
			{ ...toAccount, accountReference: 'https://' },
			'Paste the ID',
		],
		[
			"'Reason' is empty",
			'reversal',
			'refund',
			{ transactionReference: 'OJM6Q1W84K', reason: '  ' },
			'Enter a value',
		],
		["'To'", 'transaction', 'startSearch', { ...period, to: period.from }, 'ends after it begins'],
		[
			"'Recipient Type' cannot be",
			'externalRecipient',
			'create',
			{ tillName: 'Groceries', tillNumber: '567567', recipientType: 'friend' },
			'Choose one of',
		],
		[
			"'Destinations'",
			...payout,
			toAll({ mpesaNumber: [payee], till: [till] }),
			'Use one item for each type',
		],
		["'Destinations'", ...payout, toAll({ till: [till, till] }), 'Use one item for each'],
		["'Destinations'", ...payout, toAll({}), 'Add a destination'],
		[
			"'Destinations' has the unknown type 'mobileWallet'",
			...payout,
			toAll({ mpesaNumber: [payee], mobileWallet: [payee] }),
			'Use one of: bankAccount, mpesaNumber, paybill, till.',
		],
		[
			"'Destination 1' has no fields",
			...payout,
			toAll({ mpesaNumber: [null] }),
			'Enter them in the form { "mpesaNumber": ',
		],
		[
			"'Destination 2' has no fields",
			...payout,
			toAll({ mpesaNumber: [payee, '0712345678'] }),
			'Enter them in the form { "mpesaNumber": ',
		],
		[
			"'Destination 1' has no fields",
			...payout,
			toAll({ mpesaNumber: [[]] }),
			'Enter them in the form { "mpesaNumber": ',
		],
		[
			"'Destinations' is a list without types",
			...payout,
			{ destinations: [payee] },
			'Enter them in the form { "mpesaNumber": ',
		],
		["'Destinations' is empty", ...payout, { destinations: [] }, 'Add a destination'],
		["'Destinations' is empty", ...payout, { destinations: 'Jane' }, 'Add a destination'],
		["'Network' is not text", ...payout, toAll({ mpesaNumber: [{ ...payee, network: ['a'] }] })],
		[
			"'Destination 2: Amount' has cents",
			...payout,
			toAll({ mpesaNumber: [payee, { ...payee, amount: 10.5 }] }),
			'whole shillings',
		],
		[
			"'Destination 2: Phone Number' is empty",
			...payout,
			toAll({ mpesaNumber: [payee, { ...payee, phoneNumber: '' }] }),
			'Enter a value',
		],
		[
			"'Amount' is zero",
			'paymentRequestV1',
			'requestWithoutTill',
			{ phoneNumber: '0712345678', amount: 0 },
			'above zero',
		],
		[
			"'Phone Number' is empty",
			'paymentRequestV1',
			'requestWithoutTill',
			{ amount: 10 },
			'Enter a value',
		],
		[
			"'Amount' has cents",
			'payoutV1',
			'create',
			{ phoneNumber: '0712345678', amount: '10.50' },
			'whole shillings',
		],
		[
			"'Settlement Account ID' is empty",
			'settlementTransferV1',
			'createForSettlementAccount',
			{ amount: 10 },
			'Enter a value',
		],
		["'Account Reference' is empty", 'transferV1', 'create', { amount: 10 }, 'Enter a value'],
	])('%s (%s, %s)', (sentence, resource, operation, parameters, remedy = '') => {
		const asked = () => requestOf(resource, operation, parameters);

		expect(asked).toThrow(sentence);
		expect(rejectionOf(asked).remedy).toContain(remedy);
	});
});

import { merchant, sandbox, setUpSandbox, type Json } from './sandboxSetup';

/**
 * Requests as the official SDKs that are not run here send them: version 2 of Node.js, Ruby, Python, PHP and
 * Flutter. Each is allowed by the reference, so the sandbox has to accept it.
 */

const setup = setUpSandbox();

const REFERENCE = 'c7f300c0-f1ef-4151-9bbe-005005aa3747';
const CALLBACK = { callback_url: 'https://merchant.example/result' };
const TIMES = { from_time: '2021-04-12T08:50:22+03:00', to_time: '2021-04-19T08:50:22+03:00' };

const JSON_TYPE = { 'content-type': 'application/json', accept: 'application/json' };
const NODE = { ...JSON_TYPE, 'user-agent': 'Kopokopo-Node-SDK' };
const RUBY = { ...JSON_TYPE, 'user-agent': 'Kopokopo-Ruby-SDK' };
const PHP = { ...JSON_TYPE, 'user-agent': 'Kopokopo-PHP-SDK' };
const PYTHON = {
	'content-type': 'application/json',
	accept: 'application/vnd.kopokopo.v4.hal+json',
	'user-agent': 'Kopokopo-Python-SDK',
};
const DART = { 'content-type': 'application/json', 'user-agent': 'Kopokopo-Dart-SDK' };

type Sdk = Record<string, string>;

/** [what is sent, headers, path, body] */
const CREATES: Array<[name: string, sdk: Sdk, path: string, body: Json]> = [
	[
		'Node.js: an STK push without names',
		NODE,
		'/api/v2/incoming_payments',
		{
			payment_channel: 'M-PESA STK Push',
			till_number: 'K000000',
			subscriber: { phone_number: '+254999999999' },
			amount: { currency: 'KES', value: '20' },
			_links: CALLBACK,
		},
	],
	[
		'Ruby: an STK push with null for what is not known',
		RUBY,
		'/api/v2/incoming_payments',
		{
			payment_channel: 'M-PESA STK Push',
			till_number: 'K000000',
			subscriber: {
				first_name: 'Jane',
				middle_name: null,
				last_name: 'Doe',
				phone_number: '254999999999',
				email: null,
			},
			amount: { currency: 'KES', value: 20 },
			metadata: null,
			_links: CALLBACK,
		},
	],
	[
		'Python: an STK push with a decimal amount and empty metadata',
		PYTHON,
		'/api/v2/incoming_payments',
		{
			payment_channel: 'MPESA',
			till_number: 'K000000',
			subscriber: {
				first_name: 'Jane',
				last_name: 'Doe',
				phone_number: '+254999999999',
				middle_name: null,
				email: null,
			},
			metadata: {},
			amount: { currency: 'KES', value: 20.0 },
			_links: CALLBACK,
		},
	],
	[
		'Flutter: an STK push with a local number and the amount as text',
		DART,
		'/api/v2/incoming_payments',
		{
			payment_channel: 'M-PESA STK PUSH',
			till_number: 'K000000',
			subscriber: { first_name: null, last_name: null, phone_number: '0712345678', email: null },
			amount: { currency: 'KES', value: '20.0' },
			metadata: null,
			_links: CALLBACK,
		},
	],
	[
		'PHP: a webhook subscription for the company with an empty reference',
		PHP,
		'/api/v2/webhook_subscriptions',
		{
			event_type: 'b2b_transaction_received',
			url: 'https://merchant.example/webhook',
			scope: 'company',
			scope_reference: '',
			enable_daraja_payload: null,
		},
	],
	[
		'Ruby: a webhook subscription for the company with null',
		RUBY,
		'//api/v2/webhook_subscriptions',
		{
			event_type: 'settlement_transfer_completed',
			url: 'https://merchant.example/webhook',
			scope: 'company',
			scope_reference: null,
			enable_daraja_payload: false,
		},
	],
	[
		'Node.js: a merchant wallet with a plus',
		NODE,
		'/api/v2/merchant_wallets',
		{
			first_name: 'Jane',
			last_name: 'Doe',
			phone_number: '+254999999999',
			network: 'Safaricom',
		},
	],
	[
		'Ruby: an external wallet, with the fields of its own model',
		RUBY,
		'/api/v2/external_recipients',
		{
			type: 'mobile_wallet',
			external_recipient: {
				type: 'mobile_wallet',
				first_name: 'Jane',
				last_name: 'Doe',
				phone_number: '254999999999',
				email: 'jane@example.com',
				network: 'SAFARICOM',
				nickname: null,
				validation_context: null,
				errors: {},
			},
		},
	],
	[
		'Python: an external bank account without a settlement method',
		PYTHON,
		'/api/v2/external_recipients',
		{
			type: 'bank_account',
			external_recipient: {
				account_name: 'Jane Doe',
				account_number: '0123456789',
				bank_branch_ref: REFERENCE,
				nickname: null,
			},
		},
	],
	[
		'Ruby: a transfer of all funds with an empty list',
		RUBY,
		'/api/v2/send_money',
		{
			source_identifier: null,
			destinations: [],
			currency: 'KES',
			metadata: null,
			_links: CALLBACK,
		},
	],
	[
		'PHP: a transfer of all funds with null, and empty metadata as a list',
		PHP,
		'/api/v2/send_money',
		{
			destinations: null,
			currency: 'KES',
			source_identifier: null,
			metadata: [],
			_links: CALLBACK,
		},
	],
	[
		'Node.js: a transfer to an own account, whose type it leaves out',
		NODE,
		'/api/v2/send_money',
		{
			source_identifier: '',
			currency: 'KES',
			metadata: {},
			_links: CALLBACK,
			destinations: [{ reference: REFERENCE, amount: 500, description: 'Settlement' }],
		},
	],
	[
		'Ruby: a transfer to an own account without a description',
		RUBY,
		'/api/v2/send_money',
		{
			source_identifier: '112233',
			destinations: [{ type: 'merchant_wallet', reference: REFERENCE, amount: '500' }],
			currency: 'KES',
			metadata: { notes: 'Settlement' },
			_links: CALLBACK,
		},
	],
	[
		'Node.js: payments to wallets, with a plus and amounts as text',
		NODE,
		'/api/v2/send_money',
		{
			currency: 'KES',
			_links: CALLBACK,
			destinations: ['+254999999999', '254999999998'].map((phone_number) => ({
				amount: '100',
				description: 'Wages',
				type: 'mobile_wallet',
				phone_number,
				network: 'Safaricom',
			})),
		},
	],
	[
		'PHP: a payment to a paybill, with null for what is optional',
		PHP,
		'/api/v2/send_money',
		{
			destinations: [
				{
					type: 'paybill',
					nickname: null,
					paybill_number: '888880',
					paybill_account_number: '1234',
					amount: 100,
					description: 'Power',
					favourite: null,
				},
			],
			currency: 'KES',
			source_identifier: null,
			metadata: null,
			_links: CALLBACK,
		},
	],
	[
		'Python: a payment to a till as a favourite',
		PYTHON,
		'/api/v2/send_money',
		{
			source_identifier: null,
			destinations: [
				{
					type: 'till',
					nickname: 'Supplier',
					till_number: '1234567',
					amount: 100.0,
					description: 'Stock',
					favourite: false,
				},
			],
			currency: 'KES',
			metadata: {},
			_links: CALLBACK,
		},
	],
	[
		'Ruby: a poll of the company with null',
		RUBY,
		'/api/v2/polling/',
		{ scope: 'company', scope_reference: null, ...TIMES, _links: CALLBACK },
	],
	[
		'Node.js: a poll without a scope reference',
		{ ...NODE, 'content-type': 'application/vnd.kopokopo.v1.hal+json; charset=utf-8' },
		'/api/v2/polling',
		{ scope: 'company', ...TIMES, _links: CALLBACK },
	],
	[
		'Python: a reversal by receipt without metadata',
		PYTHON,
		'/api/v2/reversals',
		{
			transaction_reference: 'QAZ1234567',
			reason: 'Wrong amount',
			metadata: null,
			_links: CALLBACK,
		},
	],
	[
		'Ruby: a payment link, on a path with two slashes',
		RUBY,
		'//api/v2/payment_links',
		{
			till_number: 'K000000',
			currency: 'KES',
			amount: '250',
			payment_reference: null,
			note: null,
			metadata: null,
			_links: CALLBACK,
		},
	],
];

test.each(CREATES)('%s is accepted, and its status can be read', async (_name, sdk, path, body) => {
	const created = await merchant.call('POST', path, body, sdk);
	expect({ status: created.status, text: created.text }).toEqual({ status: 201, text: '' });
	const normal = path.replace(/^\/\//, '/').replace(/\/$/, '');
	const location = String(created.headers.location);
	expect(location.startsWith(`${sandbox.url}${normal}/`)).toBe(true);
	expect(sandbox.ledger.requests.at(-1)).toMatchObject({ path: normal, processed: true });
	// The SDKs read the status at the Location, with the headers of a create.
	const read = await merchant.call('GET', new URL(location).pathname, undefined, sdk);
	expect(read.status).toBe(200);
});

describe('a payment link is cancelled', () => {
	test.each<[name: string, sdk: Sdk, body: Json | string | undefined]>([
		['with an empty object (Node.js)', NODE, {}],
		['with null (Ruby)', RUBY, 'null'],
		['without a body, though with its type (PHP, Python)', PHP, undefined],
	])('%s', async (_name, sdk, body) => {
		const id = await merchant.create(
			'/api/v2/payment_links',
			setup.requestBody('payment-link.create'),
		);
		const path = `/api/v2/payment_links/${id}/cancel`;
		const { status, json } = await merchant.call('POST', path, body, sdk);
		expect({ status, keys: Object.keys(json) }).toEqual({ status: 200, keys: ['message'] });
	});
});

describe('OAuth', () => {
	test.each<[name: string, headers: Sdk, encode: (body: Record<string, string>) => string]>([
		[
			'form-encoded with a character set (Flutter)',
			{
				'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
				'user-agent': 'Dart/3.9 (dart:io)',
			},
			(body) => new URLSearchParams(body).toString(),
		],
		[
			'form-encoded (Node.js, Python, PHP)',
			{ ...NODE, 'content-type': 'application/x-www-form-urlencoded' },
			(body) => new URLSearchParams(body).toString(),
		],
		['as JSON (Ruby)', RUBY, (body) => JSON.stringify(body)],
		[
			'as JSON, with a token that is not one (Node.js)',
			{ ...NODE, authorization: 'Bearer null' },
			(body) => JSON.stringify(body),
		],
	])('%s', async (_name, headers, encode) => {
		const client = { client_id: sandbox.clientId, client_secret: sandbox.clientSecret };
		const post = async (path: string, body: Record<string, string>) =>
			await merchant.call('POST', path, encode({ ...client, ...body }), headers);
		const { json } = await post('//oauth/token', { grant_type: 'client_credentials' });
		const token = String(json.access_token);
		expect((await post('/oauth/introspect', { token })).json).toMatchObject({ active: true });
		const info = await merchant.call('GET', '/oauth/token/info', undefined, {
			...headers,
			authorization: `Bearer ${token}`,
		});
		expect(info.json).toMatchObject({ application: { uid: sandbox.clientId } });
		// Some SDKs parse the body of this response as JSON.
		expect(await post('/oauth/revoke', { token })).toMatchObject({ status: 200, json: {} });
		expect((await post('/oauth/introspect', { token })).json).toEqual({ active: false });
	});
});

describe('what the reference refuses stays refused', () => {
	test.each<[name: string, path: string, body: Json, message: string]>([
		[
			'a destination without a type and a reference',
			'/api/v2/send_money',
			{ destinations: [{ amount: 1 }], _links: CALLBACK },
			"Destination type can't be blank",
		],
		[
			'a reference of an own account that is not one',
			'/api/v2/send_money',
			{ destinations: [{ reference: 'merchant123', amount: 1 }], _links: CALLBACK },
			'Destination reference is invalid',
		],
		[
			'EFT for an external bank account',
			'/api/v2/external_recipients',
			{
				type: 'bank_account',
				external_recipient: {
					account_name: 'Jane Doe',
					account_number: '0123456789',
					bank_branch_ref: REFERENCE,
					settlement_method: 'EFT',
				},
			},
			'Settlement method is invalid',
		],
	])('%s', async (_name, path, body, message) => {
		const { status, json } = await merchant.call('POST', path, body, NODE);
		expect({ status, message: json.error_message }).toEqual({ status: 400, message });
	});
});

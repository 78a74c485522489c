import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { readParams, resources } from '../../nodes/KopoKopo/actions';
import { InputRefused } from '../../nodes/KopoKopo/actions/operation';
import type { ApiRequest } from '../../nodes/KopoKopo/api/request';
import { KopoKopoApi } from '../../credentials/KopoKopoApi.credentials';
import { USER_AGENT } from '../../nodes/KopoKopo/api/environment';
import { credentialWith, placeWith, readFixtures, storedCredential, type Fixture } from './given';
import { rows } from './requestRows';

/** Stands for n8n: the stored value, or the default when a workflow does not hold the parameter. */
function storing(parameters: IDataObject): Pick<IExecuteFunctions, 'getNodeParameter'> {
	const getNodeParameter = (name: string, _itemIndex: number, fallback?: unknown) =>
		Object.hasOwn(parameters, name) ? parameters[name] : fallback;
	return { getNodeParameter } as unknown as Pick<IExecuteFunctions, 'getNodeParameter'>;
}

// Some samples call back over plain http, which only Custom allows.
const custom = placeWith({
	credential: credentialWith({ environment: 'custom', baseUrl: 'http://localhost:4010' }),
});

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
	place = placeWith(),
): ApiRequest {
	const operation = resources
		.find(({ value }) => value === resource)
		?.operations.find(({ value }) => value === name);
	if (operation === undefined) throw new Error(`${resource} has no ${name}`);
	return operation.request(readParams(storing(parameters), operation.fields, 0, place));
}

/** The body as its bytes say it: what is undefined is not sent. */
const onTheWire = (body: IDataObject | undefined): unknown =>
	body === undefined ? null : JSON.parse(JSON.stringify(body));

const fixtures = new Map(
	readFixtures<Fixture>('requests').map((fixture) => [fixture.name, fixture]),
);

function fixtureNamed(name: string): Fixture {
	const fixture = fixtures.get(name);
	if (fixture === undefined) throw new Error(`There is no request fixture ${name}`);
	return fixture;
}

describe('requests as the contract prints them', () => {
	test.each(rows)(
		'%s comes from %s, %s',
		async (name, resource, operation, parameters, ruling = {}) => {
			const { method, path, query, body } = { ...fixtureNamed(name), ...ruling };

			const request = requestOf(resource, operation, parameters, custom);

			expect(request.method).toBe(method);
			expect(request.path).toBe(path);
			expect(request.query).toEqual(query);
			const sent = await authenticated(request, body);
			expect(onTheWire(sent.body as IDataObject | undefined)).toEqual(body);
		},
	);
});

describe('the table is whole', () => {
	const offered = resources.flatMap(({ value: resource, operations }) =>
		operations.map(({ value }) => `${resource}.${value}`),
	);
	const proven = new Set(rows.map(([, resource, operation]) => `${resource}.${operation}`));

	test('every operation of the node has a row, and every row an operation', () => {
		expect([...proven].sort()).toEqual([...offered].sort());
	});

	/** Method and path without the id: what makes two fixtures the same endpoint. */
	const endpoint = ({ method, path }: Fixture) =>
		`${method} ${path.replace(/\/[0-9a-f]{8}-[0-9a-f-]+/i, '/{id}')}`;
	/** Shapes that the contract records and does not follow (sections 5 and 12): third parties', misprints. */
	const isFollowed = ({ name, source }: Fixture) =>
		!/^(?:000|003)_/.test(source) && !name.endsWith('.as-printed');
	const covered = new Set(rows.map(([name]) => name));
	const served = new Set([...covered].map((name) => endpoint(fixtureNamed(name))));
	const uncovered = [...fixtures.values()]
		.filter(isFollowed)
		.filter(({ name }) => !covered.has(name));

	test('a fixture without a row belongs to an endpoint that no operation serves yet', () => {
		expect(uncovered.filter((fixture) => served.has(endpoint(fixture)))).toEqual([]);
	});
});

describe('what is left open is not sent', () => {
	const least = { tillNumber: 'K000000', phoneNumber: '0712345678', amount: 10 };

	test('a payment request holds only what was given', () => {
		const { body } = requestOf('incomingPayment', 'create', least);

		expect(onTheWire(body)).toEqual({
			payment_channel: 'M-PESA STK Push',
			till_number: 'K000000',
			subscriber: { phone_number: '+254712345678' },
			amount: { currency: 'KES', value: 10 },
			_links: { callback_url: 'https://n8n.example.com/webhook/kopo-kopo/result-not-awaited' },
		});
	});

	test('optional fields that were added and left empty are as good as not added', () => {
		const { body } = requestOf('incomingPayment', 'create', {
			...least,
			additionalFields: {
				firstName: '',
				lastName: '  ',
				email: '',
				metadata: {},
				metadataJson: '{}',
			},
		});

		expect(onTheWire(body)).toEqual(onTheWire(requestOf('incomingPayment', 'create', least).body));
	});

	test('Daraja is not asked for where Kopo Kopo has no Daraja form, even when the hidden box is ticked', () => {
		const { body } = requestOf('webhookSubscription', 'create', {
			eventType: 'card_transaction_received',
			url: 'https://myapplication.com/webhooks',
			scope: 'company',
			darajaPayload: true,
		});

		expect(body).toMatchObject({ enable_daraja_payload: false, scope_reference: null });
	});
});

describe('what cannot be right is refused with the label of its field', () => {
	const payment = { tillNumber: 'K000000', phoneNumber: '0712345678', amount: 10 };
	const subscription = {
		eventType: 'buygoods_transaction_received',
		url: 'https://myapplication.com/webhooks',
		scope: 'company',
	};

	test.each<[string, string, string, IDataObject]>([
		["'Till Number' is empty", 'incomingPayment', 'create', { ...payment, tillNumber: '' }],
		[
			"'Till Number' needs its K",
			'incomingPayment',
			'create',
			{ ...payment, tillNumber: '000000' },
		],
		["'Phone Number' is empty", 'incomingPayment', 'create', { ...payment, phoneNumber: '' }],
		["'Phone Number'", 'incomingPayment', 'create', { ...payment, phoneNumber: 'Jane' }],
		["'Amount' is empty", 'incomingPayment', 'create', { ...payment, amount: '' }],
		["'Amount' is zero", 'incomingPayment', 'create', { ...payment, amount: 0 }],
		[
			"'Callback URL'",
			'incomingPayment',
			'create',
			{ ...payment, callbackUrl: 'http://a.example' },
		],
		[
			"'Metadata (JSON)' is not a JSON object",
			'incomingPayment',
			'create',
			{ ...payment, additionalFields: { metadataJson: '[1]' } },
		],
		["'Payment Request ID' is empty", 'incomingPayment', 'get', { incomingPaymentId: '' }],
		["'Payment Request ID' is empty", 'incomingPayment', 'get', { incomingPaymentId: ' ' }],
		["'URL' is empty", 'webhookSubscription', 'create', { ...subscription, url: '' }],
		[
			"'URL' must be",
			'webhookSubscription',
			'create',
			{ ...subscription, url: 'http://a.example' },
		],
		["'Event' cannot be", 'webhookSubscription', 'create', { ...subscription, eventType: 'x' }],
		["'Scope' cannot be", 'webhookSubscription', 'create', { ...subscription, scope: 'Till' }],
		["'Till Number' is empty", 'webhookSubscription', 'create', { ...subscription, scope: 'till' }],
		[
			"'Customer Created' only exists for the whole company",
			'webhookSubscription',
			'create',
			{ ...subscription, eventType: 'customer_created', scope: 'till', tillNumber: '112233' },
		],
	])('%s (%s, %s)', (sentence, resource, operation, parameters) => {
		const asked = () => requestOf(resource, operation, parameters);

		expect(asked).toThrow(InputRefused);
		expect(asked).toThrow(sentence);
	});
});

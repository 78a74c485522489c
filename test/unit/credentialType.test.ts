import type { IHttpRequestHelper, IHttpRequestOptions, INodeProperties } from 'n8n-workflow';
import { KopoKopoApi } from '../../credentials/KopoKopoApi.credentials';
import { isCallbackAllowed } from '../../nodes/KopoKopo/parsers/url';
import {
	allowsHttp,
	apiBaseUrl,
	CREDENTIAL_NAME,
	InvalidCredentialError,
	type KopoKopoCredential,
	oauthBaseUrl,
	parseCredential,
	REJECTED_AUTHORIZATION_HEADER,
	requireApiKey,
	USER_AGENT,
} from '../../nodes/KopoKopo/transport/environment';
import { TokenExchangeError } from '../../nodes/KopoKopo/transport/errors';
import { credentialWith, kopoKopoNode, storedCredential } from './testData';

const type = new KopoKopoApi();

/** A request as the API client passes it on. */
const ownRequest = (more: Partial<IHttpRequestOptions> = {}): IHttpRequestOptions => ({
	method: 'GET',
	url: '/api/v2/incoming_payments/7',
	headers: { Accept: 'application/json', 'User-Agent': USER_AGENT },
	...more,
});

/** The request of n8n's Test button, as n8n makes it of the credential's own description. */
const testRequest = (): IHttpRequestOptions =>
	({
		...type.test.request,
		headers: { ...type.test.request.headers },
	}) as unknown as IHttpRequestOptions;

let clients = 0;
const newClient = (changed: Partial<KopoKopoCredential> = {}) =>
	storedCredential({ clientId: `client of the credential ${++clients}`, ...changed });

/** n8n's preAuthentication with a token endpoint that answers this. */
async function exchange(stored: ReturnType<typeof storedCredential>, answer: unknown) {
	const httpRequest = async () =>
		answer instanceof Error ? await Promise.reject(answer) : await Promise.resolve(answer);
	const helper = { helpers: { httpRequest } } as unknown as IHttpRequestHelper;
	return (await type.preAuthentication.call(helper, stored)) as { accessToken: string };
}

describe('authenticate', () => {
	test.each<[string, Partial<KopoKopoCredential>, string]>([
		['sandbox', { environment: 'sandbox' }, 'https://sandbox.kopokopo.com'],
		['production', { environment: 'production' }, 'https://api.kopokopo.com'],
		[
			'custom',
			{ environment: 'custom', baseUrl: 'http://localhost:4010/' },
			'http://localhost:4010',
		],
		[
			'production, whatever was typed into the hidden Base URL',
			{ environment: 'production', baseUrl: 'https://elsewhere.example' },
			'https://api.kopokopo.com',
		],
		[
			'production, whatever the OAuth Base URL',
			{ environment: 'production', oauthBaseUrl: 'https://app.kopokopo.com' },
			'https://api.kopokopo.com',
		],
	])('%s: puts base URL and token on the request', async (_environment, changed, baseURL) => {
		const stored = storedCredential({ accessToken: 'the token', ...changed });

		const options = await type.authenticate(stored, ownRequest());

		expect(options).toEqual({
			method: 'GET',
			url: '/api/v2/incoming_payments/7',
			baseURL,
			headers: {
				Accept: 'application/json',
				'User-Agent': USER_AGENT,
				Authorization: 'Bearer the token',
			},
		});
	});

	test('replaces a base URL that is already set', async () => {
		const stored = storedCredential({ accessToken: 'the token' });

		const options = await type.authenticate(
			stored,
			ownRequest({ baseURL: 'https://elsewhere.example' }),
		);

		expect(options.baseURL).toBe('https://sandbox.kopokopo.com');
	});

	test('neither client, secret nor API key is sent with a request', async () => {
		const stored = storedCredential({ accessToken: 'the token' });

		const sent = JSON.stringify(await type.authenticate(stored, ownRequest()));

		for (const secret of [stored.clientId, stored.clientSecret, stored.apiKey]) {
			expect(sent).not.toContain(secret);
		}
	});

	test.each<[string, IHttpRequestOptions['headers']]>([
		['no headers', undefined],
		['no User-Agent', { Accept: 'application/json' }],
		["n8n's User-Agent", { 'User-Agent': 'n8n' }],
		['one that only begins like ours', { 'User-Agent': `${USER_AGENT} and more` }],
	])('rejects a request with %s before it gets the token', async (_what, headers) => {
		const request: IHttpRequestOptions = { url: '/api/v2/send_money', method: 'POST' };
		if (headers !== undefined) request.headers = headers;

		await expect(
			type.authenticate(storedCredential({ accessToken: 'the token' }), request),
		).rejects.toThrow('works only in the Kopo Kopo node');
		expect(JSON.stringify(request)).not.toContain('the token');
	});

	test('reports an invalid Base URL in a sentence', async () => {
		await expect(
			type.authenticate(storedCredential({ environment: 'custom', baseUrl: '' }), ownRequest()),
		).rejects.toThrow("'Base URL' in the Kopo Kopo credential is not a web address");
	});
});

describe('after a 401', () => {
	const refusedRequest = (token: string) =>
		ownRequest({
			headers: { 'User-Agent': USER_AGENT, [REJECTED_AUTHORIZATION_HEADER]: `Bearer ${token}` },
		});

	test('n8n is asked once to renew the rejected token', async () => {
		const stored = storedCredential({ accessToken: 'old' });
		const request = refusedRequest('old');

		await expect(type.authenticate(stored, request)).rejects.toMatchObject({
			response: { status: 401 },
		});
		// As n8n goes on, with what the exchange gave: here the same token again.
		const { headers } = await type.authenticate(stored, request);
		expect(headers).toEqual({ 'User-Agent': USER_AGENT, Authorization: 'Bearer old' });
	});

	test('a token that has been renewed in the meantime is used', async () => {
		const stored = storedCredential({ accessToken: 'new' });

		const { headers } = await type.authenticate(stored, refusedRequest('old'));

		expect(headers).toEqual({ 'User-Agent': USER_AGENT, Authorization: 'Bearer new' });
	});
});

describe('preAuthentication', () => {
	test('returns the token for n8n to store, and nothing else', async () => {
		expect(await exchange(newClient(), { access_token: 'fresh', expires_in: 3600 })).toEqual({
			accessToken: 'fresh',
		});
	});

	test('reports a rejection without a 401, so that n8n does not try twice', async () => {
		const refused = Object.assign(new Error('HTTP 401'), {
			response: { status: 401, headers: {} },
		});

		const thrown: unknown = await exchange(newClient(), refused).catch((error: unknown) => error);

		expect(thrown).toBeInstanceOf(TokenExchangeError);
		expect(thrown).not.toHaveProperty('response.status');
	});
});

describe('the Test button', () => {
	test('requests something harmless that every account can read', () => {
		expect(type.test.request).toMatchObject({
			method: 'GET',
			url: '/oauth/token/info',
			disableFollowRedirect: true,
		});
	});

	test('does not accept an earlier token: n8n gets a 401 and exchanges a new one', async () => {
		const stored = newClient({ accessToken: 'a token of yesterday' });

		const thrown: unknown = await type
			.authenticate(stored, testRequest())
			.catch((error: unknown) => error);

		expect(thrown).toMatchObject({ response: { status: 401 } });
	});

	test('uses the token of that exchange', async () => {
		const stored = newClient({ accessToken: 'a token of yesterday' });
		const fresh = await exchange(stored, { access_token: 'fresh' });

		const options = await type.authenticate({ ...stored, ...fresh }, testRequest());

		expect(options.headers).toMatchObject({ Authorization: 'Bearer fresh' });
		expect(options.baseURL).toBe('https://sandbox.kopokopo.com');
	});

	test.each<[string, Partial<KopoKopoCredential>]>([
		['secret', { clientSecret: 'typed anew' }],
		['client', { clientId: 'another client' }],
		['environment', { environment: 'production' }],
	])('tests a changed %s, not the earlier token', async (_what, changed) => {
		const stored = newClient();
		const fresh = await exchange(stored, { access_token: 'fresh' });

		const thrown: unknown = await type
			.authenticate({ ...stored, ...fresh, ...changed }, testRequest())
			.catch((error: unknown) => error);

		expect(thrown).toMatchObject({ response: { status: 401 } });
	});

	test('leaves the stored token in place for a normal request', async () => {
		const stored = newClient({ accessToken: 'a token of yesterday' });

		expect((await type.authenticate(stored, ownRequest())).headers).toMatchObject({
			Authorization: 'Bearer a token of yesterday',
		});
	});
});

describe('the form', () => {
	const byName = new Map(type.properties.map((property) => [property.name, property]));
	const property = (name: string): INodeProperties => {
		const found = byName.get(name);
		if (found === undefined) throw new Error(`The credential has no ${name}`);
		return found;
	};

	test('has the names that saved credentials contain', () => {
		expect(type.name).toBe(CREDENTIAL_NAME);
		expect(type.displayName).toBe('Kopo Kopo API');
		expect([...byName.keys()]).toEqual([
			'environment',
			'baseUrl',
			'clientId',
			'clientSecret',
			'apiKey',
			'previousApiKey',
			'oauthBaseUrl',
			'accessToken',
		]);
	});

	test.each(['clientSecret', 'apiKey', 'previousApiKey', 'accessToken'])(
		'%s is a password',
		(name) => {
			expect(property(name).typeOptions?.password).toBe(true);
		},
	);

	test('the token is hidden, renewed by n8n, and empty at first', () => {
		expect(property('accessToken')).toMatchObject({
			type: 'hidden',
			typeOptions: { expirable: true, password: true },
			default: '',
		});
	});

	test.each(['environment', 'baseUrl', 'clientId', 'oauthBaseUrl'])('%s is readable', (name) => {
		expect(property(name).typeOptions?.password).toBeUndefined();
	});

	test('Base URL is shown for a custom environment only', () => {
		expect(property('baseUrl').displayOptions).toEqual({ show: { environment: ['custom'] } });
	});

	test('OAuth Base URL is shown only where another one may be needed', () => {
		expect(property('oauthBaseUrl').displayOptions).toEqual({
			show: { environment: ['custom', 'productionWithOtherOauthAddress'] },
		});
	});

	test('Client ID and Client Secret are required, and the sandbox is the default', () => {
		expect(property('clientId').required).toBe(true);
		expect(property('clientSecret').required).toBe(true);
		expect(property('environment').default).toBe('sandbox');
	});

	test('its help is a web address', () => {
		expect(URL.canParse(type.documentationUrl)).toBe(true);
	});
});

describe('addresses', () => {
	const custom = (baseUrl: string) => credentialWith({ environment: 'custom', baseUrl });

	test.each([
		['http://localhost:4010', 'http://localhost:4010'],
		['http://localhost:4010/', 'http://localhost:4010'],
		[' https://proxy.example.com// ', 'https://proxy.example.com'],
		['https://proxy.example.com/kopokopo/', 'https://proxy.example.com/kopokopo'],
		['http://127.0.0.1:8080', 'http://127.0.0.1:8080'],
	])('custom %j is %s', (typed, base) => {
		expect(apiBaseUrl(custom(typed))).toBe(base);
		expect(oauthBaseUrl(custom(typed))).toBe(base);
	});

	test.each([
		'',
		'localhost:4010',
		'sandbox.kopokopo.com',
		'ftp://a.example',
		'https://',
		'https:///x',
	])('custom %j is rejected', (typed) => {
		expect(() => apiBaseUrl(custom(typed))).toThrow(InvalidCredentialError);
	});

	test('the OAuth base URL is the one in its field if there is one', () => {
		const credential = credentialWith({
			environment: 'production',
			oauthBaseUrl: 'https://app.kopokopo.com/',
		});

		expect(oauthBaseUrl(credential)).toBe('https://app.kopokopo.com');
		expect(apiBaseUrl(credential)).toBe('https://api.kopokopo.com');
	});

	test('a plain http OAuth address is for a custom environment only', () => {
		const oauth = { oauthBaseUrl: 'http://localhost:4011' };

		expect(() => oauthBaseUrl(credentialWith({ environment: 'production', ...oauth }))).toThrow(
			"'OAuth Base URL' in the Kopo Kopo credential must begin with https://",
		);
		expect(
			oauthBaseUrl(
				credentialWith({ environment: 'custom', baseUrl: 'http://localhost:4010', ...oauth }),
			),
		).toBe('http://localhost:4011');
	});

	test.each<[string, boolean, boolean]>([
		['https://n8n.example.com/webhook', true, true],
		['http://localhost:5678/webhook', false, true],
		['ftp://n8n.example.com', false, false],
		['/webhook', false, false],
		['', false, false],
	])('%j may be called back: %s, in a custom environment: %s', (url, elsewhere, inCustom) => {
		const contextOf = (credential: KopoKopoCredential) => ({ allowHttp: allowsHttp(credential) });
		expect(isCallbackAllowed(url, contextOf(credentialWith({ environment: 'production' })))).toBe(
			elsewhere,
		);
		expect(isCallbackAllowed(url, contextOf(credentialWith({ environment: 'sandbox' })))).toBe(
			elsewhere,
		);
		expect(isCallbackAllowed(url, contextOf(custom('http://localhost:4010')))).toBe(inCustom);
	});
});

describe('reading the stored credential', () => {
	test.each([
		['production', 'production', ''],
		['sandbox', 'sandbox', ''],
		['productionWithOtherOauthAddress', 'production', 'https://app.kopokopo.com'],
		['custom', 'custom', 'https://app.kopokopo.com'],
	])('%s is %s, with the OAuth Base URL "%s"', (chosen, environment, url) => {
		const stored = { environment: chosen, oauthBaseUrl: 'https://app.kopokopo.com' };

		expect(parseCredential(stored)).toMatchObject({ environment, oauthBaseUrl: url });
	});

	test('trims pasted values, and returns empty texts for missing ones', () => {
		expect(parseCredential({ clientId: ' id\n', clientSecret: '\tsecret ' })).toEqual({
			environment: 'sandbox',
			baseUrl: '',
			oauthBaseUrl: '',
			clientId: 'id',
			clientSecret: 'secret',
			apiKey: '',
			previousApiKey: '',
			accessToken: '',
		});
	});

	test('reports a missing API key, and returns an existing one', () => {
		expect(requireApiKey(credentialWith({ apiKey: 'key' }), kopoKopoNode)).toBe('key');
		expect(() => requireApiKey(credentialWith({ apiKey: ' ' }), kopoKopoNode)).toThrow(
			"The Kopo Kopo credential has no 'API Key'",
		);
	});
});

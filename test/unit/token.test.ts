import type { IHttpRequestHelper, IHttpRequestOptions } from 'n8n-workflow';
import {
	InvalidCredentialError,
	USER_AGENT,
	type KopoKopoCredential,
} from '../../nodes/KopoKopo/transport/environment';
import { TokenExchangeError } from '../../nodes/KopoKopo/transport/errors';
import { failIfTokenMustBeRenewed, obtainToken } from '../../nodes/KopoKopo/transport/token';
import { credentialWith } from './testData';

const slept: number[] = [];

jest.mock('n8n-workflow', () => ({
	...jest.requireActual<object>('n8n-workflow'),
	async sleep(ms: number) {
		slept.push(ms);
		await Promise.resolve();
	},
}));

let clients = 0;
/** The exchange remembers by client, so each test has its own. */
const newClient = (changed: Partial<KopoKopoCredential> = {}) =>
	credentialWith({ clientId: `client ${++clients}`, ...changed });

let issued = 0;
const tokenAnswer = (more: object = {}) => ({
	access_token: `token ${++issued}`,
	token_type: 'Bearer',
	expires_in: 3600,
	created_at: '2026-05-01T10:00:00Z',
	...more,
});

/** The helpers that preAuthentication() gets; requests return or throw `answers` in turn. */
function tokenHelpers(...answers: unknown[]) {
	let asked = 0;
	const httpRequest = jest.fn<Promise<unknown>, [IHttpRequestOptions]>(async () => {
		await Promise.resolve();
		const answer = answers.length === 0 ? tokenAnswer() : answers[asked++];
		if (answer instanceof Error) return await Promise.reject(answer);
		return answer;
	});
	return {
		httpRequest,
		helpers: { httpRequest } as unknown as IHttpRequestHelper['helpers'],
	};
}

const answered = (status: number, data: unknown = '', headers: Record<string, string> = {}) =>
	Object.assign(new Error(`HTTP ${status}`), { response: { status, headers, data } });
const broken = (code: string, syscall?: string) =>
	Object.assign(new Error(code), { code, ...(syscall !== undefined && { syscall }) });

async function tokenErrorOf(exchange: Promise<string>): Promise<TokenExchangeError> {
	const thrown: unknown = await exchange.then(
		() => undefined,
		(error: unknown) => error,
	);
	expect(thrown).toBeInstanceOf(TokenExchangeError);
	return thrown as TokenExchangeError;
}

beforeEach(() => {
	slept.length = 0;
});

describe('the token request', () => {
	test('sends the client ID and secret form-encoded with a User-Agent, and follows no redirect', async () => {
		const { helpers, httpRequest } = tokenHelpers();
		const credential = newClient({ clientId: 'a&b=c', clientSecret: 'ä+/ %' });

		await obtainToken(helpers, credential);

		const options = httpRequest.mock.calls[0]?.[0];
		expect(options).toMatchObject({
			method: 'POST',
			url: 'https://sandbox.kopokopo.com/oauth/token',
			disableFollowRedirect: true,
		});
		expect(options?.headers).toEqual({
			Accept: 'application/json',
			'Content-Type': 'application/x-www-form-urlencoded',
			'User-Agent': USER_AGENT,
		});
		expect(USER_AGENT).toMatch(/^n8n-nodes-kopokopo\/\d+\.\d+\.\d+ \(.+\)$/);
		expect(options?.body).toBe(
			'client_id=a%26b%3Dc&client_secret=%C3%A4%2B%2F+%25&grant_type=client_credentials',
		);
	});

	test.each<[string, Partial<KopoKopoCredential>, string]>([
		['sandbox', { environment: 'sandbox' }, 'https://sandbox.kopokopo.com/oauth/token'],
		['production', { environment: 'production' }, 'https://api.kopokopo.com/oauth/token'],
		[
			'production with an OAuth base of its own',
			{ environment: 'production', oauthBaseUrl: 'https://app.kopokopo.com/' },
			'https://app.kopokopo.com/oauth/token',
		],
		[
			'custom',
			{ environment: 'custom', baseUrl: 'http://localhost:4010///' },
			'http://localhost:4010/oauth/token',
		],
	])('goes to the base URL of the environment: %s', async (_environment, changed, url) => {
		const { helpers, httpRequest } = tokenHelpers();

		await obtainToken(helpers, newClient(changed));

		expect(httpRequest.mock.calls[0]?.[0].url).toBe(url);
	});

	test('is not sent when the base URL is invalid', async () => {
		const { helpers, httpRequest } = tokenHelpers();

		await expect(
			obtainToken(helpers, newClient({ environment: 'custom', baseUrl: 'localhost' })),
		).rejects.toThrow(InvalidCredentialError);
		expect(httpRequest).not.toHaveBeenCalled();
	});
});

describe('a token exchange', () => {
	test('is shared by items that need a token at the same time', async () => {
		const { helpers, httpRequest } = tokenHelpers();
		const credential = newClient();

		const tokens = await Promise.all(
			Array.from({ length: 10 }, async () => await obtainToken(helpers, credential)),
		);

		expect(new Set(tokens).size).toBe(1);
		expect(httpRequest).toHaveBeenCalledTimes(1);
	});

	test('is not repeated for an item whose older token was rejected after another item got a new one', async () => {
		const { helpers, httpRequest } = tokenHelpers();
		const credential = newClient({ accessToken: 'an old token' });

		const first = await obtainToken(helpers, credential);
		const second = await obtainToken(helpers, credential);

		expect(second).toBe(first);
		expect(httpRequest).toHaveBeenCalledTimes(1);
	});

	test('is repeated after its token was rejected', async () => {
		const { helpers, httpRequest } = tokenHelpers();
		const credential = newClient();

		const first = await obtainToken(helpers, credential);
		const second = await obtainToken(helpers, { ...credential, accessToken: first });

		expect(second).not.toBe(first);
		expect(httpRequest).toHaveBeenCalledTimes(2);
	});

	test('is repeated when its token is more than a minute old', async () => {
		jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask'], now: 0 });
		const { helpers, httpRequest } = tokenHelpers();
		const credential = newClient({ accessToken: 'an old token' });

		await obtainToken(helpers, credential);
		jest.setSystemTime(59_000);
		await obtainToken(helpers, credential);
		expect(httpRequest).toHaveBeenCalledTimes(1);
		jest.setSystemTime(61_000);
		await obtainToken(helpers, credential);
		expect(httpRequest).toHaveBeenCalledTimes(2);
		jest.useRealTimers();
	});

	test('is repeated when its token has expired', async () => {
		jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask'], now: 0 });
		const { helpers, httpRequest } = tokenHelpers(tokenAnswer({ expires_in: 5 }), tokenAnswer());
		const credential = newClient();

		await obtainToken(helpers, credential);
		jest.setSystemTime(6_000);
		await obtainToken(helpers, credential);

		expect(httpRequest).toHaveBeenCalledTimes(2);
		jest.useRealTimers();
	});

	test.each<[string, Partial<KopoKopoCredential>]>([
		['secret', { clientSecret: 'typed anew' }],
		['client', { clientId: 'another client' }],
		['environment', { environment: 'production' }],
		['OAuth address', { oauthBaseUrl: 'https://app.kopokopo.com' }],
	])('is repeated for another %s', async (_what, changed) => {
		const { helpers, httpRequest } = tokenHelpers();
		const credential = newClient();

		const first = await obtainToken(helpers, credential);
		const second = await obtainToken(helpers, { ...credential, ...changed });

		expect(second).not.toBe(first);
		expect(httpRequest).toHaveBeenCalledTimes(2);
	});

	test('is not repeated for another API key or an older stored token', async () => {
		const { helpers, httpRequest } = tokenHelpers();
		const credential = newClient();

		await obtainToken(helpers, credential);
		await obtainToken(helpers, { ...credential, apiKey: 'another', accessToken: 'older' });

		expect(httpRequest).toHaveBeenCalledTimes(1);
	});

	test('that fails is reported to every waiting item, and the next item starts another one', async () => {
		const { helpers, httpRequest } = tokenHelpers(answered(401), tokenAnswer());
		const credential = newClient();

		const both = [obtainToken(helpers, credential), obtainToken(helpers, credential)];
		await Promise.all(both.map(tokenErrorOf));
		expect(httpRequest).toHaveBeenCalledTimes(1);

		expect(await obtainToken(helpers, credential)).toMatch(/^token/);
		expect(httpRequest).toHaveBeenCalledTimes(2);
	});
});

describe('failIfTokenMustBeRenewed', () => {
	const isRenewed = (
		credential: Parameters<typeof failIfTokenMustBeRenewed>[0],
		{ isTest = false, isRejected = false },
	) => {
		try {
			failIfTokenMustBeRenewed(credential, { isTest, isRejected });
			return false;
		} catch (error) {
			// What n8n takes for a rejected token.
			expect(error).toMatchObject({ response: { status: 401 } });
			return true;
		}
	};

	test('renews a token that was rejected, and no other one of a node', () => {
		const credential = newClient();
		expect(isRenewed(credential, { isRejected: true })).toBe(true);
		expect(isRenewed(credential, {})).toBe(false);
	});

	test('renews each token in a test that this process has not issued for the same credential', async () => {
		const { helpers } = tokenHelpers();
		const credential = newClient();
		expect(isRenewed(credential, { isTest: true })).toBe(true);

		const accessToken = await obtainToken(helpers, credential);

		expect(isRenewed({ ...credential, accessToken }, { isTest: true })).toBe(false);
		for (const changed of [
			{ accessToken: '' },
			{ accessToken, clientSecret: 'typed anew' },
			{ accessToken, environment: 'production' as const },
		]) {
			expect(isRenewed({ ...credential, ...changed }, { isTest: true })).toBe(true);
		}
	});
});

describe('the error of a token exchange', () => {
	const refused = { error: 'invalid_client', error_description: 'Client authentication failed' };

	test.each([400, 401, 403])(
		'says to check the client ID and the secret after HTTP %d',
		async (status) => {
			const { helpers, httpRequest } = tokenHelpers(answered(status, refused));

			const { message, failure } = await tokenErrorOf(obtainToken(helpers, newClient()));

			expect(message).toContain(
				"Kopo Kopo did not accept the 'Client ID' and 'Client Secret': Client authentication failed",
			);
			expect(message).toContain('Copy both again');
			expect(failure).toMatchObject({ certainty: 'notProcessed', transient: false, status });
			expect(httpRequest).toHaveBeenCalledTimes(1);
		},
	);

	test.each([302, 404, 405, 410])('says to check the base URLs after HTTP %d', async (status) => {
		const { helpers, httpRequest } = tokenHelpers(answered(status));

		const { message, failure } = await tokenErrorOf(obtainToken(helpers, newClient()));

		expect(message).toContain(`does not issue Kopo Kopo tokens (HTTP ${status})`);
		expect(message).toContain("Check 'Environment', 'Base URL' and 'OAuth Base URL'");
		expect(failure.certainty).toBe('notProcessed');
		expect(httpRequest).toHaveBeenCalledTimes(1);
	});

	test.each<[string, unknown]>([
		['a page', '<html>Welcome</html>'],
		['no body', ''],
		['nothing', undefined],
		['no token', { token_type: 'Bearer' }],
		['an empty token', { access_token: '' }],
		['a token that is no text', { access_token: 7 }],
	])('says that no token was returned after a 200 with %s', async (_what, body) => {
		const { helpers } = tokenHelpers(body);

		const { message, failure } = await tokenErrorOf(obtainToken(helpers, newClient()));

		expect(message).toContain('did not return a Kopo Kopo access token');
		expect(failure).toMatchObject({ certainty: 'notProcessed', transient: false });
	});

	test.each<[string, Error, string]>([
		['a refused connection', broken('ECONNREFUSED', 'connect'), 'refused the connection'],
		['an unknown host', broken('ENOTFOUND', 'getaddrinfo'), 'host name was not found'],
		[
			'no response in time',
			broken('ECONNABORTED'),
			'The request for an access token did not complete: no response arrived within 30 s. The request that needs the token was not sent. You can send it again.',
		],
		[
			'a server error',
			answered(503),
			'could not issue an access token (HTTP 503). The request that needs the token was not sent. You can send it again.',
		],
		['too many requests', answered(429), 'could not issue an access token (HTTP 429)'],
	])('is thrown after four attempts that failed with %s', async (_what, thrown, sentence) => {
		const { helpers, httpRequest } = tokenHelpers(thrown, thrown, thrown, thrown);

		const { message, failure } = await tokenErrorOf(obtainToken(helpers, newClient()));

		expect(message).toContain(sentence);
		expect(failure).toMatchObject({ certainty: 'notProcessed', transient: true, isRetried: true });
		expect(httpRequest).toHaveBeenCalledTimes(4);
		expect(slept).toHaveLength(3);
	});

	test('is not thrown when a later attempt succeeds', async () => {
		const { helpers } = tokenHelpers(answered(503), broken('ECONNRESET'), tokenAnswer());

		expect(await obtainToken(helpers, newClient())).toMatch(/^token/);
	});

	test('does not contain the client secret', async () => {
		const clientSecret = 'never to be shown';
		for (const thrown of [answered(401, refused), answered(404), broken('ERR_CANCELED')]) {
			const { helpers } = tokenHelpers(thrown);
			const error = await tokenErrorOf(obtainToken(helpers, newClient({ clientSecret })));
			expect(JSON.stringify([error.message, error.stack, error.failure])).not.toContain(
				clientSecret,
			);
		}
	});

	test('has no status that n8n takes for an expired token', async () => {
		const { helpers } = tokenHelpers(answered(401, refused));

		const error = await tokenErrorOf(obtainToken(helpers, newClient()));

		expect(error).not.toHaveProperty('response.status');
		expect(error).not.toHaveProperty('status');
	});
});

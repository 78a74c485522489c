import { z } from 'zod';

import { type ApiAnswer, type ApiCall, StoppedError } from '../apiClient';
import {
	type Assumption,
	type AuthorizedCall,
	CannotRunError,
	type Check,
	compare,
	describeAnswer,
	describeType,
	differs,
	holds,
	NotObservedError,
	notTried,
	valueAt,
} from '../assumption';
import { describeWord } from '../masking';

const ISO_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}/;
const EXCHANGE = 'nodes/KopoKopo/transport/token.ts';
const OPERATIONS = 'nodes/KopoKopo/resources/v2/accessToken.ts';
const CREDENTIAL = 'credentials/KopoKopoApi.credentials.ts';

/** A token without characters that no header can carry. */
const issued = z.object({ access_token: z.string().regex(/^[!-~]+$/) }).passthrough();

interface Exchange {
	answer: ApiAnswer;
	token: string;
	encoding: 'form' | 'json';
}

const client = ({ settings: { clientId, clientSecret } }: Check) => ({
	client_id: clientId,
	client_secret: clientSecret,
});

function exchangeCall(
	check: Check,
	encoding: Exchange['encoding'],
	others: Record<string, string> = {},
): ApiCall {
	const body = { ...client(check), grant_type: 'client_credentials', ...others };
	return {
		method: 'POST',
		path: '/oauth/token',
		...(encoding === 'form' ? { form: body } : { json: body }),
	};
}

/** One token exchange, or the answer to it if no token was issued. */
async function exchange(
	check: Check,
	encoding: Exchange['encoding'],
): Promise<Exchange | ApiAnswer> {
	const answer = await check.api.call(exchangeCall(check, encoding));
	const parsed = issued.safeParse(answer.json);
	if (!parsed.success || answer.status >= 300) return answer;
	check.masker.addSecret(parsed.data.access_token, 'token');
	check.tokens.push(parsed.data.access_token);
	return { answer, token: parsed.data.access_token, encoding };
}

/** The first token of the run. @throws CannotRunError if Kopo Kopo issues none */
const firstToken = async (check: Check) =>
	await check.once('first token', async (): Promise<Exchange> => {
		const form = await exchange(check, 'form').catch(reportUnreachable);
		if ('token' in form) return form;
		const json = await exchange(check, 'json').catch(reportUnreachable);
		if ('token' in json) return json;
		const isRejected = [form, json].some(({ status }) => status === 400 || status === 401);
		const advice = isRejected
			? ' Check the client ID and the client secret, and that they belong to this environment.'
			: '';
		throw new CannotRunError(
			`Kopo Kopo issued no access token (${describeAnswer(form)}).${advice}`,
		);
	});

function reportUnreachable(error: Error): never {
	if (error instanceof StoppedError) throw error;
	throw new CannotRunError(`Kopo Kopo could not be reached: ${error.message}.`);
}

async function anotherToken(check: Check, name: string): Promise<string> {
	return await check.once(name, async () => {
		const { encoding } = await firstToken(check);
		const next = await exchange(check, encoding);
		if ('token' in next) return next.token;
		throw new NotObservedError(`no further token was issued (${describeAnswer(next)})`);
	});
}

/**
 * Sends a request with the token of the run. It is issued after the checks of tokens, in case a new token ends
 * the earlier ones.
 */
export async function authorized(check: Check, call: AuthorizedCall): Promise<ApiAnswer> {
	return await check.api.call({ ...call, token: await anotherToken(check, 'token of the run') });
}

/** Revokes every token of the run. */
export async function revokeTokens(check: Check): Promise<void> {
	for (const token of check.tokens) {
		const form = { ...client(check), token };
		await check.api.call({ method: 'POST', path: '/oauth/revoke', form });
	}
}

const tokenInfo = async (check: Check, token: string) =>
	await check.api.call({ method: 'GET', path: '/oauth/token/info', token });

const introspect = async (check: Check, token: string) =>
	await check.api.call({
		method: 'POST',
		path: '/oauth/introspect',
		form: { ...client(check), token },
	});

/** A successful response to a request about the first token. */
async function aboutFirstToken(
	check: Check,
	name: string,
	ask: (check: Check, token: string) => Promise<ApiAnswer>,
): Promise<ApiAnswer> {
	const { token } = await firstToken(check);
	return await check.once(name, async () => await ask(check, token));
}

const info = async (check: Check) => await aboutFirstToken(check, 'token info', tokenInfo);
const introspection = async (check: Check) =>
	await aboutFirstToken(check, 'introspection', introspect);

async function successful(answer: Promise<ApiAnswer>, what: string): Promise<unknown> {
	const { status, json } = await answer;
	if (status === 200) return json;
	throw new NotObservedError(`there is no ${what} to look at (HTTP ${status})`);
}

const lifetimeOf = async (check: Check) =>
	Number(valueAt((await firstToken(check)).answer.json, 'expires_in'));

/** A token that was revoked, the answer to that, and the answer to a request with it. */
const revocation = async (check: Check) =>
	await check.once('revocation', async () => {
		const token = await anotherToken(check, 'second token');
		const revoked = await check.api.call({
			method: 'POST',
			path: '/oauth/revoke',
			form: { ...client(check), token },
		});
		return { revoked, used: await tokenInfo(check, token) };
	});

/** The OAuth endpoints and the tokens that they issue. */
export const tokenAssumptions: Assumption[] = [
	{
		id: 'token-form-encoding',
		statement: 'The token request is form-encoded',
		heading: 'tokens',
		reliesOn: [EXCHANGE],
		async run(check) {
			const { encoding, answer } = await firstToken(check);
			return compare(encoding === 'form', `a token for a ${encoding} body (HTTP ${answer.status})`);
		},
	},
	{
		id: 'token-type',
		statement: 'A token has the type Bearer',
		heading: 'tokens',
		reliesOn: [CREDENTIAL],
		async run(check) {
			const type = valueAt((await firstToken(check)).answer.json, 'token_type');
			return compare(type === 'Bearer', `token_type: ${describeWord(type)}`);
		},
	},
	{
		id: 'token-lifetime',
		statement: 'A token is valid for 3600 seconds',
		heading: 'token-lifetime',
		reliesOn: [EXCHANGE],
		async run(check) {
			const seconds = valueAt((await firstToken(check)).answer.json, 'expires_in');
			const isNumber = typeof seconds === 'number';
			return compare(seconds === 3600, `expires_in: ${isNumber ? seconds : describeType(seconds)}`);
		},
	},
	{
		id: 'token-created-at',
		statement: 'The token response gives created_at as ISO 8601',
		heading: 'tokens',
		reliesOn: [OPERATIONS],
		async run(check) {
			const value = valueAt((await firstToken(check)).answer.json, 'created_at');
			return compare(
				typeof value === 'string' && ISO_TIME.test(value),
				`created_at: ${describeType(value)}`,
			);
		},
	},
	{
		id: 'token-no-refresh',
		statement: 'There is no refresh token',
		heading: 'token-lifetime',
		reliesOn: [EXCHANGE],
		async run(check) {
			const value = valueAt((await firstToken(check)).answer.json, 'refresh_token');
			return compare(value === undefined, `refresh_token: ${describeType(value)}`);
		},
	},
	{
		id: 'token-wrong-secret',
		statement: 'A wrong client secret is answered with 401, error and error_description',
		heading: 'error-bodies',
		reliesOn: [EXCHANGE, 'nodes/KopoKopo/domain/apiErrorText.ts'],
		async run(check) {
			const { encoding } = await firstToken(check);
			const others = { client_secret: 'not-the-client-secret' };
			return describeOauthError(await check.api.call(exchangeCall(check, encoding, others)), 401);
		},
	},
	{
		id: 'token-wrong-grant',
		statement: 'A different grant type is answered with 400, error and error_description',
		heading: 'error-bodies',
		reliesOn: [EXCHANGE, 'nodes/KopoKopo/domain/apiErrorText.ts'],
		async run(check) {
			const { encoding } = await firstToken(check);
			const others = { grant_type: 'not_a_grant_type' };
			return describeOauthError(await check.api.call(exchangeCall(check, encoding, others)), 400);
		},
	},
	{
		id: 'token-info',
		statement: 'The token information has expires_in, scope, application and created_at',
		heading: 'tokens',
		reliesOn: [OPERATIONS, CREDENTIAL],
		async run(check) {
			const answer = await info(check);
			if (answer.status !== 200) return differs(describeAnswer(answer));
			const body = (answer.json ?? {}) as object;
			const expected = ['application', 'created_at', 'expires_in', 'resource_owner_id', 'scope'];
			const missing = expected.filter((key) => !(key in body));
			return compare(
				missing.length === 0,
				missing.length === 0 ? 'all of them' : `without ${missing.join(', ')}`,
			);
		},
	},
	{
		id: 'token-info-application',
		statement: 'application.uid of the token information is the client ID',
		heading: 'tokens',
		reliesOn: [OPERATIONS],
		async run(check) {
			const uid = valueAt(await successful(info(check), 'token information'), 'application', 'uid');
			if (uid === undefined) return notTried('the token information has no application.uid');
			const isSame = uid === check.settings.clientId;
			return compare(isSame, isSame ? 'the client ID' : 'another value');
		},
	},
	{
		id: 'token-info-expiry',
		statement: 'expires_in of the token information is what is left of the lifetime',
		heading: 'token-lifetime',
		reliesOn: [OPERATIONS],
		async run(check) {
			const left = valueAt(await successful(info(check), 'token information'), 'expires_in');
			if (left === undefined) return notTried('the token information has no expires_in');
			const lifetime = await lifetimeOf(check);
			if (Number.isNaN(lifetime)) return notTried('the token has no expires_in');
			return compare(
				typeof left === 'number' && left <= lifetime && left > lifetime - 120,
				`${describeType(left)}, ${Number(left)} of ${lifetime} s`,
			);
		},
	},
	{
		id: 'token-info-created-at',
		statement: 'created_at of the token information is in Unix seconds',
		heading: 'tokens',
		reliesOn: [OPERATIONS],
		async run(check) {
			const at = valueAt(await successful(info(check), 'token information'), 'created_at');
			if (at === undefined) return notTried('the token information has no created_at');
			return compare(isUnixTime(at), `created_at: ${describeType(at)}`);
		},
	},
	{
		id: 'introspect-active',
		statement: 'A valid token is introspected as active, of the type Bearer',
		heading: 'tokens',
		reliesOn: [OPERATIONS],
		async run(check) {
			const answer = await introspection(check);
			const [active, type] = [valueAt(answer.json, 'active'), valueAt(answer.json, 'token_type')];
			return compare(
				answer.status === 200 && active === true && type === 'Bearer',
				`HTTP ${answer.status}, active: ${describeWord(active)}, token_type: ${describeWord(type)}`,
			);
		},
	},
	{
		id: 'introspect-client',
		statement: 'client_id of an introspection is the client ID',
		heading: 'tokens',
		reliesOn: [OPERATIONS],
		async run(check) {
			const body = await successful(introspection(check), 'introspection');
			if (valueAt(body, 'active') !== true) return notTried('the token was not active');
			const isSame = valueAt(body, 'client_id') === check.settings.clientId;
			return compare(isSame, isSame ? 'the client ID' : 'another value');
		},
	},
	{
		id: 'introspect-times',
		statement: 'exp and iat of an introspection are in Unix seconds',
		heading: 'tokens',
		reliesOn: [OPERATIONS],
		async run(check) {
			const body = await successful(introspection(check), 'introspection');
			if (valueAt(body, 'active') !== true) return notTried('the token was not active');
			const [exp, iat] = [valueAt(body, 'exp'), valueAt(body, 'iat')];
			return compare(
				isUnixTime(exp) && isUnixTime(iat),
				`exp: ${describeType(exp)}, iat: ${describeType(iat)}`,
			);
		},
	},
	{
		id: 'introspect-lifetime',
		statement: 'exp and iat of an introspection are as far apart as expires_in says',
		heading: 'token-lifetime',
		reliesOn: [EXCHANGE],
		async run(check) {
			const body = await successful(introspection(check), 'introspection');
			const [exp, iat] = [Number(valueAt(body, 'exp')), Number(valueAt(body, 'iat'))];
			if (Number.isNaN(exp - iat)) return notTried('exp and iat are not both numbers');
			const lifetime = await lifetimeOf(check);
			if (Number.isNaN(lifetime)) return notTried('the token has no expires_in');
			return compare(Math.abs(exp - iat - lifetime) <= 1, `${exp - iat} of ${lifetime} s`);
		},
	},
	{
		id: 'introspect-unknown',
		statement: 'An unknown token is introspected as not active, with 200',
		heading: 'tokens',
		reliesOn: [OPERATIONS],
		async run(check) {
			const answer = await introspect(check, 'not-a-token');
			const active = valueAt(answer.json, 'active');
			return compare(
				answer.status === 200 && active === false,
				`HTTP ${answer.status}, active: ${describeWord(active)}`,
			);
		},
	},
	{
		id: 'second-token',
		statement: 'A new token does not invalidate an earlier one',
		heading: 'token-lifetime',
		reliesOn: [EXCHANGE, CREDENTIAL],
		async run(check) {
			const { token } = await firstToken(check);
			const first = await check.once('token info', async () => await tokenInfo(check, token));
			if (first.status !== 200) return notTried('there is no token information to look at');
			await anotherToken(check, 'second token');
			const after = await tokenInfo(check, token);
			return compare(after.status === 200, `HTTP ${after.status} for the first token`);
		},
	},
	{
		id: 'revoke',
		statement: 'A token is revoked with 200 and an empty body or {}',
		heading: 'tokens',
		reliesOn: [OPERATIONS],
		async run(check) {
			const { revoked } = await revocation(check);
			const isEmpty = revoked.text === '' || revoked.text.trim() === '{}';
			return compare(
				revoked.status === 200 && isEmpty,
				`HTTP ${revoked.status}, ${isEmpty ? 'no content' : 'a body'}`,
			);
		},
	},
	{
		id: 'revoke-ends-token',
		statement: 'A revoked token is no longer accepted',
		heading: 'tokens',
		reliesOn: [OPERATIONS],
		async run(check) {
			const { revoked, used } = await revocation(check);
			if (revoked.status >= 300) return notTried('the token could not be revoked');
			return compare(used.status >= 400, `HTTP ${used.status} with the revoked token`);
		},
	},
	{
		id: 'rejected-token-status',
		statement: 'A token that is missing, unknown or revoked is answered with 401',
		heading: 'http-statuses',
		reliesOn: ['nodes/KopoKopo/transport/client.ts', CREDENTIAL],
		async run(check) {
			const path = `/api/v2/polling/${crypto.randomUUID()}`;
			const missing = await check.api.call({ method: 'GET', path });
			const unknown = await check.api.call({ method: 'GET', path, token: 'not-a-token' });
			const seen = [
				['missing', missing.status],
				['unknown', unknown.status],
			] as Array<[string, number]>;
			const { revoked, used } = await revocation(check);
			if (revoked.status < 300 && used.status >= 400) seen.push(['revoked', used.status]);
			return compare(
				seen.every(([, status]) => status === 401),
				seen.map(([kind, status]) => `${kind}: ${status}`).join(', '),
			);
		},
	},
	{
		id: 'token-second-host',
		statement: 'The older OAuth host issues tokens, too',
		heading: 'base-urls',
		reliesOn: ['nodes/KopoKopo/transport/environment.ts', CREDENTIAL],
		async run(check) {
			const { oauthBaseUrl } = check.settings;
			if (oauthBaseUrl === undefined) return notTried('only production has an older OAuth host');
			const { encoding } = await firstToken(check);
			const answer = await check.api.call({
				...exchangeCall(check, encoding),
				baseUrl: oauthBaseUrl,
			});
			const token = valueAt(answer.json, 'access_token');
			if (typeof token === 'string') {
				check.masker.addSecret(token, 'token');
				check.tokens.push(token);
			}
			return compare(
				typeof token === 'string' && token !== '',
				`HTTP ${answer.status}, access_token: ${describeType(token)}`,
			);
		},
	},
];

function isUnixTime(value: unknown): boolean {
	return typeof value === 'number' && value > 1_000_000_000 && value < 100_000_000_000;
}

function describeOauthError({ status, json }: ApiAnswer, expected: number) {
	const [error, description] = [valueAt(json, 'error'), valueAt(json, 'error_description')];
	return compare(
		status === expected && typeof error === 'string' && typeof description === 'string',
		`HTTP ${status}, error: ${describeType(error)}, error_description: ${describeType(description)}`,
	);
}

const LATE_SECONDS = 60;

/** What happens at the end of a token's lifetime; `--wait-for-expiry`. */
export const expiryAssumptions: Assumption[] = [
	{
		id: 'token-valid-until-expiry',
		statement: 'A token is valid until shortly before its expires_in has passed',
		heading: 'token-lifetime',
		reliesOn: [EXCHANGE],
		async run(check) {
			if (!check.settings.waitForExpiry) return notTried('needs --wait-for-expiry');
			const seconds = (await expiringToken(check)).lifetime - LATE_SECONDS;
			check.progress(`Waiting ${Math.ceil(seconds / 60)} minutes for a token to expire`);
			await check.sleep(seconds * 1000);
			const answer = await tokenInfo(check, (await expiringToken(check)).token);
			return compare(answer.status === 200, `HTTP ${answer.status} one minute before the end`);
		},
	},
	{
		id: 'expired-token-status',
		statement: 'An expired token is answered with 401',
		heading: 'http-statuses',
		reliesOn: ['nodes/KopoKopo/transport/client.ts', CREDENTIAL],
		async run(check) {
			if (!check.settings.waitForExpiry) return notTried('needs --wait-for-expiry');
			await check.sleep(2 * LATE_SECONDS * 1000);
			const { token } = await expiringToken(check);
			const path = `/api/v2/polling/${crypto.randomUUID()}`;
			const { status } = await check.api.call({ method: 'GET', path, token });
			return status === 401
				? holds('HTTP 401 one minute after the end')
				: differs(`HTTP ${status} one minute after the end`);
		},
	},
];

const expiringToken = async (check: Check) =>
	await check.once('expiring token', async () => {
		const next = await exchange(check, (await firstToken(check)).encoding);
		if (!('token' in next)) throw new NotObservedError('no further token was issued');
		const lifetime = Number(valueAt(next.answer.json, 'expires_in'));
		if (!(lifetime > 0)) throw new NotObservedError('the token has no expires_in');
		return { token: next.token, lifetime };
	});

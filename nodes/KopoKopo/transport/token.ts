import { createHash } from 'node:crypto';
import type { IDataObject, IHttpRequestHelper } from 'n8n-workflow';
import { oauthBaseUrl, USER_AGENT, type KopoKopoCredential } from './environment';
import { describeExchangeFailure } from './errorMessages';
import { classifyError, TokenExchangeError } from './errors';
import { withRetries, type Attempt } from './retry';

interface IssuedToken {
	token: string;
	/** ms since the epoch */
	issuedAt: number;
	/** ms since the epoch */
	expiresAt: number;
}

/**
 * n8n asks for a token for each request that has none or was answered with 401. Items that run in parallel
 * would each fetch one, and if a new token invalidates the older ones, they would invalidate each other's.
 * These maps, kept by this process, serve all of them from one exchange.
 */
const lastIssued = new Map<string, IssuedToken>();
const inFlight = new Map<string, Promise<string>>();

/** How long a new token also serves requests that failed with an older one, in ms. */
const SHARE_TOKEN_MS = 60_000;
const EXCHANGE_TIMEOUT_MS = 30_000;

/** Hashed, so that no secret is kept as a key. */
function hashIdentity(credential: KopoKopoCredential): string {
	return createHash('sha256')
		.update(
			JSON.stringify([
				oauthBaseUrl(credential),
				credential.clientId,
				credential.clientSecret,
				credential.environment,
			]),
		)
		.digest('base64');
}

/** Whether this process obtained the stored token with the credential's current values. */
function wasIssuedFor(credential: KopoKopoCredential): boolean {
	const known = lastIssued.get(hashIdentity(credential));
	return known !== undefined && known.token === credential.accessToken;
}

/** Looks like a 401 to n8n, which then calls preAuthentication() and tries again. */
class TokenNotUsableError extends Error {
	readonly response = { status: 401 };

	constructor() {
		super('The access token must be renewed');
	}
}

/**
 * Makes n8n renew the stored token before a request is sent.
 * @param request `isTest` for the test of the credential: with a stored token, it would pass even if the client
 * secret is wrong now. `isRejected` if Kopo Kopo has rejected this token; if it has rejected another one, another
 * item has renewed the token in the meantime
 * @throws TokenNotUsableError if it must be renewed
 */
export function failIfTokenMustBeRenewed(
	credential: KopoKopoCredential,
	{ isTest, isRejected }: { isTest: boolean; isRejected: boolean },
): void {
	if (isRejected || (isTest && !wasIssuedFor(credential))) throw new TokenNotUsableError();
}

async function exchangeToken(
	helpers: IHttpRequestHelper['helpers'],
	credential: KopoKopoCredential,
): Promise<IssuedToken> {
	const url = `${oauthBaseUrl(credential)}/oauth/token`;
	const attempt = async (): Promise<Attempt<IDataObject>> => {
		try {
			const body: unknown = await helpers.httpRequest({
				method: 'POST',
				url,
				headers: {
					Accept: 'application/json',
					'Content-Type': 'application/x-www-form-urlencoded',
					'User-Agent': USER_AGENT,
				},
				body: new URLSearchParams({
					client_id: credential.clientId,
					client_secret: credential.clientSecret,
					grant_type: 'client_credentials',
				}).toString(),
				// A redirect would send the secret to another host.
				disableFollowRedirect: true,
				timeout: EXCHANGE_TIMEOUT_MS,
			});
			return { value: (typeof body === 'object' && body !== null ? body : {}) as IDataObject };
		} catch (error) {
			return { failure: classifyError(error, true, EXCHANGE_TIMEOUT_MS) };
		}
	};
	const result = await withRetries(attempt, true);
	if ('failure' in result) throw new TokenExchangeError(describeExchangeFailure(result.failure));
	const { access_token: token, expires_in: lifetimeSeconds } = result.value;
	if (typeof token !== 'string' || token === '') {
		throw new TokenExchangeError({
			certainty: 'notProcessed',
			transient: false,
			message: 'The address in the credential did not return a Kopo Kopo access token',
			description: "Check 'Environment', 'Base URL' and 'OAuth Base URL' in the credential.",
		});
	}
	const issuedAt = Date.now();
	// Without a lifetime, an hour is assumed, as in Kopo Kopo's samples
	// (docs/kopokopo-api.md#token-lifetime).
	return { token, issuedAt, expiresAt: issuedAt + (Number(lifetimeSeconds) || 3600) * 1000 };
}

/**
 * A valid access token: one that another item has just fetched, or a new one from `POST /oauth/token`
 * (docs/kopokopo-api.md#tokens).
 * @param credential its `accessToken` is the token that was rejected, or empty
 * @throws TokenExchangeError with a message for the user
 * @throws InvalidCredentialError if the base URL cannot be used
 */
export async function obtainToken(
	helpers: IHttpRequestHelper['helpers'],
	credential: KopoKopoCredential,
): Promise<string> {
	const identity = hashIdentity(credential);
	const pending = inFlight.get(identity);
	if (pending !== undefined) return await pending;

	const known = lastIssued.get(identity);
	const now = Date.now();
	if (
		known !== undefined &&
		known.token !== credential.accessToken &&
		now < Math.min(known.expiresAt, known.issuedAt + SHARE_TOKEN_MS)
	) {
		return known.token;
	}

	const fetching = exchangeToken(helpers, credential)
		.then((issued) => {
			lastIssued.set(identity, issued);
			return issued.token;
		})
		.finally(() => inFlight.delete(identity));
	inFlight.set(identity, fetching);
	return await fetching;
}

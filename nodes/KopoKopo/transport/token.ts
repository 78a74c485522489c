import { createHash } from 'node:crypto';
import type { IDataObject, IHttpRequestHelper } from 'n8n-workflow';
import { oauthBaseUrl, USER_AGENT, type KopoKopoCredential } from './environment';
import { failureFromError, TokenExchangeError } from './errors';
import type { Failure } from './failure';
import { withRetries, type Attempt } from './retry';

interface IssuedToken {
	token: string;
	issuedAt: number;
	/** ms since the epoch */
	expiresAt: number;
}

/**
 * n8n asks for a token once per request that finds none or is answered 401, so items that run side by
 * side would each fetch one, and where a new token ends the older ones they would invalidate each
 * other's. This memory of the process answers all of them from one exchange.
 */
const lastIssued = new Map<string, IssuedToken>();
const inFlight = new Map<string, Promise<string>>();

/** How long a token may serve those who were turned away with an older one: longer than a request takes. */
const SHARE_TOKEN_MS = 60_000;
const EXCHANGE_TIMEOUT_MS = 30_000;

/** A hash, so that no secret is kept as a key. */
function identityOf(credential: KopoKopoCredential): string {
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

/** Whether the stored token was issued in this process for exactly what the credential now says. */
export function wasIssuedFor(credential: KopoKopoCredential): boolean {
	const known = lastIssued.get(identityOf(credential));
	return known !== undefined && known.token === credential.accessToken;
}

function describeExchangeFailure(failure: Failure): Failure {
	const { status } = failure;
	if (status === 400 || status === 401 || status === 403) {
		return {
			...failure,
			certainty: 'notSent',
			transient: false,
			message: `Kopo Kopo did not accept the 'Client ID' and 'Client Secret'${failure.apiMessage === undefined ? '' : `: ${failure.apiMessage}`}`,
			description:
				"Copy both again from your application in the Kopo Kopo dashboard, and check that 'Environment' is the one they were made for.",
		};
	}
	if (status !== undefined && status < 500 && status !== 429) {
		return {
			...failure,
			certainty: 'notSent',
			transient: false,
			message: `The address in the credential does not issue Kopo Kopo tokens (HTTP ${status})`,
			description: "Check 'Environment', 'Base URL' and 'OAuth Base URL' in the credential.",
		};
	}
	const said = failure.apiMessage === undefined ? '' : `: ${failure.apiMessage}`;
	// Whatever was to be sent with the token has not been sent.
	return {
		...failure,
		certainty: 'notSent',
		transient: false,
		message:
			status === undefined
				? failure.message
				: `Kopo Kopo could not issue an access token (HTTP ${status})${said}`,
	};
}

async function exchangeToken(
	helpers: IHttpRequestHelper['helpers'],
	credential: KopoKopoCredential,
): Promise<IssuedToken> {
	const url = `${oauthBaseUrl(credential)}/oauth/token`;
	const ask = async (): Promise<Attempt<IDataObject>> => {
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
				// A redirect would carry the secret to another host.
				disableFollowRedirect: true,
				timeout: EXCHANGE_TIMEOUT_MS,
			});
			return { value: (typeof body === 'object' && body !== null ? body : {}) as IDataObject };
		} catch (error) {
			return { failure: failureFromError(error, true, EXCHANGE_TIMEOUT_MS) };
		}
	};
	const result = await withRetries(ask, true);
	if ('failure' in result) throw new TokenExchangeError(describeExchangeFailure(result.failure));
	const { access_token: token, expires_in: lifetimeSeconds } = result.value;
	if (typeof token !== 'string' || token === '') {
		throw new TokenExchangeError({
			certainty: 'notSent',
			transient: false,
			message: 'The address in the credential answered, but not with a Kopo Kopo access token',
			description: "Check 'Environment', 'Base URL' and 'OAuth Base URL' in the credential.",
		});
	}
	const issuedAt = Date.now();
	// Without a lifetime the token is taken to last an hour, as the samples say
	// (docs/kopokopo-api.md#token-lifetime).
	return { token, issuedAt, expiresAt: issuedAt + (Number(lifetimeSeconds) || 3600) * 1000 };
}

/**
 * A usable access token: one that another item has just fetched, or a new one from
 * `POST /oauth/token` (form-encoded; docs/kopokopo-api.md#tokens).
 * `credential.accessToken` is the token that was refused, or empty.
 * @throws TokenExchangeFailed with a text for the user
 * @throws CredentialIncomplete when the base URL is unusable
 */
export async function obtainToken(
	helpers: IHttpRequestHelper['helpers'],
	credential: KopoKopoCredential,
): Promise<string> {
	const identity = identityOf(credential);
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

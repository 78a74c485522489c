import { randomBytes } from 'node:crypto';

import type { SandboxConfig } from './config';
import { isoTime, isoTimeWithMilliseconds } from './formats';
import type { Ledger, TokenEntry } from './ledger';
import type { ApiRequest, ApiResponse } from './requestPipeline';

interface Token {
	entry: TokenEntry;
	issuedAt: number;
	expiresAt: number;
}

const SCOPE = '';

function oauthError(status: number, error: string, description: string): ApiResponse {
	return { status, body: { error, error_description: description } };
}

/** Access tokens and the four OAuth endpoints (docs/kopokopo-api.md#tokens). */
export class Tokens {
	private readonly known = new Map<string, Token>();
	private activeTokens: Token[] = [];

	constructor(
		private readonly config: SandboxConfig,
		private readonly ledger: Ledger,
	) {}

	/** The 401 response to a request without a valid bearer token; nothing when the token is valid. */
	rejectionFor(request: ApiRequest): ApiResponse | undefined {
		const state = this.stateOf(request.token);
		if (state === 'active') return undefined;
		const description =
			state === 'expired' ? 'The access token expired' : 'The access token is invalid';
		return {
			status: 401,
			headers: {
				'WWW-Authenticate': `Bearer error="invalid_token", error_description="${description}"`,
			},
		};
	}

	/** Makes one token, or every token, expired or revoked from now on. */
	invalidate(token?: string, state: 'expired' | 'revoked' = 'expired'): void {
		const affected = token === undefined ? this.activeTokens : [this.known.get(token)];
		for (const known of affected) {
			if (known && this.stateOf(known.entry.token) === 'active') known.entry.state = state;
		}
		if (token === undefined) this.activeTokens = [];
	}

	/** Forgets every token. */
	clear(): void {
		this.known.clear();
		this.activeTokens = [];
	}

	/** POST /oauth/token. */
	issue(request: ApiRequest): ApiResponse {
		if (request.body.grant_type !== 'client_credentials') {
			const description = 'The authorization grant type is not supported';
			return oauthError(400, 'unsupported_grant_type', description);
		}
		if (!this.isClient(request)) return this.invalidClient();
		const now = Date.now();
		const lifetimeMs = this.config.tokenLifetimeSeconds * 1000;
		const entry: TokenEntry = {
			token: randomBytes(32).toString('base64url'),
			at: new Date(now).toISOString(),
			expiresAt: isoTimeWithMilliseconds(new Date(now + lifetimeMs)),
			requestSeq: request.seq,
			state: 'active',
		};
		if (this.config.singleToken) {
			for (const older of this.activeTokens) older.entry.state = 'replaced';
			this.activeTokens = [];
		}
		const token = { entry, issuedAt: now, expiresAt: now + lifetimeMs };
		this.known.set(entry.token, token);
		this.activeTokens.push(token);
		this.ledger.recordToken(entry);
		return {
			status: 200,
			body: {
				access_token: entry.token,
				token_type: 'Bearer',
				expires_in: this.config.tokenLifetimeSeconds,
				created_at: isoTime(new Date(now)),
			},
		};
	}

	/** POST /oauth/revoke. */
	revoke(request: ApiRequest): ApiResponse {
		if (!this.isClient(request)) return this.invalidClient();
		this.invalidate(String(request.body.token), 'revoked');
		// The reference documents an empty body but prints {}, and some SDKs parse the body as JSON.
		return { status: 200, body: {} };
	}

	/** POST /oauth/introspect. */
	introspect(request: ApiRequest): ApiResponse {
		if (!this.isClient(request)) return this.invalidClient();
		const token = this.known.get(String(request.body.token));
		if (!token || this.stateOf(token.entry.token) !== 'active') {
			return { status: 200, body: { active: false } };
		}
		return {
			status: 200,
			body: {
				active: true,
				scope: SCOPE,
				client_id: this.config.clientId,
				token_type: 'Bearer',
				exp: Math.floor(token.expiresAt / 1000),
				iat: Math.floor(token.issuedAt / 1000),
			},
		};
	}

	/** GET /oauth/token/info. */
	info(request: ApiRequest): ApiResponse {
		const token = this.known.get(request.token ?? '');
		const rejection = this.rejectionFor(request);
		if (rejection || !token) return rejection ?? { status: 401 };
		return {
			status: 200,
			body: {
				resource_owner_id: null,
				scope: [],
				expires_in: Math.max(0, Math.round((token.expiresAt - Date.now()) / 1000)),
				application: { uid: this.config.clientId },
				created_at: Math.floor(token.issuedAt / 1000),
			},
		};
	}

	private isClient({ body }: ApiRequest): boolean {
		const { clientId, clientSecret } = this.config;
		return body.client_id === clientId && body.client_secret === clientSecret;
	}

	private invalidClient(): ApiResponse {
		return oauthError(401, 'invalid_client', 'Client authentication failed');
	}

	private stateOf(token: string | null): TokenEntry['state'] | 'unknown' {
		const known = token === null ? undefined : this.known.get(token);
		if (!known) return 'unknown';
		if (known.entry.state === 'active' && Date.now() >= known.expiresAt)
			known.entry.state = 'expired';
		return known.entry.state;
	}
}

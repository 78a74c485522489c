import { randomBytes } from 'node:crypto';

import { preciseTime, wholeTime } from './clock';
import type { SandboxConfig } from './config';
import type { Answer, Call } from './door';
import type { Ledger, TokenEntry } from './ledger';

interface Token {
	entry: TokenEntry;
	issuedAt: number;
	expiresAt: number;
}

const SCOPE = '';

function refusal(status: number, error: string, description: string): Answer {
	return { status, body: { error, error_description: description } };
}

/** The tokens of this Kopo Kopo and the four OAuth endpoints (contract, 3). */
export class Tokens {
	private readonly known = new Map<string, Token>();
	private live: Token[] = [];

	constructor(
		private readonly config: SandboxConfig,
		private readonly ledger: Ledger,
	) {}

	/** The bearer of a call, or the 401 that a missing, expired or revoked one is answered with. */
	admit(call: Call): Answer | undefined {
		const state = this.stateOf(call.token);
		if (state === 'live') return undefined;
		const description =
			state === 'expired' ? 'The access token expired' : 'The access token is invalid';
		return {
			status: 401,
			headers: {
				'WWW-Authenticate': `Bearer error="invalid_token", error_description="${description}"`,
			},
		};
	}

	/** Ends one token, or all of them, before its time. */
	end(token?: string, state: 'expired' | 'revoked' = 'expired'): void {
		const ending = token === undefined ? this.live : [this.known.get(token)];
		for (const known of [...ending]) {
			if (known && this.stateOf(known.entry.token) === 'live') known.entry.state = state;
		}
		if (token === undefined) this.live = [];
	}

	clear(): void {
		this.known.clear();
		this.live = [];
	}

	issue(call: Call): Answer {
		if (call.body.grant_type !== 'client_credentials') {
			const wrong = 'The authorization grant type is not supported';
			return refusal(400, 'unsupported_grant_type', wrong);
		}
		if (!this.isClient(call)) return this.wrongClient();
		const now = Date.now();
		const lifetimeMs = this.config.tokenLifetimeSeconds * 1000;
		const entry: TokenEntry = {
			token: randomBytes(32).toString('base64url'),
			at: new Date(now).toISOString(),
			expiresAt: preciseTime(new Date(now + lifetimeMs)),
			requestSeq: call.seq,
			state: 'live',
		};
		if (this.config.singleToken) {
			for (const older of this.live) older.entry.state = 'replaced';
			this.live = [];
		}
		const token = { entry, issuedAt: now, expiresAt: now + lifetimeMs };
		this.known.set(entry.token, token);
		this.live.push(token);
		this.ledger.tokens.push(entry);
		return {
			status: 200,
			body: {
				access_token: entry.token,
				token_type: 'Bearer',
				expires_in: this.config.tokenLifetimeSeconds,
				created_at: wholeTime(new Date(now)),
			},
		};
	}

	revoke(call: Call): Answer {
		if (!this.isClient(call)) return this.wrongClient();
		this.end(String(call.body.token), 'revoked');
		// Documented as empty, printed as {}: the SDKs that parse the answer need the braces.
		return { status: 200, body: {} };
	}

	introspect(call: Call): Answer {
		if (!this.isClient(call)) return this.wrongClient();
		const token = this.known.get(String(call.body.token));
		if (!token || this.stateOf(token.entry.token) !== 'live') {
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

	info(call: Call): Answer {
		const token = this.known.get(call.token ?? '');
		const refused = this.admit(call);
		if (refused || !token) return refused ?? { status: 401 };
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

	private isClient({ body }: Call): boolean {
		const { clientId, clientSecret } = this.config;
		return body.client_id === clientId && body.client_secret === clientSecret;
	}

	private wrongClient(): Answer {
		return refusal(401, 'invalid_client', 'Client authentication failed');
	}

	private stateOf(token: string | null): TokenEntry['state'] | 'unknown' {
		const known = token === null ? undefined : this.known.get(token);
		if (!known) return 'unknown';
		if (known.entry.state === 'live' && Date.now() >= known.expiresAt)
			known.entry.state = 'expired';
		return known.entry.state;
	}
}

import { type ICredentialDataDecryptedObject, type INode, NodeOperationError } from 'n8n-workflow';
import { version } from '../../../package.json';
import { WrappableError } from '../n8n/errorUnwrapping';

/** Name of the credential type, stored in saved workflows. */
export const CREDENTIAL_NAME = 'kopoKopoApi';

/**
 * Kopo Kopo's edge servers respond with 403 and no body to a request that names no product
 * (docs/kopokopo-api.md#headers). The credential checks it too: a request without it does not come from
 * this package.
 */
export const USER_AGENT = `n8n-nodes-kopokopo/${version} (n8n community node)`;

/** Tells the credential which Authorization header Kopo Kopo answered with 401; never sent to Kopo Kopo. */
export const REJECTED_AUTHORIZATION_HEADER = 'X-Rejected-Authorization';

/** The fields of the credential, decrypted by n8n. */
export interface KopoKopoCredential {
	environment: 'sandbox' | 'production' | 'custom';
	/** Used only if the environment is `custom`. */
	baseUrl: string;
	/** The host that issues tokens if it is not the API's own; otherwise empty. */
	oauthBaseUrl: string;
	clientId: string;
	clientSecret: string;
	/** The key that Kopo Kopo signs webhooks with; never sent anywhere. */
	apiKey: string;
	/** The key before the last renewal; deliveries signed with it are accepted, too. */
	previousApiKey: string;
	/** The token that n8n stored after the last exchange; empty before the first one. */
	accessToken: string;
}

/** Base URLs by environment (docs/kopokopo-api.md#base-urls). */
const BASE_URLS = {
	sandbox: 'https://sandbox.kopokopo.com',
	production: 'https://api.kopokopo.com',
};

/** The options of the field Environment, by stored value. */
const ENVIRONMENTS = new Map<string, KopoKopoCredential['environment']>([
	['custom', 'custom'],
	['production', 'production'],
	['productionWithOtherOauthAddress', 'production'],
	['sandbox', 'sandbox'],
]);

/** The options for which the field OAuth Base URL is shown. */
const OTHER_OAUTH_ADDRESS = new Set(['custom', 'productionWithOtherOauthAddress']);

/** Types n8n's credential object and trims its texts. A missing text becomes empty; a missing or unknown environment, sandbox. */
export function parseCredential(stored: ICredentialDataDecryptedObject): KopoKopoCredential {
	const text = (name: string) => String(stored[name] ?? '').trim();
	const chosen = text('environment');
	const environment = ENVIRONMENTS.get(chosen) ?? 'sandbox';
	return {
		environment,
		baseUrl: text('baseUrl'),
		// The editor shows the field for these only, and keeps what was entered before it was hidden.
		oauthBaseUrl: OTHER_OAUTH_ADDRESS.has(chosen) ? text('oauthBaseUrl') : '',
		clientId: text('clientId'),
		clientSecret: text('clientSecret'),
		apiKey: text('apiKey'),
		previousApiKey: text('previousApiKey'),
		accessToken: text('accessToken'),
	};
}

/** The credential cannot be used as it is. The message tells the user what to change. */
export class InvalidCredentialError extends WrappableError {}

function validateBaseUrl(url: string, label: string, allowHttp: boolean): string {
	const trimmed = url.replace(/(?<!\/)\/+$/, '');
	if (!/^https?:\/\/[^/\s?#][^\s?#]*$/i.test(trimmed)) {
		throw new InvalidCredentialError(
			`'${label}' in the Kopo Kopo credential is not a web address. Enter it as https://host.`,
		);
	}
	// The real API redirects plain http to https, and a redirected POST can lose its body
	// (docs/kopokopo-api.md#https).
	if (!allowHttp && !/^https:/i.test(trimmed)) {
		throw new InvalidCredentialError(
			`'${label}' in the Kopo Kopo credential must begin with https://. Plain http is only for Environment 'Custom'.`,
		);
	}
	return trimmed;
}

/**
 * The URL that API paths are appended to, without a trailing slash.
 * @throws InvalidCredentialError if the custom base URL is missing or not a web address
 */
export function apiBaseUrl(credential: KopoKopoCredential): string {
	if (credential.environment !== 'custom') return BASE_URLS[credential.environment];
	return validateBaseUrl(credential.baseUrl, 'Base URL', true);
}

/**
 * The URL that `/oauth/…` paths are appended to: the API's own unless the credential overrides it
 * (documents disagree about production: docs/kopokopo-api.md#base-urls).
 * @throws InvalidCredentialError as apiBaseUrl(), and if the override is not https outside Custom
 */
export function oauthBaseUrl(credential: KopoKopoCredential): string {
	if (credential.oauthBaseUrl === '') return apiBaseUrl(credential);
	return validateBaseUrl(
		credential.oauthBaseUrl,
		'OAuth Base URL',
		credential.environment === 'custom',
	);
}

/** Whether plain http is allowed for the API and for callback URLs, as for a sandbox on this machine. */
export const allowsHttp = ({ environment }: KopoKopoCredential): boolean =>
	environment === 'custom';

/** The API key. @throws NodeOperationError if the credential has none */
export function requireApiKey(credential: KopoKopoCredential, node: INode): string {
	if (credential.apiKey !== '') return credential.apiKey;
	throw new NodeOperationError(node, "The Kopo Kopo credential has no 'API Key'", {
		description:
			"Kopo Kopo signs its webhooks with the API key, and webhooks without a valid signature are rejected. Copy the key from your application's page in the Kopo Kopo dashboard, and paste it into the credential.",
	});
}

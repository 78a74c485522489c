import { type ICredentialDataDecryptedObject, type INode, NodeOperationError } from 'n8n-workflow';
import { version } from '../../../package.json';
import { WrappableError } from '../n8n/errorUnwrapping';

/** The credential type's stored name; every request and every lookup of the API key uses it. */
export const CREDENTIAL_NAME = 'kopoKopoApi';

/**
 * Kopo Kopo's edge answers 403 without a body to a call that names no product
 * (docs/kopokopo-api.md#headers). The credential also reads it: a request that does not carry it
 * did not come from this package.
 */
export const USER_AGENT = `n8n-nodes-kopokopo/${version} (n8n community node)`;

/** Says which Authorization was answered 401, so that the credential has it renewed; never sent on. */
export const REJECTED_AUTHORIZATION_HEADER = 'X-Refused-Authorization';

/** What the user typed into the credential, as n8n hands it to us decrypted. */
export interface KopoKopoCredential {
	environment: 'sandbox' | 'production' | 'custom';
	/** Only read when the environment is `custom`. */
	baseUrl: string;
	/** Empty, or the host that issues tokens when it is not the API's own. */
	oauthBaseUrl: string;
	clientId: string;
	clientSecret: string;
	/** Signs webhooks; never sent anywhere. */
	apiKey: string;
	/** The token n8n stored after the last exchange; empty before the first one. */
	accessToken: string;
}

/** Base URLs by environment (docs/kopokopo-api.md#base-urls). */
const BASE_URLS = {
	sandbox: 'https://sandbox.kopokopo.com',
	production: 'https://api.kopokopo.com',
};

/** Reads n8n's loose credential object as ours; what is missing becomes an empty text. */
export function parseCredential(stored: ICredentialDataDecryptedObject): KopoKopoCredential {
	const text = (name: string) => String(stored[name] ?? '').trim();
	const environment = text('environment');
	return {
		environment: environment === 'production' || environment === 'custom' ? environment : 'sandbox',
		baseUrl: text('baseUrl'),
		oauthBaseUrl: text('oauthBaseUrl'),
		clientId: text('clientId'),
		clientSecret: text('clientSecret'),
		apiKey: text('apiKey'),
		accessToken: text('accessToken'),
	};
}

/** Something in the credential itself keeps a request from being made; the text says what to change. */
export class InvalidCredentialError extends WrappableError {}

function validateBaseUrl(url: string, label: string, allowHttp: boolean): string {
	const trimmed = url.replace(/(?<!\/)\/+$/, '');
	if (!/^https?:\/\/[^/\s?#][^\s?#]*$/i.test(trimmed)) {
		throw new InvalidCredentialError(
			`'${label}' in the Kopo Kopo credential is not a web address. Write it as https://host, without a path.`,
		);
	}
	// Over plain http the real API answers with a redirect, in which a POST loses its body
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
 * @throws CredentialIncomplete when the custom base URL is missing or no web address
 */
export function apiBaseUrl(credential: KopoKopoCredential): string {
	if (credential.environment !== 'custom') return BASE_URLS[credential.environment];
	return validateBaseUrl(credential.baseUrl, 'Base URL', true);
}

/**
 * The URL that `/oauth/…` paths are appended to: the API's own unless the credential overrides it
 * (documents disagree about production: docs/kopokopo-api.md#base-urls).
 * @throws CredentialIncomplete as apiBaseUrl, and when the override is not https outside Custom
 */
export function oauthBaseUrl(credential: KopoKopoCredential): string {
	if (credential.oauthBaseUrl === '') return apiBaseUrl(credential);
	return validateBaseUrl(
		credential.oauthBaseUrl,
		'OAuth Base URL',
		credential.environment === 'custom',
	);
}

/** Whether Kopo Kopo, or a sandbox in its place, may be reached and call back over plain http. */
export const allowsHttp = ({ environment }: KopoKopoCredential): boolean =>
	environment === 'custom';

/** The API key. @throws NodeOperationError with the same text wherever it is missing */
export function requireApiKey(credential: KopoKopoCredential, node: INode): string {
	if (credential.apiKey !== '') return credential.apiKey;
	throw new NodeOperationError(node, "The Kopo Kopo credential has no 'API Key'", {
		description:
			"Kopo Kopo signs its webhooks with the API key, and nothing unsigned is believed. Copy it from your application's page in the Kopo Kopo dashboard into the credential.",
	});
}

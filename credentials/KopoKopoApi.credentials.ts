import type {
	ICredentialDataDecryptedObject,
	ICredentialTestRequest,
	ICredentialType,
	IDataObject,
	IHttpRequestHelper,
	IHttpRequestOptions,
	INodeProperties,
} from 'n8n-workflow';
import {
	apiBaseUrl,
	oauthBaseUrl,
	parseCredential,
	REJECTED_AUTHORIZATION_HEADER,
	USER_AGENT,
	type KopoKopoCredential,
} from '../nodes/KopoKopo/transport/environment';
import { wasIssuedFor, obtainToken } from '../nodes/KopoKopo/transport/token';

/** Marks the credential test's request, so that authenticate() can tell it from a node's. */
const TEST_HEADER = 'X-Credential-Test';

/** n8n answers an error that looks like a 401 by exchanging the client's secrets for a new token. */
class TokenWanted extends Error {
	readonly response = { status: 401 };

	constructor() {
		super('The access token must be exchanged anew');
	}
}

/** Introspect and revoke are signed with the client's secrets; no token means the credential's own. */
function withClient(credential: KopoKopoCredential, body: unknown): IDataObject {
	const { token } = (body ?? {}) as { token?: string };
	return {
		client_id: credential.clientId,
		client_secret: credential.clientSecret,
		token: token ?? credential.accessToken,
	};
}

export class KopoKopoApi implements ICredentialType {
	name = 'kopoKopoApi';

	displayName = 'Kopo Kopo API';

	icon = {
		light: 'file:../icons/kopokopo.svg',
		dark: 'file:../icons/kopokopo.dark.svg',
	} as const;

	documentationUrl = 'https://github.com/n8n-nodes-kopokopo/n8n-nodes-kopokopo#credentials';

	// The fields that n8n would add govern the HTTP Request node, which authenticate() turns away.
	hideDomainRestrictionFields = true;

	properties: INodeProperties[] = [
		{
			displayName: 'Environment',
			name: 'environment',
			type: 'options',
			options: [
				{
					name: 'Custom',
					value: 'custom',
					description: 'A sandbox of your own, or a proxy in front of Kopo Kopo',
				},
				{
					name: 'Production',
					value: 'production',
					description: 'Real money: https://api.kopokopo.com',
				},
				{
					name: 'Sandbox',
					value: 'sandbox',
					description: 'For trying out: https://sandbox.kopokopo.com',
				},
			],
			default: 'sandbox',
		},
		{
			displayName: 'Base URL',
			name: 'baseUrl',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. http://localhost:4010',
			description: 'Where the API is, without a path',
			displayOptions: { show: { environment: ['custom'] } },
		},
		{
			displayName: 'Client ID',
			name: 'clientId',
			type: 'string',
			default: '',
			required: true,
			description:
				'The key of your application, at app.kopokopo.com/applications or, for the sandbox, at sandbox.kopokopo.com/applications',
		},
		{
			displayName: 'Client Secret',
			name: 'clientSecret',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			required: true,
			description:
				'Kopo Kopo shows it only when the application is created or its credentials are made anew',
		},
		{
			displayName: 'API Key',
			name: 'apiKey',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			description:
				'Comes with the same application. Kopo Kopo signs with it what it sends here; the Kopo Kopo Trigger, and pausing until a callback, do not work without it.',
		},
		{
			displayName: 'OAuth Base URL',
			name: 'oauthBaseUrl',
			type: 'string',
			default: '',
			placeholder: 'e.g. https://app.kopokopo.com',
			description:
				'Only when Kopo Kopo told you to fetch tokens from another address than the API. Leave it empty otherwise.',
		},
		{
			displayName: 'Access Token',
			name: 'accessToken',
			type: 'hidden',
			// `password` besides `expirable`, or n8n would hand the token to the browser in clear.
			typeOptions: { expirable: true, password: true },
			default: '',
		},
	];

	/**
	 * Called by n8n when no token is stored, or the stored one was answered 401.
	 * @throws TokenExchangeFailed | CredentialIncomplete with a sentence for the user
	 */
	async preAuthentication(
		this: IHttpRequestHelper,
		stored: ICredentialDataDecryptedObject,
	): Promise<IDataObject> {
		return { accessToken: await obtainToken(this.helpers, parseCredential(stored)) };
	}

	/**
	 * Puts base URL and token on a request, in one place, so that the token cannot go anywhere else.
	 * A function, because n8n then evaluates no expressions per request.
	 * @throws Error for requests of other nodes: the HTTP Request node sends each one that does not
	 * succeed a second time, which can pay twice
	 */
	async authenticate(
		stored: ICredentialDataDecryptedObject,
		options: IHttpRequestOptions,
	): Promise<IHttpRequestOptions> {
		if (options.headers?.['User-Agent'] !== USER_AGENT) {
			throw new Error(
				'This credential works only in the Kopo Kopo node: the HTTP Request node repeats what did not succeed, which can pay twice. Use the Kopo Kopo node instead.',
			);
		}
		const credential = parseCredential(stored);
		// A test has to try what was typed, and a stored token would pass it whatever the secret is now.
		if (TEST_HEADER in options.headers && !wasIssuedFor(credential)) throw new TokenWanted();
		const authorization = `Bearer ${credential.accessToken}`;
		const { [REJECTED_AUTHORIZATION_HEADER]: refused, ...headers } = options.headers;
		options.headers = headers;
		// Another item may have renewed it in the meantime.
		if (refused === authorization) throw new TokenWanted();
		options.baseURL = apiBaseUrl(credential);
		if (options.method === 'POST' && options.url.startsWith('/oauth/')) {
			options.baseURL = oauthBaseUrl(credential);
			options.body = withClient(credential, options.body);
		}
		options.headers = { ...headers, Authorization: authorization };
		return options;
	}

	test: ICredentialTestRequest = {
		request: {
			method: 'GET',
			url: '/oauth/token/info',
			headers: { Accept: 'application/json', 'User-Agent': USER_AGENT, [TEST_HEADER]: 'true' },
			disableFollowRedirect: true,
		},
		rules: [
			{
				type: 'responseCode',
				properties: {
					value: 404,
					message: "There is no Kopo Kopo API at this address. Check 'Environment' and 'Base URL'.",
				},
			},
		],
	};
}

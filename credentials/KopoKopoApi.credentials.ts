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
import { failIfTokenMustBeRenewed, obtainToken } from '../nodes/KopoKopo/transport/token';

/** Marks the request of the credential test, so that authenticate() can tell it from a node's. */
const TEST_HEADER = 'X-Credential-Test';

/** Body of Introspect and Revoke, which need the client's secrets. If the user enters no token, it has the credential's. */
function addClientCredentials(credential: KopoKopoCredential, body: unknown): IDataObject {
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

	documentationUrl =
		'https://github.com/n8n-nodes-kopokopo/n8n-nodes-kopokopo/blob/main/docs/credentials.md';

	// The fields that n8n would add restrict the HTTP Request node, which authenticate() rejects anyway.
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
					description: 'A sandbox of your own, or a proxy for Kopo Kopo',
				},
				{
					name: 'Production',
					value: 'production',
					description: 'Real money, at https://api.kopokopo.com',
				},
				{
					name: 'Production with Other OAuth Address',
					value: 'productionWithOtherOauthAddress',
					description: 'Only if Kopo Kopo told you to request tokens from another address',
				},
				{
					name: 'Sandbox',
					value: 'sandbox',
					description: 'For testing, at https://sandbox.kopokopo.com',
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
			description: 'The address of the API, without a path',
			displayOptions: { show: { environment: ['custom'] } },
		},
		{
			displayName: 'Client ID',
			name: 'clientId',
			type: 'string',
			default: '',
			required: true,
			description:
				'The client ID of your application. You can find it at app.kopokopo.com/applications or, for the sandbox, at sandbox.kopokopo.com/applications.',
		},
		{
			displayName: 'Client Secret',
			name: 'clientSecret',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			required: true,
			description:
				'The client secret of the same application. Kopo Kopo shows it only when you create the application or regenerate its credentials.',
		},
		{
			displayName: 'API Key',
			name: 'apiKey',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			description:
				'The API key of the same application. Kopo Kopo signs its webhooks with it. The Kopo Kopo Trigger and Pause Until Notified require it.',
		},
		{
			displayName: 'Previous API Key',
			name: 'previousApiKey',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			description:
				'The API key before you last regenerated the credentials of your application. Webhooks signed with it are also accepted. Remove it when Kopo Kopo no longer uses it.',
		},
		{
			displayName: 'OAuth Base URL',
			name: 'oauthBaseUrl',
			type: 'string',
			default: '',
			placeholder: 'e.g. https://app.kopokopo.com',
			description: 'The address that issues tokens. Leave it empty to use the address of the API.',
			displayOptions: { show: { environment: ['custom', 'productionWithOtherOauthAddress'] } },
		},
		{
			displayName: 'Access Token',
			name: 'accessToken',
			type: 'hidden',
			// With `expirable` alone, n8n would send the token to the browser in plain text.
			typeOptions: { expirable: true, password: true },
			default: '',
		},
	];

	/**
	 * Called by n8n if no token is stored, or if the stored one was rejected with 401.
	 * @throws TokenExchangeError | InvalidCredentialError with a message for the user
	 */
	async preAuthentication(
		this: IHttpRequestHelper,
		stored: ICredentialDataDecryptedObject,
	): Promise<IDataObject> {
		return { accessToken: await obtainToken(this.helpers, parseCredential(stored)) };
	}

	/**
	 * Adds base URL and token to a request, in one place, so that the token is sent nowhere else. A function
	 * instead of expressions, which n8n would evaluate for every request.
	 * @throws Error for requests of other nodes: the HTTP Request node repeats each one that does not
	 * succeed, which can pay twice
	 */
	async authenticate(
		stored: ICredentialDataDecryptedObject,
		options: IHttpRequestOptions,
	): Promise<IHttpRequestOptions> {
		if (options.headers?.['User-Agent'] !== USER_AGENT) {
			throw new Error(
				'This credential works only in the Kopo Kopo node. The HTTP Request node repeats requests that do not succeed, which can pay twice.',
			);
		}
		const credential = parseCredential(stored);
		const authorization = `Bearer ${credential.accessToken}`;
		const { [REJECTED_AUTHORIZATION_HEADER]: rejected, ...headers } = options.headers;
		options.headers = headers;
		failIfTokenMustBeRenewed(credential, {
			isTest: TEST_HEADER in headers,
			isRejected: rejected === authorization,
		});
		options.baseURL = apiBaseUrl(credential);
		if (options.method === 'POST' && options.url.startsWith('/oauth/')) {
			options.baseURL = oauthBaseUrl(credential);
			options.body = addClientCredentials(credential, options.body);
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

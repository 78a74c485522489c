import type { ICredentialDataDecryptedObject } from 'n8n-workflow';
import type { Sandbox } from '../sandbox/server';

/** The credential that connects to a sandbox, as a user would enter it. */
export function sandboxCredentialData({
	url,
	clientId,
	clientSecret,
	apiKey,
}: Pick<Sandbox, 'url' | 'clientId' | 'clientSecret' | 'apiKey'>): ICredentialDataDecryptedObject {
	return {
		environment: 'custom',
		baseUrl: url,
		oauthBaseUrl: '',
		clientId,
		clientSecret,
		apiKey,
		accessToken: '',
	};
}

import { defineOperation, type Resource } from '../../operations/defineOperation';
import { defineField } from '../../operations/parameters';
import { parseText } from '../../parsers/text';

const token = defineField(
	{
		displayName: 'Token',
		name: 'token',
		type: 'string',
		typeOptions: { password: true },
		default: '',
		description: "The access token. Leave it empty to use the credential's own.",
	},
	parseText,
);

/**
 * Access tokens of the application (docs/kopokopo-api.md#tokens). The credential adds the client's secrets, and
 * its own token if the user enters none, so no operation sees them.
 */
export const accessToken: Resource = {
	name: 'Access Token',
	value: 'accessToken',
	operations: [
		defineOperation({
			value: 'getInfo',
			name: 'Get Info',
			action: 'Get access token info',
			description: "See when the credential's token expires",
			effect: 'read',
			fields: [],
			request: () => ({ method: 'GET', path: '/oauth/token/info' }),
			items: ({ response }) => [{ ...response.body }],
		}),
		defineOperation({
			value: 'introspect',
			name: 'Introspect',
			action: 'Introspect access token',
			description: 'See whether a token is valid, and when it was issued',
			effect: 'read',
			fields: [token],
			request: (params) => ({
				method: 'POST',
				path: '/oauth/introspect',
				form: true,
				body: { token: params.token },
			}),
			items: ({ response }) => [{ ...response.body }],
		}),
		defineOperation({
			value: 'revoke',
			name: 'Revoke',
			action: 'Revoke access token',
			description: 'Revoke a token. The next request of the node gets a new one.',
			effect: 'act',
			ifUnknown:
				'Check the token with Access Token > Introspect, and revoke it again if it is still valid.',
			fields: [token],
			request: (params) => ({
				method: 'POST',
				path: '/oauth/revoke',
				form: true,
				body: { token: params.token },
			}),
			items: () => [{ revoked: true }],
		}),
	],
};

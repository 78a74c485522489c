import { fixture, merchant, sandbox, setUpSandbox, shapeOf, withOwnSandbox } from './sandboxSetup';

setUpSandbox();

describe('OAuth', () => {
	const client = () => ({ client_id: sandbox.clientId, client_secret: sandbox.clientSecret });

	it('issues, describes, introspects and revokes tokens, from JSON, form and multipart bodies', async () => {
		const issued = await merchant.call('POST', '/oauth/token', {
			...client(),
			grant_type: 'client_credentials',
		});
		expect(shapeOf(issued.json)).toEqual(shapeOf(fixture('requests/oauth.token').response.body));
		const info = await merchant.call('GET', '/oauth/token/info');
		expect(shapeOf(info.json)).toEqual(shapeOf(fixture('requests/oauth.token-info').response.body));
		const tokenRequest = { ...client(), token: merchant.token };
		const introspected = await merchant.call(
			'POST',
			'/oauth/introspect',
			new URLSearchParams(tokenRequest).toString(),
			{
				'content-type': 'application/x-www-form-urlencoded',
			},
		);
		expect(shapeOf(introspected.json)).toEqual(
			shapeOf(fixture('requests/oauth.introspect').response.body),
		);
		const parts = Object.entries(tokenRequest).map(
			([key, value]) => `--b\r\nContent-Disposition: form-data; name="${key}"\r\n\r\n${value}\r\n`,
		);
		const revoked = await merchant.call('POST', '/oauth/revoke', `${parts.join('')}--b--\r\n`, {
			'content-type': 'multipart/form-data; boundary=b',
		});
		expect(revoked.status).toBe(200);
		const after = await merchant.call('POST', '/oauth/introspect', tokenRequest);
		expect(after.json).toEqual({ active: false });
		expect((await merchant.call('GET', '/api/v2/polling/1')).status).toBe(401);
		expect(sandbox.ledger.tokens.map(({ state }) => state)).toEqual(['revoked', 'active']);
	});

	it('rejects a wrong client secret, a wrong token and a request without a User-Agent', async () => {
		const wrong = { ...client(), client_secret: 'wrong', grant_type: 'client_credentials' };
		const rejected = await merchant.call('POST', '/oauth/token', wrong);
		expect(rejected.status).toBe(401);
		expect(rejected.json).toEqual(fixture('errors/oauth.401.invalid-client.inferred').body);

		const path = '/api/v2/incoming_payments';
		const wrongToken = await merchant.call('POST', path, {}, { authorization: 'Bearer no' });
		expect(wrongToken).toMatchObject({ status: 401, text: '' });
		for (const agent of ['', ' ']) {
			const withoutProduct = await merchant.call('POST', path, {}, { 'user-agent': agent });
			expect(withoutProduct).toMatchObject({ status: 403, text: '' });
		}
		for (const agent of ['Kopokopo-Node-SDK', 'Kopokopo-Ruby-SDK', 'curl/8.5.0', 'x']) {
			const named = await merchant.call('POST', path, {}, { 'user-agent': agent });
			expect(named.status).toBe(400);
		}
	});

	it('expires tokens, and replaces the older one when only one may be valid', async () => {
		await withOwnSandbox({ tokenLifetimeSeconds: 0.05, singleToken: true }, async (own) => {
			const caller = own.merchant;
			const withOldToken = { authorization: `Bearer ${caller.token}` };
			await caller.signIn();
			expect(own.sandbox.ledger.tokens.map(({ state }) => state)).toEqual(['replaced', 'active']);
			const replaced = await caller.call('GET', '/oauth/token/info', undefined, withOldToken);
			expect(replaced.status).toBe(401);
			await new Promise((resolve) => AbortSignal.timeout(60).addEventListener('abort', resolve));
			const expired = await caller.call('GET', '/oauth/token/info');
			expect(expired.status).toBe(401);
			expect(expired.headers['www-authenticate']).toContain('expired');
		});
	});
});

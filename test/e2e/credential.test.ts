import fastify from 'fastify';
import getPort from 'get-port';
import { errorOf, itemsOf } from '../support/executions';
import { sharedTestEnvironment } from '../support/sharedTestEnvironment';
import { paymentRequests } from '../support/testEnvironment';
import { chain, credentialReference, KOPO_KOPO, node, START } from '../support/workflows';

const testEnv = sharedTestEnvironment();

describe('the credential test of the Save button', () => {
	const messages = new Map<string, string>();

	/** Tests the saved credential, which holds a valid token, with these changes. */
	async function testWith(changes: Record<string, string>) {
		const { n8n, credential, credentialData } = testEnv;
		return await n8n.testCredential(credential, { ...credentialData, ...changes });
	}

	beforeAll(async () => {
		const { n8n } = testEnv;
		// After a run, n8n has stored a valid token.
		const workflow = await testEnv.savePaymentRequest();
		const execution = await n8n.waitForExecution(await n8n.run(workflow, START));
		expect(itemsOf(execution, KOPO_KOPO)).toHaveLength(1);
	});

	it('passes with valid values', async () => {
		expect(await testWith({})).toMatchObject({ status: 'OK' });
	});

	it('tests the entered secret, not the token that was obtained with the previous one', async () => {
		const { status, message } = await testWith({ clientSecret: 'not the secret' });
		expect(status).toBe('Error');
		expect(message).toMatch(/'Client ID' and 'Client Secret'/);
		messages.set('wrong secret', message);
	});

	it('passes with the right secret after a wrong one', async () => {
		expect(await testWith({})).toMatchObject({ status: 'OK' });
	});

	it.each([
		{ host: 'a host without these endpoints', answer: 404, page: 'Not found' },
		{
			host: 'a host that answers every request with a web page',
			answer: 200,
			page: '<html></html>',
		},
	])('names the base URL as the cause for $host', async ({ host, answer, page }) => {
		const otherHost = fastify();
		otherHost.addContentTypeParser('*', async () => undefined);
		otherHost.all('*', async (_request, reply) => await reply.code(answer).send(page));
		const baseUrl = await otherHost.listen({ port: 0, host: '127.0.0.1' });
		const { status, message } = await testWith({ baseUrl });
		await otherHost.close();

		expect(status).toBe('Error');
		expect(message).toMatch(/The address in the credential/);
		messages.set(host, message);
	});

	it('reports that the host cannot be reached', async () => {
		const unusedPort = await getPort({ host: '127.0.0.1' });
		const { status, message } = await testWith({ baseUrl: `http://127.0.0.1:${unusedPort}` });
		expect(status).toBe('Error');
		expect(message).toMatch(/refused the connection|could not be reached/);
		messages.set('no network', message);
	});

	it('has a different message for each error', () => {
		expect(messages.size).toBe(4);
		expect(new Set(messages.values()).size).toBe(4);
	});
});

it('returns no token and no secret to the browser', async () => {
	const { n8n, credential, sandbox } = testEnv;
	const returned = JSON.stringify(await n8n.readCredential(credential.id));
	const tokens = sandbox.ledger.tokens.map(({ token }) => token);
	expect(tokens.length).toBeGreaterThan(0);
	for (const secret of [sandbox.clientSecret, sandbox.apiKey, ...tokens]) {
		expect(returned).not.toContain(secret);
	}
});

it('cannot be used by the HTTP Request node, which sends nothing', async () => {
	const { n8n, sandbox, credential } = testEnv;
	await sandbox.reset({ keepTokens: true });
	const { id } = await n8n.createWorkflow({
		name: 'HTTP Request with this credential',
		nodes: [
			node(START, 'n8n-nodes-base.manualTrigger'),
			{
				...node('HTTP Request', 'n8n-nodes-base.httpRequest', {
					method: 'POST',
					url: `${sandbox.url}/api/v2/send_money`,
					authentication: 'predefinedCredentialType',
					nodeCredentialType: credential.type,
				}),
				typeVersion: 4.2,
				credentials: credentialReference(credential),
			},
		],
		connections: chain(START, 'HTTP Request'),
	});
	const execution = await n8n.waitForExecution(await n8n.run(id, START));

	expect(execution.status).toBe('error');
	expect(errorOf(execution)).toMatch(/Kopo Kopo node|restricted to specific nodes/);
	expect(sandbox.ledger.requests.filter(({ path }) => !path.startsWith('/oauth/'))).toEqual([]);
	expect(paymentRequests(sandbox)).toEqual([]);
});

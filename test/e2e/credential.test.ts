import fastify from 'fastify';
import getPort from 'get-port';
import { sharedN8n } from '../support/sharedN8n';
import { errorOf, itemsOf } from '../support/executions';
import {
	createTestEnvironment,
	paymentRequests,
	type TestEnvironment,
} from '../support/testEnvironment';
import { chain, KOPO_KOPO, node, START } from '../support/workflows';

let testEnv: TestEnvironment;

beforeAll(async () => {
	testEnv = await createTestEnvironment(await sharedN8n());
});

afterAll(async () => await testEnv.close());

describe('the test behind the Save button', () => {
	const messages = new Map<string, string>();

	/** Tests these values on the saved credential, in which a working token is stored. */
	async function verdict(changes: Record<string, string>) {
		const { n8n, credential, credentialData } = testEnv;
		return await n8n.testCredential(credential, { ...credentialData, ...changes });
	}

	beforeAll(async () => {
		const { n8n } = testEnv;
		// A run first, so that n8n has stored a token that still works.
		const asking = await testEnv.savePaymentRequest();
		const execution = await n8n.waitForExecution(await n8n.run(asking, START));
		expect(itemsOf(execution, KOPO_KOPO)).toHaveLength(1);
	});

	it('passes what is right', async () => {
		expect(await verdict({})).toMatchObject({ status: 'OK' });
	});

	it('tries the secret that was typed, not the token of the one before', async () => {
		const { status, message } = await verdict({ clientSecret: 'not the secret' });
		expect(status).toBe('Error');
		expect(message).toMatch(/'Client ID' and 'Client Secret'/);
		messages.set('wrong secret', message);
	});

	it('passes the right secret again after the wrong one', async () => {
		expect(await verdict({})).toMatchObject({ status: 'OK' });
	});

	it.each([
		{ host: 'a host without these paths', answer: 404, page: 'Not found' },
		{ host: 'a host that shows everybody its start page', answer: 200, page: '<html></html>' },
	])('recognises $host', async ({ host, answer, page }) => {
		const stranger = fastify();
		stranger.addContentTypeParser('*', async () => undefined);
		stranger.all('*', async (_request, reply) => await reply.code(answer).send(page));
		const baseUrl = await stranger.listen({ port: 0, host: '127.0.0.1' });
		const { status, message } = await verdict({ baseUrl });
		await stranger.close();

		expect(status).toBe('Error');
		expect(message).toMatch(/The address in the credential/);
		messages.set(host, message);
	});

	it('says so when nobody can be reached', async () => {
		const nobody = await getPort({ host: '127.0.0.1' });
		const { status, message } = await verdict({ baseUrl: `http://127.0.0.1:${nobody}` });
		expect(status).toBe('Error');
		expect(message).toMatch(/refused the connection|could not be reached/);
		messages.set('no network', message);
	});

	it('has a sentence of its own for each', () => {
		expect(messages.size).toBe(4);
		expect(new Set(messages.values()).size).toBe(4);
	});
});

it('keeps the token and the secrets from the browser', async () => {
	const { n8n, credential, sandbox } = testEnv;
	const shown = JSON.stringify(await n8n.readCredential(credential.id));
	const tokens = sandbox.ledger.tokens.map(({ token }) => token);
	expect(tokens.length).toBeGreaterThan(0);
	for (const secret of [sandbox.clientSecret, sandbox.apiKey, ...tokens]) {
		expect(shown).not.toContain(secret);
	}
});

it('is refused to the HTTP Request node, and nothing is sent, let alone twice', async () => {
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
				credentials: { [credential.type]: { id: credential.id, name: credential.name } },
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

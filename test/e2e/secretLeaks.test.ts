import { randomUUID } from 'node:crypto';
import { readdir, readFile, readJson, remove, stat } from 'fs-extra';
import type { ICredentialDataDecryptedObject, IDataObject, INode } from 'n8n-workflow';
import { type Execution, itemsOf } from '../support/executions';
import type { SavedCredential } from '../support/n8nClient';
import { RUN } from '../support/n8nInstallation';
import { type N8n, startN8n } from '../support/n8nProcess';
import {
	createTestEnvironment,
	INCOMING_PAYMENTS,
	type PaymentRequestOptions,
	type TestEnvironment,
	waitForPaymentRequests,
} from '../support/testEnvironment';
import { waitFor } from '../support/waitFor';
import {
	chain,
	credentialReference,
	FAILURE,
	KOPO_KOPO,
	kopoKopoNode,
	node,
	saveWorkflow,
	START,
	SUCCESS,
	TRIGGER,
} from '../support/workflows';
import { saveAgent, startMockLanguageModel, toolResults } from './mockLanguageModel';

// Its own n8n, with the most detailed log level.
const FOLDER = `${RUN}/e2e-secrets`;
/** A marker in every item and workflow name, so that everything that n8n stores of a run contains it. */
const MARKER = 'Wanjiku-4711';
/** Secrets that a user has entered wrongly. */
const MISTYPED = { secret: `mistyped-${randomUUID()}`, key: `mistyped-${randomUUID()}` };
const CARD = '450875XXXXXX1019';

let n8n: N8n;
let testEnv: TestEnvironment;
/** Credentials with a wrong client secret or a wrong API key. */
let wrongCredentials: Record<'secret' | 'key', SavedCredential>;
/** The executions as n8n returns them to the editor. */
const executions: Execution[] = [];
/** Everything that n8n stored, logged or returned, by place. */
let places: Map<string, string>;

beforeAll(async () => {
	await remove(FOLDER);
	n8n = await startN8n({ folder: FOLDER, env: { N8N_LOG_LEVEL: 'debug' } });
	testEnv = await createTestEnvironment(n8n.client);
	const { credentialData } = testEnv;
	wrongCredentials = {
		secret: await credentialWith({ ...credentialData, clientSecret: MISTYPED.secret }),
		key: await credentialWith({ ...credentialData, apiKey: MISTYPED.key }),
	};
});

afterAll(async () => {
	await testEnv?.close();
	await n8n?.stop();
});

const credentialWith = async (data: ICredentialDataDecryptedObject) =>
	await n8n.client.createCredential(`Mistyped ${MARKER}`, 'kopoKopoApi', data);

/** Starts a payment request with the marker in its item and its metadata; resolves with the execution's ID. */
async function startRequest({
	parameters,
	...options
}: PaymentRequestOptions = {}): Promise<string> {
	const id = await testEnv.savePaymentRequest({
		items: [{ customer: MARKER }],
		parameters: { metadata: { pairs: [{ name: 'customer', value: MARKER }] }, ...parameters },
		...options,
	});
	await n8n.client.updateWorkflow(id, { name: `Request for ${MARKER} ${id}` });
	return await n8n.client.run(id, START);
}

async function runRequest(options: PaymentRequestOptions = {}): Promise<Execution> {
	const execution = await n8n.client.waitForExecution(await startRequest(options));
	executions.push(execution);
	return execution;
}

const stop = { onError: 'stopWorkflow' } as const;
const continueRegular = { onError: 'continueRegularOutput' } as const;
const continueError = { onError: 'continueErrorOutput' } as const;

describe('executions that handle secrets', () => {
	it('succeed, at once and after polling', async () => {
		expect((await runRequest()).status).toBe('success');
		const polling = startRequest({ parameters: { waitForResult: 'keepChecking', waitUpTo: 20 } });
		const id = (await waitForPaymentRequests(testEnv.sandbox, 2)).at(-1) ?? '';
		testEnv.sandbox.customer.pay(id);
		executions.push(await n8n.client.waitForExecution(await polling));
		expect(itemsOf(executions.at(-1) as Execution, SUCCESS)[0]?.json).toMatchObject({
			outcome: 'success',
		});
	});

	it.each([stop, continueRegular, continueError])(
		'fail with status 404 ($onError)',
		async (setting) => {
			const parameters = {
				resource: 'paymentRequest',
				operation: 'get',
				paymentRequestId: `${MARKER}-id`,
			};
			const execution = await runRequest({ parameters, ...setting });
			expect(execution.status).toBe(setting === stop ? 'error' : 'success');
			expect(JSON.stringify(execution.data)).toContain('HTTP 404');
			if (setting !== stop) expect(failed(execution)).toBeDefined();
		},
	);

	it.each([stop, continueRegular, continueError])(
		'reject an invalid item ($onError)',
		async (setting) => {
			const sent = testEnv.sandbox.ledger.requests.length;
			const execution = await runRequest({ parameters: { phoneNumber: MARKER }, ...setting });
			expect(testEnv.sandbox.ledger.requests).toHaveLength(sent);
			expect(execution.status).toBe(setting === stop ? 'error' : 'success');
			if (setting !== stop) expect(failed(execution)).toBeDefined();
		},
	);

	it.each([
		{ kind: 'serverError', when: 'after' },
		{ kind: 'reset', when: 'after' },
		{ kind: 'halfBody' },
		{ kind: 'redirect', location: 'http://127.0.0.1:9/elsewhere' },
		{ kind: 'tooManyRequests', retryAfterSeconds: 3600 },
	] as const)('get a fault instead of a response ($kind)', async (fault) => {
		for (const setting of [stop, continueError]) {
			testEnv.sandbox.faults.add({ ...fault, method: 'POST', path: INCOMING_PAYMENTS, next: 1 });
			await runRequest(setting);
		}
		expect(testEnv.sandbox.ledger.requests.at(-1)?.faults).not.toEqual([]);
	});

	it('renew the token', async () => {
		const before = testEnv.sandbox.ledger.tokens.length;
		testEnv.sandbox.tokens.invalidate();
		expect((await runRequest()).status).toBe('success');
		expect(testEnv.sandbox.ledger.tokens.length).toBeGreaterThan(before);
	});

	it('inspect and revoke the token', async () => {
		for (const operation of ['getInfo', 'introspect', 'revoke']) {
			const execution = await runRequest({ parameters: { resource: 'accessToken', operation } });
			expect(execution.status).toBe('success');
		}
	});

	it.each([stop, continueRegular, continueError])(
		'fail because of a wrong client secret ($onError)',
		async (setting) => {
			const execution = await runRequest({ credential: wrongCredentials.secret, ...setting });
			expect(JSON.stringify(execution.data.resultData)).toContain('Client Secret');
		},
	);

	it('test right and wrong credentials', async () => {
		const { client } = n8n;
		const { credential, credentialData } = testEnv;
		const statusOfTest = async (changes: IDataObject) => {
			const { status } = await client.testCredential(credential, {
				...credentialData,
				...changes,
			} as ICredentialDataDecryptedObject);
			return status;
		};
		expect(await statusOfTest({})).toBe('OK');
		expect(await statusOfTest({ clientSecret: MISTYPED.secret })).toBe('Error');
		expect(await statusOfTest({ baseUrl: 'http://127.0.0.1:9' })).toBe('Error');
		expect(await statusOfTest({ baseUrl: 'not an address' })).toBe('Error');
	});

	it('resume on a signed callback after a forged one', async () => {
		const { sandbox } = testEnv;
		const sentBefore = sandbox.ledger.requests.length;
		const run = await startRequest({ parameters: { waitForResult: 'pauseUntilNotified' } });
		expect((await n8n.client.waitForExecution(run)).status).toBe('waiting');
		const request = sandbox.ledger.requests
			.slice(sentBefore)
			.find(({ path }) => path === INCOMING_PAYMENTS);
		const { _links: links } = request?.body as { _links: { callback_url: string } };
		const forged = sandbox.send({ url: links.callback_url, body: '{}', signature: 'wrong' });
		await waitFor('the forged callback to be rejected', 30_000, () =>
			forged.attempts.some(({ status }) => status === 401),
		);
		sandbox.customer.pay(request?.resourceId ?? '');
		const execution = await n8n.client.waitUntilEnded(run);
		expect(execution.status).toBe('success');
		executions.push(execution);
	});

	it('receive signed, forged and unknown deliveries', async () => {
		const { sandbox } = testEnv;
		const triggerOn = ['buygoods_transaction_received', 'card_transaction_received'];
		const workflow = await testEnv.saveTrigger({
			triggerOn,
			options: { includeHeaders: true, simplify: false },
		});
		await n8n.client.updateWorkflow(workflow, { name: `Trigger for ${MARKER}` });
		expect((await n8n.client.activate(workflow)).status).toBe('published');
		const url = sandbox.ledger.subscriptions.at(-1)?.url ?? '';
		const { body } = (await readJson(
			'test/fixtures/webhooks/card_transaction_received.k2.json',
		)) as { body: IDataObject };
		const delivery = { url, body: JSON.stringify({ ...body, customer: MARKER }) };
		sandbox.send(delivery);
		sandbox.send({ ...delivery, signature: 'wrong' });
		sandbox.send({ ...delivery, signature: 'none' });
		sandbox.send({
			url,
			body: `{"topic": "brand_new", "id": "1", "event": {}, "x": "${MARKER}"}`,
		});
		const received = await n8n.client.waitForExecutions(workflow, 2);
		executions.push(...received);
		expect(JSON.stringify(received.map((execution) => itemsOf(execution, TRIGGER)))).toContain(
			CARD,
		);
		await n8n.client.deactivate(workflow);
	});

	it('fail to subscribe because of a wrong client secret', async () => {
		const workflow = await testEnv.saveTrigger({}, wrongCredentials.secret);
		const { status, errors } = await n8n.client.activate(workflow);
		expect(status).toBe('failed');
		expect(errors.join()).toContain('Client Secret');
		await n8n.client.archive(workflow);
	});

	it('reject deliveries because of a wrong API key', async () => {
		const { sandbox } = testEnv;
		const workflow = await testEnv.saveTrigger({ registration: 'automatic' }, wrongCredentials.key);
		expect((await n8n.client.activate(workflow)).status).toBe('published');
		const url = sandbox.ledger.subscriptions.at(-1)?.url ?? '';
		const rejected = sandbox.send({ url, body: `{"customer": "${MARKER}"}` });
		await waitFor(
			'the delivery to be rejected',
			30_000,
			() => rejected.attempts[0]?.status === 401,
		);
		await n8n.client.deactivate(workflow);
	});

	it('fail in an HTTP Request node, which may not use the credential', async () => {
		const { credential, sandbox } = testEnv;
		const httpRequest: INode = {
			...node('HTTP', 'n8n-nodes-base.httpRequest', {
				url: `${sandbox.url}${INCOMING_PAYMENTS}/1?customer=${MARKER}`,
				authentication: 'predefinedCredentialType',
				nodeCredentialType: 'kopoKopoApi',
			}),
			typeVersion: 4.2,
			credentials: credentialReference(credential),
		};
		const id = await saveWorkflow(
			n8n.client,
			[{ customer: MARKER }],
			[httpRequest],
			chain(START, 'HTTP'),
		);
		const execution = await n8n.client.waitForExecution(await n8n.client.run(id, START));
		executions.push(execution);
		expect(execution.status).toBe('error');
	});

	it('fail in the tool of an AI agent', async () => {
		const execution = await runAgent();
		executions.push(execution);
		expect(JSON.stringify(execution.data.resultData)).toContain('Client Secret');
	});
});

/** A failed item, on either output. */
const failed = (execution: Execution) =>
	[...itemsOf(execution, FAILURE), ...itemsOf(execution, KOPO_KOPO)].find(({ json }) => json.error);

/** Runs an AI agent that looks up a payment with a wrong client secret. */
async function runAgent(): Promise<Execution> {
	const { client } = n8n;
	const model = await startMockLanguageModel(client, (request) =>
		toolResults(request).length > 0
			? { text: 'Done' }
			: { toolCalls: [{ tool: request.tools?.[0]?.function.name ?? '', args: {} }] },
	);
	const parameters = {
		resource: 'paymentRequest',
		operation: 'get',
		paymentRequestId: randomUUID(),
	};
	const tool = kopoKopoNode('Tool', 'kopoKopoTool', parameters, wrongCredentials.secret);
	try {
		const id = await saveAgent(client, model, tool, {
			items: [{ customer: MARKER }],
			version: 2.2,
			parameters: { text: `Did ${MARKER} pay?`, options: { enableStreaming: false } },
		});
		return await client.waitForExecution(await client.run(id, START));
	} finally {
		await model.close();
	}
}

/** Every file in a folder, except those in node_modules, which hold the installed packages and the editor. */
async function filesIn(folder: string): Promise<string[]> {
	const entries = (await readdir(folder)).filter((name) => name !== 'node_modules');
	const found = await Promise.all(
		entries.map(async (name) => {
			const path = `${folder}/${name}`;
			return (await stat(path)).isDirectory() ? await filesIn(path) : [path];
		}),
	);
	return found.flat();
}

/** The encodings in which a secret could be stored. */
function encodingsOf(secret: string): string[] {
	// Inside a longer text, base64 encodes the secret in one of three ways, and its ends together with its neighbours.
	const base64 = [0, 1, 2].map((before) =>
		Buffer.from(`${' '.repeat(before)}${secret}`)
			.toString('base64')
			.slice(4, -4),
	);
	return [
		secret,
		encodeURIComponent(secret),
		Buffer.from(secret).toString('hex'),
		...base64,
		...base64.map((text) => text.replaceAll('+', '-').replaceAll('/', '_')),
	];
}

const PLACES = ['database', 'database file', 'event log', 'console', 'REST API'];

describe('what n8n stored, logged and returned', () => {
	beforeAll(async () => {
		// n8n writes its event log with a delay, at the latest when it stops.
		await n8n.stop();
		const files = await filesIn(FOLDER);
		const textOf = async (isSelected: (name: string) => boolean) =>
			(
				await Promise.all(
					files.filter(isSelected).map(async (file) => await readFile(file, 'latin1')),
				)
			).join('\n');
		const isDatabase = (file: string) => file.includes('database.sqlite');
		const isEventLog = (file: string) => /n8nEventLog.*\.log$/.test(file);
		const isConsole = (file: string) => file === `${FOLDER}/n8n.log`;
		places = new Map([
			['database', await n8n.database()],
			['database file', await textOf(isDatabase)],
			['event log', await textOf(isEventLog)],
			['console', await textOf(isConsole)],
			['REST API', JSON.stringify(executions)],
			[
				'other files',
				await textOf((file) => !isDatabase(file) && !isEventLog(file) && !isConsole(file)),
			],
		]);
	});

	// Otherwise, the search for secrets would prove nothing.
	it.each(PLACES)('contains the marker: %s', (place) => {
		expect(places.get(place)).toContain(MARKER);
	});

	it('contains executions, error messages and debug output', () => {
		const lines = (places.get('database') ?? '').split('\n');
		const rows = lines.filter((line) => line.startsWith('execution_data\t'));
		expect(rows.length).toBeGreaterThan(20);
		for (const text of [
			MARKER,
			CARD,
			'It is not known whether Kopo Kopo',
			'x-kopokopo-signature',
		]) {
			expect(rows.some((line) => line.includes(text))).toBe(true);
		}
		// Only the log level debug prints this.
		expect(places.get('console')).toContain('had Execution data. Running with payload');
		expect(executions.filter(({ status }) => status === 'error').length).toBeGreaterThan(4);
	});

	it('would be recognized as a secret in base64 inside a longer text', () => {
		for (const text of encodingsOf('0123456789 abcdefghij'))
			expect(text.length).toBeGreaterThan(15);
		const header = Buffer.from(`client:${MISTYPED.secret}:x`).toString('base64');
		expect(encodingsOf(MISTYPED.secret).some((text) => header.includes(text))).toBe(true);
	});

	const secretsOf = (): Array<[string, string]> => [
		['the client secret', testEnv.sandbox.clientSecret],
		['the API key', testEnv.sandbox.apiKey],
		['a mistyped client secret', MISTYPED.secret],
		['a mistyped API key', MISTYPED.key],
		...testEnv.sandbox.ledger.tokens.map(({ token }): [string, string] => ['a token', token]),
	];

	it.each([...PLACES, 'other files'])('contains no secret: %s', (place) => {
		const secrets = secretsOf();
		expect(secrets.length).toBeGreaterThan(5);
		const text = places.get(place) ?? '';
		const found = secrets.flatMap(([what, secret]) =>
			encodingsOf(secret)
				.map((encoded) => text.indexOf(encoded))
				.filter((index) => index >= 0)
				.map((index) => `${what} after ${text.slice(Math.max(0, index - 200), index)}`),
		);
		expect(found).toEqual([]);
	});

	it.each(PLACES)('contains no card number that is not masked: %s', (place) => {
		expect(places.get(place)).not.toMatch(/450875\d{6}1019/);
	});
});

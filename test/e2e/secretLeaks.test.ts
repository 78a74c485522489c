import { randomUUID } from 'node:crypto';
import fastify from 'fastify';
import { readdir, readFile, readJson, remove, stat } from 'fs-extra';
import type {
	ICredentialDataDecryptedObject,
	IDataObject,
	INode,
	INodeParameters,
} from 'n8n-workflow';
import { type Execution, itemsOf } from '../support/executions';
import type { SavedCredential } from '../support/n8nClient';
import { RUN } from '../support/n8nInstallation';
import { type N8n, startN8n } from '../support/n8nProcess';
import {
	createTestEnvironment,
	type TestEnvironment,
	waitForPaymentRequests,
} from '../support/testEnvironment';
import { waitFor } from '../support/waitFor';
import {
	chain,
	FAILURE,
	KOPO_KOPO,
	node,
	saveWorkflow,
	START,
	SUCCESS,
	TRIGGER,
} from '../support/workflows';

// Its own n8n, which logs all it can.
const FOLDER = `${RUN}/e2e-secrets`;
const PAYMENTS = '/api/v2/incoming_payments';
/** In every item, in every workflow's name: whatever n8n keeps of a run holds it. */
const PLANTED = 'Wanjiku-4711';
/** What somebody typed instead of Kopo Kopo's own. */
const MISTYPED = { secret: `mistyped-${randomUUID()}`, key: `mistyped-${randomUUID()}` };
const CARD = '450875XXXXXX1019';

let n8n: N8n;
let testEnv: TestEnvironment;
/** The same account with a secret, or a key, that is not Kopo Kopo's. */
let mistyped: Record<'secret' | 'key', SavedCredential>;
/** What n8n showed of each run, as the editor reads it. */
const shown: Execution[] = [];
/** All texts that n8n left behind, by place. */
let places: Map<string, string>;

beforeAll(async () => {
	await remove(FOLDER);
	n8n = await startN8n({ folder: FOLDER, env: { N8N_LOG_LEVEL: 'debug' } });
	testEnv = await createTestEnvironment(n8n.client);
	const { credentialData } = testEnv;
	mistyped = {
		secret: await credentialWith({ ...credentialData, clientSecret: MISTYPED.secret }),
		key: await credentialWith({ ...credentialData, apiKey: MISTYPED.key }),
	};
});

afterAll(async () => {
	await testEnv?.close();
	await n8n?.stop();
});

const credentialWith = async (secrets: ICredentialDataDecryptedObject) =>
	await n8n.client.createCredential(`Mistyped ${PLANTED}`, 'kopoKopoApi', secrets);

interface Asking {
	parameters?: INodeParameters;
	onError?: INode['onError'];
	credential?: SavedCredential;
}

/** Starts start -> Kopo Kopo -> both branches, with the planted text in its item and its request. */
async function begin({ parameters, ...more }: Asking = {}): Promise<string> {
	const id = await testEnv.savePaymentRequest({
		items: [{ customer: PLANTED }],
		parameters: { metadata: { pairs: [{ key: 'customer', value: PLANTED }] }, ...parameters },
		...more,
	});
	await n8n.client.updateWorkflow(id, { name: `Asking for ${PLANTED} ${id}` });
	return await n8n.client.run(id, START);
}

async function ask(asking: Asking = {}): Promise<Execution> {
	const execution = await n8n.client.waitForExecution(await begin(asking));
	shown.push(execution);
	return execution;
}

const stopped = { onError: 'stopWorkflow' } as const;
const goingOn = { onError: 'continueRegularOutput' } as const;
const branching = { onError: 'continueErrorOutput' } as const;

describe('a run in which everything happens', () => {
	it('succeeds', async () => {
		expect((await ask()).status).toBe('success');
		const polling = begin({ parameters: { waitForResult: 'poll', waitSeconds: 20 } });
		const id = (await waitForPaymentRequests(testEnv.sandbox, 2)).at(-1) ?? '';
		testEnv.sandbox.customer.pay(id);
		shown.push(await n8n.client.waitForExecution(await polling));
		expect(itemsOf(shown.at(-1) as Execution, SUCCESS)[0]?.json).toMatchObject({
			outcome: 'success',
		});
	});

	it.each([stopped, goingOn, branching])('is refused with 404, $onError', async (setting) => {
		const parameters = {
			resource: 'incomingPayment',
			operation: 'get',
			incomingPaymentId: `${PLANTED}-id`,
		};
		const execution = await ask({ parameters, ...setting });
		expect(execution.status).toBe(setting === stopped ? 'error' : 'success');
		if (setting !== stopped) expect(failed(execution)).toBeDefined();
	});

	it.each([stopped, goingOn, branching])(
		'has an item that cannot be right, $onError',
		async (setting) => {
			const sent = testEnv.sandbox.ledger.requests.length;
			const execution = await ask({ parameters: { phoneNumber: PLANTED }, ...setting });
			expect(testEnv.sandbox.ledger.requests).toHaveLength(sent);
			if (setting !== stopped) expect(failed(execution)).toBeDefined();
		},
	);

	it.each([
		{ kind: 'serverError', when: 'after' },
		{ kind: 'reset', when: 'after' },
		{ kind: 'halfBody' },
		{ kind: 'redirect', location: 'http://127.0.0.1:9/elsewhere' },
		{ kind: 'tooManyRequests', retryAfterSeconds: 3600 },
	] as const)('meets $kind', async (weather) => {
		for (const setting of [stopped, branching]) {
			testEnv.sandbox.weather.add({ ...weather, method: 'POST', path: PAYMENTS, next: 1 });
			await ask(setting);
		}
		expect(testEnv.sandbox.ledger.requests.at(-1)?.weather).not.toEqual([]);
	});

	it('has its token renewed', async () => {
		const before = testEnv.sandbox.ledger.tokens.length;
		testEnv.sandbox.tokens.end();
		expect((await ask()).status).toBe('success');
		expect(testEnv.sandbox.ledger.tokens.length).toBeGreaterThan(before);
	});

	it('asks about its token, and ends it', async () => {
		for (const operation of ['getInfo', 'introspect', 'revoke']) {
			const execution = await ask({ parameters: { resource: 'accessToken', operation } });
			expect(execution.status).toBe('success');
		}
	});

	it.each([stopped, goingOn, branching])('has a wrong secret, $onError', async (setting) => {
		const execution = await ask({ credential: mistyped.secret, ...setting });
		expect(JSON.stringify(execution.data.resultData)).toContain('Client Secret');
	});

	it('tests credentials, right and wrong', async () => {
		const { client } = n8n;
		const { credential, credentialData } = testEnv;
		const verdict = async (changes: IDataObject) => {
			const { status } = await client.testCredential(credential, {
				...credentialData,
				...changes,
			} as ICredentialDataDecryptedObject);
			return status;
		};
		expect(await verdict({})).toBe('OK');
		expect(await verdict({ clientSecret: MISTYPED.secret })).toBe('Error');
		expect(await verdict({ baseUrl: 'http://127.0.0.1:9' })).toBe('Error');
		expect(await verdict({ baseUrl: 'not an address' })).toBe('Error');
	});

	it('pauses, and is woken by a signed callback after a forged one', async () => {
		const { sandbox } = testEnv;
		const known = sandbox.ledger.requests.length;
		const run = await begin({ parameters: { waitForResult: 'pause' } });
		expect((await n8n.client.waitForExecution(run)).status).toBe('waiting');
		const asked = sandbox.ledger.requests.slice(known).find(({ path }) => path === PAYMENTS);
		const { _links: links } = asked?.body as { _links: { callback_url: string } };
		const forged = sandbox.send({ url: links.callback_url, body: '{}', signature: 'wrong' });
		await waitFor('the forged callback to be refused', 30_000, () =>
			forged.attempts.some(({ status }) => status === 401),
		);
		sandbox.customer.pay(asked?.resourceId ?? '');
		const execution = await waitFor('the pause to end', 60_000, async () => {
			const { status, ...rest } = await n8n.client.readExecution(run);
			return status === 'success' ? { status, ...rest } : undefined;
		});
		shown.push(execution);
	});

	it('receives deliveries, signed, forged and about cards', async () => {
		const { sandbox } = testEnv;
		const events = ['buygoods_transaction_received', 'card_transaction_received'];
		const receiving = await testEnv.saveTrigger({
			events,
			options: { includeHeaders: true, simplify: false },
		});
		await n8n.client.updateWorkflow(receiving, { name: `Receiving for ${PLANTED}` });
		expect((await n8n.client.activate(receiving)).status).toBe('published');
		const url = sandbox.ledger.subscriptions.at(-1)?.url ?? '';
		const { body } = (await readJson(
			'test/fixtures/webhooks/card_transaction_received.k2.json',
		)) as { body: IDataObject };
		const letter = { url, body: JSON.stringify({ ...body, customer: PLANTED }) };
		sandbox.send(letter);
		sandbox.send({ ...letter, signature: 'wrong' });
		sandbox.send({ ...letter, signature: 'none' });
		sandbox.send({
			url,
			body: `{"topic": "brand_new", "id": "1", "event": {}, "x": "${PLANTED}"}`,
		});
		const executions = await n8n.client.waitForExecutions(receiving, 2);
		shown.push(...executions);
		expect(JSON.stringify(executions.map((one) => itemsOf(one, TRIGGER)))).toContain(CARD);
		await n8n.client.deactivate(receiving);
	});

	it('cannot subscribe, for its secret is wrong', async () => {
		const receiving = await testEnv.saveTrigger({}, mistyped.secret);
		const { status, errors } = await n8n.client.activate(receiving);
		expect(status).toBe('failed');
		expect(errors.join()).toContain('Client Secret');
		await n8n.client.archive(receiving);
	});

	it('refuses what is signed with another key than the one that was typed', async () => {
		const { sandbox } = testEnv;
		const receiving = await testEnv.saveTrigger({ registration: 'automatic' }, mistyped.key);
		expect((await n8n.client.activate(receiving)).status).toBe('published');
		const url = sandbox.ledger.subscriptions.at(-1)?.url ?? '';
		const refused = sandbox.send({ url, body: `{"customer": "${PLANTED}"}` });
		await waitFor('the delivery to be refused', 30_000, () => refused.attempts[0]?.status === 401);
		await n8n.client.deactivate(receiving);
	});

	it('is given to the HTTP Request node, which may not use it', async () => {
		const { credential, sandbox } = testEnv;
		const asking: INode = {
			...node('HTTP', 'n8n-nodes-base.httpRequest', {
				url: `${sandbox.url}${PAYMENTS}/1?customer=${PLANTED}`,
				authentication: 'predefinedCredentialType',
				nodeCredentialType: 'kopoKopoApi',
			}),
			typeVersion: 4.2,
			credentials: { kopoKopoApi: { id: credential.id, name: credential.name } },
		};
		const id = await saveWorkflow(
			n8n.client,
			[{ customer: PLANTED }],
			[asking],
			chain(START, 'HTTP'),
		);
		const execution = await n8n.client.waitForExecution(await n8n.client.run(id, START));
		shown.push(execution);
		expect(execution.status).toBe('error');
	});

	it('fails as the tool of an AI agent', async () => {
		const execution = await runAgent();
		shown.push(execution);
		expect(JSON.stringify(execution.data.resultData)).toContain('Client Secret');
	});
});

/** An item that failed, wherever n8n sent it. */
const failed = (execution: Execution) =>
	[...itemsOf(execution, FAILURE), ...itemsOf(execution, KOPO_KOPO)].find(({ json }) => json.error);

/** An agent whose model asks for a payment's status; the credential is wrong. */
async function runAgent(): Promise<Execution> {
	const model = fastify();
	model.post('/v1/chat/completions', async (request) => {
		const { messages, tools } = request.body as {
			messages: Array<{ role: string }>;
			tools?: Array<{ function: { name: string } }>;
		};
		const isTold = messages.some(({ role }) => role === 'tool');
		const call = {
			id: 'call_0',
			type: 'function',
			function: { name: tools?.[0]?.function.name ?? '', arguments: '{}' },
		};
		const message = isTold
			? { role: 'assistant', content: 'Done' }
			: { role: 'assistant', content: null, tool_calls: [call] };
		return await Promise.resolve({
			id: 'answer',
			object: 'chat.completion',
			created: 1,
			model: 'fake',
			choices: [{ index: 0, message, finish_reason: isTold ? 'stop' : 'tool_calls' }],
			usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
		});
	});
	const url = await model.listen({ port: 0, host: '127.0.0.1' });
	try {
		const { client } = n8n;
		const { id, name } = await client.createCredential('Model', 'openAiApi', {
			apiKey: 'not-a-key',
			url: `${url}/v1`,
		});
		const agent: INode = {
			...node('AI Agent', '@n8n/n8n-nodes-langchain.agent', {
				promptType: 'define',
				text: `Did ${PLANTED} pay?`,
				options: { enableStreaming: false },
			}),
			typeVersion: 2.2,
		};
		const lm: INode = {
			...node('Model', '@n8n/n8n-nodes-langchain.lmChatOpenAi', {
				model: { __rl: true, mode: 'id', value: 'fake' },
				options: { maxRetries: 0 },
			}),
			typeVersion: 1.2,
			credentials: { openAiApi: { id, name } },
		};
		const tool: INode = {
			...node('Tool', 'n8n-nodes-kopokopo.kopoKopoTool', {
				resource: 'incomingPayment',
				operation: 'get',
				incomingPaymentId: randomUUID(),
			}),
			credentials: {
				kopoKopoApi: { id: mistyped.secret.id, name: mistyped.secret.name },
			},
		};
		const workflow = await saveWorkflow(client, [{ customer: PLANTED }], [agent, lm, tool], {
			...chain(START, 'AI Agent'),
			Model: { ai_languageModel: [[{ node: 'AI Agent', type: 'ai_languageModel', index: 0 }]] },
			Tool: { ai_tool: [[{ node: 'AI Agent', type: 'ai_tool', index: 0 }]] },
		});
		return await client.waitForExecution(await client.run(workflow, START));
	} finally {
		await model.close();
	}
}

/** Every file below the user folder but the installed packages and n8n's own web pages. */
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

/** The ways in which a text may be written down. */
function formsOf(secret: string): string[] {
	// In base64 a text has three forms, by where in a longer one it stands; its ends blend with others.
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

const PLACES = ['database', 'database file', 'event log', 'console', 'shown'];

describe('what n8n stored, logged and showed of it', () => {
	beforeAll(async () => {
		// n8n writes its event log some time after the event.
		await n8n.stop();
		const files = await filesIn(FOLDER);
		const textOf = async (isMeant: (name: string) => boolean) =>
			(
				await Promise.all(files.filter(isMeant).map(async (file) => await readFile(file, 'latin1')))
			).join('\n');
		const isDatabase = (file: string) => file.includes('database.sqlite');
		const isEventLog = (file: string) => /n8nEventLog.*\.log$/.test(file);
		const isConsole = (file: string) => file === `${FOLDER}/n8n.log`;
		places = new Map([
			['database', await n8n.database()],
			['database file', await textOf(isDatabase)],
			['event log', await textOf(isEventLog)],
			['console', await textOf(isConsole)],
			['shown', JSON.stringify(shown)],
			[
				'other files',
				await textOf((file) => !isDatabase(file) && !isEventLog(file) && !isConsole(file)),
			],
		]);
	});

	// Or a secret could not be found there either.
	it.each(PLACES)('is found in: %s', (place) => {
		expect(places.get(place)).toContain(PLANTED);
	});

	it('is found in the executions of the database and in the messages of failed items', () => {
		const lines = (places.get('database') ?? '').split('\n');
		const executions = lines.filter((line) => line.startsWith('execution_data\t'));
		expect(executions.length).toBeGreaterThan(20);
		for (const text of [
			PLANTED,
			CARD,
			'It is not known whether Kopo Kopo',
			'x-kopokopo-signature',
		]) {
			expect(executions.some((line) => line.includes(text))).toBe(true);
		}
		// The console holds what only the most talkative level says.
		expect(places.get('console')).toContain('had Execution data. Running with payload');
		expect(shown.filter(({ status }) => status === 'error').length).toBeGreaterThan(4);
	});

	it('is found in every form that a secret is looked for in', () => {
		for (const form of formsOf('0123456789 abcdefghij')) expect(form.length).toBeGreaterThan(15);
		const carried = Buffer.from(`client:${MISTYPED.secret}:x`).toString('base64');
		expect(formsOf(MISTYPED.secret).some((form) => carried.includes(form))).toBe(true);
	});

	const secretsOf = (): Array<[string, string]> => [
		['the client secret', testEnv.sandbox.clientSecret],
		['the API key', testEnv.sandbox.apiKey],
		['a mistyped secret', MISTYPED.secret],
		['a mistyped API key', MISTYPED.key],
		...testEnv.sandbox.ledger.tokens.map(({ token }): [string, string] => ['a token', token]),
	];

	it.each([...PLACES, 'other files'])('holds no secret: %s', (place) => {
		const secrets = secretsOf();
		expect(secrets.length).toBeGreaterThan(5);
		const text = places.get(place) ?? '';
		const found = secrets.flatMap(([what, secret]) =>
			formsOf(secret)
				.filter((form) => text.includes(form))
				.map(
					(form) =>
						`${what} in ${text.slice(Math.max(0, text.indexOf(form) - 200), text.indexOf(form))}`,
				),
		);
		expect(found).toEqual([]);
	});

	it.each(PLACES)('holds card numbers masked as they came: %s', (place) => {
		expect(places.get(place)).not.toMatch(/450875\d{6}1019/);
	});
});

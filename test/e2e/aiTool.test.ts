import fastify from 'fastify';
import { sleep, type IDataObject, type INode, type INodeParameters } from 'n8n-workflow';
import { sharedN8n } from '../support/sharedN8n';
import { type Execution, itemsOf } from '../support/executions';
import { acceptedPayouts, requestedPayouts } from '../support/payoutWorkflow';
import { createTestEnvironment, type TestEnvironment } from '../support/testEnvironment';
import { chain, node, saveWorkflow, START } from '../support/workflows';

const AGENT = 'AI Agent';
const MODEL = 'Model';
const TOOL = 'Kopo_Kopo';

interface Message {
	role: string;
	content: string;
}

/** A question that the model thinks about for a second. */
const LATER = 'Pay the other one.';

/** What the model asks of the tool in its first answer, one call each. */
let wanted: IDataObject[] = [];
/** The texts that the tool gave, as the model was shown them. */
let shown: string[] = [];

/** A language model that asks for the tool it is given, and then repeats what the tool said. */
const model = fastify();
model.post('/v1/chat/completions', async (request) => {
	const { messages, tools } = request.body as {
		messages: Message[];
		tools: Array<{ function: { name: string } }>;
	};
	if (messages.some(({ content }) => content === LATER)) await sleep(1000);
	const said = messages.filter(({ role }) => role === 'tool').map(({ content }) => content);
	shown = said;
	const message =
		said.length > 0
			? { role: 'assistant', content: `Done: ${said.join(' | ')}` }
			: {
					role: 'assistant',
					content: null,
					tool_calls: wanted.map((args, index) => ({
						id: `call_${index}`,
						type: 'function',
						function: { name: tools[0]?.function.name ?? '', arguments: JSON.stringify(args) },
					})),
				};
	return {
		id: 'answer',
		object: 'chat.completion',
		created: 1,
		model: 'fake',
		choices: [{ index: 0, message, finish_reason: said.length > 0 ? 'stop' : 'tool_calls' }],
		usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
	};
});

let testEnv: TestEnvironment;
let llm: { id: string; name: string };

beforeAll(async () => {
	testEnv = await createTestEnvironment(await sharedN8n());
	const url = await model.listen({ port: 0, host: '127.0.0.1' });
	llm = await testEnv.n8n.createCredential('Model', 'openAiApi', {
		apiKey: 'not-a-key',
		url: `${url}/v1`,
	});
});

beforeEach(async () => {
	shown = [];
	await testEnv.sandbox.reset({ keepTokens: true });
});

afterAll(async () => {
	await model.close();
	await testEnv.close();
});

/** Runs an agent of this version with Kopo Kopo for its tool. */
async function ask(
	agentVersion: number,
	parameters: INodeParameters,
	questions = ['Pay the salary.'],
): Promise<Execution> {
	const { n8n, credential } = testEnv;
	const agent: INode = {
		...node(AGENT, '@n8n/n8n-nodes-langchain.agent', {
			promptType: 'define',
			text: '={{ $json.question }}',
			options: { enableStreaming: false, batching: { batchSize: 2 } },
		}),
		typeVersion: agentVersion,
	};
	const lm: INode = {
		...node(MODEL, '@n8n/n8n-nodes-langchain.lmChatOpenAi', {
			model: { __rl: true, mode: 'id', value: 'fake' },
			options: { maxRetries: 0 },
		}),
		typeVersion: 1.2,
		credentials: { openAiApi: { id: llm.id, name: llm.name } },
	};
	const tool: INode = {
		...node(TOOL, 'n8n-nodes-kopokopo.kopoKopoTool', parameters),
		credentials: { [credential.type]: { id: credential.id, name: credential.name } },
	};
	const items = questions.map((question) => ({ question }));
	const id = await saveWorkflow(n8n, items, [agent, lm, tool], {
		...chain(START, AGENT),
		[MODEL]: { ai_languageModel: [[{ node: AGENT, type: 'ai_languageModel', index: 0 }]] },
		[TOOL]: { ai_tool: [[{ node: AGENT, type: 'ai_tool', index: 0 }]] },
	});
	return await n8n.waitForExecution(await n8n.run(id, START));
}

const PAY_SALARY: INodeParameters = {
	resource: 'sendMoney',
	operation: 'toExternalRecipients',
	destinations: {
		mobileWallet: [
			{
				phoneNumber: "={{ $fromAI('phone', 'Whom to pay', 'string') }}",
				amount: 100,
				description: 'Salary',
			},
		],
	},
};

// From version 3 on n8n runs the tool as a node; before that the agent calls it. (n8n 1 has no 3.1.)
describe.each([3, 2.2])('an AI agent of version %d', (version) => {
	it('may not move money, and its model is told why and what to do', async () => {
		wanted = [{ phone: '0712345678' }];
		const execution = await ask(version, PAY_SALARY);
		expect(execution.status).toBe('success');
		expect(shown).toHaveLength(1);
		expect(shown[0]).toContain('An AI agent may not move money with this tool');
		expect(shown[0]).toContain("'Allow AI to Move Money' in the tool's settings");
		expect(testEnv.sandbox.ledger.requests).toEqual([]);
	});

	it('moves money where a person allowed it, once for each of its calls', async () => {
		wanted = [{ phone: '0712345678' }, { phone: '0712345678' }, { phone: '0712345679' }];
		const execution = await ask(version, { ...PAY_SALARY, allowAiToMoveMoney: true });
		expect(execution.status).toBe('success');
		expect(acceptedPayouts(testEnv.sandbox).sort()).toEqual([
			'254712345678',
			'254712345678',
			'254712345679',
		]);
		const ids = shown.map((text) => /"id":"([^"]+)"/.exec(text)?.[1]);
		expect(new Set(ids).size).toBe(3);
		expect(itemsOf(execution, AGENT)[0]?.json.output).toContain('pending');
	});

	it('shows its model the fields that a person chose, and nothing else', async () => {
		wanted = [{ phone: '0712345678' }];
		await ask(version, {
			...PAY_SALARY,
			allowAiToMoveMoney: true,
			output: 'selectedFields',
			outputFields: ['amount'],
		});
		const [, item] = /(\{[^{}]+\})/.exec(shown[0] ?? '') ?? [];
		expect(JSON.parse(item ?? 'null')).toEqual({
			id: expect.any(String) as string,
			outcome: 'pending',
			amount: 100,
		});
	});

	it('does not take the answer to one of its items for that to another', async () => {
		const { sandbox } = testEnv;
		// Looking the first link up takes until after the second one is asked for.
		sandbox.weather.add({ kind: 'latency', path: '/api/v2/payment_links/*', ms: 2000 });
		wanted = [{}];
		await ask(
			version,
			{
				resource: 'paymentLink',
				operation: 'create',
				tillNumber: 'K000001',
				amount: 100,
				allowAiToMoveMoney: true,
			},
			['Pay the salary.', LATER],
		);
		const created = sandbox.ledger.requests.filter(
			({ method, path }) => method === 'POST' && path === '/api/v2/payment_links',
		);
		expect(created).toHaveLength(2);
	});

	it('is told of a wrong input which field it is and how to write it, and nothing is sent', async () => {
		wanted = [{ phone: '07twelve' }];
		await ask(version, { ...PAY_SALARY, allowAiToMoveMoney: true });
		expect(shown[0]).toMatch(/'Phone Number'.*07twelve.*Write a Kenyan number such as 0712345678/);
		expect(requestedPayouts(testEnv.sandbox)).toEqual([]);
	});

	it('may read', async () => {
		wanted = [{ id: '00000000-0000-4000-8000-000000000000' }];
		await ask(version, {
			resource: 'sendMoney',
			operation: 'get',
			sendMoneyId: "={{ $fromAI('id', 'Which', 'string') }}",
		});
		expect(shown[0]).toMatch(/HTTP 404.*Check the ID/);
		expect(testEnv.sandbox.ledger.requests.map(({ method }) => method)).toContain('GET');
	});
});

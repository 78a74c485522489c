import type { IDataObject, INodeParameters } from 'n8n-workflow';
import { sharedN8n } from '../support/sharedN8n';
import { type Execution, itemsOf } from '../support/executions';
import { acceptedPayouts, requestedPayouts } from '../support/payoutWorkflow';
import { createTestEnvironment, type TestEnvironment } from '../support/testEnvironment';
import { waitFor } from '../support/waitFor';
import { kopoKopoNode, START } from '../support/workflows';
import {
	AGENT,
	saveAgent,
	startMockLanguageModel,
	toolResults,
	type MockLanguageModel,
} from './mockLanguageModel';

const TOOL = 'Kopo_Kopo';
const QUESTION = 'Pay the salary.';
const SECOND_QUESTION = 'Pay the other one.';

/** The arguments of the tool calls that the model makes, one call each. */
let toolArguments: IDataObject[] = [];
/** The results of the tool calls, as the model received them. */
let results: string[] = [];
/** Delays the model's answer to the second question. */
let beforeSecondAnswer: () => Promise<unknown> = async () => undefined;

let testEnv: TestEnvironment;
let model: MockLanguageModel;

beforeAll(async () => {
	testEnv = await createTestEnvironment(await sharedN8n());
	// Calls the tool that it is offered, then repeats the results.
	model = await startMockLanguageModel(testEnv.n8n, async (request) => {
		if (request.messages.some(({ content }) => content === SECOND_QUESTION)) {
			await beforeSecondAnswer();
		}
		results = toolResults(request);
		if (results.length > 0) return { text: `Done: ${results.join(' | ')}` };
		const tool = request.tools?.[0]?.function.name ?? '';
		return { toolCalls: toolArguments.map((args) => ({ tool, args })) };
	});
});

beforeEach(async () => {
	results = [];
	beforeSecondAnswer = async () => undefined;
	await testEnv.sandbox.reset({ keepTokens: true });
});

afterAll(async () => {
	await model?.close();
	await testEnv?.close();
});

/** Runs an agent of this version with a Kopo Kopo tool. */
async function ask(
	version: number,
	parameters: INodeParameters,
	questions = [QUESTION],
): Promise<Execution> {
	const { n8n, credential } = testEnv;
	const tool = kopoKopoNode(TOOL, 'kopoKopoTool', parameters, credential);
	const id = await saveAgent(n8n, model, tool, {
		items: questions.map((question) => ({ question })),
		version,
		parameters: {
			text: '={{ $json.question }}',
			options: { enableStreaming: false, batching: { batchSize: 2 } },
		},
	});
	return await n8n.waitForExecution(await n8n.run(id, START));
}

const isLookup = ({ method, path }: { method: string; path: string }) =>
	method === 'GET' && path.startsWith('/api/v2/payment_links/');

const PAY_SALARY: INodeParameters = {
	resource: 'sendMoney',
	operation: 'toPeopleOrBusinesses',
	destinations: {
		mpesaNumber: [
			{
				phoneNumber: "={{ $fromAI('phone', 'Whom to pay', 'string') }}",
				amount: 100,
				description: 'Salary',
			},
		],
	},
};

// From version 3, n8n runs the tool as a node; before, the agent calls it. (n8n 1 has no 3.1.)
describe.each([3, 2.2])('the tool of an AI agent, version %d', (version) => {
	it('does not move money by default; the model gets the reason and how to allow it', async () => {
		toolArguments = [{ phone: '0712345678' }];
		const execution = await ask(version, PAY_SALARY);
		expect(execution.status).toBe('success');
		expect(results).toHaveLength(1);
		expect(results[0]).toContain('An AI agent is not allowed to make changes with this tool');
		expect(results[0]).toContain("'Allow AI to Make Changes' in the tool's settings");
		expect(testEnv.sandbox.ledger.requests).toEqual([]);
	});

	it('moves money once for each call when that is allowed, and not for a call that equals another', async () => {
		toolArguments = [{ phone: '0712345678' }, { phone: '0712345678' }, { phone: '0712345679' }];
		const execution = await ask(version, { ...PAY_SALARY, allowAiToMakeChanges: true });
		expect(execution.status).toBe('success');
		expect(acceptedPayouts(testEnv.sandbox).sort()).toEqual(['254712345678', '254712345679']);
		const ids = results.flatMap((text) => /"id":"([^"]+)"/.exec(text)?.[1] ?? []);
		expect(new Set(ids).size).toBe(2);
		expect(
			results.filter((text) => text.includes('Not sent: this node sent an identical payout')),
		).toHaveLength(1);
		expect(itemsOf(execution, AGENT)[0]?.json.output).toContain('pending');
	});

	it('returns only the ID, the outcome and the selected fields to the model', async () => {
		toolArguments = [{ phone: '0712345678' }];
		await ask(version, {
			...PAY_SALARY,
			allowAiToMakeChanges: true,
			output: 'selectedFields',
			fields: ['amount'],
		});
		const [, item] = /(\{[^{}]+\})/.exec(results[0] ?? '') ?? [];
		expect(JSON.parse(item ?? 'null')).toEqual({
			id: expect.any(String) as string,
			outcome: 'pending',
			amount: 100,
		});
	});

	it('sends one request for each of two items of the agent that call it at the same time', async () => {
		const { sandbox } = testEnv;
		// The node looks up the first link while the second one is requested.
		sandbox.faults.add({ kind: 'latency', path: '/api/v2/payment_links/*', ms: 2000 });
		// From version 3, n8n calls no tool before the model has answered for all items.
		const isLookingUp = () => sandbox.ledger.requests.some(isLookup);
		if (version < 3) {
			beforeSecondAnswer = async () =>
				await waitFor('the lookup of the first link', 30_000, isLookingUp);
		}
		toolArguments = [{}];
		await ask(
			version,
			{
				resource: 'paymentLink',
				operation: 'create',
				tillNumber: 'K000001',
				amount: 100,
				allowAiToMakeChanges: true,
			},
			[QUESTION, SECOND_QUESTION],
		);
		const created = sandbox.ledger.requests.filter(
			({ method, path }) => method === 'POST' && path === '/api/v2/payment_links',
		);
		expect(created).toHaveLength(2);
	});

	it('rejects invalid input, naming the field and a valid value, and sends nothing', async () => {
		toolArguments = [{ phone: '07twelve' }];
		await ask(version, { ...PAY_SALARY, allowAiToMakeChanges: true });
		expect(results[0]).toMatch(
			/'Phone Number'.*07twelve.*Enter a Kenyan mobile number, such as 0712345678/,
		);
		expect(requestedPayouts(testEnv.sandbox)).toEqual([]);
	});

	it('may read from Kopo Kopo without permission to make changes', async () => {
		toolArguments = [{ phone: '0712345678' }];
		await ask(version, { ...PAY_SALARY, allowAiToMakeChanges: true });
		const id = /"id":"([^"]+)"/.exec(results[0] ?? '')?.[1] ?? '';
		toolArguments = [{ id }];
		await ask(version, {
			resource: 'sendMoney',
			operation: 'get',
			sendMoneyId: "={{ $fromAI('id', 'Which', 'string') }}",
		});
		expect(id).not.toBe('');
		expect(results[0]).toContain(`"id":"${id}"`);
		expect(testEnv.sandbox.ledger.requests.at(-1)).toMatchObject({
			method: 'GET',
			path: `/api/v2/send_money/${id}`,
		});
	});
});

import fastify from 'fastify';
import type { IDataObject, INode, INodeParameters } from 'n8n-workflow';
import type { N8nClient, SavedCredential } from '../support/n8nClient';
import {
	chain,
	connectTo,
	credentialReference,
	node,
	saveWorkflow,
	START,
} from '../support/workflows';

/** One answer of the model: a text, or calls of the tools that it was offered. */
export type ModelAnswer =
	| { text: string }
	| { toolCalls: Array<{ tool: string; args: IDataObject }> };

/** A request to the model, in OpenAI's format. */
export interface ModelRequest {
	messages: Array<{ role: string; content: string }>;
	tools?: Array<{ function: { name: string; parameters: IDataObject } }>;
}

/** The results of the tool calls so far. */
export const toolResults = ({ messages }: ModelRequest): string[] =>
	messages.filter(({ role }) => role === 'tool').map(({ content }) => content);

/** A chat completion in OpenAI's format. */
export function chatCompletion(answer: ModelAnswer) {
	const message =
		'text' in answer
			? { role: 'assistant', content: answer.text }
			: {
					role: 'assistant',
					content: null,
					tool_calls: answer.toolCalls.map(({ tool, args }, index) => ({
						id: `call_${index}`,
						type: 'function',
						function: { name: tool, arguments: JSON.stringify(args) },
					})),
				};
	const reason = 'text' in answer ? 'stop' : 'tool_calls';
	return {
		id: 'answer',
		object: 'chat.completion',
		created: 1,
		model: 'mock',
		choices: [{ index: 0, message, finish_reason: reason }],
		usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
	};
}

/** A language model on this machine, with OpenAI's API. */
export interface MockLanguageModel {
	/** A credential for it in n8n. */
	credential: SavedCredential;
	close(): Promise<void>;
}

/** Starts a language model and saves a credential for it. `answer` decides what it answers. */
export async function startMockLanguageModel(
	n8n: N8nClient,
	answer: (request: ModelRequest) => ModelAnswer | Promise<ModelAnswer>,
): Promise<MockLanguageModel> {
	const server = fastify({ forceCloseConnections: true });
	server.post('/v1/chat/completions', async ({ body }) =>
		chatCompletion(await answer(body as ModelRequest)),
	);
	const url = await server.listen({ port: 0, host: '127.0.0.1' });
	const data = { apiKey: 'not-a-key', url: `${url}/v1` };
	const credential = await n8n.createCredential('Model', 'openAiApi', data);
	return { credential, close: async () => await server.close() };
}

export const AGENT = 'AI Agent';

/** Saves start -> AI agent with a mock language model and one tool; resolves with the workflow's ID. */
export async function saveAgent(
	n8n: N8nClient,
	{ credential }: MockLanguageModel,
	tool: INode,
	{
		items,
		version,
		parameters,
	}: { items: IDataObject[]; version: number; parameters: INodeParameters },
): Promise<string> {
	const agent: INode = {
		...node(AGENT, '@n8n/n8n-nodes-langchain.agent', { promptType: 'define', ...parameters }),
		typeVersion: version,
	};
	const model: INode = {
		...node('Model', '@n8n/n8n-nodes-langchain.lmChatOpenAi', {
			model: { __rl: true, mode: 'id', value: 'mock' },
			options: { maxRetries: 0 },
		}),
		typeVersion: 1.2,
		credentials: credentialReference(credential),
	};
	return await saveWorkflow(n8n, items, [agent, model, tool], {
		...chain(START, AGENT),
		[model.name]: { ai_languageModel: [[connectTo(AGENT, 'ai_languageModel')]] },
		[tool.name]: { ai_tool: [[connectTo(AGENT, 'ai_tool')]] },
	});
}

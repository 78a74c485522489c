import fastify, { type FastifyRequest } from 'fastify';
import { Agent, request } from 'undici';

import { TILLS, type OwnTill } from '../sandbox/tills';
import type { Sandbox } from '../sandbox/server';

/** A callback or webhook that the merchant received. */
export interface ReceivedRequest {
	path: string;
	body: string;
	json: Record<string, unknown>;
	signature: string | undefined;
}

export interface MerchantResponse {
	status: number;
	headers: Record<string, string | string[] | undefined>;
	text: string;
	json: Record<string, unknown>;
}

/** A merchant's system: a client of the sandbox's API and a server for its callbacks and webhooks. */
export interface TestMerchant {
	/** Receives POST requests on any path below it. */
	url: string;
	received: ReceivedRequest[];
	/** The statuses of the next responses to callbacks and webhooks; 200 when it is empty. */
	statuses: number[];
	token: string;
	/** Gets a new access token, uses it from now on and returns it. */
	signIn(): Promise<string>;
	/** Sends a request with the access token; a body that is text is sent unchanged, any other as JSON. */
	call(
		method: string,
		pathOrUrl: string,
		body?: unknown,
		headers?: Record<string, string>,
	): Promise<MerchantResponse>;
	/** Creates a resource and returns the ID from its Location. Throws unless the response is 201. */
	create(path: string, body: unknown): Promise<string>;
	close(): Promise<void>;
}

/** The sandbox's own tills, and M-Pesa tills with these numbers. */
export function ownTillsAnd(...numbers: string[]): OwnTill[] {
	return [...TILLS, ...numbers.map((number) => ({ number, name: number, kind: 'mpesa' as const }))];
}

/** Starts a merchant's system for the sandbox's own tests; it has no access token until `signIn`. */
export async function startTestMerchant(sandbox: Sandbox): Promise<TestMerchant> {
	const agent = new Agent();
	const server = fastify({ forceCloseConnections: true });
	server.removeAllContentTypeParsers();
	server.addContentTypeParser(
		'*',
		{ parseAs: 'string' },
		async (_request: FastifyRequest, text: string) => text,
	);
	const merchant: TestMerchant = {
		url: await listen(),
		received: [],
		statuses: [],
		token: '',
		async signIn() {
			const form = new URLSearchParams({
				client_id: sandbox.clientId,
				client_secret: sandbox.clientSecret,
				grant_type: 'client_credentials',
			});
			const { json } = await merchant.call('POST', '/oauth/token', form.toString(), {
				'content-type': 'application/x-www-form-urlencoded',
			});
			merchant.token = String(json.access_token);
			return merchant.token;
		},
		async call(method, pathOrUrl, body, headers) {
			const target = pathOrUrl.startsWith('http') ? pathOrUrl : `${sandbox.url}${pathOrUrl}`;
			const response = await request(target, {
				method,
				dispatcher: agent,
				headers: {
					'user-agent': 'sandbox-tests/1.0',
					authorization: `Bearer ${merchant.token}`,
					...(body !== undefined && { 'content-type': 'application/json' }),
					...headers,
				},
				body: body === undefined || typeof body === 'string' ? body : JSON.stringify(body),
			});
			const text = await response.body.text();
			const json = (/^[[{]/.test(text) ? JSON.parse(text) : undefined) as MerchantResponse['json'];
			return { status: response.statusCode, headers: response.headers, text, json };
		},
		async create(path, body) {
			const { status, headers, text } = await merchant.call('POST', path, body);
			if (status !== 201) throw new Error(`${status} ${text}`);
			return String(headers.location).split('/').at(-1) ?? '';
		},
		async close() {
			await server.close();
			await agent.destroy();
		},
	};

	async function listen(): Promise<string> {
		server.post('/*', async ({ url, body, headers }, reply) => {
			const text = String(body);
			merchant.received.push({
				path: url,
				body: text,
				json: JSON.parse(text) as ReceivedRequest['json'],
				signature: headers['x-kopokopo-signature']?.toString(),
			});
			return await reply.code(merchant.statuses.shift() ?? 200).send();
		});
		return await server.listen({ port: 0, host: '127.0.0.1' });
	}

	return merchant;
}

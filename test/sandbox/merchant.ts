import fastify, { type FastifyRequest } from 'fastify';
import { Agent, request } from 'undici';

import type { Sandbox } from './server';

export interface Received {
	path: string;
	body: string;
	json: Record<string, unknown>;
	signature: string | undefined;
}

export interface Answered {
	status: number;
	headers: Record<string, string | string[] | undefined>;
	text: string;
	json: Record<string, unknown>;
}

export interface Merchant {
	/** Where callbacks and webhooks may be sent: any path below it is taken. */
	url: string;
	received: Received[];
	/** Statuses to answer callbacks with, in turn; 200 when there is none left. */
	answers: number[];
	token: string;
	/** Gets a new access token and uses it from then on. */
	signIn(): Promise<string>;
	call(
		method: string,
		pathOrUrl: string,
		body?: unknown,
		headers?: Record<string, string>,
	): Promise<Answered>;
	/** Creates a resource, or throws what Kopo Kopo said; the id comes from the Location. */
	create(path: string, body: unknown): Promise<string>;
	close(): Promise<void>;
}

/** A merchant's system for the sandbox's own tests: calls with a token and receives its post. */
export async function startMerchant(sandbox: Sandbox): Promise<Merchant> {
	const agent = new Agent();
	const server = fastify({ forceCloseConnections: true });
	server.removeAllContentTypeParsers();
	server.addContentTypeParser(
		'*',
		{ parseAs: 'string' },
		async (_request: FastifyRequest, text: string) => text,
	);
	const merchant: Merchant = {
		url: await listen(),
		received: [],
		answers: [],
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
			const json = (/^[[{]/.test(text) ? JSON.parse(text) : undefined) as Answered['json'];
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
				json: JSON.parse(text) as Received['json'],
				signature: headers['x-kopokopo-signature']?.toString(),
			});
			return await reply.code(merchant.answers.shift() ?? 200).send();
		});
		return await server.listen({ port: 0, host: '127.0.0.1' });
	}

	return merchant;
}

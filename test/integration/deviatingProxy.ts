import fastify, { type FastifyRequest } from 'fastify';
import { Agent, request as send } from 'undici';

/** A request on its way to the sandbox, or a delivery on its way to the merchant. */
export interface Passing {
	method: string;
	/** Path and query. */
	path: string;
	headers: Record<string, string>;
	/** The body as text; empty if there is none. */
	body: string;
}

/** A response on its way back. */
export interface Returning {
	status: number;
	headers: Record<string, string>;
	body: string;
}

/** What a proxy changes. A response that `answer` returns replaces the request. */
export interface Interference {
	answer?(passing: Passing): Returning | undefined;
	onRequest?(passing: Passing): void;
	onResponse?(returning: Returning, passing: Passing): void;
	onDelivery?(delivery: Passing): void;
	/** Tells Kopo Kopo that every delivery was accepted, so that none is repeated. */
	acceptsDeliveries?: boolean;
	/** How often a delivery is passed on. Default: once. */
	copies?(delivery: Passing): number;
}

export interface Proxy {
	url: string;
	/** The address that deliveries to the merchant are sent to. */
	merchantUrl: string;
	close(): Promise<void>;
}

const HOP_BY_HOP = ['connection', 'keep-alive', 'transfer-encoding', 'content-length', 'host'];

const withoutHopByHop = (headers: Record<string, unknown>) =>
	Object.fromEntries(
		Object.entries(headers)
			.filter(([name, value]) => !HOP_BY_HOP.includes(name) && value !== undefined)
			.map(([name, value]) => [name, String(value)]),
	);

/** Stands in front of a sandbox, and of a merchant's listener, and changes what passes. */
export async function startProxy(
	sandboxUrl: string,
	merchantPort: number,
	{
		answer,
		onRequest,
		onResponse,
		onDelivery,
		acceptsDeliveries = false,
		copies = () => 1,
	}: Interference,
): Promise<Proxy> {
	const agent = new Agent();
	const server = fastify({ forceCloseConnections: true, exposeHeadRoutes: false });
	server.removeAllContentTypeParsers();
	server.addContentTypeParser(
		'*',
		{ parseAs: 'string' },
		async (_request: FastifyRequest, text: string) => text,
	);
	const passingOf = ({ method, url, headers, body }: FastifyRequest): Passing => ({
		method,
		path: url,
		headers: withoutHopByHop(headers),
		body: typeof body === 'string' ? body : '',
	});
	const forward = async (base: string, { method, path, headers, body }: Passing) => {
		// The second host for tokens is the same sandbox.
		const response = await send(`${base}${path.replace(/^\/older/, '')}`, {
			method: method as 'GET' | 'POST',
			headers,
			body: body === '' ? undefined : body,
			dispatcher: agent,
		});
		return {
			status: response.statusCode,
			headers: withoutHopByHop(response.headers),
			body: await response.body.text(),
		};
	};

	let url = '';
	server.all('/plain/*', async (request, reply) => {
		const location = `https://sandbox.kopokopo.com${request.url.replace('/plain', '')}`;
		const redirect: Returning = { status: 302, headers: { location }, body: '' };
		onResponse?.(redirect, passingOf(request));
		return await reply.code(redirect.status).headers(redirect.headers).send(redirect.body);
	});
	server.post('/merchant/*', async (request, reply) => {
		const delivery = passingOf(request);
		const count = copies(delivery);
		onDelivery?.(delivery);
		let status = 200;
		for (let copy = 0; copy < count; copy += 1) {
			({ status } = await forward(`http://127.0.0.1:${merchantPort}`, delivery));
		}
		return await reply.code(acceptsDeliveries ? 200 : status).send();
	});
	server.all('/*', async (request, reply) => {
		const passing = passingOf(request);
		const answered = answer?.(passing);
		if (!answered) onRequest?.(passing);
		const returning = answered ?? (await forward(sandboxUrl, passing));
		const location = returning.headers.location?.replace(sandboxUrl, url);
		if (location !== undefined) returning.headers.location = location;
		onResponse?.(returning, passing);
		return await reply
			.code(returning.status)
			.headers(returning.headers)
			.send(returning.body === '' ? undefined : returning.body);
	});
	url = await server.listen({ port: 0, host: '127.0.0.1' });
	return {
		url,
		merchantUrl: `${url}/merchant`,
		async close() {
			await server.close();
			await agent.destroy();
		},
	};
}

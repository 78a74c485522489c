import fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';

import { parseJson } from './apiClient';

/** A request that arrived at the listener. */
export interface Arrival {
	/** ms since the epoch */
	at: number;
	/** Path and query. */
	url: string;
	headers: Record<string, string | string[] | undefined>;
	raw: Buffer;
	json: unknown;
	/** The status that it was answered with. */
	status: number;
}

/**
 * Receives what Kopo Kopo sends during the check. The first delivery is answered with 503, to see whether Kopo
 * Kopo repeats it.
 */
export class Receiver {
	readonly arrivals: Arrival[] = [];

	private constructor(
		private readonly server: FastifyInstance,
		readonly port: number,
	) {}

	/** Listens on this port of all interfaces. */
	static async start(port: number, onArrival: (arrival: Arrival) => void): Promise<Receiver> {
		const server = fastify({ forceCloseConnections: true });
		server.removeAllContentTypeParsers();
		server.addContentTypeParser(
			'*',
			{ parseAs: 'buffer' },
			async (_request: FastifyRequest, raw: Buffer) => raw,
		);
		await server.register(async (routes) => {
			routes.post('/*', async ({ url, headers, body }, reply) => {
				const raw = Buffer.isBuffer(body) ? body : Buffer.alloc(0);
				const arrival: Arrival = {
					at: Date.now(),
					url,
					headers,
					raw,
					json: parseJson(raw.toString('utf8')),
					status: receiver.arrivals.length === 0 ? 503 : 200,
				};
				receiver.arrivals.push(arrival);
				onArrival(arrival);
				return await reply.code(arrival.status).send();
			});
		});
		await server.listen({ port, host: '0.0.0.0' });
		const receiver = new Receiver(server, port);
		return receiver;
	}

	async close(): Promise<void> {
		await this.server.close();
	}
}

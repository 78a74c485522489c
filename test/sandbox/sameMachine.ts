import type { FastifyInstance, FastifyRequest } from 'fastify';

const LOOPBACK_ADDRESS = /^(127\.[\d.]+|::1|::ffff:127\.[\d.]+)$/;
const LOOPBACK_HOST = /^(localhost|127\.[\d.]+|\[::1\])(:\d+)?$/i;
const JSON_TYPE = /^application\/json\s*(;|$)/i;

/**
 * Answers 403 to every request of this scope that comes from another machine or another website. Without this,
 * any website in the same browser could act on the sandbox.
 */
export function allowSameMachineOnly(app: FastifyInstance): void {
	app.addHook('onRequest', async (request, reply) => {
		const reason = reasonToReject(request);
		if (reason !== undefined) await reply.code(403).send({ error: reason });
	});
}

function reasonToReject(request: FastifyRequest): string | undefined {
	const { headers, method, protocol, socket } = request;
	if (!LOOPBACK_ADDRESS.test(socket.remoteAddress ?? '')) return 'This is another machine.';
	// A website whose name is made to point to this machine still sends its own name (DNS rebinding).
	const { host = '', origin } = headers;
	if (!LOOPBACK_HOST.test(host)) return `The host ${host} is not this machine.`;
	if (origin !== undefined && origin !== `${protocol}://${host}`) {
		return `The origin ${origin} is another website.`;
	}
	if (isForeignFetch(request)) return 'The request comes from another website.';
	// Browsers let any website send a form or plain text to anywhere, but not JSON.
	const type = headers['content-type'];
	if (method !== 'GET' && type !== undefined && !JSON_TYPE.test(type)) {
		return 'The content type must be application/json.';
	}
	return undefined;
}

/** Whether a browser says that another website sent this. Following a link to a page is allowed. */
function isForeignFetch({ headers, method }: FastifyRequest): boolean {
	const site = headers['sec-fetch-site'];
	if (site === undefined || site === 'same-origin' || site === 'none') return false;
	const isLink =
		headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document';
	return !(method === 'GET' && isLink);
}

import type { FastifyInstance, FastifyRequest } from 'fastify';

const LOOPBACK_ADDRESS = /^(127\.[\d.]+|::1|::ffff:127\.[\d.]+)$/;
const LOOPBACK_HOST = /^(localhost|127\.[\d.]+|\[::1\])(:\d+)?$/i;
const JSON_TYPE = /^application\/json\s*(;|$)/i;

/** What browsers need to know to keep other websites away from a response. */
export const RESPONSE_HEADERS = {
	// Names and metadata come from outside. Even if one became HTML by mistake, it could load and run nothing.
	'Content-Security-Policy':
		"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
	'X-Frame-Options': 'DENY',
	'X-Content-Type-Options': 'nosniff',
	'Referrer-Policy': 'no-referrer',
	'Cross-Origin-Opener-Policy': 'same-origin',
	'Cross-Origin-Resource-Policy': 'same-origin',
	'Cache-Control': 'no-store',
};

/**
 * Answers 403 to every request of this scope that comes from another machine or another website. Without this,
 * any website in the same browser could act on the sandbox. Other websites may link to `linkedPages`, given as
 * routes of this scope.
 */
export function allowSameMachineOnly(app: FastifyInstance, linkedPages: string[] = []): void {
	app.addHook('onRequest', async (request, reply) => {
		reply.headers(RESPONSE_HEADERS);
		const reason = reasonToReject(request, linkedPages);
		if (reason !== undefined) await reply.code(403).send({ error: reason });
	});
}

/**
 * Answers 403 to every request that a browser sends for another website. Kopo Kopo's API serves no browsers,
 * and a website whose name is made to point to this machine (DNS rebinding) could read the responses.
 */
export function rejectOtherWebsites(app: FastifyInstance): void {
	app.addHook('onRequest', async (request, reply) => {
		if (hasOwnOrigin(request)) return;
		await reply
			.code(403)
			.send({ error: `The origin ${request.headers.origin} is another website.` });
	});
}

function reasonToReject(request: FastifyRequest, linkedPages: string[]): string | undefined {
	const { headers, method, socket } = request;
	if (!LOOPBACK_ADDRESS.test(socket.remoteAddress ?? '')) return 'This is another machine.';
	const { host = '' } = headers;
	if (!LOOPBACK_HOST.test(host)) return `The host ${host} is not this machine.`;
	if (isForeignFetch(request, linkedPages)) return 'The request comes from another website.';
	// Browsers let any website send a form or plain text to anywhere, but not JSON.
	const type = headers['content-type'] ?? (hasBody(request) ? 'none' : undefined);
	if (method !== 'GET' && type !== undefined && !JSON_TYPE.test(type)) {
		return 'The content type must be application/json.';
	}
	return undefined;
}

/** Whether the request names no origin, as everything but a browser does, or the one of the sandbox itself. */
function hasOwnOrigin({ headers: { host = '', origin }, protocol }: FastifyRequest): boolean {
	if (origin === undefined) return true;
	return LOOPBACK_HOST.test(host) && origin === `${protocol}://${host}`;
}

function hasBody({ headers }: FastifyRequest): boolean {
	return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/** Whether a browser says that another website sent this. Following a link to a page is allowed. */
function isForeignFetch(request: FastifyRequest, linkedPages: string[]): boolean {
	const { headers, method, routeOptions } = request;
	const site = headers['sec-fetch-site'];
	if (site === undefined || site === 'same-origin' || site === 'none') return false;
	const isLink =
		headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document';
	return !(method === 'GET' && isLink && linkedPages.includes(routeOptions.url ?? ''));
}

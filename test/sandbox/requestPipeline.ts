import type { FastifyReply, FastifyRequest } from 'fastify';

import type { Fault, FaultInjector } from './faultInjection';
import { isBlank, objectOrEmpty, type JsonObject } from './json';
import type { Ledger, RequestEntry } from './ledger';
import type { Tokens } from './oauth';
import { UNREADABLE } from './requestBody';
import type { Timers } from './scheduling';

/** A request as the endpoints see it. */
export interface ApiRequest {
	/** Its number in the ledger. */
	seq: number;
	path: string;
	query: URLSearchParams;
	/** The `:id` of the path, or an empty text. */
	id: string;
	token: string | null;
	body: JsonObject;
	/** False when the body was neither JSON, form nor multipart; `body` is empty then. */
	isReadable: boolean;
}

export interface ApiResponse {
	status: number;
	headers?: Record<string, string>;
	body?: unknown;
	/** What was created or read, for the ledger. */
	resourceId?: string;
}

export type ApiHandler = (request: ApiRequest) => ApiResponse;

type Authentication = 'none' | 'bearer';

function bearerToken(header: string | undefined): string | null {
	return /^Bearer\s+(\S+)\s*$/i.exec(header ?? '')?.[1] ?? null;
}

/**
 * The steps of every API request: it is recorded in the ledger, faults are drawn, User-Agent and
 * bearer token are checked, the endpoint runs, and the response is sent, or what a fault makes of it.
 */
export class RequestPipeline {
	constructor(
		private readonly ledger: Ledger,
		private readonly faults: FaultInjector,
		private readonly tokens: Tokens,
		private readonly timers: Timers,
	) {}

	/** A Fastify handler that runs an endpoint; `none` is for endpoints that need no bearer token. */
	handler(endpoint: ApiHandler, authentication: Authentication = 'bearer') {
		return async (request: FastifyRequest, reply: FastifyReply) => {
			const started = Date.now();
			const [requested = '', query = null] = request.url.split('?', 2);
			const path = requested.replace(/\/{2,}/g, '/').replace(/(?<=.)\/$/, '');
			const token = bearerToken(request.headers.authorization);
			const isReadable = request.body !== UNREADABLE;
			const entry = this.ledger.recordRequest({
				method: request.method,
				path,
				query,
				userAgent: request.headers['user-agent'] ?? null,
				token,
				body: isReadable ? (request.body ?? null) : null,
			});

			const { latencyMs, fault, labels } = this.faults.draw(request.method, path);
			entry.faults = labels;
			if (latencyMs > 0) await this.timers.wait(latencyMs);
			if (fault?.kind === 'expiredToken' && token !== null) this.tokens.invalidate(token);
			const failsBefore = fault && 'when' in fault && fault.when === 'before';
			let response: ApiResponse | undefined;
			if (!failsBefore && fault?.kind !== 'redirect') {
				const { id = '' } = objectOrEmpty(request.params) as { id?: string };
				const apiRequest: ApiRequest = {
					seq: entry.seq,
					path,
					query: new URLSearchParams(query ?? ''),
					id,
					token,
					body: isReadable ? objectOrEmpty(request.body) : {},
					isReadable,
				};
				response = this.rejectionFor(entry, apiRequest, authentication) ?? endpoint(apiRequest);
				entry.processed = response.status < 300;
				entry.resourceId = response.resourceId ?? null;
			}
			await this.respond(reply, entry, response, fault);
			entry.ms = Date.now() - started;
		};
	}

	private rejectionFor(
		{ userAgent }: RequestEntry,
		request: ApiRequest,
		authentication: Authentication,
	): ApiResponse | undefined {
		// Kopo Kopo's edge server answers a request without a User-Agent with a bare 403. The official SDKs
		// send a name without a version (docs/kopokopo-api.md#headers).
		if (isBlank(userAgent)) return { status: 403 };
		return authentication === 'bearer' ? this.tokens.rejectionFor(request) : undefined;
	}

	private async respond(
		reply: FastifyReply,
		entry: RequestEntry,
		response: ApiResponse | undefined,
		fault: Fault | undefined,
	): Promise<void> {
		const shown = fault ? this.faultyResponse(fault, reply, response) : response;
		if (fault?.kind === 'reset') {
			reply.hijack();
			entry.outcome = 'reset';
			const { socket } = reply.raw;
			// A TLS socket cannot be reset, only closed.
			if (socket && 'encrypted' in socket) socket.destroy();
			else socket?.resetAndDestroy();
		} else if (fault?.kind === 'stall') {
			reply.hijack();
			entry.outcome = 'stalled';
		} else if (fault?.kind === 'halfBody' && shown) {
			reply.hijack();
			entry.outcome = 'truncated';
			entry.status = shown.status;
			this.sendHalf(reply, shown);
		} else if (shown) {
			entry.outcome = 'responded';
			entry.status = shown.status;
			await reply
				.code(shown.status)
				.headers(shown.headers ?? {})
				.send(shown.body);
		}
	}

	private sendHalf(reply: FastifyReply, { status, headers, body }: ApiResponse): void {
		// The response to a create has no body to cut, so a body is announced that never comes.
		const text = body === undefined ? ' '.repeat(16) : JSON.stringify(body);
		const length = Buffer.byteLength(text);
		reply.raw.writeHead(status, {
			'Content-Type': 'application/json; charset=utf-8',
			...headers,
			'Content-Length': length,
		});
		reply.raw.write(Buffer.from(text).subarray(0, Math.floor(length / 2)), () =>
			reply.raw.socket?.end(),
		);
	}

	/** The response that replaces the real one, or the real one where the fault does not change it. */
	private faultyResponse(
		fault: Fault,
		reply: FastifyReply,
		response?: ApiResponse,
	): ApiResponse | undefined {
		switch (fault.kind) {
			case 'tooManyRequests':
				return {
					status: 429,
					headers:
						fault.retryAfterSeconds === null
							? {}
							: { 'Retry-After': String(fault.retryAfterSeconds) },
				};
			case 'serverError':
				return { status: fault.status, body: fault.body };
			case 'redirect': {
				const { host, url } = reply.request;
				return { status: 302, headers: { Location: fault.location ?? `https://${host}${url}` } };
			}
			default:
				return response;
		}
	}
}

import type { FastifyReply, FastifyRequest } from 'fastify';

import type { Waits } from './clock';
import type { Ledger, RequestEntry } from './ledger';
import type { Tokens } from './oauth';
import { object, type JsonObject } from './validation';
import type { Storm, WeatherStation } from './weather';

/** One request, as the work behind the door sees it. */
export interface Call {
	seq: number;
	path: string;
	query: URLSearchParams;
	/** The `:id` of the path, if it has one. */
	id: string;
	token: string | null;
	body: JsonObject;
	/** False when a body was sent that is neither JSON, form nor multipart. */
	isReadable: boolean;
}

export interface Answer {
	status: number;
	headers?: Record<string, string>;
	body?: unknown;
	resourceId?: string;
}

export type Work = (call: Call) => Answer;

/** What the body parser hands over for bytes that it cannot read. */
export const UNREADABLE = Symbol('unreadable body');

const PRODUCT = /[^\s/]+\/[^\s/]+/;

function bearer(header: string | undefined): string | null {
	return /^Bearer\s+(\S+)\s*$/i.exec(header ?? '')?.[1] ?? null;
}

/** The one way in: ledger, weather, User-Agent, bearer token, work, weather again, answer. */
export class Door {
	constructor(
		private readonly ledger: Ledger,
		private readonly weather: WeatherStation,
		private readonly tokens: Tokens,
		private readonly waits: Waits,
	) {}

	/** A request handler for some work; `open` work needs no bearer token. */
	handler(work: Work, access: 'open' | 'bearer' = 'bearer') {
		return async (request: FastifyRequest, reply: FastifyReply) => {
			const started = Date.now();
			const [path = '', query = null] = request.url.split('?', 2);
			const token = bearer(request.headers.authorization);
			const isReadable = request.body !== UNREADABLE;
			const body = isReadable ? object(request.body) : {};
			const entry = this.ledger.open({
				method: request.method,
				path,
				query,
				userAgent: request.headers['user-agent'] ?? null,
				token,
				body: isReadable ? (request.body ?? null) : null,
			});

			const { latencyMs, storm, labels } = this.weather.draw(request.method, path);
			entry.weather = labels;
			if (latencyMs > 0) await this.waits.wait(latencyMs);
			if (storm?.kind === 'expiredToken' && token !== null) this.tokens.end(token);
			const isEarly = storm && 'when' in storm && storm.when === 'before';
			let answer: Answer | undefined;
			if (!isEarly && storm?.kind !== 'redirect') {
				const { id = '' } = object(request.params) as { id?: string };
				const call: Call = {
					seq: entry.seq,
					path,
					query: new URLSearchParams(query ?? ''),
					id,
					token,
					body,
					isReadable,
				};
				answer = this.refusal(entry, call, access) ?? work(call);
				entry.worked = answer.status < 300;
				entry.resourceId = answer.resourceId ?? null;
			}
			await this.send(reply, entry, answer, storm);
			entry.ms = Date.now() - started;
		};
	}

	private refusal(
		{ userAgent }: RequestEntry,
		call: Call,
		access: 'open' | 'bearer',
	): Answer | undefined {
		// The edge turns away callers that do not introduce themselves, without a word (contract, 2).
		if (userAgent === null || !PRODUCT.test(userAgent)) return { status: 403 };
		return access === 'bearer' ? this.tokens.admit(call) : undefined;
	}

	private async send(
		reply: FastifyReply,
		entry: RequestEntry,
		answer: Answer | undefined,
		storm: Storm | undefined,
	): Promise<void> {
		const fitting = storm && this.answerOf(storm, reply, answer);
		const shown = fitting ?? answer;
		if (storm?.kind === 'reset') {
			reply.hijack();
			entry.outcome = 'reset';
			const { socket } = reply.raw;
			// TLS has no reset of its own.
			if (socket && 'encrypted' in socket) socket.destroy();
			else socket?.resetAndDestroy();
		} else if (storm?.kind === 'stall') {
			reply.hijack();
			entry.outcome = 'stalled';
		} else if (storm?.kind === 'halfBody' && shown) {
			reply.hijack();
			entry.outcome = 'cut';
			entry.status = shown.status;
			// Creates have no body to halve: announce one, so that the caller waits for it in vain.
			const text = shown.body === undefined ? ' '.repeat(16) : JSON.stringify(shown.body);
			const length = Buffer.byteLength(text);
			reply.raw.writeHead(shown.status, {
				'Content-Type': 'application/json; charset=utf-8',
				...shown.headers,
				'Content-Length': length,
			});
			reply.raw.write(Buffer.from(text).subarray(0, Math.floor(length / 2)), () =>
				reply.raw.socket?.end(),
			);
		} else if (shown) {
			entry.outcome = 'answered';
			entry.status = shown.status;
			await reply
				.code(shown.status)
				.headers(shown.headers ?? {})
				.send(shown.body);
		}
	}

	/** The answer that weather puts in the place of the real one. */
	private answerOf(storm: Storm, reply: FastifyReply, answer?: Answer): Answer | undefined {
		switch (storm.kind) {
			case 'tooManyRequests':
				return {
					status: 429,
					headers:
						storm.retryAfterSeconds === null
							? {}
							: { 'Retry-After': String(storm.retryAfterSeconds) },
				};
			case 'serverError':
				return { status: storm.status, body: storm.body };
			case 'redirect': {
				const { host, url } = reply.request;
				return { status: 302, headers: { Location: storm.location ?? `https://${host}${url}` } };
			}
			default:
				return answer;
		}
	}
}

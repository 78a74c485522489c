import { Agent, request as send } from 'undici';

import { version } from '../../package.json';
import { parseApiMessage } from '../../nodes/KopoKopo/domain/apiErrorText';
import { parseRetryAfterMs } from '../../nodes/KopoKopo/transport/httpResponse';

/** A request of the contract check. */
export interface ApiCall {
	method: 'GET' | 'POST';
	/** Starts with a slash. */
	path: string;
	token?: string;
	json?: unknown;
	form?: Record<string, string>;
	/** Sent unchanged as JSON. */
	rawBody?: string;
	/** Null sends no User-Agent at all. Default: that of the nodes, with a comment of its own. */
	userAgent?: string | null;
	/** Default: that of the client. */
	baseUrl?: string;
}

export interface ApiAnswer {
	status: number;
	headers: Record<string, string>;
	text: string;
	/** Undefined if the body is not JSON. */
	json: unknown;
	/** Kopo Kopo's own error message, or an empty text. */
	message: string;
}

/** No complete response arrived. The message says why. */
export class NoResponseError extends Error {}

/** The user has stopped the check before the response arrived. */
export class StoppedError extends Error {}

/** The check was about to send a request that it must never send. */
export class ForbiddenRequestError extends Error {}

/**
 * The only paths that the check posts to. None of them can send money. `/send_money` and the transfers of
 * version 1 are absent: without a destination, they pay out the whole balance
 * (docs/kopokopo-api.md#send-money, docs/kopokopo-api.md#api-v1). So are reversals.
 */
const POST_PATHS = [
	/^\/oauth\/(token|revoke|introspect)$/,
	/^\/api\/v[12]\/(incoming_payments|polling|webhook_subscriptions)$/,
	/^\/api\/v2\/(payment_links|merchant_wallets|merchant_bank_accounts|external_recipients)$/,
	/^\/api\/v2\/payment_links\/[^/]+\/cancel$/,
	/^\/api\/v1\/(pay_recipients|transaction_sms_notifications)$/,
];

export const USER_AGENT = `n8n-nodes-kopokopo/${version} (contract check)`;

/** Without a byte for this long, or not complete after twice as long, there is no response. */
const TIMEOUT_MS = 30_000;
/** No response of Kopo Kopo is nearly as long. */
const MAX_RESPONSE_BYTES = 20_000_000;
const MAX_ATTEMPTS = 3;
const DEFAULT_WAIT_MS = 2_000;
const MAX_WAIT_MS = 60_000;

/**
 * Sends the requests of the check, and waits and repeats after a 429, which says that the request was not
 * processed. Redirects are not followed.
 */
export class ApiClient {
	private readonly agent = new Agent({
		headersTimeout: TIMEOUT_MS,
		bodyTimeout: TIMEOUT_MS,
		maxResponseSize: MAX_RESPONSE_BYTES,
	});

	constructor(
		private readonly baseUrl: string,
		private readonly sleep: (ms: number) => Promise<void>,
		private readonly onAnswer: (answer: ApiAnswer) => void,
		/** Ends requests that are under way, except creates, whose outcome would be unknown. */
		private readonly stopped?: AbortSignal,
	) {}

	/**
	 * Sends one request.
	 * @throws ForbiddenRequestError before anything is sent, if the path is not one of POST_PATHS
	 * @throws NoResponseError
	 * @throws StoppedError
	 */
	async call(call: ApiCall): Promise<ApiAnswer> {
		if (call.method !== 'GET' && !POST_PATHS.some((allowed) => allowed.test(call.path))) {
			throw new ForbiddenRequestError(`The contract check never sends ${call.method} ${call.path}`);
		}
		for (let attempt = 1; ; attempt += 1) {
			const answer = await this.attempt(call);
			this.onAnswer(answer);
			if (answer.status !== 429 || attempt === MAX_ATTEMPTS) return answer;
			const waitMs =
				parseRetryAfterMs({ ...answer, data: answer.json }) ?? DEFAULT_WAIT_MS * attempt;
			await this.sleep(Math.min(waitMs, MAX_WAIT_MS));
		}
	}

	async close(): Promise<void> {
		await this.agent.destroy();
	}

	private async attempt({
		method,
		path,
		token,
		json,
		form,
		rawBody,
		userAgent = USER_AGENT,
		baseUrl = this.baseUrl,
	}: ApiCall): Promise<ApiAnswer> {
		const body = form
			? new URLSearchParams(form).toString()
			: (rawBody ?? (json === undefined ? undefined : JSON.stringify(json)));
		const stopped = method === 'GET' ? this.stopped : undefined;
		const deadline = AbortSignal.timeout(2 * TIMEOUT_MS);
		const fail = (error: Error) => failWith(error, stopped);
		const response = await send(`${baseUrl}${path}`, {
			method,
			dispatcher: this.agent,
			signal: stopped ? AbortSignal.any([stopped, deadline]) : deadline,
			headers: {
				accept: 'application/json',
				...(userAgent !== null && { 'user-agent': userAgent }),
				...(token !== undefined && { authorization: `Bearer ${token}` }),
				...(body !== undefined && {
					'content-type': form ? 'application/x-www-form-urlencoded' : 'application/json',
				}),
			},
			body,
		}).catch(fail);
		const text = await response.body.text().catch(fail);
		const parsed = parseJson(text);
		return {
			status: response.statusCode,
			headers: Object.fromEntries(
				Object.entries(response.headers).map(([name, value]) => [name, String(value)]),
			),
			text,
			json: parsed,
			message: parseApiMessage(parsed) ?? '',
		};
	}
}

function failWith(error: Error & { code?: unknown }, stopped?: AbortSignal): never {
	if (stopped?.aborted) throw new StoppedError('the check was stopped');
	const { name, code, message } = error;
	// Errors of the platform have a number as their code.
	const reason = name === 'TimeoutError' ? 'timeout' : typeof code === 'string' ? code : message;
	throw new NoResponseError(`no complete response (${reason})`);
}

/** The parsed text, or undefined if it is not JSON. */
export function parseJson(text: string): unknown {
	try {
		return JSON.parse(text) as unknown;
	} catch {
		return undefined;
	}
}

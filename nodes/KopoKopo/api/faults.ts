import { NodeApiError, type IDataObject, type INode, type JsonObject } from 'n8n-workflow';
import { CredentialIncomplete } from './environment';

/**
 * What is known of a request that brought no good answer:
 * - `refused`: Kopo Kopo read it and did nothing;
 * - `notSent`: it certainly did not reach Kopo Kopo, or was turned away at the door (401, 429);
 * - `unknown`: it may have been carried out.
 */
export type Certainty = 'refused' | 'notSent' | 'unknown';

/** One failed attempt in our own words; everything a person or the retry rule needs to know of it. */
export interface Fault {
	certainty: Certainty;
	/** What happened, with Kopo Kopo's own words when there are any. One sentence without a full stop. */
	message: string;
	/** What to do about it. */
	description: string;
	/** Whether asking again is harmless and may help; the door still never repeats an unknown POST. */
	transient: boolean;
	/** HTTP status; absent when no answer came. */
	status?: number;
	/** Kopo Kopo's own message, untouched. */
	apiMessage?: string;
	requestId?: string;
	/** How long Kopo Kopo asks us to stay away, in ms. */
	retryAfterMs?: number;
	/** The accepted resource's URL, when it arrived before the answer was cut. */
	location?: string;
}

/** Thrown for every request that failed for good; n8n shows its message and description to the user. */
export class KopoKopoApiError extends NodeApiError {
	constructor(
		node: INode,
		readonly fault: Fault,
		itemIndex?: number,
	) {
		const details: JsonObject = {};
		if (fault.status !== undefined) details.status = fault.status;
		if (fault.apiMessage !== undefined) details.message = fault.apiMessage;
		if (fault.requestId !== undefined) details.requestId = fault.requestId;
		// An empty object instead of the cause: n8n would look into it for texts of its own (n8n-workflow's
		// NodeApiError takes `response.data.message` for the description), and it carries the request.
		super(
			node,
			{},
			{
				message: fault.message,
				description: fault.description,
				...(fault.status !== undefined && { httpCode: String(fault.status) }),
				...(itemIndex !== undefined && { itemIndex }),
			},
		);
		// n8n replaces any text in which it sees the name of a network code ("preexisting" holds EEXIST).
		this.message = fault.message;
		this.messages = [];
		if (Object.keys(details).length > 0) this.context.data = details;
	}
}

/** The error that stays after a token exchange failed: n8n hands it through unchanged as a cause. */
export class TokenExchangeFailed extends Error {
	constructor(readonly fault: Fault) {
		super(`${fault.message}. ${fault.description}`);
	}
}

interface HttpAnswer {
	status: number;
	headers: Record<string, unknown>;
	data: unknown;
}

/** Kopo Kopo's own words out of any of the envelopes (contract, section 11), arrays joined with "; ". */
export function readApiMessage(body: unknown): string | undefined {
	if (typeof body !== 'object' || body === null) return undefined;
	const envelope = body as IDataObject;
	const nested = envelope.error as IDataObject | string | undefined;
	const candidates: unknown[] = [
		envelope.error_message,
		envelope.error_description,
		typeof nested === 'object' ? nested?.message : undefined,
		envelope.message,
		envelope.errors,
		typeof nested === 'string' ? nested : undefined,
	];
	for (const candidate of candidates) {
		const lines = (Array.isArray(candidate) ? candidate : [candidate])
			.filter((line) => typeof line === 'string' || typeof line === 'number')
			.map((line) => String(line).trim())
			.filter((line) => line !== '');
		if (lines.length > 0) return lines.join('; ').slice(0, 500);
	}
	return undefined;
}

function readRequestId(answer: HttpAnswer): string | undefined {
	const body = (typeof answer.data === 'object' ? answer.data : {}) as IDataObject | null;
	const id =
		answer.headers['x-request-id'] ??
		answer.headers['x-kopokopo-request-id'] ??
		body?.request_id ??
		body?.requestId;
	return typeof id === 'string' && id !== '' ? id.slice(0, 200) : undefined;
}

function readRetryAfterMs(answer: HttpAnswer): number | undefined {
	const header = answer.headers['retry-after'];
	if (typeof header !== 'string' && typeof header !== 'number') return undefined;
	const seconds = Number(header);
	const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(String(header)) - Date.now();
	return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}

/** How Kopo Kopo's messages name a field, and the label the same field has in the editor. */
const LABELS: Array<[apiWords: string, label: string]> = [
	['callback url', 'Callback URL'],
	['phone number', 'Phone Number'],
	['till number', 'Till Number'],
	['scope reference', 'Till Number'],
	['first name', 'First Name'],
	['last name', 'Last Name'],
	['event type', 'Event'],
	['metadata', 'Metadata'],
	['amount', 'Amount'],
	['email', 'Email'],
	['scope', 'Scope'],
	['url', 'URL'],
];

function fieldHint(apiMessage: string | undefined): string {
	const words = apiMessage?.toLowerCase() ?? '';
	const label = LABELS.find(([apiWords]) => words.includes(apiWords))?.[1];
	return label === undefined ? 'Check the values of this item.' : `Check '${label}'.`;
}

const LOOK_IT_UP =
	'Do not send it again before looking it up: in the Kopo Kopo dashboard, with the matching Get operation, or by waiting for its webhook.';

type Texts = Pick<Fault, 'certainty' | 'message' | 'description' | 'transient'>;

/** Statuses that say nothing about whether the request was carried out (contract, section 11). */
const isAmbiguousStatus = (status: number) => status >= 500 || status === 408 || status === 499;

function describeStatus(answer: HttpAnswer, isRead: boolean, apiMessage?: string): Texts {
	const { status } = answer;
	const said = apiMessage === undefined ? '' : `: ${apiMessage}`;
	const refused = (message: string, description: string): Texts => ({
		certainty: 'refused',
		message: `${message}${said}`,
		description,
		transient: false,
	});
	if (status === 429) {
		return {
			certainty: 'notSent',
			message: `Kopo Kopo is receiving too many requests${said}`,
			description:
				'This one was not processed. Send fewer at a time (Options > Batching), or run it again later.',
			transient: true,
		};
	}
	if (status === 401) {
		return {
			certainty: 'notSent',
			message: `Kopo Kopo did not accept the access token, not even a new one${said}`,
			description:
				'Check the Client ID and Client Secret in the credential, and that its Environment is the one they were made for.',
			transient: false,
		};
	}
	if (isAmbiguousStatus(status)) {
		return isRead
			? {
					certainty: 'unknown',
					message: `Kopo Kopo could not answer (HTTP ${status})${said}`,
					description: 'Nothing was changed by asking. Run it again later.',
					transient: true,
				}
			: {
					certainty: 'unknown',
					message: `It is not known whether Kopo Kopo carried out this request: it answered HTTP ${status}${said}`,
					description: LOOK_IT_UP,
					transient: false,
				};
	}
	if (status >= 300 && status < 400) {
		return refused(
			`Kopo Kopo redirected the request (HTTP ${status}), and redirects are not followed`,
			'Check Environment and Base URL in the credential; the address must begin with https://.',
		);
	}
	switch (status) {
		case 403:
			return refused(
				'Kopo Kopo does not allow this request (HTTP 403)',
				'The application behind the credential may lack this permission, or the account may not be allowed to do this. Ask Kopo Kopo support.',
			);
		case 404:
			return refused(
				'Kopo Kopo does not know what was asked for (HTTP 404)',
				'Check the ID, and that the credential belongs to the same environment (sandbox or production).',
			);
		case 402:
			return refused(
				'Kopo Kopo says the balance does not cover this request (HTTP 402)',
				'Top up the account and run this item again.',
			);
		case 405:
		case 406:
		case 410:
			return refused(
				`Kopo Kopo no longer takes this request in this form (HTTP ${status})`,
				'Check Base URL in the credential, and look for a newer version of this node.',
			);
		default:
			return refused(
				`Kopo Kopo refused the request${said === '' ? ` (HTTP ${status})` : ''}`,
				`${fieldHint(apiMessage)} Nothing was carried out.`,
			);
	}
}

/** Network codes of a connection that was never made, so that nothing was sent. */
const NEVER_CONNECTED: Record<string, string> = {
	ECONNREFUSED: 'Kopo Kopo refused the connection',
	ENOTFOUND: "Kopo Kopo's address is not known on this network",
	EAI_AGAIN: "Kopo Kopo's address could not be looked up",
};

interface NetworkError {
	code?: unknown;
	syscall?: unknown;
	cause?: unknown;
	errors?: unknown;
}

/** The syscall of the innermost cause: `connect` and `getaddrinfo` come before the first byte is sent. */
function failedSyscall(error: NetworkError | undefined, depth = 0): unknown {
	if (error === undefined || error === null || depth > 4) return undefined;
	const inner = Array.isArray(error.errors) ? error.errors[0] : error.cause;
	return error.syscall ?? failedSyscall(inner as NetworkError | undefined, depth + 1);
}

function describeNetwork(error: NetworkError, isRead: boolean, timeoutMs: number): Texts {
	const code = typeof error.code === 'string' ? error.code : '';
	const syscall = failedSyscall(error);
	if (code in NEVER_CONNECTED || syscall === 'connect' || syscall === 'getaddrinfo') {
		return {
			certainty: 'notSent',
			message: `${NEVER_CONNECTED[code] ?? 'Kopo Kopo could not be reached'}; nothing was sent`,
			description:
				'Check Environment and Base URL in the credential, and that this n8n can reach the internet.',
			transient: true,
		};
	}
	if (/CERT|SELF_SIGNED|TLS|SSL|UNABLE_TO_(GET|VERIFY)|EPROTO/.test(code)) {
		return {
			certainty: 'notSent',
			message: 'The secure connection to Kopo Kopo could not be set up; nothing was sent',
			description: `The certificate was not accepted (${code.replaceAll('_', ' ').toLowerCase()}). Check Base URL in the credential, and any proxy in between.`,
			transient: false,
		};
	}
	if (code === 'ERR_INVALID_URL') {
		return {
			certainty: 'notSent',
			message: 'The address of the request is not a web address; nothing was sent',
			description: 'Check Base URL in the credential.',
			transient: false,
		};
	}
	const happened =
		code === 'ECONNABORTED' || code === 'ETIMEDOUT'
			? `no answer came within ${timeoutMs / 1000} s`
			: code === 'ERR_CANCELED'
				? 'the execution was stopped while it was on its way'
				: 'the connection broke before the answer came';
	return {
		certainty: 'unknown',
		message: isRead
			? `Kopo Kopo could not be asked: ${happened}`
			: `It is not known whether Kopo Kopo carried out this request: ${happened}`,
		description: isRead ? 'Nothing was changed by asking. Run it again.' : LOOK_IT_UP,
		transient: isRead && code !== 'ERR_CANCELED',
	};
}

function readAnswer(error: unknown): HttpAnswer | undefined {
	const response = (error as { response?: { status?: unknown } } | undefined)?.response;
	if (typeof response !== 'object' || response === null) return undefined;
	const { status, headers, data } = response as { status: unknown } & Partial<HttpAnswer>;
	if (typeof status !== 'number') return undefined;
	return { status, headers: { ...headers }, data };
}

/**
 * Turns whatever n8n's request helper threw into a Fault. Never throws.
 * @param thrown NodeApiError of `httpRequestWithAuthentication`, or the bare error of `httpRequest`
 * @param isRead whether the request changes nothing (GET), so that a lost answer is no doubt about money
 * @param timeoutMs the limit the request ran under, for the text
 */
export function readFault(thrown: unknown, isRead: boolean, timeoutMs: number): Fault {
	const cause = (thrown as { cause?: unknown } | undefined)?.cause ?? thrown;
	if (cause instanceof TokenExchangeFailed) return cause.fault;
	if (cause instanceof CredentialIncomplete) {
		return {
			certainty: 'notSent',
			message: 'The Kopo Kopo credential is incomplete',
			description: cause.message,
			transient: false,
		};
	}
	const answer = readAnswer(cause);
	// A body that is cut after the headers arrives as an error with a status of 2xx: no refusal, no success.
	if (answer === undefined || (answer.status >= 200 && answer.status < 300)) {
		const location = answer?.headers.location;
		return {
			...describeNetwork((cause ?? {}) as NetworkError, isRead, timeoutMs),
			...(typeof location === 'string' && { location }),
		};
	}
	const apiMessage = readApiMessage(answer.data);
	const requestId = readRequestId(answer);
	const retryAfterMs = readRetryAfterMs(answer);
	return {
		...describeStatus(answer, isRead, apiMessage),
		status: answer.status,
		...(apiMessage !== undefined && { apiMessage }),
		...(requestId !== undefined && { requestId }),
		...(retryAfterMs !== undefined && { retryAfterMs }),
	};
}

import type { Failure } from './failure';
import type { HttpResponse } from './responseBody';

/** Kopo Kopo's words for a field in its error messages, and the label of that field in the editor. */
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

function suggestField(apiMessage: string | undefined): string {
	const words = apiMessage?.toLowerCase() ?? '';
	const label = LABELS.find(([apiWords]) => words.includes(apiWords))?.[1];
	if (label === undefined) return 'Check the values of this item.';
	// Kopo Kopo does not say that the K is missing.
	const advice = words.includes('till number')
		? ' A payment request needs an online payments till, whose number begins with K, such as K123456.'
		: '';
	return `Check '${label}'.${advice}`;
}

const CHECK_BEFORE_RESENDING =
	'Before you send it again, check whether it was carried out: in the Kopo Kopo dashboard, with the matching Get operation, or by waiting for its event.';

type FailureText = Pick<Failure, 'certainty' | 'message' | 'description' | 'transient'>;

/** Whether a request with this status may or may not have been carried out (docs/kopokopo-api.md#retries). */
const isAmbiguousStatus = (status: number) => status >= 500 || status === 408 || status === 499;

/** What a status outside 2xx means for a request, in words for the user (docs/kopokopo-api.md#http-statuses). */
export function describeStatus(
	{ status }: HttpResponse,
	isRead: boolean,
	apiMessage?: string,
): FailureText {
	const details = apiMessage === undefined ? '' : `: ${apiMessage}`;
	const describeRejection = (message: string, description: string): FailureText => ({
		certainty: 'rejected',
		message: `${message}${details}`,
		description,
		transient: false,
	});
	if (status === 429) {
		return {
			certainty: 'notSent',
			message: `Kopo Kopo is receiving too many requests${details}`,
			description:
				"This request was not processed. Send fewer at a time ('Batching' under 'Options'), or run it again later.",
			transient: true,
		};
	}
	if (status === 401) {
		return {
			certainty: 'notSent',
			message: `Kopo Kopo did not accept the access token, even after it was renewed${details}`,
			description:
				"Check 'Client ID' and 'Client Secret' in the credential, and that they belong to its 'Environment'.",
			transient: false,
		};
	}
	if (isAmbiguousStatus(status)) {
		return isRead
			? {
					certainty: 'unknown',
					message: `Kopo Kopo could not process the request (HTTP ${status})${details}`,
					description: 'This request changed nothing at Kopo Kopo. Try again later.',
					transient: true,
				}
			: {
					certainty: 'unknown',
					message: `It is not known whether Kopo Kopo carried out this request: it responded with HTTP ${status}${details}`,
					description: CHECK_BEFORE_RESENDING,
					transient: false,
				};
	}
	if (status >= 300 && status < 400) {
		return describeRejection(
			`Kopo Kopo redirected the request (HTTP ${status}), and redirects are not followed`,
			"Check 'Environment' and 'Base URL' in the credential; the address must begin with https://.",
		);
	}
	switch (status) {
		case 403:
			return describeRejection(
				'Kopo Kopo does not allow this request (HTTP 403)',
				'The application behind the credential may lack this permission, or the account may not be allowed to do this. Ask Kopo Kopo support.',
			);
		case 404:
			return describeRejection(
				'Kopo Kopo could not find what was requested (HTTP 404)',
				'Check the ID, and that the credential belongs to the same environment (sandbox or production).',
			);
		case 402:
			return describeRejection(
				'The balance at Kopo Kopo is too low for this request (HTTP 402)',
				'Top up the account and run this item again.',
			);
		case 407:
			return describeRejection(
				'A proxy between n8n and Kopo Kopo requires authentication (HTTP 407)',
				"Enter the proxy's user name and password in n8n's proxy settings.",
			);
		case 405:
		case 406:
		case 410:
			return describeRejection(
				`Kopo Kopo no longer accepts requests of this form (HTTP ${status})`,
				"Check 'Base URL' in the credential, and whether there is a newer version of this node.",
			);
		default:
			return describeRejection(
				`Kopo Kopo rejected the request${details === '' ? ` (HTTP ${status})` : ''}`,
				`${suggestField(apiMessage)} Nothing was carried out.`,
			);
	}
}

/** Network codes of a connection that was never established, so nothing was sent. */
const NEVER_CONNECTED = new Map([
	['ECONNREFUSED', 'Kopo Kopo refused the connection'],
	['ENOTFOUND', "Kopo Kopo's host name was not found"],
	['EAI_AGAIN', "Kopo Kopo's host name could not be looked up"],
]);

/** The parts of a Node.js or axios error that show how far a request got. */
export interface NetworkError {
	code?: unknown;
	/** Where n8n 1 keeps the code of an error that it wraps. */
	httpCode?: unknown;
	syscall?: unknown;
	cause?: unknown;
	errors?: unknown;
}

/** The syscall that failed. `connect` and `getaddrinfo` run before the first byte is sent. */
function findSyscall(error: NetworkError | undefined, depth = 0): unknown {
	if (error === undefined || error === null || depth > 4) return undefined;
	const inner = Array.isArray(error.errors) ? error.errors[0] : error.cause;
	return error.syscall ?? findSyscall(inner as NetworkError | undefined, depth + 1);
}

/** What a request without a complete response means, in words for the user. */
export function describeNetwork(
	error: NetworkError,
	isRead: boolean,
	timeoutMs: number,
): FailureText {
	const rawCode = error.code ?? error.httpCode;
	const code = typeof rawCode === 'string' ? rawCode : '';
	const syscall = findSyscall(error);
	if (NEVER_CONNECTED.has(code) || syscall === 'connect' || syscall === 'getaddrinfo') {
		return {
			certainty: 'notSent',
			message: `${NEVER_CONNECTED.get(code) ?? 'Kopo Kopo could not be reached'}; nothing was sent`,
			description:
				"Check 'Environment' and 'Base URL' in the credential, and that this n8n can reach the internet.",
			transient: true,
		};
	}
	// Only codes from the TLS handshake; other TLS codes may follow the first byte of the request.
	if (/^CERT_|SELF_SIGNED|^UNABLE_TO_|^ERR_TLS_CERT|WRONG_VERSION_NUMBER/.test(code)) {
		return {
			certainty: 'notSent',
			message: 'The secure connection to Kopo Kopo could not be established; nothing was sent',
			description: `The certificate was not accepted (${code.replaceAll('_', ' ').toLowerCase()}). Check 'Base URL' in the credential, and any proxy in between.`,
			transient: false,
		};
	}
	if (code === 'ERR_INVALID_URL') {
		return {
			certainty: 'notSent',
			message: 'The URL of the request is not valid; nothing was sent',
			description: "Check 'Base URL' in the credential.",
			transient: false,
		};
	}
	const happened =
		code === 'ECONNABORTED' || code === 'ETIMEDOUT'
			? `no response arrived within ${timeoutMs / 1000} s`
			: code === 'ERR_CANCELED'
				? 'the execution was stopped before the response arrived'
				: 'the connection was lost before the response arrived';
	return {
		certainty: 'unknown',
		message: isRead
			? `The request to Kopo Kopo did not complete: ${happened}`
			: `It is not known whether Kopo Kopo carried out this request: ${happened}`,
		description: isRead
			? 'This request changed nothing at Kopo Kopo. Try again.'
			: CHECK_BEFORE_RESENDING,
		transient: isRead && code !== 'ERR_CANCELED',
	};
}

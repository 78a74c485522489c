import type { Failure } from './failure';
import type { HttpResponse } from './responseBody';

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

function suggestField(apiMessage: string | undefined): string {
	const words = apiMessage?.toLowerCase() ?? '';
	const label = LABELS.find(([apiWords]) => words.includes(apiWords))?.[1];
	return label === undefined ? 'Check the values of this item.' : `Check '${label}'.`;
}

const LOOK_IT_UP =
	'Do not send it again before looking it up: in the Kopo Kopo dashboard, with the matching Get operation, or by waiting for its event.';

type FailureText = Pick<Failure, 'certainty' | 'message' | 'description' | 'transient'>;

/**
 * Statuses that say nothing about whether the request was carried out
 * (docs/kopokopo-api.md#retries).
 */
const isAmbiguousStatus = (status: number) => status >= 500 || status === 408 || status === 499;

/**
 * What a status means for a request, in words for the user (docs/kopokopo-api.md#http-statuses).
 */
export function describeStatus(
	{ status }: HttpResponse,
	isRead: boolean,
	apiMessage?: string,
): FailureText {
	const said = apiMessage === undefined ? '' : `: ${apiMessage}`;
	const refused = (message: string, description: string): FailureText => ({
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
				"This one was not processed. Send fewer at a time ('Batching' under 'Options'), or run it again later.",
			transient: true,
		};
	}
	if (status === 401) {
		return {
			certainty: 'notSent',
			message: `Kopo Kopo did not accept the access token, not even a new one${said}`,
			description:
				"Check 'Client ID' and 'Client Secret' in the credential, and that its 'Environment' is the one they were made for.",
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
			"Check 'Environment' and 'Base URL' in the credential; the address must begin with https://.",
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
		case 407:
			return refused(
				'A proxy between n8n and Kopo Kopo wants to know who is asking (HTTP 407)',
				"Give the proxy's user and password in n8n's proxy settings.",
			);
		case 405:
		case 406:
		case 410:
			return refused(
				`Kopo Kopo no longer takes this request in this form (HTTP ${status})`,
				"Check 'Base URL' in the credential, and look for a newer version of this node.",
			);
		default:
			return refused(
				`Kopo Kopo refused the request${said === '' ? ` (HTTP ${status})` : ''}`,
				`${suggestField(apiMessage)} Nothing was carried out.`,
			);
	}
}

/** Network codes of a connection that was never made, so that nothing was sent. */
const NEVER_CONNECTED = new Map([
	['ECONNREFUSED', 'Kopo Kopo refused the connection'],
	['ENOTFOUND', "Kopo Kopo's address is not known on this network"],
	['EAI_AGAIN', "Kopo Kopo's address could not be looked up"],
]);

/** The parts of a Node.js or axios error that tell how far a request came. */
export interface NetworkError {
	code?: unknown;
	/** Where n8n 1 keeps the code of an error it has wrapped. */
	httpCode?: unknown;
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

/** What a broken connection means for a request, in words for the user. */
export function describeNetwork(
	error: NetworkError,
	isRead: boolean,
	timeoutMs: number,
): FailureText {
	const said = error.code ?? error.httpCode;
	const code = typeof said === 'string' ? said : '';
	const syscall = failedSyscall(error);
	if (NEVER_CONNECTED.has(code) || syscall === 'connect' || syscall === 'getaddrinfo') {
		return {
			certainty: 'notSent',
			message: `${NEVER_CONNECTED.get(code) ?? 'Kopo Kopo could not be reached'}; nothing was sent`,
			description:
				"Check 'Environment' and 'Base URL' in the credential, and that this n8n can reach the internet.",
			transient: true,
		};
	}
	// Only what is checked before the first byte goes out; other TLS codes may come after it.
	if (/^CERT_|SELF_SIGNED|^UNABLE_TO_|^ERR_TLS_CERT|WRONG_VERSION_NUMBER/.test(code)) {
		return {
			certainty: 'notSent',
			message: 'The secure connection to Kopo Kopo could not be set up; nothing was sent',
			description: `The certificate was not accepted (${code.replaceAll('_', ' ').toLowerCase()}). Check 'Base URL' in the credential, and any proxy in between.`,
			transient: false,
		};
	}
	if (code === 'ERR_INVALID_URL') {
		return {
			certainty: 'notSent',
			message: 'The address of the request is not a web address; nothing was sent',
			description: "Check 'Base URL' in the credential.",
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

import type { Certainty, Failure } from './failure';
import { networkCodeOf, type NetworkError, type NetworkFailureKind } from './networkError';

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
		? ' Enter the number of one of your own tills. A payment request needs an online payments till, whose number begins with K, such as K123456.'
		: '';
	return `Check '${label}'.${advice}`;
}

/** What to do if it is not known whether a request was carried out, for operations that say nothing else. */
const LOOK_FOR_IT = 'Before you send it again, look for it in the Kopo Kopo dashboard.';

/** Of a request that is safe to repeat. A search may have been started. */
const SEND_AGAIN = 'This request moves no money. You can send it again.';

type FailureText = Pick<Failure, 'message' | 'description'>;

/** A status outside 2xx, in words for the user (docs/kopokopo-api.md#http-statuses). */
export function describeStatus(
	status: number,
	{
		certainty,
		isSafeToRepeat,
		ifUnknown = LOOK_FOR_IT,
		apiMessage,
	}: {
		certainty: Certainty;
		isSafeToRepeat: boolean;
		ifUnknown?: string | undefined;
		apiMessage?: string | undefined;
	},
): FailureText {
	const details = apiMessage === undefined ? '' : `: ${apiMessage}`;
	const withDetails = (message: string, description: string): FailureText => ({
		message: `${message}${details}`,
		description,
	});
	if (certainty === 'unknown') {
		return isSafeToRepeat
			? withDetails(`Kopo Kopo could not process the request (HTTP ${status})`, SEND_AGAIN)
			: withDetails(
					`It is not known whether Kopo Kopo carried out this request: it responded with HTTP ${status}`,
					ifUnknown,
				);
	}
	if (status >= 300 && status < 400) {
		return withDetails(
			`Kopo Kopo redirected the request (HTTP ${status}), and redirects are not followed`,
			"Check 'Environment' and 'Base URL' in the credential; the address must begin with https://.",
		);
	}
	switch (status) {
		case 429:
			return withDetails(
				'Kopo Kopo is receiving too many requests',
				"This request was not processed. Send fewer at a time ('Batching' under 'Options'), or run it again later.",
			);
		case 401:
			return withDetails(
				'Kopo Kopo did not accept the access token, even after it was renewed',
				"Check 'Client ID' and 'Client Secret' in the credential, and that they belong to its 'Environment'.",
			);
		case 403:
			return withDetails(
				'Kopo Kopo does not allow this request (HTTP 403)',
				'The application behind the credential may lack this permission, or the account may not be allowed to do this. Ask Kopo Kopo support.',
			);
		case 404:
			return withDetails(
				'Kopo Kopo could not find what was requested (HTTP 404)',
				'Check the ID, and that the credential belongs to the same environment (sandbox or production).',
			);
		case 402:
			return withDetails(
				'The balance at Kopo Kopo is too low for this request (HTTP 402)',
				'Top up the account and run this item again.',
			);
		case 407:
			return withDetails(
				'A proxy between n8n and Kopo Kopo requires authentication (HTTP 407)',
				"Enter the proxy's user name and password in n8n's proxy settings.",
			);
		case 405:
		case 406:
		case 410:
			return withDetails(
				`Kopo Kopo no longer accepts requests of this form (HTTP ${status})`,
				"Check 'Base URL' in the credential, and whether there is a newer version of this node.",
			);
		default:
			return withDetails(
				`Kopo Kopo rejected the request${details === '' ? ` (HTTP ${status})` : ''}`,
				`${suggestField(apiMessage)} Nothing was carried out.`,
			);
	}
}

const NEVER_CONNECTED = new Map([
	['ECONNREFUSED', 'Kopo Kopo refused the connection'],
	['ENOTFOUND', "Kopo Kopo's host name was not found"],
	['EAI_AGAIN', "Kopo Kopo's host name could not be looked up"],
]);

const NO_RESPONSE = {
	timeout: (timeoutMs: number) => `no response arrived within ${timeoutMs / 1000} s`,
	cancelled: () => 'the execution was stopped before the response arrived',
	connectionLost: () => 'the connection was lost before the response arrived',
};

/** A request without a complete response, in words for the user. */
export function describeNetworkFailure(
	kind: NetworkFailureKind,
	error: NetworkError,
	isSafeToRepeat: boolean,
	timeoutMs: number,
	ifUnknown = LOOK_FOR_IT,
): FailureText {
	const code = networkCodeOf(error);
	switch (kind) {
		case 'neverConnected':
			return {
				message: `${NEVER_CONNECTED.get(code) ?? 'Kopo Kopo could not be reached'}; nothing was sent`,
				description:
					"Check 'Environment' and 'Base URL' in the credential, and that this n8n can reach the internet.",
			};
		case 'tlsHandshake':
			return {
				message: 'The secure connection to Kopo Kopo could not be established; nothing was sent',
				description: `The certificate was not accepted (${code.replaceAll('_', ' ').toLowerCase()}). Check 'Base URL' in the credential, and any proxy in between.`,
			};
		case 'invalidUrl':
			return {
				message: 'The URL of the request is not valid; nothing was sent',
				description: "Check 'Base URL' in the credential.",
			};
		default: {
			const happened = NO_RESPONSE[kind](timeoutMs);
			return isSafeToRepeat
				? {
						message: `The request to Kopo Kopo did not complete: ${happened}`,
						description: SEND_AGAIN,
					}
				: {
						message: `It is not known whether Kopo Kopo carried out this request: ${happened}`,
						description: ifUnknown,
					};
		}
	}
}

/** A response to a create that does not say where the new resource is, in words for the user. */
export function describeMissingLocation(
	status: number,
	isSafeToRepeat: boolean,
	ifUnknown = LOOK_FOR_IT,
): Failure {
	if (isSafeToRepeat) {
		return {
			certainty: 'unknown',
			transient: false,
			status,
			message: `Kopo Kopo responded with HTTP ${status}, but without the URL where the result can be read`,
			description: SEND_AGAIN,
		};
	}
	return {
		certainty: 'unknown',
		transient: false,
		status,
		message: `It is not known whether Kopo Kopo carried out this request: it responded with HTTP ${status}, but without the URL of the new resource`,
		description: `It probably did. ${ifUnknown}`,
	};
}

/**
 * A failed token exchange, in words for the user. The request that needed the token has not been sent, whatever
 * became of the exchange, whose retries are over.
 */
export function describeExchangeFailure(failure: Failure): Failure {
	const { status, apiMessage } = failure;
	const details = apiMessage === undefined ? '' : `: ${apiMessage}`;
	if (status === 400 || status === 401 || status === 403) {
		return {
			...failure,
			certainty: 'notProcessed',
			transient: false,
			message: `Kopo Kopo did not accept the 'Client ID' and 'Client Secret'${details}`,
			description:
				"Copy both again from your application in the Kopo Kopo dashboard, and check that they belong to the 'Environment'.",
		};
	}
	if (status !== undefined && status < 500 && status !== 429) {
		return {
			...failure,
			certainty: 'notProcessed',
			transient: false,
			message: `The address in the credential does not issue Kopo Kopo tokens (HTTP ${status})`,
			description: "Check 'Environment', 'Base URL' and 'OAuth Base URL' in the credential.",
		};
	}
	return {
		...failure,
		certainty: 'notProcessed',
		isRetried: true,
		message:
			status === undefined
				? failure.message.replace('The request to Kopo Kopo', 'The request for an access token')
				: `Kopo Kopo could not issue an access token (HTTP ${status})${details}`,
		// The description says that the exchange moves no money. The request that needs the token may.
		...(failure.certainty === 'unknown' && {
			description: 'The request that needs the token was not sent. You can send it again.',
		}),
	};
}

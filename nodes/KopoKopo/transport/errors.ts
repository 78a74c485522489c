import { NodeApiError, type INode, type JsonObject } from 'n8n-workflow';
import { WrappableError, unwrapError } from '../n8n/errorUnwrapping';
import {
	responseOfError,
	parseApiMessage,
	parseRequestId,
	parseRetryAfterMs,
	type HttpResponse,
} from './responseBody';
import { InvalidCredentialError } from './environment';
import { describeNetwork, describeStatus, type NetworkError } from './errorMessages';
import { toSingleLine, type Failure } from './failure';

/** Thrown when a request failed and is not retried; n8n shows its message and description to the user. */
export class KopoKopoApiError extends NodeApiError {
	constructor(
		node: INode,
		readonly requestFailure: Failure,
		itemIndex?: number,
	) {
		const details: JsonObject = {};
		if (requestFailure.status !== undefined) details.status = requestFailure.status;
		if (requestFailure.apiMessage !== undefined) details.message = requestFailure.apiMessage;
		if (requestFailure.requestId !== undefined) details.requestId = requestFailure.requestId;
		// An empty object instead of the cause: n8n would look into it for texts of its own (n8n-workflow's
		// NodeApiError takes `response.data.message` for the description), and it carries the request.
		super(
			node,
			{},
			{
				message: requestFailure.message,
				description: requestFailure.description,
				...(requestFailure.status !== undefined && { httpCode: String(requestFailure.status) }),
				...(itemIndex !== undefined && { itemIndex }),
			},
		);
		// n8n replaces any text in which it sees the name of a network code ("preexisting" holds EEXIST).
		this.message = requestFailure.message;
		this.messages = [];
		if (Object.keys(details).length > 0) this.context.data = details;
	}
}

/** Thrown when the token exchange failed; the message is meant for the user. */
export class TokenExchangeError extends WrappableError {
	constructor(readonly failure: Failure) {
		super(toSingleLine(failure));
	}
}

/**
 * Turns whatever n8n's request helper threw into a Fault. Never throws.
 * @param thrown NodeApiError of `httpRequestWithAuthentication`, or the bare error of `httpRequest`
 * @param isRead whether the request changes nothing (GET), so that a lost response leaves no doubt about money
 * @param timeoutMs the limit the request ran under, for the text
 */
export function failureFromError(thrown: unknown, isRead: boolean, timeoutMs: number): Failure {
	const cause = unwrapError(thrown);
	if (cause instanceof TokenExchangeError) return cause.failure;
	if (cause instanceof InvalidCredentialError) {
		return {
			certainty: 'notSent',
			message: 'The Kopo Kopo credential is incomplete',
			description: cause.message,
			transient: false,
		};
	}
	const response = responseOfError(cause);
	// A body cut off after the headers arrives as an error with a 2xx status, which means neither refusal nor success.
	if (response === undefined || (response.status >= 200 && response.status < 300)) {
		const location = response?.headers.location;
		return {
			...describeNetwork((cause ?? {}) as NetworkError, isRead, timeoutMs),
			...(typeof location === 'string' && { location }),
		};
	}
	return failureFromResponse(response, isRead);
}

/** What a response outside 2xx means. */
export function failureFromResponse(response: HttpResponse, isRead: boolean): Failure {
	const apiMessage = parseApiMessage(response.data);
	const requestId = parseRequestId(response);
	const retryAfterMs = parseRetryAfterMs(response);
	return {
		...describeStatus(response, isRead, apiMessage),
		status: response.status,
		...(apiMessage !== undefined && { apiMessage }),
		...(requestId !== undefined && { requestId }),
		...(retryAfterMs !== undefined && { retryAfterMs }),
	};
}

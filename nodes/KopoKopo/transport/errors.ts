import { NodeApiError, type INode, type JsonObject } from 'n8n-workflow';
import { parseApiMessage } from '../domain/apiErrorText';
import { WrappableError, unwrapError } from '../n8n/errorUnwrapping';
import {
	parseErrorResponse,
	parseRequestId,
	parseRetryAfterMs,
	parseServerTime,
	type HttpResponse,
} from './httpResponse';
import { InvalidCredentialError } from './environment';
import { describeNetworkFailure, describeStatus } from './errorMessages';
import {
	certaintyOfNetworkFailure,
	certaintyOfStatus,
	type Failure,
	isTransientNetworkFailure,
	isTransientStatus,
	toSingleLine,
} from './failure';
import { networkFailureKind, type NetworkError } from './networkError';

/** A request failed and is not retried. n8n shows message and description to the user. */
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
		// An empty object instead of the cause: the cause holds the request with its token, and NodeApiError
		// would take its own description from it (`response.data.message`).
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
		// NodeApiError replaces any message that contains a network code, even inside a word: "preexisting"
		// contains EEXIST.
		this.message = requestFailure.message;
		this.messages = [];
		if (Object.keys(details).length > 0) this.context.data = details;
	}
}

/** The token exchange failed. The message is meant for the user. */
export class TokenExchangeError extends WrappableError {
	constructor(readonly failure: Failure) {
		super(toSingleLine(failure));
	}
}

/**
 * What an error from n8n's request helper says about the request. Never throws.
 * @param thrown NodeApiError from `httpRequestWithAuthentication`, or the bare error from `httpRequest`
 * @param isSafeToRepeat whether sending the request again does no harm, even if it was carried out
 * @param timeoutMs the time limit of the request, for the message
 * @param ifUnknown what to do if it is not known whether it was carried out, for the user
 */
export function classifyError(
	thrown: unknown,
	isSafeToRepeat: boolean,
	timeoutMs: number,
	ifUnknown?: string,
): Failure {
	const cause = unwrapError(thrown);
	if (cause instanceof TokenExchangeError) return cause.failure;
	if (cause instanceof InvalidCredentialError) {
		return {
			certainty: 'notProcessed',
			message: 'The Kopo Kopo credential cannot be used',
			description: cause.message,
			transient: false,
		};
	}
	const response = parseErrorResponse(cause);
	// If the connection is lost after the headers, the error has a 2xx status, which does not mean success.
	if (response === undefined || (response.status >= 200 && response.status < 300)) {
		const location = response?.headers.location;
		const error = (cause ?? {}) as NetworkError;
		const kind = networkFailureKind(error);
		return {
			certainty: certaintyOfNetworkFailure(kind),
			transient: isTransientNetworkFailure(kind),
			...describeNetworkFailure(kind, error, isSafeToRepeat, timeoutMs, ifUnknown),
			...(typeof location === 'string' && { location }),
		};
	}
	return classifyResponse(response, isSafeToRepeat, ifUnknown);
}

/** What a response outside 2xx says about the request. */
export function classifyResponse(
	response: HttpResponse,
	isSafeToRepeat: boolean,
	ifUnknown?: string,
): Failure {
	const apiMessage = parseApiMessage(response.data);
	const requestId = parseRequestId(response);
	const retryAfterMs = parseRetryAfterMs(response);
	const serverTime = parseServerTime(response.headers);
	const { status } = response;
	const certainty = certaintyOfStatus(status);
	return {
		certainty,
		transient: isTransientStatus(status),
		...describeStatus(status, { certainty, isSafeToRepeat, ifUnknown, apiMessage }),
		status,
		...(apiMessage !== undefined && { apiMessage }),
		...(requestId !== undefined && { requestId }),
		...(retryAfterMs !== undefined && { retryAfterMs }),
		...(serverTime !== undefined && { serverTime }),
	};
}

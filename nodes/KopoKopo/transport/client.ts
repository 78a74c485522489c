import type {
	IDataObject,
	IExecuteFunctions,
	IHookFunctions,
	IHttpRequestOptions,
	IPollFunctions,
	IWebhookFunctions,
} from 'n8n-workflow';
import { idFromLocation } from '../domain/resourceUrl';
import { CREDENTIAL_NAME, REJECTED_AUTHORIZATION_HEADER, USER_AGENT } from './environment';
import { describeMissingLocation } from './errorMessages';
import { classifyError, classifyResponse, KopoKopoApiError } from './errors';
import { parseServerTime } from './httpResponse';
import { withRetries, type Attempt } from './retry';

/** A request as operations build it: pure data without host, token or headers. */
export interface ApiRequest {
	method: 'GET' | 'POST';
	/** Starts with a slash. Segments from user input are already encoded (pathSegment()). */
	path: string;
	query?: IDataObject;
	body?: IDataObject;
	/** Form-encoded instead of JSON, as the `/oauth/…` paths require (docs/kopokopo-api.md#tokens). */
	form?: true;
}

/** A 2xx response. */
export interface ApiResponse {
	status: number;
	/**
	 * Undefined if Kopo Kopo sent no JSON object, as in the response to every create
	 * (docs/kopokopo-api.md#created-resources).
	 */
	body?: IDataObject;
	/** URL of the new resource as Kopo Kopo sent it; only its last segment is ever used. */
	location?: string;
	/** Kopo Kopo's own time when it responded, in ms since the epoch. */
	serverTime?: number;
	/** Last segment of `location`, or the ID in the body if `idFrom` allows that. */
	id?: string;
}

export interface RequestOptions {
	/** How long to wait for the response, in ms. */
	timeoutMs: number;
	/** The item that an error names. */
	itemIndex?: number;
	/** The response to a create must have a Location; without one its outcome is unknown. */
	expectsLocation?: boolean;
	/** How often the request is sent at most; for callers that come back later anyway. Default: that of withRetries(). */
	maxAttempts?: number;
	/** Sending the request again does no harm, even if it was carried out: every GET, for example. */
	isSafeToRepeat?: boolean;
	/** What to do if it is not known whether the request was carried out, for the user. */
	ifUnknown?: string | undefined;
	/**
	 * Without a Location, takes the ID from `{ data: { id } }`, which one unofficial document describes
	 * (docs/kopokopo-api.md#flat-v1-bodies).
	 */
	idFrom?: 'body';
}

export type RequestContext =
	| IExecuteFunctions
	| IHookFunctions
	| IPollFunctions
	| IWebhookFunctions;

function asJsonObject(body: unknown): IDataObject | undefined {
	return typeof body === 'object' && body !== null && !Array.isArray(body)
		? (body as IDataObject)
		: undefined;
}

/**
 * Sends a request to the Kopo Kopo API, and retries it where that is safe. All requests of the nodes go through
 * this function. The credential adds base URL and token, and makes n8n renew the token once after a 401.
 * @throws KopoKopoApiError whose failure says whether the request was rejected, not sent, or may have been
 * carried out (`unknown`). A POST that may have been carried out has been sent exactly once.
 */
export async function sendRequest(
	context: RequestContext,
	request: ApiRequest,
	{
		timeoutMs,
		itemIndex,
		expectsLocation = false,
		isSafeToRepeat = request.method === 'GET',
		idFrom,
		maxAttempts,
		ifUnknown,
	}: RequestOptions,
): Promise<ApiResponse> {
	const send = async (rejectedAuthorization?: string) => {
		// A new object for each attempt, because n8n and the credential modify it.
		const options: IHttpRequestOptions = {
			method: request.method,
			url: request.path,
			headers: {
				Accept: 'application/json',
				'User-Agent': USER_AGENT,
				...(request.body !== undefined && {
					'Content-Type':
						request.form === true ? 'application/x-www-form-urlencoded' : 'application/json',
				}),
				...(rejectedAuthorization !== undefined && {
					[REJECTED_AUTHORIZATION_HEADER]: rejectedAuthorization,
				}),
			},
			...(request.query !== undefined && { qs: request.query }),
			...(request.body !== undefined && { body: request.body }),
			returnFullResponse: true,
			// n8n 1 drops the response headers when it throws an error for a status.
			ignoreHttpStatusErrors: true,
			// n8n's helper would follow a redirect to any host, turn a POST into a GET and send the token along.
			disableFollowRedirect: true,
			timeout: timeoutMs,
		};
		const response = (await context.helpers.httpRequestWithAuthentication.call(
			context,
			CREDENTIAL_NAME,
			options,
		)) as { statusCode: number; headers: Record<string, unknown>; body: unknown };
		return { ...response, authorization: String(options.headers?.Authorization) };
	};

	const attempt = async (): Promise<Attempt<ApiResponse>> => {
		try {
			let response = await send();
			if (response.statusCode === 401) response = await send(response.authorization);
			const { statusCode: status, headers, body } = response;
			return status >= 200 && status < 300
				? { value: parseResponse(status, headers, body) }
				: { failure: classifyResponse({ status, headers, data: body }, isSafeToRepeat, ifUnknown) };
		} catch (error) {
			const failure = classifyError(error, isSafeToRepeat, timeoutMs, ifUnknown);
			// The headers arrived before the connection was lost, so Kopo Kopo has accepted the request.
			return isSafeToRepeat || failure.location === undefined
				? { failure }
				: { value: parseResponse(201, { location: failure.location }, undefined) };
		}
	};

	const signal =
		'getExecutionCancelSignal' in context ? context.getExecutionCancelSignal() : undefined;
	const result = await withRetries(attempt, isSafeToRepeat, signal, maxAttempts);
	if ('failure' in result) throw new KopoKopoApiError(context.getNode(), result.failure, itemIndex);
	const { value } = result;
	const id = value.id ?? (idFrom === 'body' ? parseBodyId(value.body) : undefined);
	if (expectsLocation && id === undefined) {
		throw new KopoKopoApiError(
			context.getNode(),
			describeMissingLocation(value.status, isSafeToRepeat, ifUnknown),
			itemIndex,
		);
	}
	return id === undefined ? value : { ...value, id };
}

function parseBodyId(body: IDataObject | undefined): string | undefined {
	const id = asJsonObject(body?.data)?.id;
	return typeof id === 'string' || typeof id === 'number' ? String(id) || undefined : undefined;
}

function parseResponse(
	status: number,
	headers: Record<string, unknown>,
	body: unknown,
): ApiResponse {
	const response: ApiResponse = { status };
	const { location } = headers;
	const serverTime = parseServerTime(headers);
	if (serverTime !== undefined) response.serverTime = serverTime;
	const object = asJsonObject(body);
	if (object !== undefined) response.body = object;
	if (typeof location === 'string' && location !== '') {
		response.location = location;
		const id = idFromLocation(location);
		if (id !== undefined) response.id = id;
	}
	return response;
}

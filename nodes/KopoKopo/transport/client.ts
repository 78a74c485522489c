import type {
	IDataObject,
	IExecuteFunctions,
	IHookFunctions,
	IHttpRequestOptions,
	IWebhookFunctions,
} from 'n8n-workflow';
import { idFromLocation } from '../domain/resourceUrl';
import { CREDENTIAL_NAME, REJECTED_AUTHORIZATION_HEADER, USER_AGENT } from './environment';
import { failureFromError, failureFromResponse, KopoKopoApiError } from './errors';
import { withRetries, type Attempt } from './retry';

/** A request as the operations build it: pure data, without host, token or headers. */
export interface ApiRequest {
	method: 'GET' | 'POST';
	/** Begins with a slash; segments taken from user input are encoded by the builder. */
	path: string;
	query?: IDataObject;
	body?: IDataObject;
	/**
	 * Form-encoded instead of JSON, as the `/oauth/…` paths want it (docs/kopokopo-api.md#tokens).
	 */
	form?: true;
}

/** A 2xx answer. */
export interface ApiResponse {
	status: number;
	/**
	 * Undefined when Kopo Kopo sent no JSON object, as after every create
	 * (docs/kopokopo-api.md#created-resources).
	 */
	body?: IDataObject;
	/** The new resource's URL as Kopo Kopo wrote it; only its last segment is ever used. */
	location?: string;
	/** Last segment of `location`, or what the body names where the caller allows that. */
	id?: string;
}

export interface RequestOptions {
	itemIndex?: number;
	/** ms; 30,000 unless told. */
	timeoutMs?: number;
	/** A create must be answered with a Location; without one it is not known what became of it. */
	expectsLocation?: boolean;
	/** The request changes nothing and may be sent again, as every GET. */
	isRead?: boolean;
	/**
	 * Besides a Location, takes the id of `{ data: { id } }`, which one document claims
	 * (docs/kopokopo-api.md#flat-v1-bodies).
	 */
	idFrom?: 'body';
}

type RequestContext = IExecuteFunctions | IHookFunctions | IWebhookFunctions;

export const DEFAULT_TIMEOUT_MS = 30_000;

function asJsonObject(body: unknown): IDataObject | undefined {
	return typeof body === 'object' && body !== null && !Array.isArray(body)
		? (body as IDataObject)
		: undefined;
}

/**
 * THE door: the only place that talks to Kopo Kopo's API. The credential adds base URL and token, and
 * has n8n renew the token once after a 401.
 * @throws KopoKopoApiError whose failure tells whether the request was refused, not sent, or may have
 * been carried out (`unknown`); a POST of the last kind has been sent exactly once
 */
export async function sendRequest(
	context: RequestContext,
	request: ApiRequest,
	{
		itemIndex,
		timeoutMs = DEFAULT_TIMEOUT_MS,
		expectsLocation = false,
		isRead = request.method === 'GET',
		idFrom,
	}: RequestOptions = {},
): Promise<ApiResponse> {
	const send = async (refused?: string) => {
		// Built anew each time: n8n and the credential write into the object they are given.
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
				...(refused !== undefined && { [REJECTED_AUTHORIZATION_HEADER]: refused }),
			},
			...(request.query !== undefined && { qs: request.query }),
			...(request.body !== undefined && { body: request.body }),
			returnFullResponse: true,
			// As errors n8n 1 would hand them over without their headers.
			ignoreHttpStatusErrors: true,
			// n8n's helper would follow to any host, turn a POST into a GET, and take the token along.
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
				? { value: toResponse(status, headers.location, body) }
				: { failure: failureFromResponse({ status, headers, data: body }, isRead) };
		} catch (error) {
			const failure = failureFromError(error, isRead, timeoutMs);
			// The headers arrived before the connection broke, so Kopo Kopo did accept it.
			return isRead || failure.location === undefined
				? { failure }
				: { value: toResponse(201, failure.location, undefined) };
		}
	};

	const signal =
		'getExecutionCancelSignal' in context ? context.getExecutionCancelSignal() : undefined;
	const result = await withRetries(attempt, isRead, signal);
	if ('failure' in result) throw new KopoKopoApiError(context.getNode(), result.failure, itemIndex);
	const { value } = result;
	const id = value.id ?? (idFrom === 'body' ? idFromBody(value.body) : undefined);
	if (expectsLocation && id === undefined) {
		throw new KopoKopoApiError(context.getNode(), missingLocationFailure(value.status), itemIndex);
	}
	return id === undefined ? value : { ...value, id };
}

function idFromBody(body: IDataObject | undefined): string | undefined {
	const id = asJsonObject(body?.data)?.id;
	return typeof id === 'string' || typeof id === 'number' ? String(id) || undefined : undefined;
}

function toResponse(status: number, location: unknown, body: unknown): ApiResponse {
	const response: ApiResponse = { status };
	const object = asJsonObject(body);
	if (object !== undefined) response.body = object;
	if (typeof location === 'string' && location !== '') {
		response.location = location;
		const id = idFromLocation(location);
		if (id !== undefined) response.id = id;
	}
	return response;
}

function missingLocationFailure(status: number) {
	return {
		certainty: 'unknown' as const,
		transient: false,
		status,
		message: `It is not known what became of this request: Kopo Kopo answered HTTP ${status} without the address of the new resource`,
		description:
			'Most likely it was carried out. Look for it in the Kopo Kopo dashboard before sending it again.',
	};
}

import type { IDataObject } from 'n8n-workflow';

/** A response from Kopo Kopo or from a proxy. */
export interface HttpResponse {
	status: number;
	headers: Record<string, unknown>;
	data: unknown;
}

/** The request ID that Kopo Kopo's support can look up, if the response has one. */
export function parseRequestId(response: HttpResponse): string | undefined {
	const body = (typeof response.data === 'object' ? response.data : {}) as IDataObject | null;
	const id =
		response.headers['x-request-id'] ??
		response.headers['x-kopokopo-request-id'] ??
		body?.request_id ??
		body?.requestId;
	return typeof id === 'string' && id !== '' ? id.slice(0, 200) : undefined;
}

/** `Retry-After` (seconds or a date) in ms from now, never negative; undefined if missing or not readable. */
export function parseRetryAfterMs(response: HttpResponse): number | undefined {
	const header = response.headers['retry-after'];
	if ((typeof header !== 'string' && typeof header !== 'number') || header === '') return undefined;
	const seconds = Number(header);
	const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(String(header)) - Date.now();
	return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}

/** The time of the server that responded (`Date`), in ms since the epoch; undefined if missing or not readable. */
export function parseServerTime(headers: Record<string, unknown>): number | undefined {
	const time = typeof headers.date === 'string' ? Date.parse(headers.date) : NaN;
	return Number.isNaN(time) ? undefined : time;
}

/** The response that an error carries, or undefined if there was none. */
export function parseErrorResponse(error: unknown): HttpResponse | undefined {
	const response = (error as { response?: { status?: unknown } } | undefined)?.response;
	if (typeof response !== 'object' || response === null) return undefined;
	const { status, headers, data } = response as { status: unknown } & Partial<HttpResponse>;
	if (typeof status !== 'number') return undefined;
	return { status, headers: { ...headers }, data };
}

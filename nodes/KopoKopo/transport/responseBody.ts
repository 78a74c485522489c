import type { IDataObject } from 'n8n-workflow';

/** An answer with a status, out of whatever n8n's helper threw. */
export interface HttpResponse {
	status: number;
	headers: Record<string, unknown>;
	data: unknown;
}

/**
 * Kopo Kopo's own words out of any of the envelopes (docs/kopokopo-api.md#error-bodies), arrays
 * joined with "; ".
 */
export function parseApiMessage(body: unknown): string | undefined {
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

/** Whatever id the answer can be asked about at Kopo Kopo. */
export function parseRequestId(answer: HttpResponse): string | undefined {
	const body = (typeof answer.data === 'object' ? answer.data : {}) as IDataObject | null;
	const id =
		answer.headers['x-request-id'] ??
		answer.headers['x-kopokopo-request-id'] ??
		body?.request_id ??
		body?.requestId;
	return typeof id === 'string' && id !== '' ? id.slice(0, 200) : undefined;
}

/** `Retry-After` as seconds or as a date, in ms from now. */
export function parseRetryAfterMs(answer: HttpResponse): number | undefined {
	const header = answer.headers['retry-after'];
	if ((typeof header !== 'string' && typeof header !== 'number') || header === '') return undefined;
	const seconds = Number(header);
	const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(String(header)) - Date.now();
	return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}

/** The answer behind an error, or undefined when none came. */
export function responseOfError(error: unknown): HttpResponse | undefined {
	const response = (error as { response?: { status?: unknown } } | undefined)?.response;
	if (typeof response !== 'object' || response === null) return undefined;
	const { status, headers, data } = response as { status: unknown } & Partial<HttpResponse>;
	if (typeof status !== 'number') return undefined;
	return { status, headers: { ...headers }, data };
}

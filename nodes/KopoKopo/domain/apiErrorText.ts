import type { IDataObject } from 'n8n-workflow';
import { asObject, joinTexts } from './json';

/** One line of an error message; an empty text for a value that contains none. */
function lineOf(value: unknown): string {
	if (typeof value === 'object') return flattenErrors(value) ?? '';
	return typeof value === 'string' || typeof value === 'number' ? String(value).trim() : '';
}

/**
 * Kopo Kopo's own message from an error body of any JSON shape (docs/kopokopo-api.md#error-bodies): lists
 * joined with "; ", at most 500 characters; undefined if there is none.
 */
export function parseApiMessage(body: unknown): string | undefined {
	if (typeof body !== 'object' || body === null) return undefined;
	const { error_message, error_description, error, message, errors } = body as IDataObject;
	const candidates: unknown[] = [
		error_message,
		error_description,
		asObject(error).message,
		message,
		errors,
		typeof error === 'number' ? undefined : error,
		Array.isArray(body) ? body : undefined,
	];
	for (const candidate of candidates) {
		const lines = (Array.isArray(candidate) ? candidate : [candidate])
			.map(lineOf)
			.filter((line) => line !== '');
		if (lines.length > 0) return lines.join('; ').slice(0, 500);
	}
	return undefined;
}

/**
 * `errors` of any JSON shape (docs/kopokopo-api.md#errors-in-results) as one line: all texts in it, at
 * any depth, or its JSON where it has no text. Null where there are no errors: `null`, `false`, blank
 * text, and lists and objects that contain nothing else.
 */
export function flattenErrors(errors: unknown): string | null {
	const texts: string[] = [];
	let isEmpty = true;
	// A loop instead of recursion: a signed body may be nested deeper than the call stack allows.
	const rest = [errors];
	while (rest.length > 0) {
		const value = rest.pop();
		if (typeof value === 'object' && value !== null) {
			for (const inner of Object.values(value).reverse()) rest.push(inner);
		} else if (typeof value === 'string') {
			texts.push(value.trim());
		} else if (value !== undefined && value !== null && value !== false) {
			isEmpty = false;
		}
	}
	return joinTexts(texts, '; ') ?? (isEmpty ? null : toJson(errors));
}

function toJson(value: unknown): string {
	try {
		return JSON.stringify(value) ?? String(value);
	} catch {
		return 'errors that cannot be shown';
	}
}

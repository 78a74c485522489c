import { asObject, joinTexts } from './json';

/** One line of an error message; an empty text for a value that contains none. */
function lineOf(value: unknown): string {
	if (typeof value === 'object') return flattenErrors(value) ?? '';
	return typeof value === 'string' || typeof value === 'number' ? String(value).trim() : '';
}

/** The maximum length of a message, in characters. */
const MAX_LENGTH = 500;

/** Fields of a body that repeats the request. */
const SECRET_NAMES = /token|secret|password|authorization|client_id|api_?key/i;

/** Whether a text can be shown. A proxy responds with a page. */
const isShown = (text: string) => !/<[a-z!/]/i.test(text);

/**
 * Kopo Kopo's own message from an error body of any JSON shape (docs/kopokopo-api.md#error-bodies): lists
 * joined with "; ", at most 500 characters; undefined if there is none. If the body has none of the known fields,
 * all texts in it, except for HTML.
 */
export function parseApiMessage(body: unknown): string | undefined {
	const { error_message, error_description, error, message, errors, data, detail, reason } =
		asObject(body);
	const candidates: unknown[] = [
		error_message,
		error_description,
		asObject(error).message,
		message,
		errors,
		typeof error === 'number' ? undefined : error,
		Array.isArray(body) ? body : undefined,
		asObject(asObject(data).attributes).errors,
		detail,
		reason,
	];
	for (const candidate of candidates) {
		const lines = (Array.isArray(candidate) ? candidate : [candidate])
			.map(lineOf)
			.filter((line) => line !== '');
		if (lines.length > 0) return lines.join('; ').slice(0, MAX_LENGTH);
	}
	const { texts } = textsIn(body, (name) => !SECRET_NAMES.test(name));
	return joinTexts(texts.filter(isShown), '; ')?.slice(0, MAX_LENGTH);
}

/**
 * `errors` of any JSON shape (docs/kopokopo-api.md#errors-in-results) as one line: all texts in it, at
 * any depth, or its JSON where it has no text. Null where there are no errors: `null`, `false`, blank
 * text, and lists and objects that contain nothing else.
 */
export function flattenErrors(errors: unknown): string | null {
	const { texts, isEmpty } = textsIn(errors, () => true);
	return joinTexts(texts, '; ') ?? (isEmpty ? null : toJson(errors));
}

/** The texts in a value, at any depth, and whether it contains nothing else. */
function textsIn(value: unknown, isRead: (name: string) => boolean) {
	const texts: string[] = [];
	let isEmpty = true;
	// A loop instead of recursion: a signed body may be nested deeper than the call stack allows.
	const rest = [value];
	while (rest.length > 0) {
		const next = rest.pop();
		if (typeof next === 'object' && next !== null) {
			for (const [name, inner] of Object.entries(next).reverse()) {
				if (isRead(name)) rest.push(inner);
			}
		} else if (typeof next === 'string') {
			texts.push(next.trim());
		} else if (next !== undefined && next !== null && next !== false) {
			isEmpty = false;
		}
	}
	return { texts, isEmpty };
}

function toJson(value: unknown): string {
	try {
		return JSON.stringify(value) ?? String(value);
	} catch {
		return 'errors that cannot be shown';
	}
}

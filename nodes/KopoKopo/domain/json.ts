import type { IDataObject } from 'n8n-workflow';

/** The value if it is an object, otherwise an empty one. */
export function asObject(value: unknown): IDataObject {
	return typeof value === 'object' && value !== null && !Array.isArray(value)
		? (value as IDataObject)
		: {};
}

/** The entries of a list as objects; an empty list if the value is not a list. */
export function asObjects(value: unknown): IDataObject[] {
	return Array.isArray(value) ? value.map(asObject) : [];
}

/** Text unchanged, a number as text, and null for anything else or an empty text. */
export function asTextOrNull(value: unknown): string | null {
	if (typeof value === 'number') return String(value);
	return typeof value === 'string' && value !== '' ? value : null;
}

/** The texts among `values`, each once, or null. */
export function joinTexts(values: unknown[], separator: string): string | null {
	const texts = values.map(asTextOrNull).filter((text) => text !== null);
	return texts.length === 0 ? null : [...new Set(texts)].join(separator);
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

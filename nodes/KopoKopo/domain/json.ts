import type { IDataObject } from 'n8n-workflow';

/** An object to read from, whatever came. */
export function asObject(value: unknown): IDataObject {
	return typeof value === 'object' && value !== null && !Array.isArray(value)
		? (value as IDataObject)
		: {};
}

/** The objects of a list, whatever came. */
export function asObjects(value: unknown): IDataObject[] {
	return Array.isArray(value) ? value.map(asObject) : [];
}

/** Text as it came; numbers as text; null for nothing. */
export function asTextOrNull(value: unknown): string | null {
	if (typeof value === 'number') return String(value);
	return typeof value === 'string' && value !== '' ? value : null;
}

/**
 * `errors` is null, a text, a list or an object holding a list
 * (docs/kopokopo-api.md#errors-in-results): one sentence, or null.
 */
export function flattenErrors(errors: unknown): string | null {
	const nested = asObject(errors).errors;
	const source = nested === undefined ? errors : nested;
	return joinTexts(Array.isArray(source) ? source : [source], '; ');
}

/** The texts among `values`, each once, or null. */
export function joinTexts(values: unknown[], separator: string): string | null {
	const texts = values.map(asTextOrNull).filter((text) => text !== null);
	return texts.length === 0 ? null : [...new Set(texts)].join(separator);
}

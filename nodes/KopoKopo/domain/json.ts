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

/** The entries of a list as objects, or the one object in place of a list. */
export function asObjectList(value: unknown): IDataObject[] {
	const object = asObject(value);
	return Object.keys(object).length > 0 ? [object] : asObjects(value);
}

/** Text unchanged, a number as text, and null for anything else or an empty text. */
export function asTextOrNull(value: unknown): string | null {
	if (typeof value === 'number') return String(value);
	return typeof value === 'string' && value !== '' ? value : null;
}

/** A receipt or another reference without the spaces around it, or null. */
export const asReference = (value: unknown) => asTextOrNull(asTextOrNull(value)?.trim());

/** The texts among `values`, each once, or null. */
export function joinTexts(values: unknown[], separator: string): string | null {
	const texts = values.map(asTextOrNull).filter((text) => text !== null);
	return texts.length === 0 ? null : [...new Set(texts)].join(separator);
}

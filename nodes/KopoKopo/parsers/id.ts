import { idFromLocation } from '../domain/resourceUrl';
import { parseIdentifier } from './identifier';
import { type FieldContext, invalidValue } from './text';

/** An address, with or without its host. */
const ADDRESS = /^(?:\/|[^/.:]*[.:])/;

/** The end of the path of an action on a resource, such as the cancellation of a payment link. */
const ACTION = /\/cancel\/*$/i;

/** The path of a collection, after which an ID is missing. */
const COLLECTION = /\/api\/v\d+\/[^/]*\/*$/i;

/**
 * An ID, bare or inside a pasted resource URL. The URL itself is never followed.
 * @throws InvalidParameterError
 */
export function parseId(raw: unknown, context: FieldContext): string {
	const text = parseIdentifier(raw, context);
	const isSeveral = /[\s,;]/.test(text) || (text.includes('/') && !ADDRESS.test(text));
	if (isSeveral) {
		throw invalidValue(
			context,
			text,
			'contains more than one ID',
			'Enter one. Use one item for each ID.',
		);
	}
	const path = text.replace(/[?#].*/, '').replace(ACTION, '');
	const id = COLLECTION.test(path) ? undefined : idFromLocation(path);
	if (id === undefined || /\s/.test(id) || /\p{Surrogate}/u.test(id)) {
		throw invalidValue(
			context,
			text,
			'contains no ID',
			'Paste the ID that Kopo Kopo returned, or the whole address that ends with it.',
		);
	}
	return id;
}

import { idFromLocation } from '../domain/resourceUrl';
import { parseIdentifier } from './identifier';
import { type FieldContext, invalidValue } from './text';

/**
 * An ID, bare or inside a pasted resource URL. The URL itself is never followed.
 * @throws InvalidParameterError
 */
export function parseId(raw: unknown, context: FieldContext): string {
	const text = parseIdentifier(raw, context);
	const id = idFromLocation(text);
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

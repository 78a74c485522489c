import { InvalidParameterError } from '../domain/errors';
import { idFromLocation } from '../domain/resourceUrl';
import { type ParseContext, parseRequiredText } from './text';

/** An id, bare or inside a pasted resource URL; the URL itself is never followed. */
export function parseId(raw: unknown, place: ParseContext): string {
	const text = parseRequiredText(raw, place);
	const id = idFromLocation(text);
	if (id === undefined || /\s/.test(id) || /\p{Surrogate}/u.test(id)) {
		throw new InvalidParameterError(
			`'${place.label}' holds no ID: ${text.slice(0, 80)}`,
			'Paste the ID that Kopo Kopo gave, or the whole address that ends with it.',
		);
	}
	return id;
}

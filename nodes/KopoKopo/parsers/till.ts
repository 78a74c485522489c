import { InvalidParameterError } from '../domain/errors';
import { type ParseContext, parseRequiredText } from './text';

/** An online payments till: digits behind a K (docs/kopokopo-api.md#tills). */
export function parseStkTill(raw: unknown, place: ParseContext): string {
	const till = parseRequiredText(raw, place).toUpperCase().replace(/\s/g, '');
	if (/^\d+$/.test(till)) {
		throw new InvalidParameterError(
			`'${place.label}' needs its K: ${till}`,
			`Payment requests go to an online payments till, written with a K, such as K${till}. It stands in the Kopo Kopo dashboard under the till's name.`,
		);
	}
	if (!/^K\d+$/.test(till)) {
		throw new InvalidParameterError(
			`'${place.label}' is not a till number: ${till.slice(0, 40)}`,
			'Write a K and digits, such as K123456.',
		);
	}
	return till;
}

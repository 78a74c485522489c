import { asText, type FieldContext, invalidValue } from './text';

const ON = ['true', 'yes', 'y', 'on', '1'];
const OFF = ['false', 'no', 'n', 'off', '0', ''];

/**
 * The value of a switch, which an expression can set to the value of a cell: TRUE, 1 or Yes. An empty cell
 * means off, as an empty checkbox does.
 * @throws InvalidParameterError for anything else
 */
export function parseSwitch(raw: unknown, context: FieldContext): boolean {
	const word = asText(raw).toLowerCase();
	if (ON.includes(word)) return true;
	if (OFF.includes(word)) return false;
	throw invalidValue(
		context,
		raw,
		'is neither true nor false',
		'Enter true or false. TRUE, 1 and Yes count as true; FALSE, 0, No and an empty value count as false.',
	);
}

import * as fc from 'fast-check';
import { InvalidParameterError } from '../../nodes/KopoKopo/domain/errors';

/** What an expression can put into a parameter: JSON, and what is left of dates and sums. */
export const anyInput = fc.oneof(
	fc.jsonValue(),
	fc.string({ unit: 'binary' }),
	fc.constantFrom(undefined, NaN, Infinity, -Infinity, -0),
	fc.date({ noInvalidDate: true }),
);

function thrownBy(read: () => unknown): unknown {
	try {
		read();
	} catch (thrown) {
		return thrown;
	}
	return undefined;
}

/** The refusal, so that its texts can be looked at; anything else that is thrown is a defect. */
export function refusalOf(read: () => unknown): InvalidParameterError {
	const thrown = thrownBy(read);
	expect(thrown).toBeInstanceOf(InvalidParameterError);
	return thrown as InvalidParameterError;
}

/** Whether a value was taken; a refusal is fine, anything else that is thrown is a defect. */
export function isTaken(read: () => unknown): boolean {
	const thrown = thrownBy(read);
	if (thrown !== undefined) expect(thrown).toBeInstanceOf(InvalidParameterError);
	return thrown === undefined;
}

import * as fc from 'fast-check';
import { InvalidParameterError } from '../../nodes/KopoKopo/domain/errors';

/** What an expression can put into a parameter: JSON, and what dates and sums can become. */
export const anyInput = fc.oneof(
	fc.jsonValue(),
	fc.string({ unit: 'binary' }),
	fc.constantFrom(undefined, NaN, Infinity, -Infinity, -0),
	fc.date({ noInvalidDate: true }),
);

function thrownBy(parse: () => unknown): unknown {
	try {
		parse();
	} catch (thrown) {
		return thrown;
	}
	return undefined;
}

/** The error with which a parser rejects a value. Fails the test if it returns, or throws another kind of error. */
export function rejectionOf(parse: () => unknown): InvalidParameterError {
	const thrown = thrownBy(parse);
	expect(thrown).toBeInstanceOf(InvalidParameterError);
	return thrown as InvalidParameterError;
}

/** Whether a parser accepts a value. Fails the test if it throws another kind of error. */
export function isAccepted(parse: () => unknown): boolean {
	const thrown = thrownBy(parse);
	if (thrown !== undefined) expect(thrown).toBeInstanceOf(InvalidParameterError);
	return thrown === undefined;
}

/** What stops an item, in words for a person, and what to do about it. */
export class UserFacingError extends Error {
	/**
	 * @param message what is wrong; of an input, naming the field by its label
	 * @param remedy what to write or do instead
	 */
	constructor(
		message: string,
		readonly remedy: string,
	) {
		super(message);
	}
}

/** An input that cannot be right. Nothing is sent for the item. */
export class InvalidParameterError extends UserFacingError {}

/** Kopo Kopo answered, but not with what was asked for. */
export class UnexpectedResponseError extends UserFacingError {}

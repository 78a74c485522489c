/** Why an item was not processed, in words for the user, and what the user can do about it. */
export class UserFacingError extends Error {
	/**
	 * @param message what is wrong; for an input, it names the field by its label
	 * @param remedy what to enter or do instead
	 */
	constructor(
		message: string,
		readonly remedy: string,
	) {
		super(message);
	}
}

/** Nothing is sent for the item: its input is invalid, or a check before sending failed or forbids it. */
export class InvalidParameterError extends UserFacingError {}

/** Kopo Kopo responded, but the response does not contain what the operation needs. */
export class UnexpectedResponseError extends UserFacingError {}

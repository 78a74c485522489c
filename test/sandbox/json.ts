export type JsonObject = Record<string, unknown>;

/** The value when it is a JSON object, otherwise an empty one. */
export function objectOrEmpty(value: unknown): JsonObject {
	return typeof value === 'object' && value !== null && !Array.isArray(value)
		? (value as JsonObject)
		: {};
}

/** The value as text, or null when it is blank. */
export function textOrNull(value: unknown): string | null {
	return isBlank(value) ? null : String(value);
}

/** Whether the value is missing, null, or text without any visible character. */
export function isBlank(value: unknown): boolean {
	return value === undefined || value === null || (typeof value === 'string' && !value.trim());
}

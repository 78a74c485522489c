const ORIGINAL = Symbol('original');

/**
 * An error of this package that n8n wraps before our own code catches it again. n8n 2 keeps it as `cause`.
 * n8n 1 drops the cause, but keeps the body of a response as the same object, so the body holds the error.
 */
export class WrappableError extends Error {
	readonly response = { data: { [ORIGINAL]: this as Error } };
}

interface Wrapped {
	cause?: unknown;
	context?: { data?: { [ORIGINAL]?: Error } };
}

/** The error that n8n has wrapped, or `thrown` itself if it wraps none. */
export function unwrapError(thrown: unknown): unknown {
	const { cause, context } = (thrown ?? {}) as Wrapped;
	return cause ?? context?.data?.[ORIGINAL] ?? thrown;
}

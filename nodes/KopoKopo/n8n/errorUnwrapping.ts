const ORIGINAL = Symbol('original');

/**
 * An error of ours that n8n wraps on its way back to us. n8n 2 keeps it as the cause; n8n 1 drops that,
 * and keeps the body of an answer, as the very object it was. So the error travels as one.
 */
export class WrappableError extends Error {
	readonly response = { data: { [ORIGINAL]: this as Error } };
}

interface Wrapped {
	cause?: unknown;
	context?: { data?: { [ORIGINAL]?: Error } };
}

/** What was thrown before n8n wrapped it; what n8n threw when nothing of that is left. */
export function unwrapError(thrown: unknown): unknown {
	const { cause, context } = (thrown ?? {}) as Wrapped;
	return cause ?? context?.data?.[ORIGINAL] ?? thrown;
}

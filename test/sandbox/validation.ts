import type { SandboxConfig } from './config';

export type JsonObject = Record<string, unknown>;
/** What Kopo Kopo says of a request it refuses; a list only for reversals (contract, 11). */
export type Problem = string | string[] | undefined;

export const TILL = /^K?\d+$/;
export const STK_TILL = /^K\d+$/;
export const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;
/** STK pushes and recipients: every form a validator of an official SDK lets through (7). */
export const ANY_PHONE = /^(\+?254|0)\d{9}$/;
/** Own wallets: 254… with or without the plus (7). */
export const WALLET_PHONE = /^\+?254\d{9}$/;
/** Send money: 254… and never a plus (7). */
export const BARE_PHONE = /^254\d{9}$/;

/** The value when it is a JSON object, otherwise an empty one. */
export function object(value: unknown): JsonObject {
	return typeof value === 'object' && value !== null && !Array.isArray(value)
		? (value as JsonObject)
		: {};
}

/** The value as text, null when there is none. */
export function textOrNull(value: unknown): string | null {
	return isBlank(value) ? null : String(value);
}

export function isBlank(value: unknown): boolean {
	return value === undefined || value === null || (typeof value === 'string' && !value.trim());
}

/** The first problem found: the samples never show two at once. */
export function firstOf(...problems: Problem[]): Problem {
	return problems.find((problem) => problem !== undefined);
}

export function required(value: unknown, name: string, form?: RegExp): Problem {
	return isBlank(value) ? `${name} can't be blank` : optional(value, name, form);
}

export function optional(value: unknown, name: string, form?: RegExp): Problem {
	if (isBlank(value)) return undefined;
	const isText = typeof value === 'string' || typeof value === 'number';
	return isText && (!form || form.test(String(value))) ? undefined : `${name} is invalid`;
}

/** A positive number of shillings; SDKs also send it as text (7). */
export function amount(value: unknown, name = 'Amount'): Problem {
	if (isBlank(value)) return `${name} can't be blank`;
	const shillings = typeof value === 'string' ? Number(value) : value;
	if (typeof shillings !== 'number' || !Number.isFinite(shillings))
		return `${name} is not a number`;
	return shillings > 0 ? undefined : `${name} must be greater than 0`;
}

/** Kenyan shillings and nothing else (7). */
export function currency(value: unknown): Problem {
	return isBlank(value) ? "Currency can't be blank" : optional(value, 'Currency', /^KES$/);
}

/** At most five pairs of primitive values (7). */
export function metadata(value: unknown): Problem {
	if (value === undefined || value === null) return undefined;
	// PHP writes an empty map as an empty list.
	if (Array.isArray(value) && value.length === 0) return undefined;
	if (typeof value !== 'object' || Array.isArray(value)) return 'Metadata is invalid';
	const values = Object.values(value);
	if (values.length > 5) return 'Metadata is too long (maximum is 5 key-value pairs)';
	return values.some((item) => typeof item === 'object' && item !== null)
		? 'Metadata values must be primitive data types'
		: undefined;
}

/** A callback or webhook URL: https, and http only where the sandbox allows it (1). */
export function url(value: unknown, name: string, config: SandboxConfig): Problem {
	if (isBlank(value)) return `${name} can't be blank`;
	const protocol = URL.canParse(String(value)) ? new URL(String(value)).protocol : undefined;
	if (protocol === 'https:') return undefined;
	if (protocol !== 'http:') return `${name} is invalid`;
	return config.allowHttpCallbacks ? undefined : `${name} must be a secure HTTPS endpoint`;
}

/** ISO 8601 with an offset (7). */
export function time(value: unknown, name: string): Problem {
	const iso = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})$/;
	const problem = required(value, name, iso);
	return problem ?? (Number.isNaN(Date.parse(String(value))) ? `${name} is invalid` : undefined);
}

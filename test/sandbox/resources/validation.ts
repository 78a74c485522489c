import type { SandboxConfig } from '../config';
import { isBlank, objectOrEmpty, type JsonObject } from '../json';
import type { OwnTill } from '../tills';

/**
 * Kopo Kopo's error_message for a rejected request (docs/kopokopo-api.md#error-bodies); undefined
 * when it is valid.
 */
export type Problem = string | string[] | undefined;

export const TILL = /^K?\d+$/;
export const STK_TILL = /^K\d+$/;
export const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;
/**
 * STK pushes and recipients: every form that the validator of an official SDK accepts
 * (docs/kopokopo-api.md#phone-numbers).
 */
export const ANY_PHONE = /^(\+?254|0)\d{9}$/;
/**
 * The merchant's own wallets, and Send Money: 254… with or without the plus, which some SDKs send
 * (docs/kopokopo-api.md#phone-numbers).
 */
export const WALLET_PHONE = /^\+?254\d{9}$/;

/** The first problem found; Kopo Kopo's samples never show two at once. */
export function firstProblem(...problems: Problem[]): Problem {
	return problems.find((problem) => problem !== undefined);
}

/** Rejects a blank value, and one that does not match the pattern. */
export function required(value: unknown, name: string, pattern?: RegExp): Problem {
	return isBlank(value) ? `${name} can't be blank` : optional(value, name, pattern);
}

/** Accepts a blank value; rejects one that is not text or a number or does not match the pattern. */
export function optional(value: unknown, name: string, pattern?: RegExp): Problem {
	if (isBlank(value)) return undefined;
	const isText = typeof value === 'string' || typeof value === 'number';
	return isText && (!pattern || pattern.test(String(value))) ? undefined : `${name} is invalid`;
}

/**
 * Accepts a positive amount in KES, as a number or as text, which some SDKs send
 * (docs/kopokopo-api.md#amounts).
 */
export function amount(value: unknown, name = 'Amount'): Problem {
	if (isBlank(value)) return `${name} can't be blank`;
	const shillings = typeof value === 'string' ? Number(value) : value;
	if (typeof shillings !== 'number' || !Number.isFinite(shillings))
		return `${name} is not a number`;
	return shillings > 0 ? undefined : `${name} must be greater than 0`;
}

/** The same for Send Money, whose amounts are whole shillings (docs/kopokopo-api.md#amounts). */
export function wholeAmount(value: unknown, name: string): Problem {
	return (
		amount(value, name) ??
		(Number.isInteger(Number(value)) ? undefined : `${name} must be an integer`)
	);
}

/** Accepts up to the sandbox's limit for one transaction; Kopo Kopo documents none (config.ts). */
export function withinLimit(
	value: unknown,
	{ transactionLimit }: SandboxConfig,
	name = 'Amount',
): Problem {
	return Number(value) > transactionLimit
		? `${name} must be less than or equal to ${transactionLimit}`
		: undefined;
}

/** Accepts the merchant's own tills of these kinds, or of any kind. */
export function ownTill(
	value: unknown,
	{ tills }: SandboxConfig,
	problem: string,
	kinds?: Array<OwnTill['kind']>,
): Problem {
	const till = tills.find(({ number }) => number === String(value));
	return till && (kinds?.includes(till.kind) ?? true) ? undefined : problem;
}

/** Accepts KES only (docs/kopokopo-api.md#currency). */
export function currency(value: unknown): Problem {
	return isBlank(value) ? "Currency can't be blank" : optional(value, 'Currency', /^KES$/);
}

/** Accepts at most five pairs of primitive values, or none (docs/kopokopo-api.md#metadata). */
export function metadata(value: unknown): Problem {
	if (value === undefined || value === null) return undefined;
	// PHP encodes an empty map as an empty list.
	if (Array.isArray(value) && value.length === 0) return undefined;
	if (typeof value !== 'object' || Array.isArray(value)) return 'Metadata is invalid';
	const values = Object.values(value);
	if (values.length > 5) return 'Metadata is too long (maximum is 5 key-value pairs)';
	return values.some((item) => typeof item === 'object' && item !== null)
		? 'Metadata values must be primitive data types'
		: undefined;
}

/**
 * Accepts an https URL, and an http one where the sandbox is configured to
 * (docs/kopokopo-api.md#callback-urls).
 */
export function url(value: unknown, name: string, config: SandboxConfig): Problem {
	if (isBlank(value)) return `${name} can't be blank`;
	const protocol = URL.canParse(String(value)) ? new URL(String(value)).protocol : undefined;
	if (protocol === 'https:') return undefined;
	if (protocol !== 'http:') return `${name} is invalid`;
	return config.allowHttpCallbacks ? undefined : `${name} must be a secure HTTPS endpoint`;
}

/** Accepts ISO 8601 with an offset (docs/kopokopo-api.md#times). */
export function time(value: unknown, name: string): Problem {
	const iso = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})$/;
	const problem = required(value, name, iso);
	return problem ?? (Number.isNaN(Date.parse(String(value))) ? `${name} is invalid` : undefined);
}

/**
 * `_links.callback_url`, or the top-level one of third-party v1 bodies
 * (docs/kopokopo-api.md#callback-urls).
 */
export function callbackUrlOf(body: JsonObject, version: 'v1' | 'v2'): unknown {
	const official = objectOrEmpty(body._links).callback_url;
	return version === 'v1' && isBlank(official) ? body.callback_url : official;
}

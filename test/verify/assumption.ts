import type { ApiAnswer, ApiCall, ApiClient } from './apiClient';
import { maskNames, type Masker } from './masking';
import type { Receiver } from './receiver';
import type { Settings } from './settings';

export type Verdict = 'holds' | 'differs' | 'not tried';

/** What was seen of one assumption. */
export interface Finding {
	verdict: Verdict;
	seen: string;
	/** The keys and types of the body that the finding is about. */
	shape?: unknown;
}

/** One fact of docs/kopokopo-api.md that the product or the sandbox relies on. */
export interface Assumption {
	id: string;
	/** What should hold, as a sentence. */
	statement: string;
	/** Its anchor in docs/kopokopo-api.md. */
	heading: string;
	/** The files that have to change if it does not hold. */
	reliesOn: string[];
	run(check: Check): Finding | Promise<Finding>;
}

/** A rejected request, for the assumptions about error bodies. */
export interface Rejection {
	label: string;
	answer: ApiAnswer;
	/** Whether the body was empty, so that the message should name a missing field. */
	isEmptyBody: boolean;
}

/** What an assumption works with. All assumptions of a run share one. */
export interface Check {
	settings: Settings;
	api: ApiClient;
	masker: Masker;
	/** Undefined without `--receive`. */
	receiver: Receiver | undefined;
	sleep(ms: number): Promise<void>;
	/** Tells the user what the check waits for. */
	progress(text: string): void;
	rejections: Rejection[];
	/** Every create and its answer. */
	creations: Array<{ path: string; answer: ApiAnswer }>;
	/** Every token that was issued to this run. */
	tokens: string[];
	/** Makes something the first time, and returns it, or throws the same error, every time after. */
	once<T>(name: string, make: () => Promise<T>): Promise<T>;
}

/** What an assumption is about could not be observed. It counts as not tried, with this reason. */
export class NotObservedError extends Error {}

/** The check cannot go on at all. */
export class CannotRunError extends Error {}

export const holds = (seen: string, shape?: unknown): Finding => ({
	verdict: 'holds',
	seen,
	...(shape !== undefined && { shape }),
});

export const differs = (seen: string, shape?: unknown): Finding => ({
	verdict: 'differs',
	seen,
	...(shape !== undefined && { shape }),
});

export const notTried = (reason: string): Finding => ({ verdict: 'not tried', seen: reason });

/** Holds or differs, with the same text. */
export const compare = (isAsAssumed: boolean, seen: string, shape?: unknown): Finding =>
	isAsAssumed ? holds(seen, shape) : differs(seen, shape);

/** `HTTP 400: message`, for a finding. */
export function describeAnswer({ status, headers, message, text, json }: ApiAnswer): string {
	const target = status >= 300 && status < 400 ? ` to ${hostOf(headers.location)}` : '';
	const body = json === undefined ? 'a body that is not JSON' : 'a body without a message';
	return `HTTP ${status}${target}: ${maskNames(message) || (text === '' ? 'no body' : body)}`;
}

/** A content type without its parameters, for a finding. */
export function contentTypeOf(header: unknown): string {
	if (typeof header !== 'string') return 'no content type';
	const type = header.split(';')[0]?.trim().toLowerCase() ?? '';
	return /^[a-z]+\/[\w.+-]{1,40}$/.test(type) ? type : 'another content type';
}

/** Scheme and host of an address, for a finding. */
export function hostOf(address = ''): string {
	return URL.canParse(address) ? new URL(address).origin : 'no address';
}

/** An object of a JSON body, or an empty one. */
export function objectAt(value: unknown, ...path: string[]): Record<string, unknown> {
	let found = value;
	for (const key of path) found = (found as Record<string, unknown> | null | undefined)?.[key];
	return typeof found === 'object' && found !== null && !Array.isArray(found)
		? (found as Record<string, unknown>)
		: {};
}

/** A value inside a JSON body; undefined where something on the way is missing. */
export function valueAt(value: unknown, ...path: string[]): unknown {
	const last = path.at(-1);
	return last === undefined ? value : objectAt(value, ...path.slice(0, -1))[last];
}

/** The type of a value in words, without the value. */
export function describeType(value: unknown): string {
	if (value === undefined) return 'missing';
	if (value === null) return 'null';
	if (Array.isArray(value)) return 'a list';
	return typeof value === 'string' ? 'text' : `a ${typeof value}`;
}

/** A call with a valid access token. */
export type AuthorizedCall = Omit<ApiCall, 'token'>;

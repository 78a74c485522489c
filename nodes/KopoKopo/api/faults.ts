import { NodeApiError, type INode, type JsonObject } from 'n8n-workflow';
import { CarriedError, originalOf } from './carried';
import {
	readAnswer,
	readApiMessage,
	readRequestId,
	readRetryAfterMs,
	type HttpAnswer,
} from './envelopes';
import { CredentialIncomplete } from './environment';
import { describeNetwork, describeStatus, oneText, type NetworkError } from './wording';

/**
 * What is known of a request that brought no good answer:
 * - `refused`: Kopo Kopo read it and did nothing;
 * - `notSent`: it certainly did not reach Kopo Kopo, or was turned away at the door (401, 429);
 * - `unknown`: it may have been carried out.
 */
export type Certainty = 'refused' | 'notSent' | 'unknown';

/** One failed attempt in our own words; everything a person or the retry rule needs to know of it. */
export interface Fault {
	certainty: Certainty;
	/** What happened, with Kopo Kopo's own words when there are any. One sentence without a full stop. */
	message: string;
	/** What to do about it. */
	description: string;
	/** Whether asking again is harmless and may help; the door still never repeats an unknown POST. */
	transient: boolean;
	/** HTTP status; absent when no answer came. */
	status?: number;
	/** Kopo Kopo's own message, untouched. */
	apiMessage?: string;
	requestId?: string;
	/** How long Kopo Kopo asks us to stay away, in ms. */
	retryAfterMs?: number;
	/** The accepted resource's URL, when it arrived before the answer was cut. */
	location?: string;
}

/** Thrown for every request that failed for good; n8n shows its message and description to the user. */
export class KopoKopoApiError extends NodeApiError {
	constructor(
		node: INode,
		readonly fault: Fault,
		itemIndex?: number,
	) {
		const details: JsonObject = {};
		if (fault.status !== undefined) details.status = fault.status;
		if (fault.apiMessage !== undefined) details.message = fault.apiMessage;
		if (fault.requestId !== undefined) details.requestId = fault.requestId;
		// An empty object instead of the cause: n8n would look into it for texts of its own (n8n-workflow's
		// NodeApiError takes `response.data.message` for the description), and it carries the request.
		super(
			node,
			{},
			{
				message: fault.message,
				description: fault.description,
				...(fault.status !== undefined && { httpCode: String(fault.status) }),
				...(itemIndex !== undefined && { itemIndex }),
			},
		);
		// n8n replaces any text in which it sees the name of a network code ("preexisting" holds EEXIST).
		this.message = fault.message;
		this.messages = [];
		if (Object.keys(details).length > 0) this.context.data = details;
	}
}

/** A token exchange failed. */
export class TokenExchangeFailed extends CarriedError {
	constructor(readonly fault: Fault) {
		super(oneText(fault));
	}
}

/**
 * Turns whatever n8n's request helper threw into a Fault. Never throws.
 * @param thrown NodeApiError of `httpRequestWithAuthentication`, or the bare error of `httpRequest`
 * @param isRead whether the request changes nothing (GET), so that a lost answer is no doubt about money
 * @param timeoutMs the limit the request ran under, for the text
 */
export function readFault(thrown: unknown, isRead: boolean, timeoutMs: number): Fault {
	const cause = originalOf(thrown);
	if (cause instanceof TokenExchangeFailed) return cause.fault;
	if (cause instanceof CredentialIncomplete) {
		return {
			certainty: 'notSent',
			message: 'The Kopo Kopo credential is incomplete',
			description: cause.message,
			transient: false,
		};
	}
	const answer = readAnswer(cause);
	// A body that is cut after the headers arrives as an error with a status of 2xx: no refusal, no success.
	if (answer === undefined || (answer.status >= 200 && answer.status < 300)) {
		const location = answer?.headers.location;
		return {
			...describeNetwork((cause ?? {}) as NetworkError, isRead, timeoutMs),
			...(typeof location === 'string' && { location }),
		};
	}
	return faultOf(answer, isRead);
}

/** What an answer outside 2xx means. */
export function faultOf(answer: HttpAnswer, isRead: boolean): Fault {
	const apiMessage = readApiMessage(answer.data);
	const requestId = readRequestId(answer);
	const retryAfterMs = readRetryAfterMs(answer);
	return {
		...describeStatus(answer, isRead, apiMessage),
		status: answer.status,
		...(apiMessage !== undefined && { apiMessage }),
		...(requestId !== undefined && { requestId }),
		...(retryAfterMs !== undefined && { retryAfterMs }),
	};
}

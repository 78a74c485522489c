import { idFromLocation } from '../../nodes/KopoKopo/domain/resourceUrl';
import type { ApiAnswer } from './apiClient';
import {
	type Check,
	compare,
	describeAnswer,
	differs,
	type Finding,
	NotObservedError,
	valueAt,
} from './assumption';
import { authorized } from './assumptions/tokens';
import { describeWord } from './masking';

/** What was created cannot be read at its address. */
export class UnreadableError extends NotObservedError {
	constructor(answer: ApiAnswer) {
		super(`it cannot be read (${describeAnswer(answer)})`);
	}
}

/** A resource that the check has created. */
export interface Created {
	path: string;
	location: string;
	id: string;
	/** The answer to the create. */
	answer: ApiAnswer;
}

/** Posts a create once per run, whatever comes of it. */
export async function creation(
	check: Check,
	name: string,
	path: string,
	json: unknown,
): Promise<ApiAnswer> {
	return await check.once(`create ${name}`, async () => {
		const answer = await authorized(check, { method: 'POST', path, json });
		check.creations.push({ path, answer });
		return answer;
	});
}

/**
 * The ID of what was created.
 * @throws NotObservedError if the create was rejected or named no ID
 */
export function createdFrom(check: Check, path: string, answer: ApiAnswer): Created {
	const location = answer.headers.location ?? '';
	const id = answer.status < 300 ? idFromLocation(location) : undefined;
	if (answer.status >= 300) {
		throw new NotObservedError(`the request was rejected (${describeAnswer(answer)})`);
	}
	if (id === undefined) throw new NotObservedError('the response has no Location');
	check.masker.add(id, 'id');
	return { path, location, id, answer };
}

/** Reads a resource at the address that is made of the base URL and its ID, as the nodes do. */
export async function read(check: Check, { path, id }: Created): Promise<ApiAnswer> {
	return await authorized(check, { method: 'GET', path: `${path}/${encodeURIComponent(id)}` });
}

/** Whether what was created is read, with the same ID, at the address that is made of the base URL and its ID. */
export async function findReadable(
	reading: Promise<{ id: string; body: unknown }>,
): Promise<Finding> {
	return await reading.then(
		({ id, body }) => {
			const seen = valueAt(body, 'data', 'id');
			return compare(seen === id, seen === id ? 'data.id is the same' : 'data.id is another');
		},
		async (error: Error) =>
			error instanceof UnreadableError ? differs(error.message) : await Promise.reject(error),
	);
}

const FIRST_WAIT_MS = 500;
const MAX_WAIT_MS = 5_000;
/** How long a status that the documents do not know may stand before the check stops waiting. */
const UNKNOWN_STATUS_MS = 20_000;

export interface FinalRead {
	/** The last answer. */
	answer: ApiAnswer;
	/** Every status seen on the way, in order. */
	statuses: string[];
	isFinal: boolean;
	/** The first answer that was not final, if any. */
	first: ApiAnswer | undefined;
}

/** Reads a resource until its status is one of `finalWords`, compared without regard to case, or time is up. */
export async function readUntilFinal(
	check: Check,
	created: Created,
	{
		finalWords,
		pendingWords,
		statusOf,
		what,
	}: {
		finalWords: string[];
		pendingWords: string[];
		statusOf(json: unknown): unknown;
		what: string;
	},
): Promise<FinalRead> {
	const statuses: string[] = [];
	let first: ApiAnswer | undefined;
	let waitMs = FIRST_WAIT_MS;
	let unknownMs = 0;
	for (let waitedMs = 0; ; ) {
		const answer = await read(check, created);
		if (answer.status !== 200) throw new UnreadableError(answer);
		const status = statusOf(answer.json);
		const word = describeWord(status);
		if (statuses.at(-1) !== word) statuses.push(word);
		const isOneOf = (words: string[]) => words.includes(word.toLowerCase());
		if (isOneOf(finalWords)) return { answer, statuses, isFinal: true, first };
		first ??= answer;
		unknownMs = isOneOf(pendingWords) ? 0 : unknownMs + waitMs;
		if (waitedMs >= check.settings.resultSeconds * 1000 || unknownMs > UNKNOWN_STATUS_MS) {
			return { answer, statuses, isFinal: false, first };
		}
		check.progress(`Waiting for ${what}: ${word}`);
		await check.sleep(waitMs);
		waitedMs += waitMs;
		waitMs = Math.min(waitMs * 2, MAX_WAIT_MS);
	}
}

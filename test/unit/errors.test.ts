import { type JsonObject, NodeApiError } from 'n8n-workflow';
import { parseApiMessage } from '../../nodes/KopoKopo/domain/apiErrorText';
import { InvalidCredentialError } from '../../nodes/KopoKopo/transport/environment';
import {
	classifyError,
	KopoKopoApiError,
	TokenExchangeError,
} from '../../nodes/KopoKopo/transport/errors';
import type { Certainty, Failure } from '../../nodes/KopoKopo/transport/failure';
import { kopoKopoNode, readFixtures } from './testData';

const BEARER = 'Bearer 0Sn0W6kzNicvoWhDbQcVSKLRUpGjIdlPSEYyrHqrDDoRnQwE7Q';
const TIMEOUT_MS = 30_000;

/** What n8n's HTTP client throws for a response outside 2xx: the response, and the request with its token. */
function answered(status: number, data: unknown = '', headers: Record<string, string> = {}) {
	return Object.assign(new Error(`Request failed with status code ${status}`), {
		code: status >= 500 ? 'ERR_BAD_RESPONSE' : 'ERR_BAD_REQUEST',
		config: { headers: { Authorization: BEARER }, url: '/api/v2/incoming_payments' },
		response: { status, headers, data },
	});
}

/** What n8n's HTTP client throws without a response. */
function broken(code: string, more: object = {}) {
	return Object.assign(new Error(`${code} 127.0.0.1:443`), {
		code,
		config: { headers: { Authorization: BEARER } },
		...more,
	});
}

/** As the authenticated helper passes it on. */
const wrapped = (cause: Error) =>
	Object.assign(new NodeApiError(kopoKopoNode, cause as unknown as JsonObject), { cause });

/** The same in n8n 1, which drops the cause. */
const wrappedBy1 = (thrown: Error) => Object.assign(wrapped(thrown), { cause: undefined });

const asWrite = (thrown: unknown) => classifyError(thrown, false, TIMEOUT_MS);
const asRead = (thrown: unknown) => classifyError(thrown, true, TIMEOUT_MS);

const FORBIDDEN = /\b(error|problem|failure|mistake)/i;

/** The node's own texts are sentences that say what happened and what to do. */
function expectGoodTexts({ message, description, apiMessage }: Failure): void {
	const ours = apiMessage === undefined ? message : message.replace(apiMessage, '');
	expect(ours.trim().length).toBeGreaterThan(10);
	expect(ours).not.toMatch(FORBIDDEN);
	expect(ours).not.toMatch(/undefined|null|\[object/);
	expect(description.length).toBeGreaterThan(10);
	expect(description).toMatch(/\.$/);
	expect(description).not.toMatch(FORBIDDEN);
	expect(description).not.toMatch(/undefined|null|\[object/);
}

/** What a status proves about a write (docs/kopokopo-api.md#retries). */
function certaintyOf(status: number): Certainty {
	if (status === 401 || status === 429) return 'notProcessed';
	return status >= 500 ? 'unknown' : 'rejected';
}

const fixtures = readFixtures('errors').map((fixture) => ({
	...fixture,
	status: Number(fixture.status),
	said: parseApiMessage(fixture.body),
	thrown: answered(
		Number(fixture.status),
		fixture.body ?? '',
		Object.fromEntries(
			Object.entries(fixture.headers).map(([name, value]) => [name.toLowerCase(), value]),
		),
	),
}));

describe('the classification of the error responses of the contract', () => {
	test.each(fixtures)('$name, in response to a write', ({ status, said, thrown }) => {
		const failure = asWrite(wrapped(thrown));

		expect(failure.certainty).toBe(certaintyOf(status));
		expect(failure.transient).toBe(status === 429 || status >= 500);
		expect(failure.status).toBe(status);
		if (said !== undefined) expect(failure.message).toContain(said);
		expect(failure.apiMessage).toBe(said);
		expectGoodTexts(failure);
	});

	test.each(fixtures)('$name, in response to a read', ({ status, said, thrown }) => {
		const failure = asRead(wrapped(thrown));

		expect(failure.certainty).toBe(certaintyOf(status));
		expect(failure.transient).toBe(status === 429 || status >= 500);
		if (said !== undefined) expect(failure.message).toContain(said);
		expectGoodTexts(failure);
	});

	test.each(fixtures)(
		'$name is the same whether n8n has wrapped the error or not',
		({ thrown }) => {
			expect(asWrite(thrown)).toEqual(asWrite(wrapped(thrown)));
			expect(asRead(thrown)).toEqual(asRead(wrapped(thrown)));
		},
	);

	test.each(fixtures.filter(({ body }) => body !== null))(
		'$name contains a message from Kopo Kopo',
		({ said }) => {
			expect(said).toEqual(expect.any(String));
		},
	);
});

describe('a response with an error body', () => {
	test.each([
		["Till number can't be blank", "Check 'Till Number'."],
		["Callback url can't be blank", "Check 'Callback URL'."],
		['Phone number is invalid', "Check 'Phone Number'."],
		['Invalid scope reference', "Check 'Till Number'."],
		['Nothing the node has a field for', 'Check the values of this item.'],
	])('names the field to check if its message is "%s"', (said, hint) => {
		expect(asWrite(answered(400, { error_message: said })).description).toContain(hint);
	});

	test('says, for requests and links alike, which till a payment request needs if it is unknown', () => {
		expect(
			asWrite(answered(400, { error_message: 'Till number is invalid' })).description,
		).toContain(
			"Check 'Till Number'. Enter the number of one of your own tills. A payment request needs an online payments till, whose number begins with K, such as K123456.",
		);
	});

	test('has the HTTP status, not the code in its body', () => {
		expect(asWrite(answered(400, { error_code: 500, error_message: 'x' }))).toMatchObject({
			status: 400,
			certainty: 'rejected',
		});
	});

	test.each([
		['x-request-id', { 'x-request-id': 'abc' }, {}],
		['request_id', {}, { request_id: 'abc' }],
		['requestId', {}, { requestId: 'abc' }],
	])('has the request ID from %s', (_where, headers, body) => {
		expect(asWrite(answered(400, body, headers as Record<string, string>)).requestId).toBe('abc');
	});
});

describe('the waiting time of a 429', () => {
	test.each<[string, number | undefined]>([
		['30', 30_000],
		['0', 0],
		['3600', 3_600_000],
		['soon', undefined],
	])('is read from Retry-After %s', (header, ms) => {
		expect(asWrite(answered(429, '', { 'retry-after': header })).retryAfterMs).toBe(ms);
	});

	test('is read from Retry-After as a date', () => {
		jest.useFakeTimers({ now: Date.parse('2026-05-01T10:00:00Z') });
		const header = { 'retry-after': 'Fri, 01 May 2026 10:00:20 GMT' };
		const past = { 'retry-after': 'Fri, 01 May 2026 09:00:00 GMT' };

		expect(asWrite(answered(429, '', header)).retryAfterMs).toBe(20_000);
		expect(asWrite(answered(429, '', past)).retryAfterMs).toBe(0);
		jest.useRealTimers();
	});
});

describe('an error without a response', () => {
	const inConnect = { syscall: 'connect' };
	const both = Object.assign(new AggregateError([broken('ETIMEDOUT', inConnect)]), {
		code: 'ETIMEDOUT',
	});

	test.each<[string, Error]>([
		['rejected', broken('ECONNREFUSED', inConnect)],
		['refused, without a syscall', broken('ECONNREFUSED')],
		['unknown host', broken('ENOTFOUND', { syscall: 'getaddrinfo' })],
		['names not resolved', broken('EAI_AGAIN', { syscall: 'getaddrinfo' })],
		['timed out while connecting', broken('ETIMEDOUT', inConnect)],
		['reset while connecting', broken('ECONNRESET', inConnect)],
		['no route', broken('EHOSTUNREACH', inConnect)],
		[
			'timed out while connecting, one level down',
			broken('ETIMEDOUT', { cause: broken('ETIMEDOUT', inConnect) }),
		],
		['timed out at every address', broken('ETIMEDOUT', { cause: both })],
		['timed out at every address, bare', both],
	])('%s means that nothing was sent and that a retry is allowed', (_what, thrown) => {
		for (const failure of [asWrite(wrapped(thrown)), asWrite(thrown), asRead(wrapped(thrown))]) {
			expect(failure).toMatchObject({ certainty: 'notProcessed', transient: true });
			expect(failure.message).toContain('nothing was sent');
			expect(failure.status).toBeUndefined();
			expectGoodTexts(failure);
		}
	});

	test.each([
		'CERT_HAS_EXPIRED',
		'DEPTH_ZERO_SELF_SIGNED_CERT',
		'SELF_SIGNED_CERT_IN_CHAIN',
		'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
		'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
		'ERR_TLS_CERT_ALTNAME_INVALID',
	])('%s means that nothing was sent and that a retry does not help', (code) => {
		const failure = asWrite(wrapped(broken(code)));

		expect(failure).toMatchObject({ certainty: 'notProcessed', transient: false });
		expect(failure.message).toContain('secure connection');
		expectGoodTexts(failure);
	});

	test('an invalid URL means that nothing was sent', () => {
		expect(asWrite(wrapped(broken('ERR_INVALID_URL')))).toMatchObject({
			certainty: 'notProcessed',
			transient: false,
		});
	});

	test.each<[string, Error, string]>([
		['timed out', broken('ECONNABORTED'), 'no response arrived within 30 s'],
		['timed out in the socket', broken('ETIMEDOUT'), 'no response arrived within 30 s'],
		[
			'timed out while reading',
			broken('ETIMEDOUT', { syscall: 'read' }),
			'no response arrived within',
		],
		['reset', broken('ECONNRESET'), 'the connection was lost'],
		['reset while reading', broken('ECONNRESET', { syscall: 'read' }), 'the connection was lost'],
		['broken pipe', broken('EPIPE', { syscall: 'write' }), 'the connection was lost'],
		['hung up', broken('ECONNRESET', { message: 'socket hang up' }), 'the connection was lost'],
		['a code nobody knows', broken('EWHATEVER'), 'the connection was lost'],
		['no code', new Error('odd'), 'the connection was lost'],
	])('%s means that a write may have been carried out', (_what, thrown, why) => {
		const write = asWrite(wrapped(thrown));
		const read = asRead(wrapped(thrown));

		expect(write).toMatchObject({ certainty: 'unknown', transient: true });
		expect(write.message).toContain('It is not known whether Kopo Kopo carried out this request');
		expect(write.message).toContain(why);
		expect(write.description).toContain(
			'Before you send it again, look for it in the Kopo Kopo dashboard',
		);
		expect(read).toMatchObject({ certainty: 'unknown', transient: true });
		expect(read.message).toContain(why);
		expectGoodTexts(write);
		expectGoodTexts(read);
	});

	test('a cancel by the user leaves a write unknown, and not even a read is retried', () => {
		const stopped = wrapped(broken('ERR_CANCELED'));

		expect(asWrite(stopped)).toMatchObject({ certainty: 'unknown', transient: false });
		expect(asRead(stopped)).toMatchObject({ transient: false });
		expect(asWrite(stopped).message).toContain('the execution was stopped');
	});

	test('a 201 whose body is cut off is unknown and keeps its Location', () => {
		const location = 'https://sandbox.kopokopo.com/api/v2/incoming_payments/7';
		const cut = (headers: Record<string, string>) => ({
			...answered(201, undefined, headers),
			code: 'ERR_BAD_RESPONSE',
			message: 'stream has been aborted',
		});

		expect(asWrite({ cause: cut({ location }) })).toMatchObject({
			certainty: 'unknown',
			transient: true,
			location,
		});
		expect(asWrite({ cause: cut({}) })).not.toHaveProperty('location');
		expect(asRead({ cause: cut({}) })).toMatchObject({ certainty: 'unknown', transient: true });
	});

	test.each([500, 502, 503, 504, 520, 408, 499])(
		'HTTP %d leaves the outcome of a write unknown',
		(status) => {
			const failure = asWrite(wrapped(answered(status)));

			expect(failure).toMatchObject({ certainty: 'unknown', transient: true, status });
			expect(failure.description).toContain(
				'Before you send it again, look for it in the Kopo Kopo dashboard',
			);
		},
	);
});

describe.each<[string, (thrown: Error) => unknown]>([
	['with a cause', (cause) => ({ cause })],
	['as n8n 1 wraps it, without the cause', wrappedBy1],
])('a failure before the request, %s,', (_how, wrap) => {
	test('keeps its message if it is of the token exchange', () => {
		const failure: Failure = {
			certainty: 'notProcessed',
			message: "Kopo Kopo did not accept the 'Client ID' and 'Client Secret'",
			description: 'Copy both again.',
			transient: false,
		};

		expect(asWrite(wrap(new TokenExchangeError(failure)))).toEqual(failure);
	});

	test('names the field of an incomplete credential', () => {
		const failure = asWrite(wrap(new InvalidCredentialError("'Base URL' is not a web address.")));

		expect(failure).toMatchObject({
			certainty: 'notProcessed',
			transient: false,
			description: "'Base URL' is not a web address.",
		});
	});
});

describe('a failure in n8n 1, which drops the cause of a wrapped error', () => {
	test.each(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN'])(
		'%s means that nothing was sent',
		(code) => {
			expect(asWrite(wrappedBy1(broken(code)))).toMatchObject({
				certainty: 'notProcessed',
				transient: true,
			});
		},
	);

	test.each(['ECONNRESET', 'ECONNABORTED', 'ETIMEDOUT', 'ERR_CANCELED'])(
		'%s leaves the outcome of a write unknown',
		(code) => {
			expect(asWrite(wrappedBy1(broken(code)))).toMatchObject({
				certainty: 'unknown',
				transient: code !== 'ERR_CANCELED',
			});
		},
	);

	test('a response that is cut off leaves the outcome of a write unknown', () => {
		const cut = Object.assign(answered(201), { message: 'stream has been aborted' });

		expect(asWrite(wrappedBy1(cut))).toMatchObject({ certainty: 'unknown', transient: true });
	});
});

describe('the error that n8n shows', () => {
	const failure: Failure = {
		certainty: 'rejected',
		message: 'Kopo Kopo rejected the request: Till number can’t be blank',
		description: "Check 'Till Number'. Nothing was carried out.",
		transient: false,
		status: 400,
		apiMessage: 'Till number can’t be blank',
		requestId: 'req_1',
	};

	test('contains the texts, the status, the item and the message from Kopo Kopo', () => {
		const error = new KopoKopoApiError(kopoKopoNode, failure, 3);

		expect(error).toBeInstanceOf(NodeApiError);
		expect(error.message).toBe(failure.message);
		expect(error.description).toBe(failure.description);
		expect(error.httpCode).toBe('400');
		expect(error.context.itemIndex).toBe(3);
		expect(error.context.data).toEqual({
			status: 400,
			message: failure.apiMessage,
			requestId: 'req_1',
		});
		expect(error.requestFailure).toBe(failure);
	});

	test('contains the index of the first item, which is 0', () => {
		expect(new KopoKopoApiError(kopoKopoNode, failure, 0).context.itemIndex).toBe(0);
	});

	test.each([
		'a preexisting reference',
		'ENOENT',
		'ECONNREFUSED 127.0.0.1:443',
		'ETIMEDOUT',
		'read ECONNRESET',
		'EEXIST, ENOTFOUND, EPIPE',
	])('keeps a text with words that n8n would replace: %s', (words) => {
		const said = `Kopo Kopo rejected the request: ${words}`;
		const error = new KopoKopoApiError(kopoKopoNode, {
			...failure,
			message: said,
			description: `Look at this: ${words}.`,
			apiMessage: words,
		});

		expect(error.message).toBe(said);
		expect(error.description).toBe(`Look at this: ${words}.`);
	});

	test.each([400, 401, 404, 429, 500, 503])(
		'keeps its text although n8n has its own text for HTTP %d',
		(status) => {
			const error = new KopoKopoApiError(kopoKopoNode, { ...failure, status });

			expect(error.message).toBe(failure.message);
			expect(error.description).toBe(failure.description);
			expect(error.httpCode).toBe(String(status));
		},
	);

	test('has no status if there was no response', () => {
		const { certainty, message, description, transient } = failure;
		const error = new KopoKopoApiError(kopoKopoNode, {
			certainty,
			message,
			description,
			transient,
		});

		expect(error.httpCode).toBeNull();
		expect(error.context).not.toHaveProperty('data');
		expect(error.context).not.toHaveProperty('itemIndex');
	});

	test.each(fixtures)('does not contain the access token: $name', ({ thrown }) => {
		const error = new KopoKopoApiError(kopoKopoNode, asWrite(wrapped(thrown)), 0);
		const stored = JSON.stringify({ ...error, message: error.message, stack: error.stack });

		expect(stored).not.toContain(BEARER.replace('Bearer ', ''));
		expect(stored).not.toContain('Authorization');
	});
});

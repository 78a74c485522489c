import * as fc from 'fast-check';
import type { JsonObject } from 'n8n-workflow';
import { accountItem } from '../../nodes/KopoKopo/domain/account';
import { isCallbackTopic } from '../../nodes/KopoKopo/domain/callbacks';
import { isTopic } from '../../nodes/KopoKopo/domain/events';
import { LEADING_FIELDS } from '../../nodes/KopoKopo/domain/payment';
import { idFromLocation, pathSegment } from '../../nodes/KopoKopo/domain/resourceUrl';
import { parseResult, type Result } from '../../nodes/KopoKopo/domain/result';
import { parseTransactions } from '../../nodes/KopoKopo/domain/transaction';
import {
	classifyError,
	classifyResponse,
	KopoKopoApiError,
} from '../../nodes/KopoKopo/transport/errors';
import { type Failure, toSingleLine } from '../../nodes/KopoKopo/transport/failure';
import { type HttpResponse, parseErrorResponse } from '../../nodes/KopoKopo/transport/responseBody';
import { type Delivery, parseDelivery } from '../../nodes/KopoKopo/webhooks/parseDelivery';
import type { VerifiedBody } from '../../nodes/KopoKopo/webhooks/signature';
import { kopoKopoNode, readFixtures } from './testData';
import { anyJson, mutatedFixtures, RUNS } from './arbitraries';

const TIMEOUT_MS = 30_000;
/** What one delivery or answer may well weigh. */
const LARGE = 200_000;

const deliver = (bytes: Buffer) => parseDelivery(bytes as VerifiedBody);
const asBytes = (body: unknown) => Buffer.from(JSON.stringify(body));

describe('a delivery', () => {
	/** Emitted or flagged, with a key of its own, as something that n8n can store. */
	function expectSound(delivery: Delivery, bytes: Buffer): void {
		const { kind, raw, topic } = delivery;
		expect(typeof raw.dedupeKey).toBe('string');
		expect(raw.dedupeKey).not.toBe('');
		expect(raw.isRecognized).toBe(kind === 'event');
		expect(JSON.stringify(delivery)).not.toBe('');
		if (kind === 'event') {
			expect(isTopic(topic) || isCallbackTopic(topic)).toBe(true);
			expect(['success', 'failure', 'partial', 'pending', 'unknown']).toContain(
				delivery.item.outcome,
			);
			expect(delivery.item.topic).toBe(topic);
			expect(Number.isFinite(delivery.item.amount ?? 0)).toBe(true);
		} else {
			expect(typeof raw.reason).toBe('string');
		}
		// Nothing is dropped: the body is there as it came, or as text where it is no JSON.
		let parsed: unknown = bytes.toString('utf8');
		try {
			parsed = JSON.parse(String(parsed));
		} catch {
			// Not JSON.
		}
		expect(raw.body).toEqual(parsed);
	}

	test('of any bytes', () => {
		fc.assert(
			fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
				expectSound(deliver(Buffer.from(bytes)), Buffer.from(bytes));
			}),
			{ numRuns: RUNS },
		);
	});

	test('of any JSON', () => {
		fc.assert(
			fc.property(anyJson, (body) => expectSound(deliver(asBytes(body)), asBytes(body))),
			{ numRuns: RUNS },
		);
	});

	test.each(['webhooks', 'results'])('of %s as they are, changed in any way', (folder) => {
		const kinds = new Set<string>();
		fc.assert(
			fc.property(mutatedFixtures(folder), ({ body }) => {
				if (body === undefined) return;
				const delivery = deliver(asBytes(body));
				kinds.add(delivery.kind);
				expectSound(delivery, asBytes(body));
			}),
			{ numRuns: RUNS },
		);
		expect(kinds).toEqual(new Set(['event', 'unrecognized']));
	});

	test('whose type or time is an object that will not become text', () => {
		// Once such a body threw: JSON may name its members toString, and then nothing can print it.
		const odd = { toString: 1, valueOf: 1 };
		for (const body of [
			{ event: 'incoming_payment.completed', data: { type: odd } },
			{ TransactionType: 'Buygoods', TransID: 'OJM6Q1W84K', TransTime: odd, TransAmount: '100' },
			{ data: { type: 'polling', attributes: { transactions: [{ type: odd, resource: odd }] } } },
		]) {
			expectSound(deliver(asBytes(body)), asBytes(body));
		}
	});

	test.each<[string, string]>([
		['one text', JSON.stringify({ topic: 'x'.repeat(LARGE), event: {} })],
		['blanks', ' '.repeat(LARGE)],
		['brackets', '['.repeat(LARGE)],
		['nested lists', '['.repeat(LARGE / 2) + ']'.repeat(LARGE / 2)],
		['nested objects', `${'{"event":'.repeat(LARGE / 20)}0${'}'.repeat(LARGE / 20)}`],
		['digits for a time', JSON.stringify(daraja({ TransTime: '2'.repeat(LARGE) }))],
		['digits for an amount', JSON.stringify(daraja({ TransAmount: '9'.repeat(LARGE) }))],
		['blanks in an amount', JSON.stringify(daraja({ TransAmount: ` ${'1 '.repeat(LARGE)}` }))],
		['many keys', `{${Array.from({ length: 10_000 }, (_, i) => `"k${i}":"${i}"`).join()}}`],
		['one key many times', `{${'"topic":"x",'.repeat(15_000)}"event":{}}`],
		['escapes', JSON.stringify({ topic: '\u0000'.repeat(LARGE / 6), event: {} })],
	])('of 200 KB of %s', (_what, text) => {
		const { raw } = deliver(Buffer.from(text));

		expect(typeof raw.dedupeKey).toBe('string');
	});
});

function daraja(changed: object): object {
	return { TransactionType: 'Buygoods', TransID: 'OJM6Q1W84K', TransAmount: '100', ...changed };
}

describe('a status', () => {
	/**
	 * The contract's words for money that moved, and for what else may succeed
	 * (docs/kopokopo-api.md#final-statuses).
	 */
	const GOOD = /success|transferred|paid|approved|completed/i;

	function expectSound(result: Result, body: unknown): void {
		const { outcome, isFinal, amount } = result;
		expect(isFinal).toBe(['success', 'failure', 'partial'].includes(outcome));
		// Unknown means that the body contradicts itself.
		if (outcome === 'unknown') expect(JSON.stringify(body)).toMatch(/transferred/i);
		if (amount !== null) expect(Number.isFinite(amount)).toBe(true);
		for (const name of ['id', 'status', 'reference', 'phoneNumber', 'message'] as const) {
			expect(result[name] === null || typeof result[name] === 'string').toBe(true);
		}
		if (outcome === 'success') expect(JSON.stringify(body)).toMatch(GOOD);
		expect('error' in result).toBe(false);
	}

	test('of any shape, whatever kind of thing it is about', () => {
		const bodies = fc.oneof(
			anyJson,
			fc.anything(),
			mutatedFixtures('results').map(({ body }) => body),
		);
		fc.assert(
			fc.property(bodies, (body) => {
				expectSound(parseResult(body), body);
				expect(Object.keys(accountItem(body)).length).toBeLessThan(11);
				for (const row of parseTransactions(body, true)) {
					expect(Object.keys(row).slice(0, 8)).toEqual([...LEADING_FIELDS]);
				}
			}),
			{ numRuns: RUNS },
		);
	});

	test('as it is, changed in any way, is never taken for a success that it does not name', () => {
		const outcomes = new Set<string>();
		fc.assert(
			fc.property(mutatedFixtures('results'), ({ body }) => {
				const result = parseResult(body);
				outcomes.add(result.outcome);
				expectSound(result, body);
			}),
			{ numRuns: RUNS * 2 },
		);
		expect([...outcomes]).toEqual(
			expect.arrayContaining(['success', 'failure', 'partial', 'pending']),
		);
	});

	test('whose good words are taken away is no success', () => {
		const good = readFixtures('results').filter(({ body }) => parseResult(body).isFinal);
		for (const { body } of good) {
			const text = JSON.stringify(body).replace(new RegExp(GOOD, 'gi'), 'Something New');
			expect(parseResult(JSON.parse(text)).outcome).not.toBe('success');
		}
		expect(good.length).toBeGreaterThan(10);
	});
});

describe('a Location', () => {
	function expectSound(location: string): void {
		const id = idFromLocation(location);
		if (id === undefined) return;
		expect(id).not.toBe('');
		// Whatever the address was, asking for the id stays on Kopo Kopo's host and on the resource's path.
		const url = new URL(`https://api.kopokopo.com/api/v2/incoming_payments/${pathSegment(id)}`);
		expect(url.href.startsWith('https://api.kopokopo.com/api/v2/incoming_payments/')).toBe(true);
		expect(url.pathname.split('/')).toHaveLength(5);
		expect(url.search + url.hash).toBe('');
	}

	test('of any text', () => {
		fc.assert(
			fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.webUrl(), fc.string()), expectSound),
			{ numRuns: RUNS },
		);
	});

	test('made of what addresses are made of', () => {
		const part = fc.constantFrom(
			...[
				'/',
				'//',
				'\\',
				'?',
				'#',
				':',
				'@',
				'.',
				'..',
				'%',
				'%2e',
				'%2E%2e',
				'%2f',
				'%00',
				'%zz',
			],
			...['http://', 'https://evil.example', 'javascript:', ' ', '\r\n', '\t', '\ud800', 'ſ', 'a1'],
			...[
				'api/v2/incoming_payments',
				'247b1bd8-f5a0-4b71-a898-f62f67b8ae1c',
				'%c3%28',
				'%ed%a0%80',
			],
		);
		fc.assert(
			fc.property(
				fc.array(part, { maxLength: 8 }).map((parts) => parts.join('')),
				expectSound,
			),
			{ numRuns: RUNS * 2 },
		);
	});

	test.each(['/', '?', '#', ' ', '%', 'a://', '%2e', '\ud800', '/.'])(
		'of 200 KB of %j',
		(repeated) => expectSound(repeated.repeat(LARGE / repeated.length)),
	);

	test.each(['https://x/..', 'https://x/%2e%2e', '.', '..', '%2E', 'https://x/a/%2e/'])(
		'%s names nothing: asked for, dots would name another resource',
		(location) => expect(idFromLocation(location)).toBeUndefined(),
	);

	test('half a character is asked for as one that cannot be read, instead of throwing', () => {
		expect(pathSegment('a\ud800b')).toBe('a%EF%BF%BDb');
	});
});

describe('a failure', () => {
	function expectSound(failure: Failure, isRead: boolean): void {
		const error = new KopoKopoApiError(kopoKopoNode, failure, 3);
		expect(error.message).toBe(failure.message);
		expect(toSingleLine(failure).length).toBeGreaterThan(20);
		for (const text of [failure.message, failure.description]) {
			expect(text).not.toMatch(/undefined|\[object|NaN/);
			expect(text.length).toBeLessThan(1000);
		}
		expect(['rejected', 'notSent', 'unknown']).toContain(failure.certainty);
		// A write that may have arrived is never repeated.
		if (!isRead && failure.certainty === 'unknown') expect(failure.transient).toBe(false);
		expect(failure.retryAfterMs ?? 0).toBeGreaterThanOrEqual(0);
		expect(JSON.stringify({ ...error, cause: undefined })).not.toBe('');
	}

	const headers = fc.dictionary(
		fc.oneof(fc.constantFrom('retry-after', 'x-request-id', 'location', '__proto__'), fc.string()),
		fc.oneof(
			fc.string(),
			fc.integer(),
			fc.constantFrom('Wed, 21 Oct 2026 07:28:00 GMT', '-1', '1e9'),
		),
	);
	/** Words of ours must not hold these, but Kopo Kopo's may: they are handed on as they came. */
	const words = /undefined|\[object|NaN/;
	const answers = fc.record<HttpResponse>({
		status: fc.oneof(fc.integer({ min: 300, max: 599 }), fc.integer()),
		headers,
		data: fc
			.oneof(
				anyJson,
				mutatedFixtures('errors').map(({ body }) => body),
			)
			.filter((data) => !words.test(JSON.stringify(data) ?? '')),
	});

	test('of any answer', () => {
		fc.assert(
			fc.property(answers, fc.boolean(), (answer, isRead) => {
				const failure = classifyResponse(answer, isRead);
				expectSound(failure, isRead);
				const thrown = Object.assign(new Error('Request failed'), { response: answer });
				expect(parseErrorResponse(thrown)?.status).toBe(answer.status);
				expectSound(classifyError(thrown, isRead, TIMEOUT_MS), isRead);
			}),
			{ numRuns: RUNS },
		);
	});

	test('of anything that may be thrown', () => {
		const codes = fc.constantFrom('ECONNRESET', 'ECONNREFUSED', 'ETIMEDOUT', 'ERR_CANCELED', '', 7);
		const thrown = fc.oneof(
			fc.anything({ withNullPrototype: true, withBigInt: true, withDate: true }),
			fc.record(
				{ cause: fc.anything(), code: codes, response: fc.anything(), context: fc.anything() },
				{ requiredKeys: [] },
			),
			fc.record({ response: fc.record({ status: fc.integer(), headers, data: fc.anything() }) }),
		);
		fc.assert(
			fc.property(thrown, fc.boolean(), (error, isRead) => {
				const failure = classifyError(error, isRead, TIMEOUT_MS);
				const { message, apiMessage = '' } = failure;
				expectSound({ ...failure, message: message.replace(apiMessage, '') }, isRead);
			}),
			{ numRuns: RUNS },
		);
	});

	test.each<[string, unknown]>([
		['one text', { error_message: 'x'.repeat(LARGE) }],
		['blanks', { error_message: ` ${' '.repeat(LARGE)}x` }],
		['dots', { error_message: '.'.repeat(LARGE) }],
		['many texts', { error_message: Array.from({ length: 20_000 }, (_, i) => `line ${i}`) }],
		['no JSON', '<'.repeat(LARGE)],
	])('of 200 KB of %s is said in a thousand letters', (_what, data) => {
		for (const status of [400, 401, 404, 429, 500]) {
			expectSound(classifyResponse({ status, headers: {}, data }, false), false);
		}
	});

	test('keeps a JSON object as it is when n8n wraps it', () => {
		const failure = classifyResponse(
			{ status: 400, headers: {}, data: { error_message: 'No' } },
			false,
		);
		const { context } = new KopoKopoApiError(kopoKopoNode, failure);
		expect(context.data as JsonObject).toEqual({ status: 400, message: 'No' });
	});
});

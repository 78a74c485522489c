import * as fc from 'fast-check';
import type { JsonObject } from 'n8n-workflow';
import {
	classifyError,
	classifyResponse,
	KopoKopoApiError,
} from '../../nodes/KopoKopo/transport/errors';
import { type Failure, toSingleLine } from '../../nodes/KopoKopo/transport/failure';
import { mayRetry } from '../../nodes/KopoKopo/transport/retry';
import { type HttpResponse, parseErrorResponse } from '../../nodes/KopoKopo/transport/httpResponse';
import { anyJson, LARGE, mutatedFixtures, RUNS } from './arbitraries';
import { kopoKopoNode } from './testData';

const TIMEOUT_MS = 30_000;

describe('a failure has texts to show and is retried only if that is safe', () => {
	function expectSound(failure: Failure, isSafeToRepeat: boolean): void {
		const error = new KopoKopoApiError(kopoKopoNode, failure, 3);
		expect(error.message).toBe(failure.message);
		expect(toSingleLine(failure).length).toBeGreaterThan(20);
		for (const text of [failure.message, failure.description]) {
			expect(text).not.toMatch(/undefined|\[object|NaN/);
			expect(text.length).toBeLessThan(1000);
		}
		expect(['rejected', 'notProcessed', 'unknown']).toContain(failure.certainty);
		// A write that may have reached Kopo Kopo is never retried.
		if (failure.certainty === 'unknown') expect(mayRetry(failure, false)).toBe(false);
		if (failure.certainty === 'rejected') expect(mayRetry(failure, isSafeToRepeat)).toBe(false);
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
	/** The node's own texts never contain these. Kopo Kopo's may, and are shown unchanged. */
	const words = /undefined|\[object|NaN/;
	const responses = fc.record<HttpResponse>({
		status: fc.oneof(fc.integer({ min: 300, max: 599 }), fc.integer()),
		headers,
		data: fc
			.oneof(
				anyJson,
				mutatedFixtures('errors').map(({ body }) => body),
			)
			.filter((data) => !words.test(JSON.stringify(data) ?? '')),
	});

	test('for any response', () => {
		fc.assert(
			fc.property(responses, fc.boolean(), (response, isSafeToRepeat) => {
				const failure = classifyResponse(response, isSafeToRepeat);
				expectSound(failure, isSafeToRepeat);
				const thrown = Object.assign(new Error('Request failed'), { response });
				expect(parseErrorResponse(thrown)?.status).toBe(response.status);
				expectSound(classifyError(thrown, isSafeToRepeat, TIMEOUT_MS), isSafeToRepeat);
			}),
			{ numRuns: RUNS },
		);
	});

	test('for anything that can be thrown', () => {
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
			fc.property(thrown, fc.boolean(), (error, isSafeToRepeat) => {
				const failure = classifyError(error, isSafeToRepeat, TIMEOUT_MS);
				const { message, apiMessage = '' } = failure;
				expectSound({ ...failure, message: message.replace(apiMessage, '') }, isSafeToRepeat);
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
	])('within 1,000 characters for 200 KB of %s', (_what, data) => {
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

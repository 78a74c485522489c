import * as fc from 'fast-check';
import { accountItem } from '../../nodes/KopoKopo/domain/account';
import { LEADING_FIELDS } from '../../nodes/KopoKopo/domain/payment';
import { parseResult, type Result } from '../../nodes/KopoKopo/domain/result';
import { parseTransactions } from '../../nodes/KopoKopo/domain/transaction';
import { anyJson, mutatedFixtures, RUNS } from './arbitraries';
import { readFixtures } from './testData';

describe('parseResult', () => {
	/**
	 * Kopo Kopo's words for money that moved and for other operations that succeeded
	 * (docs/kopokopo-api.md#final-statuses).
	 */
	const GOOD = /success|transferred|paid|approved|completed/i;

	function expectSound(result: Result, body: unknown): void {
		const { outcome, isFinal, amount } = result;
		expect(isFinal).toBe(['success', 'failure', 'partial'].includes(outcome));
		// Unknown means that the body contradicts itself.
		if (outcome === 'unknown') {
			expect(JSON.stringify(body)).toMatch(/transferred|"transaction_reference":[^n]/i);
		}
		if (amount !== null) expect(Number.isFinite(amount)).toBe(true);
		expect(result.message).toEqual(expect.any(String));
		for (const name of ['id', 'status', 'reference', 'phoneNumber'] as const) {
			expect(result[name] === null || typeof result[name] === 'string').toBe(true);
		}
		if (outcome === 'success') expect(JSON.stringify(body)).toMatch(GOOD);
		expect('error' in result).toBe(false);
	}

	test('gives a consistent result for any JSON, as accountItem and parseTransactions do', () => {
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

	test('reports a success only if the body contains a word for it', () => {
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

	test('reports no success once the words for it are replaced', () => {
		const good = readFixtures('results').filter(({ body }) => parseResult(body).isFinal);
		for (const { body } of good) {
			const text = JSON.stringify(body).replace(new RegExp(GOOD, 'gi'), 'Something New');
			expect(parseResult(JSON.parse(text)).outcome).not.toBe('success');
		}
		expect(good.length).toBeGreaterThan(10);
	});
});

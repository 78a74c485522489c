import { exitCodeFor, jsonReport, table } from '../verify/report';
import { DEVIATIONS } from './deviations';
import { idsOf, PHONE, verifySandbox } from './verifyRun';

describe('a Kopo Kopo that differs', () => {
	test('is planted in most of the assumptions, one at a time', () => {
		expect(DEVIATIONS.length).toBeGreaterThan(100);
		expect(new Set(DEVIATIONS.map(([id]) => id)).size).toBe(DEVIATIONS.length);
	});

	test.each(DEVIATIONS)('is found by %s and by nothing else', async (id, options) => {
		const { results, settings } = await verifySandbox(options);

		expect(idsOf(results, 'differs')).toEqual([id]);
		expect(exitCodeFor(results)).toBe(1);
		const found = results.find((result) => result.id === id);
		// The table says which files rely on it.
		expect(table(results)).toContain(`Used in   ${found?.reliesOn.join(', ')}`);
		const report = jsonReport(results, settings, new Date());
		expect(report).toContain(`"id": "${id}"`);
		expect(report).not.toContain(PHONE.slice(4));
	});
});

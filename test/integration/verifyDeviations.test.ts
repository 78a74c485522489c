import { exitCodeFor, jsonReport, table } from '../verify/report';
import { ASSUMPTIONS } from '../verify/assumptions';
import { DEVIATIONS } from './deviations';
import { idsOf, PHONE, verifySandbox } from './verifyRun';

describe('a Kopo Kopo that differs', () => {
	test('is planted in every assumption, one at a time', () => {
		const planted = DEVIATIONS.map(([id]) => id).sort();
		expect(planted).toEqual(ASSUMPTIONS.map(({ id }) => id).sort());
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

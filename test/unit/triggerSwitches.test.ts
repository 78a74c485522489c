import { checkSwitches, isSwitchedOn } from '../../nodes/KopoKopo/webhooks/triggerSwitches';

const NAMES = ['darajaPayload', 'ignoreDuplicates', 'includeHeaders', 'simplify'] as const;

describe.each(NAMES)('the switch %s of the trigger', (name) => {
	test.each<[unknown]>([[true], ['true'], ['TRUE'], [1], ['1'], ['Yes']])('is on for %j', (raw) => {
		expect(isSwitchedOn(name, raw)).toBe(true);
	});

	test.each<[unknown]>([[false], ['false'], ['FALSE'], [0], ['0'], ['No'], ['']])(
		'is off for %j',
		(raw) => {
			expect(isSwitchedOn(name, raw)).toBe(false);
		},
	);

	test('has its default if it was not added, or an expression gives neither', () => {
		const byDefault = name === 'ignoreDuplicates' || name === 'simplify';
		for (const raw of [undefined, null, 'perhaps', 2]) {
			expect(isSwitchedOn(name, raw)).toBe(byDefault);
		}
	});

	test('is rejected at activation if an expression gives neither', () => {
		expect(() => checkSwitches({ [name]: 'perhaps' })).toThrow(
			/is neither true nor false: perhaps/,
		);
		expect(() => checkSwitches({ [name]: 'TRUE' })).not.toThrow();
	});
});

test('options that were not added pass the check', () => {
	expect(() => checkSwitches({})).not.toThrow();
});

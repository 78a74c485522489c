import {
	includesTill,
	isOutcomeWanted,
	isWanted,
	parseFilters,
} from '../../nodes/KopoKopo/webhooks/filters';

test('tills are separated by commas, semicolons or line breaks, and each counts once', () => {
	const tillsOf = (tillFilter: unknown) => parseFilters({ tillFilter }).tills;
	expect(tillsOf(' 11, 2 2;33\n11 ,')).toEqual(['11', '22', '33']);
	expect(tillsOf('')).toEqual([]);
});

test.each<[unknown, number]>([
	['KES 1,500', 1500],
	[100, 100],
	['', 0],
	[0, 0],
	['0', 0],
	[undefined, 0],
])('a minimum amount of %j is KES %d', (minimumAmount, amount) => {
	expect(parseFilters({ minimumAmount }).minimumAmount).toBe(amount);
});

test('a till matches with and without its K, in upper and lower case', () => {
	expect(includesTill(['K112233'], '112233')).toBe(true);
	expect(includesTill(['112233'], 'k112233')).toBe(true);
	expect(includesTill(['112233'], '11223')).toBe(false);
	expect(includesTill([], '112233')).toBe(false);
	expect(includesTill(['112233'], '11K2233')).toBe(false);
});

describe('the Outcome option', () => {
	const OUTCOMES = ['success', 'partial', 'failure', 'unknown', 'pending'];

	test.each([
		[undefined, OUTCOMES],
		['all', OUTCOMES],
		['onlySuccess', ['success']],
		['onlyFailure', ['partial', 'failure', 'unknown']],
	] as const)('%s takes %j', (outcome, expected) => {
		const wanted = OUTCOMES.filter((each) => isOutcomeWanted(each, outcome ? { outcome } : {}));
		expect(wanted).toEqual(expected);
	});
});

test('an event passes the filters unless it names another till or a smaller amount', () => {
	const filters = { tillFilter: '112233', minimumAmount: 100 };
	expect(isWanted({ tillNumber: '112233', amount: 100 }, filters)).toBe(true);
	expect(isWanted({ tillNumber: null, amount: null }, filters)).toBe(true);
	expect(isWanted({ tillNumber: null, amount: 99 }, filters)).toBe(false);
	expect(isWanted({ tillNumber: '445566', amount: 100 }, filters)).toBe(false);
	expect(isWanted({ tillNumber: '112233', amount: 99.99 }, filters)).toBe(false);
	expect(isWanted({ tillNumber: '445566', amount: 1 }, {})).toBe(true);
	for (const minimumAmount of ['', 0, '0', undefined]) {
		expect(isWanted({ amount: -100 }, { minimumAmount })).toBe(true);
	}
	expect(isWanted({ amount: -100 }, { minimumAmount: 1 })).toBe(false);
});

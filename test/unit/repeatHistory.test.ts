import { areFromRequest, entriesOf } from '../../nodes/KopoKopo/execution/repeatEntries';
import {
	forgetRequest,
	isWithin,
	type RecentRequest,
	recentRequests,
	rememberRequest,
} from '../../nodes/KopoKopo/execution/repeatHistory';

const WINDOW = 600_000;

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

const later = (ms: number) => jest.setSystemTime(Date.now() + ms);
const request = (more: Partial<RecentRequest> = {}): RecentRequest => ({
	execution: '1',
	recordedAt: Date.now(),
	endedAt: Date.now(),
	window: WINDOW,
	...more,
});

test('every equal request is remembered until it is forgotten', () => {
	const [one, other] = [request(), request({ id: 'request-2' })];
	rememberRequest('a', one);
	rememberRequest('a', other);
	expect(recentRequests('a')).toEqual([one, other]);
	forgetRequest('a', one);
	expect(recentRequests('a')).toEqual([other]);
	forgetRequest('a', other);
	forgetRequest('a', other);
	expect(recentRequests('a')).toEqual([]);
	expect(recentRequests('unknown')).toEqual([]);
});

test('a request is compared for its time, and until it is sent', () => {
	const sent = request();
	const waiting: RecentRequest = { execution: '1', recordedAt: Date.now(), window: WINDOW };
	later(WINDOW);
	expect([isWithin(sent, WINDOW), isWithin(waiting, WINDOW)]).toEqual([true, true]);
	later(1);
	expect([isWithin(sent, WINDOW), isWithin(waiting, WINDOW)]).toEqual([false, true]);
});

const isRemembered = (name: string) => recentRequests(name).length > 0;

test('requests are dropped when others are remembered after twice their window', () => {
	rememberRequest('b', request());
	later(1);
	rememberRequest('c', request());
	later(2 * WINDOW - 2);
	rememberRequest('d', request());
	expect(isRemembered('b')).toBe(true);
	later(1);
	rememberRequest('e', request());
	expect(isRemembered('b')).toBe(false);
	expect(isRemembered('c')).toBe(true);
	later(2 * WINDOW);
	rememberRequest('f', request());
	expect(['c', 'd', 'e', 'f'].map(isRemembered)).toEqual([false, false, false, true]);
});

test('a request is not dropped because the time of an equal one is over', () => {
	// Long after the requests of other tests.
	later(100 * WINDOW);
	rememberRequest('h', request());
	later(WINDOW);
	const needed = request();
	rememberRequest('h', needed);
	later(WINDOW + 1);
	rememberRequest('i', request());
	expect(recentRequests('h')).toContain(needed);
});

test('equal requests that follow one another do not accumulate', () => {
	for (let count = 0; count < 5; count++) {
		rememberRequest('g', request());
		later(WINDOW);
	}
	expect(recentRequests('g')).toHaveLength(2);
});

test('entries do not come from a request if one of them is of a later period than its last one', () => {
	const [first = '', , last = ''] = entriesOf('a', WINDOW, 0);
	const [, , nextLast = ''] = entriesOf('a', WINDOW, WINDOW / 2);
	expect(areFromRequest([first, last], WINDOW, 0)).toBe(true);
	expect(areFromRequest([first, nextLast], WINDOW, 0)).toBe(false);
});

import {
	recentRequest,
	rememberRequest,
	setRequestId,
} from '../../nodes/KopoKopo/execution/repeatHistory';

const WINDOW = 600_000;

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

const later = (ms: number) => jest.setSystemTime(Date.now() + ms);

test('a request is remembered with its time, its window and later its ID', () => {
	rememberRequest('a', WINDOW);
	setRequestId('a', 'request-1');
	setRequestId('unknown', 'request-2');
	expect(recentRequest('a')).toEqual({ sentAt: Date.now(), window: WINDOW, id: 'request-1' });
	expect(recentRequest('unknown')).toBeUndefined();
});

test('requests are dropped when others are remembered after twice their window', () => {
	rememberRequest('b', WINDOW);
	later(1);
	rememberRequest('c', WINDOW);
	later(2 * WINDOW - 2);
	rememberRequest('d', WINDOW);
	expect(recentRequest('b')).toBeDefined();
	later(1);
	rememberRequest('e', WINDOW);
	expect(recentRequest('b')).toBeUndefined();
	expect(recentRequest('c')).toBeDefined();
	later(2 * WINDOW);
	rememberRequest('f', WINDOW);
	expect(['c', 'd', 'e', 'f'].map((name) => recentRequest(name) !== undefined)).toEqual([
		false,
		false,
		false,
		true,
	]);
});

import type { IDataObject } from 'n8n-workflow';
import {
	pollUntilFinal,
	pollAllUntilFinal,
	type PollFn,
} from '../../nodes/KopoKopo/transport/pollUntilFinal';

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

const payment = (status: string): IDataObject => ({
	data: {
		id: 'payment-1',
		type: 'incoming_payment',
		attributes: {
			status,
			event: { resource: status === 'Success' ? { amount: '100.0' } : null, errors: null },
		},
	},
});
const PENDING = payment('Pending');
const PAID = payment('Success');
const REJECTED = payment('Failed');

/** A poll that fetches these bodies in turn, and the last one from then on. `at` holds the times, in ms. */
function polling(...bodies: Array<IDataObject | undefined>) {
	const start = Date.now();
	const at: number[] = [];
	const fetch: PollFn = async () => {
		at.push(Date.now() - start);
		return await Promise.resolve(bodies[Math.min(at.length, bodies.length) - 1]);
	};
	return { fetch, at };
}

/** A request that is never answered. */
const never: PollFn = async () => await new Promise(() => {});

/** Lets time pass, in ms. @returns the value of the promise, if it is settled by then */
async function within<T>(ms: number, promise: Promise<T>): Promise<T | 'pending'> {
	let result: T | 'pending' = 'pending';
	const done = promise.then((value) => {
		result = value;
	});
	await jest.advanceTimersByTimeAsync(ms);
	void done;
	return result;
}

it.each([
	['paid', PAID],
	['rejected', REJECTED],
])('requests a status once that is %s already', async (_what, body) => {
	const { fetch, at } = polling(body);
	expect(await within(0, pollUntilFinal(fetch, { timeoutMs: 60_000 }))).toBe(body);
	expect(at).toEqual([0]);
	expect(jest.getTimerCount()).toBe(0);
});

it('polls until the status is final', async () => {
	const { fetch, at } = polling(PENDING, PENDING, undefined, PENDING, PAID);
	expect(await within(60_000, pollUntilFinal(fetch, { timeoutMs: 120_000 }))).toBe(PAID);
	expect(at).toHaveLength(5);
	expect(jest.getTimerCount()).toBe(0);
});

it('polls at growing intervals of at most ten seconds, which vary between polls', async () => {
	const polls = Array.from({ length: 5 }, () => polling(PENDING));
	const all = pollAllUntilFinal(polls.map(({ fetch }) => ({ fetch, timeoutMs: 120_000 })));
	expect(await within(130_000, all)).toEqual(polls.map(() => PENDING));

	for (const { at } of polls) {
		const intervals = at.slice(1).map((time, index) => time - (at[index] ?? 0));
		// 1, 1.5, 2.25, … 10 s, each a tenth more or less. The last one ends with the timeout.
		for (const [index, interval] of intervals.slice(0, -1).entries()) {
			const expected = Math.min(1000 * 1.5 ** index, 10_000);
			expect(interval).toBeGreaterThanOrEqual(expected * 0.9 - 1);
			expect(interval).toBeLessThanOrEqual(expected * 1.1 + 1);
		}
		expect(at.length).toBeGreaterThan(12);
		expect(at.length).toBeLessThan(22);
	}
	expect(new Set(polls.map(({ at }) => at[3])).size).toBeGreaterThan(1);
});

it('polls once more at the end of the timeout, and returns the last body seen', async () => {
	const { fetch, at } = polling(PENDING, undefined);
	expect(await within(10_100, pollUntilFinal(fetch, { timeoutMs: 10_000 }))).toBe(PENDING);
	// Timers count whole milliseconds.
	expect(at.at(-1)).toBeGreaterThanOrEqual(9_998);
	expect(at.at(-1)).toBeLessThanOrEqual(10_002);
	expect(jest.getTimerCount()).toBe(0);
});

it('ends ten seconds after the timeout although a request is not answered', async () => {
	const waiting = pollAllUntilFinal(
		[polling(PAID).fetch, never, polling(PENDING, PENDING).fetch].map((fetch) => ({
			fetch,
			timeoutMs: 60_000,
		})),
	);
	expect(await within(69_000, waiting)).toBe('pending');
	expect(await within(1_001, waiting)).toEqual([PAID, undefined, PENDING]);
});

it('continues with the other polls while a request is not answered', async () => {
	const { fetch, at } = polling(PENDING, PENDING, PAID);
	void pollAllUntilFinal([never, fetch].map((fetch) => ({ fetch, timeoutMs: 600_000 })));
	await jest.advanceTimersByTimeAsync(10_000);
	expect(at).toHaveLength(3);
});

it('sends at most ten requests at the same time', async () => {
	let inFlight = 0;
	let most = 0;
	const fetch: PollFn = async () => {
		most = Math.max(most, ++inFlight);
		await jest.advanceTimersByTimeAsync(0);
		inFlight--;
		return PAID;
	};
	const polls = Array.from({ length: 50 }, () => ({ fetch, timeoutMs: 60_000 }));
	expect(await pollAllUntilFinal(polls)).toEqual(polls.map(() => PAID));
	expect(most).toBe(10);
});

it('ends when the user cancels, and requests nothing after that', async () => {
	const user = new AbortController();
	const { fetch, at } = polling(PENDING);
	const waiting = pollUntilFinal(fetch, { timeoutMs: 600_000, signal: user.signal });
	expect(await within(30_000, waiting)).toBe('pending');
	const before = at.length;
	user.abort();
	expect(await within(0, waiting)).toBe(PENDING);
	await jest.advanceTimersByTimeAsync(60_000);
	expect(at).toHaveLength(before);

	const late = polling(PAID);
	expect(
		await within(0, pollUntilFinal(late.fetch, { timeoutMs: 60_000, signal: user.signal })),
	).toBeUndefined();
	expect(late.at).toEqual([]);
});

it('rejects with the error of a request, and polls nothing after that', async () => {
	const { fetch, at } = polling(PENDING);
	const failing: PollFn = async () => await Promise.reject(new Error('No such poll'));
	const waiting = pollAllUntilFinal(
		[fetch, failing].map((fetch) => ({ fetch, timeoutMs: 60_000 })),
	);
	await expect(waiting).rejects.toThrow('No such poll');
	await jest.advanceTimersByTimeAsync(60_000);
	expect(at).toHaveLength(1);
	expect(jest.getTimerCount()).toBe(0);
});

it('accepts a timeout that is longer than a timer can be', async () => {
	const { fetch, at } = polling(PENDING);
	const waiting = pollUntilFinal(fetch, { timeoutMs: 365 * 24 * 60 * 60 * 1000 });
	expect(await within(60_000, waiting)).toBe('pending');
	expect(at.length).toBeGreaterThan(3);
});

it('returns nothing when there is nothing to poll', async () => {
	expect(await within(0, pollAllUntilFinal([]))).toEqual([]);
});
